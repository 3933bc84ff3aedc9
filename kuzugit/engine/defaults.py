"""Defaults: what the engine says they are, and what they really are.

Kùzu prints a default without the minus sign of a number and without parentheses:
`DEFAULT -5` reads back as `5`, `(1 + 2) * 3` as `1 + 2 * 3`. A text is taken only where
it has one meaning. Where it stands for a constant, its value is found out by making a
row in a scratch copy of the database, and kept instead; Ladybug prints the signs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from kuzugit.engine import binding
from kuzugit.engine.probe import Job
from kuzugit.engine.trial import try_on_copy
from kuzugit.model.catalog import Catalog, NodeTable, Property
from kuzugit.model.cypher import quoted, text_literal
from kuzugit.model.default_text import has_one_meaning, is_default, lacks_sign_only
from kuzugit.model.expression_text import called_functions, holds_condition, is_expression
from kuzugit.model.types import Decimal, Scalar, Type


class Undecided(ValueError):
    """A default's text that does not say what the default is.

    `constant` tells that a new row's value says it: it is the same for every row.
    """

    def __init__(self, text: str, *, constant: bool) -> None:
        self.constant = constant
        super().__init__(text)


_PURES = """
    abs acos asin atan blob cast ceil ceiling concat cos date decode degrees
    exp floor interval left length list_creation ln log log10 log2 lower lpad ltrim md5 pi
    pow power radians repeat replace reverse right round rpad rtrim sha256 sign sin size sqrt
    string struct_pack substr substring tan timestamp to_days to_double to_float to_hours
    to_int128 to_int16 to_int32 to_int64 to_int8 to_microseconds to_milliseconds to_minutes
    to_months to_seconds to_uint16 to_uint32 to_uint64 to_uint8 to_years trim upper uuid
"""
_PURE = frozenset(_PURES.split())
"""Functions of Kùzu's that give the same for the same: no macro can have their names."""

_CONSTANT = _PURE - {"lpad", "repeat", "replace", "rpad"} | {"duration", "map", "union_value"}
"""Those of which the value is no longer than the text that asks for it, about."""

_WRITTEN = frozenset({"STRING", "BOOL", "DOUBLE", "FLOAT", "UUID", "DATE"})
_WHOLE = frozenset({"INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64"})


_NO_SIGN = re.compile(r"-(?=0+\Z)", re.ASCII)


def canonical_default(text: str, type_: Type) -> str | None:
    """Return the default that the engine's text stands for, None for no default.

    Raises Undecided where the text can stand for several.
    """
    if text in ("NULL", ""):
        return None
    if is_expression(text) and holds_condition(text):
        # Kùzu cannot open a database that has one; this one was never closed since.
        raise Undecided(text, constant=False)
    if has_one_meaning(text):
        return text
    if binding.dialect().prints_signs and is_default(text):
        # A zero without a point has none; Kùzu never prints it.
        return _NO_SIGN.sub("", text)
    constant = lacks_sign_only(text) or (
        is_expression(text) and called_functions(text) <= _PURE and _can_be_written(type_)
    )
    raise Undecided(text, constant=constant)


def is_constant(text: str) -> bool:
    """Tell whether a default is the same for every row, and may be worked out.

    Of another's default too: it calls nothing that could take much time or memory.
    """
    return is_expression(text) and called_functions(text) <= _CONSTANT


def _can_be_written(type_: Type) -> bool:
    if isinstance(type_, Decimal):
        return True
    return isinstance(type_, Scalar) and (
        type_.name in _WRITTEN | _WHOLE | {"INT128"} or type_.name.startswith("TIMESTAMP")
    )


def read_signs(
    database: Path, scratch: Path, catalog: Catalog, undecided: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], str | None]:
    """Return what each undecided default is, by table and property name.

    The database file is copied into the directory `scratch`, which must have room
    for it, and rows are made there. Raises TrialFailed.
    """
    wanted = list(undecided)
    tables = sorted({table for table, _ in wanted})
    names = {table: [name for owner, name in wanted if owner == table] for table in tables}
    jobs = [_job(catalog, table, names[table]) for table in tables]
    rows = try_on_copy("kuzugit.engine.probe", "the defaults", database, scratch, jobs)
    found = {}
    for table, row in zip(tables, rows, strict=True):
        for name, value in zip(names[table], row, strict=True):
            found[table, name] = _decided(_property(catalog, table, name), value)
    return found


