"""What DuckDB gives, in types that Python and JSON hold exactly.

Integers of up to 64 bits, floats, texts, booleans and NULL stay; lists and structs are
taken apart; a map becomes a list of its entries, a union its tag and its value; a BLOB
its hexadecimal digits; everything else is the text that DuckDB makes of it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

from duckdb.sqltypes import DuckDBPyType

from kuzugit.canonical.logical import sql_name, sql_text

_PLAIN = frozenset(
    {
        *("boolean", "varchar", "float", "double"),
        *("tinyint", "smallint", "integer", "bigint"),
        *("utinyint", "usmallint", "uinteger", "ubigint"),
    }
)


def wire_expression(type_: DuckDBPyType, value: str, depth: int = 0) -> str:
    """Return the DuckDB expression that `wire_value` takes; `value` is one of `type_`."""
    kind = str(type_.id)
    if kind in _PLAIN:
        return value
    if kind == "blob":
        return f"lower(hex({value}))"
    if kind in ("list", "array"):
        return _each(_members(type_)[0][1], value, depth)
    if kind == "struct":
        return _unless_null(value, _packed(_taken_apart(_members(type_), value, depth)))
    if kind == "map":
        (_, key), (_, inner) = _members(type_)
        name = f"x{depth}"
        entry = _packed(_taken_apart([("key", key), ("value", inner)], name, depth + 1))
        return f"list_transform(map_entries({value}), lambda {name}: {entry})"
    if kind == "union":
        members = _packed(
            (name, wire_expression(member, f"union_extract({value}, {sql_text(name)})", depth))
            for name, member in _members(type_)[1:]
        )
        tag = ("tag", f"CAST(union_tag({value}) AS VARCHAR)")
        return _unless_null(value, _packed([tag, ("members", members)]))
    return f"CAST({value} AS VARCHAR)"


def wire_value(type_: DuckDBPyType, value: Any) -> Any:
    """Return a fetched value as JSON has it; floats that are no numbers become texts."""
    if value is None:
        return None
    kind = str(type_.id)
    if kind in ("float", "double"):
        return _number(value)
    if kind in ("list", "array"):
        element = _members(type_)[0][1]
        return [wire_value(element, item) for item in value]
    if kind == "struct":
        return {name: wire_value(member, value[name]) for name, member in _members(type_)}
    if kind == "map":
        parts = _members(type_)
        return [{name: wire_value(part, entry[name]) for name, part in parts} for entry in value]
    if kind == "union":
        tag = value["tag"]
        member = dict(_members(type_)[1:])[tag]
        return {"tag": tag, "value": wire_value(member, value["members"][tag])}
    return value


def _number(value: float) -> float | str:
    if math.isfinite(value):
        return value
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def _members(type_: DuckDBPyType) -> list[tuple[str, DuckDBPyType]]:
    # The children of an array are its element and a number, its size.
    return [(name, child) for name, child in type_.children if isinstance(child, DuckDBPyType)]


def _each(element: DuckDBPyType, value: str, depth: int) -> str:
    name = f"x{depth}"
    made = wire_expression(element, name, depth + 1)
    return value if made == name else f"list_transform({value}, lambda {name}: {made})"


def _taken_apart(
    members: list[tuple[str, DuckDBPyType]], value: str, depth: int
) -> Iterator[tuple[str, str]]:
    for at, (name, member) in enumerate(members, 1):
        yield name, wire_expression(member, f"struct_extract_at({value}, {at})", depth)


def _packed(parts: Iterable[tuple[str, str]]) -> str:
    return f"struct_pack({', '.join(f'{sql_name(name)} := {text}' for name, text in parts)})"


def _unless_null(value: str, made: str) -> str:
    return f"(CASE WHEN {value} IS NULL THEN NULL ELSE {made} END)"
