"""Values as JSON: the logical value of what a chunk stores. docs/json.md says the same."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any, TypeAlias

from kuzugit.model.times import TIMES, date_text, time_text
from kuzugit.model.types import Array, Decimal, Field, List, Map, Scalar, Struct, Type, Union

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"

SAFE_INTEGER = (1 << 53) - 1
"""The largest integer that every reader of JSON keeps; beyond it, integers are texts."""

_MICROS = {"TIMESTAMP_MS": 1000, "TIMESTAMP_SEC": 1000}


def json_value(type_: Type, value: Any) -> Json:
    """Return the JSON of a value of the logical type `type_`.

    `value` is in the stored form, times as whole numbers (`model.row_change.Value`).
    """
    return None if value is None else _converter(type_)(value)


_Converter: TypeAlias = Callable[[Any], Json]


@lru_cache(maxsize=1024)
def _converter(type_: Type) -> _Converter:
    """Return what makes JSON of a value that is not NULL; a type is looked at once."""
    match type_:
        case Scalar(name):
            return _SCALARS.get(name) or _number
        case Decimal():
            return str
        case List(element) | Array(element, _):
            return lambda value: [json_value(element, item) for item in value]
        case Struct(fields):
            return lambda value: {
                item.name: json_value(item.type, value[item.name]) for item in fields
            }
        case Map(key, item):
            return lambda value: [
                {"key": json_value(key, a), "value": json_value(item, b)}
                for a, b in map_items(value)
            ]
        case Union(members):
            return partial(_union, members)


def _union(members: tuple[Field, ...], value: Mapping[str, Any]) -> Json:
    member, held = union_member(members, value)
    return {"tag": member.name, "value": json_value(member.type, held)}


def map_items(value: Any) -> list[tuple[Any, Any]]:
    """Return the pairs of a MAP, whichever of its two stored forms it has."""
    if isinstance(value, Mapping):
        return list(zip(value["keys"], value["values"], strict=True))
    return [(key, item) for key, item in value]


def union_member(members: tuple[Field, ...], value: Mapping[str, Any]) -> tuple[Field, Any]:
    """Return the member that a UNION holds, and its value."""
    member = members[value["tag"]]
    return member, value[member.name]


def _same(value: Any) -> Json:
    return value  # type: ignore[no-any-return]


def _number(value: Any) -> Json:
    return _integer(int(value))


def _hexadecimal(value: bytes) -> Json:
    return bytes(value).hex()


def _interval(value: Mapping[str, int]) -> Json:
    return {part: _integer(value[part]) for part in ("months", "days", "micros")}


def _json_text(value: Mapping[str, str]) -> Json:
    return value["json"]


def _integer(value: int) -> int | str:
    return value if abs(value) <= SAFE_INTEGER else str(value)


def _single(value: float) -> Json:
    return _shortest_single(value) if math.isfinite(value) else _double(value)


def _double(value: float) -> Json:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return value


def _shortest_single(value: float) -> float:
    """Return the number with the fewest digits that is `value` as a float of 32 bits."""
    for digits in range(6, 9):
        short = float(f"{value:.{digits}g}")
        if abs(short) < 3.4e38 and struct.pack("f", short) == struct.pack("f", value):
            return short
    return float(f"{value:.9g}")


def _timestamp(name: str, value: int) -> str:
    text = time_text(value * _MICROS.get(name, 1))
    return f"{text}Z" if name == "TIMESTAMP_TZ" else text


_SCALARS: dict[str, _Converter] = {
    "BOOL": _same,
    "STRING": _same,
    "UUID": _same,
    "FLOAT": _single,
    "DOUBLE": _double,
    "BLOB": _hexadecimal,
    "DATE": date_text,
    "INTERVAL": _interval,
    "JSON": _json_text,
    **{name: partial(_timestamp, name) for name in TIMES},
}
"""The scalars that are no integers."""