def _property(catalog: Catalog, table: str, name: str) -> Property:
    owner = next(item for item in catalog.tables if item.name == table)
    return next(item for item in owner.properties if item.name == name)


def _decided(item: Property, value: object) -> str | None:
    """Return the text of an undecided default, now that a new row's value is known."""
    text = item.default or ""
    if lacks_sign_only(text):
        return f"-{text}" if str(value).startswith("-") else text
    if value is None:
        return None
    if isinstance(item.type, Decimal):
        # Kùzu prints -0.01 as 0.-1.
        written = str(value)
        sign = "-" if "-" in written else ""
        return f"CAST('{sign}{written.replace('-', '0') if sign else written}' AS {item.type})"
    name = str(item.type)
    if name in _WHOLE:
        return str(value)
    if name == "BOOL":
        return str(value).lower()
    if name == "STRING":
        return text_literal(str(value))
    return (
        f"CAST({text_literal(repr(value) if isinstance(value, float) else str(value))} AS {name})"
    )


def _value(item: Property) -> str:
    # As text DOUBLE has six digits.
    value = f"x.{quoted(item.name)}"
    return value if str(item.type) in ("DOUBLE", "FLOAT") else f"CAST({value} AS STRING)"


def _job(catalog: Catalog, table: str, names: list[str]) -> Job:
    """Return the steps that end in a row of the values of these properties."""
    values = ", ".join(_value(_property(catalog, table, name)) for name in names)
    rel = next((item for item in catalog.rels if item.name == table), None)
    if rel is None:
        return [_fresh_node(catalog.node(table), values)]
    pair = rel.pairs[0]
    # Any two nodes do: it is a copy, and only the new rel's defaults are looked at.
    create = (
        f"MATCH (a:{quoted(pair.from_table)}) WITH a LIMIT 1 "
        f"MATCH (b:{quoted(pair.to_table)}) WITH a, b LIMIT 1 "
        f"CREATE (a)-[x:{quoted(rel.name)}]->(b) RETURN {values}"
    )
    # Table by table: Kùzu refuses nodes of any table where two have unions of one name.
    name = quoted(rel.name)
    clear = [
        f"MATCH (:{quoted(of.from_table)})-[r:{name}]->(:{quoted(of.to_table)}) DELETE r"
        for of in rel.pairs
    ]
    ends = dict.fromkeys((pair.from_table, pair.to_table))
    return [
        *(_fresh_node(catalog.node(end), "1") for end in ends),
        *([text] for text in clear),
        [create],
    ]


def _fresh_node(table: NodeTable, values: str) -> list[str]:
    return [
        f"CREATE (x:{quoted(table.name)} {assignment}) RETURN {values}"
        for assignment in _assignments(table)
    ]


def _assignments(table: NodeTable) -> Iterator[str]:
    for key in _candidate_keys(table):
        yield f"{{{quoted(table.primary_key)}: {key}}}" if key else ""


def _candidate_keys(table: NodeTable) -> Iterator[str]:
    type_ = table.key.type
    if type_ == Scalar("SERIAL"):
        yield ""
        return
    for number in range(1, 250):
        match str(type_):
            case "STRING":
                yield f"'kuzugit-{number * 7919}'"
            case "BLOB":
                yield f"BLOB('kuzugit-{number * 7919}')"
            case "UUID":
                yield f"CAST('c0ffee00-0000-4000-8000-{number * 7919:012x}' AS UUID)"
            case "DATE" | "TIMESTAMP" | "TIMESTAMP_TZ" | "TIMESTAMP_MS" | "TIMESTAMP_SEC":
                yield f"CAST('{9000 + number}-07-09' AS {type_})"
            case "INT8" | "UINT8":
                yield f"CAST({number % 127} AS {type_})"
            case "INT16" | "UINT16":
                yield f"CAST({32767 - number * 7} AS {type_})"
            case _:
                yield f"CAST({2147483647 - number * 7919} AS {type_})"
