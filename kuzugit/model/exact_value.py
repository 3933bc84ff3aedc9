"""Values in the stored form as JSON and back, to the last bit.

Bytes are base64, a float that is no number is a text; everything else is what JSON has.
"""

from __future__ import annotations

import base64
import binascii
import math
from typing import Any

from kuzugit.model.json_value import Json, map_items
from kuzugit.model.stored import stored_form
from kuzugit.model.types import List, Map, Scalar, Struct, Type

_INTEGERS = {
    **{f"INT{bits}": (-(1 << bits - 1), (1 << bits - 1) - 1) for bits in (8, 16, 32, 64)},
    **{f"UINT{bits}": (0, (1 << bits) - 1) for bits in (8, 16, 32, 64)},
    "DATE": (-(1 << 31), (1 << 31) - 1),
    **dict.fromkeys(("TIMESTAMP", "TIMESTAMP_MS", "TIMESTAMP_TZ"), (-(1 << 63), (1 << 63) - 1)),
}
_NO_NUMBERS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


class NotOfType(ValueError):
    """JSON that is no value of the type."""


def exact_json(type_: Type, value: Any) -> Json:
    """Return the JSON of a value of the logical type `type_`, given in the stored form."""
    return _encoded(stored_form(type_), value)


def from_exact_json(type_: Type, value: Json) -> Any:
    """Return the value in the stored form that `exact_json` gave; raise NotOfType."""
    return _decoded(stored_form(type_), value)


def _encoded(form: Type, value: Any) -> Json:
    if value is None:
        return None
    match form:
        case Scalar("BLOB"):
            return base64.b64encode(value).decode("ascii")
        case Scalar("FLOAT" | "DOUBLE"):
            return value if math.isfinite(value) else _name_of(value)
        case List(element):
            return [_encoded(element, item) for item in value]
        case Struct(fields):
            return {item.name: _encoded(item.type, value[item.name]) for item in fields}
        case Map(key, item):
            return [[_encoded(key, a), _encoded(item, b)] for a, b in map_items(value)]
        case _:
            return value  # type: ignore[no-any-return]


def _name_of(value: float) -> str:
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _decoded(form: Type, value: Json) -> Any:
    if value is None:
        return None
    match form:
        case Scalar(name):
            return _scalar(name, value)
        case List(element) if isinstance(value, list):
            return [_decoded(element, item) for item in value]
        case Struct(fields) if isinstance(value, dict):
            if [*value] != [item.name for item in fields]:
                raise NotOfType(f"its members are not those of {form}")
            return {item.name: _decoded(item.type, value[item.name]) for item in fields}
        case Map(key, item) if isinstance(value, list):
            return [_entry(key, item, pair) for pair in value]
        case _:
            raise NotOfType(f"it is no {form}")


def _entry(key: Type, item: Type, pair: Json) -> tuple[Any, Any]:
    if not isinstance(pair, list) or len(pair) != 2 or pair[0] is None:
        raise NotOfType("it is no entry of a map")
    return _decoded(key, pair[0]), _decoded(item, pair[1])


def _scalar(name: str, value: Json) -> Any:
    if name == "BOOL" and isinstance(value, bool):
        return value
    if name == "STRING" and isinstance(value, str):
        return value
    if name == "BLOB" and isinstance(value, str):
        try:
            return base64.b64decode(value, validate=True)
        except binascii.Error as error:
            raise NotOfType("it is no base64") from error
    if name in ("FLOAT", "DOUBLE"):
        if isinstance(value, str) and value in _NO_NUMBERS:
            return _NO_NUMBERS[value]
        if isinstance(value, float):
            return value
    if name in _INTEGERS and isinstance(value, int) and not isinstance(value, bool):
        low, high = _INTEGERS[name]
        if low <= value <= high:
            return value
    raise NotOfType(f"it is no {name}")
