"""What DuckDB gives, as JSON has it: the same forms as `model.json_value`.

DuckDB hands over what Python holds exactly: numbers of up to 64 bits, texts, booleans, and
lists and structs of them; everything else it turns into those first.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from duckdb.sqltypes import DuckDBPyType

from kuzugit.canonical.logical import sql_text
from kuzugit.canonical.text import members, packed, text_of, unless_null
from kuzugit.model.json_value import json_value
from kuzugit.model.types import Scalar

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
    if kind == "interval":
        return unless_null(value, packed(_interval(value)))
    if kind in ("list", "array"):
        return _each(members(type_)[0][1], value, depth)
    if kind == "struct":
        return unless_null(value, packed(_taken_apart(members(type_), value, depth)))
    if kind == "map":
        (_, key), (_, inner) = members(type_)
        name = f"x{depth}"
        entry = packed(_taken_apart([("key", key), ("value", inner)], name, depth + 1))
        return f"list_transform(map_entries({value}), lambda {name}: {entry})"
    if kind == "union":
        held = packed(
            (name, wire_expression(member, f"union_extract({value}, {sql_text(name)})", depth))
            for name, member in members(type_)[1:]
        )
        tag = ("tag", f"CAST(union_tag({value}) AS VARCHAR)")
        return unless_null(value, packed([tag, ("members", held)]))
    return text_of(type_, value, depth)


def wire_value(type_: DuckDBPyType, value: Any) -> Any:
    """Return a fetched value as JSON has it; floats that are no numbers become texts."""
    if value is None:
        return None
    kind = str(type_.id)
    if kind in _EXACT:
        return json_value(_EXACT[kind], value)
    if kind == "interval":
        return {name: json_value(_INTEGER, part) for name, part in value.items()}
    if kind == "date" or kind.startswith("timestamp"):
        return _iso(value)
    if kind in ("list", "array"):
        element = members(type_)[0][1]
        return [wire_value(element, item) for item in value]
    if kind == "struct":
        return {name: wire_value(member, value[name]) for name, member in members(type_)}
    if kind == "map":
        parts = members(type_)
        return [{name: wire_value(part, entry[name]) for name, part in parts} for entry in value]
    if kind == "union":
        tag = value["tag"]
        member = dict(members(type_)[1:])[tag]
        return {"tag": tag, "value": wire_value(member, value["members"][tag])}
    return value


def _interval(value: str) -> Iterator[tuple[str, str]]:
    part = {name: f"date_part('{name}', {value})" for name in _INTERVAL_PARTS}
    yield "months", f"12 * {part['year']} + {part['month']}"
    yield "days", part["day"]
    # Microseconds are those of the whole minute.
    yield (
        "micros",
        f"3600000000 * {part['hour']} + 60000000 * {part['minute']} + {part['microseconds']}",
    )


_INTERVAL_PARTS = ("year", "month", "day", "hour", "minute", "microseconds")
_INTEGER = Scalar("INT64")
_EXACT = {
    "float": Scalar("FLOAT"),
    "double": Scalar("DOUBLE"),
    **dict.fromkeys(("bigint", "ubigint", "hugeint", "uhugeint"), _INTEGER),
}


def _iso(text: str) -> str:
    """Return DuckDB's text of a date or a time as ISO 8601 has it."""
    plain = text.replace(" (BC)", "", 1)  # it stands behind the date, before the clock
    year, dash, rest = plain.partition("-")
    if plain != text:
        # The year 1 BC is the year 0.
        year = f"{1 - int(year):+05}" if int(year) > 1 else "0000"
    elif len(year) > 4:
        year = f"+{year}"
    rest = rest.replace(" ", "T", 1)
    return f"{year}{dash}{rest[:-3]}Z" if rest.endswith("+00") else f"{year}{dash}{rest}"


def _each(element: DuckDBPyType, value: str, depth: int) -> str:
    name = f"x{depth}"
    made = wire_expression(element, name, depth + 1)
    return value if made == name else f"list_transform({value}, lambda {name}: {made})"


def _taken_apart(
    parts: list[tuple[str, DuckDBPyType]], value: str, depth: int
) -> Iterator[tuple[str, str]]:
    for at, (name, member) in enumerate(parts, 1):
        yield name, wire_expression(member, f"struct_extract_at({value}, {at})", depth)
