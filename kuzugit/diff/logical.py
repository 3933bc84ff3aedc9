"""DuckDB's expression of the logical value of what a chunk stores."""

from __future__ import annotations

from kuzugit.model.stored import is_native
from kuzugit.model.types import Array, Decimal, List, Map, Scalar, Struct, Type, Union

_CASTS = {"INT128": "HUGEINT", "UUID": "UUID"}


def logical_expression(type_: Type, value: str) -> str:
    """Return what makes the logical value of `type_` from the stored one, an expression.

    Decimals and 128-bit integers become numbers, an INTERVAL an INTERVAL, JSON its text,
    a MAP a MAP; a UNION stays a struct of its `tag` and its members.
    """
    return _expression(type_, value, plain_maps=is_native(type_), depth=0)


def _expression(type_: Type, value: str, *, plain_maps: bool, depth: int) -> str:
    def inner(part: Type, text: str, deeper: int = 0) -> str:
        return _expression(part, text, plain_maps=plain_maps, depth=depth + deeper)

    def listed(element: Type, text: str) -> str:
        name = f"x{depth}"
        changed = inner(element, name, 1)
        return text if changed == name else f"list_transform({text}, lambda {name}: {changed})"

    match type_:
        case Scalar("INTERVAL"):
            parts = [f"struct_extract({value}, '{part}')" for part in ("months", "days", "micros")]
            return f"(to_months({parts[0]}) + to_days({parts[1]}) + to_microseconds({parts[2]}))"
        case Scalar("JSON"):
            return f"struct_extract({value}, 'json')"
        case Scalar(name) if name in _CASTS:
            return f"CAST({value} AS {_CASTS[name]})"
        case Decimal():
            return f"CAST({value} AS {type_})"
        case List(element) | Array(element, _):
            return listed(element, value)
        case Struct(fields):
            parts = [
                inner(item.type, f"struct_extract({value}, {_text(item.name)})") for item in fields
            ]
            if all(
                part == f"struct_extract({value}, {_text(item.name)})"
                for part, item in zip(parts, fields, strict=True)
            ):
                return value
            packed = ", ".join(
                f"{_name(item.name)} := {part}" for item, part in zip(fields, parts, strict=True)
            )
            return f"CASE WHEN {value} IS NULL THEN NULL ELSE struct_pack({packed}) END"
        case Map(key, item) if not plain_maps:
            keys = listed(key, f"struct_extract({value}, 'keys')")
            values = listed(item, f"struct_extract({value}, 'values')")
            return f"CASE WHEN {value} IS NULL THEN NULL ELSE map({keys}, {values}) END"
        case Union() | _:
            return value


def _text(value: str) -> str:
    escaped = value.replace("'", "''")
    return f"'{escaped}'"


def _name(value: str) -> str:
    escaped = value.replace('"', '""')
    return f'"{escaped}"'
