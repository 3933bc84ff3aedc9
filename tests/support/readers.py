"""How to read a column of any type out of Kùzu 0.11.3 without loss or crash.

Kùzu's own readers are wrong for some types: Python rows crash on years outside
1..9999 and flatten intervals, Arrow output garbles NULL structs and negative
decimals. A reader asks for what is right: casts to text, parts, fields.
This file shares no code with kuzugit, because it judges it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import kuzu

PLAIN = frozenset(
    {"BOOL", "INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64", "SERIAL"}
    | {"FLOAT", "DOUBLE", "STRING", "BLOB", "JSON", "UUID"}
)
"""Scalars that Python rows give exactly."""

TEXT = frozenset(
    {"INT128", "DECIMAL", "DATE"}
    | {"TIMESTAMP", "TIMESTAMP_TZ", "TIMESTAMP_MS", "TIMESTAMP_SEC", "TIMESTAMP_NS"}
)
"""Scalars whose cast to STRING is exact (TIMESTAMP_NS: down to microseconds)."""

INTERVAL_PARTS = ("year", "month", "day", "hour", "minute", "microsecond")

UNREADABLE = r"(?s).*(\\(BC\\)|[0-9]{5,}-[0-9]{2}-[0-9]{2}|[0-9]\\.[0-9]*-).*"
"""Text of a nested value that Python rows cannot give: far years, broken decimals.

A text beside them may hold line breaks, so the dot stands for these as well.
"""


@dataclass(frozen=True)
class TypeTree:
    """A parsed type: `name` is a scalar's, or LIST, STRUCT, UNION or MAP."""

    name: str
    children: tuple[tuple[str, TypeTree], ...] = ()
    array: bool = False


@dataclass(frozen=True)
class Reader:
    """Cypher expressions, and how their values become one comparable value."""

    expressions: tuple[str, ...]
    build: Callable[[Sequence[Any]], Any]


def make_reader(type_: TypeTree, value: str, *, raw: bool = True) -> Reader:
    """Return the reader of `value`, an expression of type `type_`.

    `raw` says that the column holds no value on which Python rows fail.
    """
    if type_.name == "STRUCT":
        fields = [
            make_reader(child, f"struct_extract({value}, {literal(name)})", raw=raw)
            for name, child in type_.children
        ]
        return _guarded(value, fields, lambda values: tuple(values))
    if type_.name == "UNION":
        return _union_reader(type_, value, raw=raw)
    if type_.name == "INTERVAL":
        return Reader(tuple(f"date_part('{part}', {value})" for part in INTERVAL_PARTS), _tuple)
    simple = _simple_expression(type_, value)
    if simple is not None:
        return Reader((simple,), lambda values: values[0])
    expressions = [f"CAST({value} AS STRING)"]
    if type_.name == "MAP":
        keys = _simple_expression(TypeTree("LIST", type_.children[:1]), f"map_keys({value})")
        expressions += [] if keys is None else [keys]
    if raw:
        expressions.append(value)
    return Reader(tuple(expressions), _tuple)


def may_be_unreadable(type_: TypeTree) -> bool:
    """Whether a column of this type is read raw and may hold what Python rows fail on."""
    if type_.name in ("STRUCT", "UNION"):
        return any(may_be_unreadable(child) for _, child in type_.children)
    needs_raw = type_.name != "INTERVAL" and _simple_expression(type_, "") is None
    return needs_raw and any(leaf in TEXT for leaf in _leaves(type_))


def _tuple(values: Sequence[Any]) -> Any:
    return None if all(value is None for value in values) else tuple(values)


