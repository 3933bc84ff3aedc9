"""DuckDB's view of a chunk's columns: the logical values, out of the stored form.

Each Kùzu type has a DuckDB type that holds every one of its values; an expression over
the stored column (docs/format.md) makes the one of the other.
"""

from __future__ import annotations

from kuzugit.model.stored import is_native
from kuzugit.model.types import Array, Decimal, Field, List, Map, Scalar, Struct, Type, Union

_NAMES = {
    "BOOL": "BOOLEAN",
    "INT8": "TINYINT",
    "INT16": "SMALLINT",
    "INT32": "INTEGER",
    "INT64": "BIGINT",
    "SERIAL": "BIGINT",
    "INT128": "HUGEINT",
    "UINT8": "UTINYINT",
    "UINT16": "USMALLINT",
    "UINT32": "UINTEGER",
    "UINT64": "UBIGINT",
    "STRING": "VARCHAR",
    "JSON": "VARCHAR",
    "TIMESTAMP_TZ": "TIMESTAMP WITH TIME ZONE",
    "TIMESTAMP_SEC": "TIMESTAMP_S",
}
"""DuckDB's names of the types that it calls otherwise than Kùzu."""


def sql_name(name: str) -> str:
    """Return `name` as an identifier in SQL."""
    return '"' + name.replace('"', '""') + '"'


def sql_text(text: str) -> str:
    """Return `text` as a literal in SQL."""
    return "'" + text.replace("'", "''") + "'"


def duckdb_type(type_: Type) -> str:
    """Return the DuckDB type of the logical values of `type_`."""
    match type_:
        case Scalar(name):
            return _NAMES.get(name, name)
        case Decimal(precision, scale):
            return f"DECIMAL({precision}, {scale})"
        case List(element):
            return f"{duckdb_type(element)}[]"
        case Array(element, length):
            return f"{duckdb_type(element)}[{length}]"
        case Map(key, value):
            return f"MAP({duckdb_type(key)}, {duckdb_type(value)})"
        case Struct(fields):
            return f"STRUCT({_fields(fields)})"
        case Union(members):
            return f"UNION({_fields(members)})"


def _fields(fields: tuple[Field, ...]) -> str:
    return ", ".join(f"{sql_name(item.name)} {duckdb_type(item.type)}" for item in fields)


def logical_value(type_: Type, stored: str) -> str:
    """Return the DuckDB expression of the logical value; `stored` is that of the stored one."""
    return f"CAST({_value(type_, stored, 0, plain_maps=is_native(type_))} AS {duckdb_type(type_)})"


def _value(type_: Type, stored: str, depth: int, *, plain_maps: bool) -> str:
    def inner(part: Type, at: str, deeper: int = 0) -> str:
        return _value(part, at, depth + deeper, plain_maps=plain_maps)

    def each(element: Type, at: str) -> str:
        name = f"x{depth}"
        made = inner(element, name, 1)
        return at if made == name else f"list_transform({at}, lambda {name}: {made})"

    match type_:
        case Scalar("INTERVAL"):
            months, days, micros = (_part(stored, at) for at in (1, 2, 3))
            return f"(to_months({months}) + to_days({days}) + to_microseconds({micros}))"
        case Scalar("JSON"):
            return _part(stored, 1)
        case Scalar(name) if name in ("INT128", "UUID", "TIMESTAMP_SEC", "TIMESTAMP_NS"):
            return f"CAST({stored} AS {duckdb_type(type_)})"
        case Decimal():
            return f"CAST({stored} AS {duckdb_type(type_)})"
        case List(element) | Array(element, _):
            return each(element, stored)
        case Map(_, _) if plain_maps:
            return stored
        case Map(key, value):
            keys, values = each(key, _part(stored, 1)), each(value, _part(stored, 2))
            return _unless_null(stored, f"map({keys}, {values})")
        case Struct(fields):
            made = [inner(item.type, _part(stored, at)) for at, item in enumerate(fields, 1)]
            if made == [_part(stored, at) for at in range(1, len(fields) + 1)]:
                return stored
            named = zip(fields, made, strict=True)
            packed = ", ".join(f"{sql_name(item.name)} := {text}" for item, text in named)
            return _unless_null(stored, f"struct_pack({packed})")
        case Union(members):
            cases = (
                f"WHEN {at} THEN CAST(union_value({sql_name(item.name)} := "
                f"{_member(item.type, inner(item.type, _part(stored, at + 2)))}) "
                f"AS {duckdb_type(type_)})"
                for at, item in enumerate(members)
            )
            return f"(CASE {_part(stored, 1)} {' '.join(cases)} END)"
        case _:
            return stored


def _member(type_: Type, value: str) -> str:
    # Typed here: a union is cast from a member of exactly its type, and NULL has none.
    return f"CAST({value} AS {duckdb_type(type_)})"


def _part(stored: str, at: int) -> str:
    return f"struct_extract_at({stored}, {at})"


def _unless_null(stored: str, value: str) -> str:
    return f"(CASE WHEN {stored} IS NULL THEN NULL ELSE {value} END)"
