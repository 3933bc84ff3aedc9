"""DuckDB's text of a value, also of the times that it carries and makes no text of."""

from __future__ import annotations

from collections.abc import Iterable

from duckdb.sqltypes import DuckDBPyType

from kuzugit.canonical.logical import duckdb_type, logical_value, sql_name, sql_text
from kuzugit.model.types import Type

_LEAST = -9_223_372_022_400_000_000
"""DuckDB's least time as text, in microseconds: four hours above that of 64 bits."""

_DAY = 24 * 60 * 60 * 1_000_000

_FRAIL = ("timestamp", "timestamp_ms", "timestamp_s")
"""The types whose cast to text fails below `_LEAST`."""


def text_expression(type_: Type, value: str) -> str:
    """Return the DuckDB expression of the text of `value`, a logical value of `type_`."""
    return text_of(DuckDBPyType(duckdb_type(type_)), value)


def stored_text(type_: Type, stored: str) -> str:
    """Return the DuckDB expression of the text of a value in the stored form."""
    return text_expression(type_, logical_value(type_, stored))


def text_of(type_: DuckDBPyType, value: str, depth: int = 0) -> str:
    """Return the DuckDB expression of the text of `value`, one of `type_`."""
    return f"CAST({_sturdy(type_, value, depth)} AS VARCHAR)"


def _sturdy(type_: DuckDBPyType, value: str, depth: int) -> str:
    """Return `value` with its frail times made texts, which look alike in lists and structs."""
    if not _is_frail(type_):
        return value
    kind = str(type_.id)
    if kind in _FRAIL:
        return _time(value)
    parts = members(type_)
    if kind in ("list", "array"):
        return _each(parts[0][1], value, depth)
    if kind == "struct":
        made = packed(
            (name, _sturdy(member, f"struct_extract_at({value}, {at})", depth))
            for at, (name, member) in enumerate(parts, 1)
        )
        return unless_null(value, made)
    if kind == "map":
        (_, key), (_, inner) = parts
        keys = _each(key, f"map_keys({value})", depth)
        return unless_null(value, f"map({keys}, {_each(inner, f'map_values({value})', depth)})")
    cases = (
        f"WHEN {sql_text(name)} THEN "
        + text_of(member, f"union_extract({value}, {sql_text(name)})", depth)
        for name, member in parts[1:]
    )
    return f"(CASE CAST(union_tag({value}) AS VARCHAR) {' '.join(cases)} END)"


def _is_frail(type_: DuckDBPyType) -> bool:
    if str(type_.id) in ("list", "array", "struct", "map", "union"):
        return any(_is_frail(member) for _, member in members(type_))
    return str(type_.id) in _FRAIL


def _time(value: str) -> str:
    # All of those times are of one day, and the next day has texts.
    micros = micros_of_time(value)
    later = f"make_timestamp({micros} + {_DAY})"
    moved = f"replace(CAST({later} AS VARCHAR), '290309-12-22', '290309-12-21')"
    return f"(CASE WHEN {micros} < {_LEAST} THEN {moved} ELSE CAST({value} AS VARCHAR) END)"


def micros_of_time(value: str) -> str:
    """Return the DuckDB expression of the microseconds since 1970 of a time without a zone."""
    # By way of TIMESTAMP: DuckDB 2.0.1 takes those of seconds and of milliseconds by way of
    # nanoseconds, which end in the year 2262.
    return f"epoch_us(CAST({value} AS TIMESTAMP))"


def _each(element: DuckDBPyType, value: str, depth: int) -> str:
    name = f"x{depth}"
    made = _sturdy(element, name, depth + 1)
    return value if made == name else f"list_transform({value}, lambda {name}: {made})"


def members(type_: DuckDBPyType) -> list[tuple[str, DuckDBPyType]]:
    """Return the types that `type_` is made of, each with its name."""
    # The children of an array are its element and a number, its size.
    return [(name, child) for name, child in type_.children if isinstance(child, DuckDBPyType)]


def packed(parts: Iterable[tuple[str, str]]) -> str:
    """Return the expression of a struct of named expressions."""
    return f"struct_pack({', '.join(f'{sql_name(name)} := {text}' for name, text in parts)})"


def unless_null(value: str, made: str) -> str:
    """Return the expression `made`, NULL where `value` is."""
    return f"(CASE WHEN {value} IS NULL THEN NULL ELSE {made} END)"