def _simple_expression(type_: TypeTree, value: str, depth: int = 0) -> str | None:
    """Return one exact expression for scalars and lists of them, None for the others."""
    if type_.name in PLAIN:
        return value
    if type_.name in TEXT or (type_.name == "INTERVAL" and depth):
        return f"CAST({value} AS STRING)"
    if type_.name != "LIST":
        return None
    name = f"x{depth}"
    element = _simple_expression(type_.children[0][1], name, depth + 1)
    if element is None or element == name:
        return None if element is None else value
    if depth or type_.children[0][1].name == "LIST":
        return None  # A lambda inside a lambda crashes Kùzu at NULL lists.
    if type_.array:
        value = f"CAST({value} AS {_as_list(type_)})"
    return f"list_transform({value}, {name} -> {element})"


def _as_list(type_: TypeTree) -> str:
    return f"{type_.children[0][0]}[]"


def _union_reader(type_: TypeTree, value: str, *, raw: bool) -> Reader:
    members = [
        make_reader(child, f"union_extract({value}, {literal(name)})", raw=raw)
        for name, child in type_.children
    ]
    tag = Reader((f"union_tag({value})",), lambda values: values[0])
    names = [name for name, _ in type_.children]

    def build(values: Sequence[Any]) -> Any:
        # What the members that the tag does not name hold means nothing.
        return (values[0], values[1 + names.index(values[0])])

    return _guarded(value, [tag, *members], build)


def _guarded(value: str, parts: list[Reader], build: Callable[[Sequence[Any]], Any]) -> Reader:
    """Join the readers of a value's parts; the parts of a NULL hold garbage, so ask first."""
    expressions = (f"{value} IS NULL", *(item for part in parts for item in part.expressions))

    def build_guarded(values: Sequence[Any]) -> Any:
        if values[0]:
            return None
        rest = iter(values[1:])
        return build([part.build([next(rest) for _ in part.expressions]) for part in parts])

    return Reader(expressions, build_guarded)


def _leaves(type_: TypeTree) -> Iterator[str]:
    if not type_.children:
        yield type_.name
    for _, child in type_.children:
        yield from _leaves(child)


def query(connection: kuzu.Connection, text: str) -> list[list[Any]]:
    """Run one statement and return its rows."""
    with run(connection, text) as result:
        return [list(row) for row in result.get_all()]


def run(connection: kuzu.Connection, text: str) -> kuzu.QueryResult:
    """Run one statement; the caller closes the result."""
    result = connection.execute(text)
    assert isinstance(result, kuzu.QueryResult), "one statement at a time"
    return result


def quote(name: str) -> str:
    """Return a name as it stands in a statement."""
    return f"`{name}`"


def literal(text: str) -> str:
    """Return `text` as a Cypher string."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def parse(text: str) -> TypeTree:
    """Parse a type as table_info prints it."""
    text = text.strip()
    array = re.fullmatch(r"(.*)\[(\d*)\]", text, re.DOTALL)
    if array:
        element = array[1]
        return TypeTree("LIST", ((element, parse(element)),), array=bool(array[2]))
    nested = re.fullmatch(r"(STRUCT|UNION|MAP|DECIMAL)\s*\((.*)\)", text, re.DOTALL)
    if nested is None:
        return TypeTree(text.upper())
    if nested[1] == "DECIMAL":
        return TypeTree("DECIMAL")
    parts = _split(nested[2])
    if nested[1] == "MAP":
        return TypeTree("MAP", tuple((part, parse(part)) for part in parts))
    fields = [re.fullmatch(r"\s*(`[^`]*`|\S+)\s+(.*)", part, re.DOTALL) for part in parts]
    return TypeTree(nested[1], tuple((f[1], parse(f[2])) for f in fields if f))


def _split(text: str) -> list[str]:
    """Split at the commas that stand outside parentheses and backticks."""
    parts, depth, quoted = [""], 0, False
    for mark in text:
        quoted ^= mark == "`"
        depth += 0 if quoted else {"(": 1, ")": -1}.get(mark, 0)
        if mark == "," and not depth and not quoted:
            parts.append("")
        else:
            parts[-1] += mark
    return [part.strip() for part in parts]
