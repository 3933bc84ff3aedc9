"""Least values: the least integer of a type, and the nil UUID.

Kùzu's compression of integers turns the first into 0 at a checkpoint, and fails at the
second. A database that holds them is built without compression.
"""

from __future__ import annotations

from typing import Any

from kuzugit.model.types import Array, List, Map, Scalar, Struct, Type, Union

_LEAST: dict[str, int | str] = {
    "INT8": -(1 << 7),
    "INT16": -(1 << 15),
    "INT32": -(1 << 31),
    "INT64": -(1 << 63),
    "INT128": str(-(1 << 127)),
    "UUID": "00000000-0000-0000-0000-000000000000",
}


def holds_least(type_: Type, value: Any) -> bool:
    """Tell whether a value in the stored form (`model.stored`) is or holds a least one."""
    if value is None:
        return False
    match type_:
        case Scalar(name):
            return name in _LEAST and bool(value == _LEAST[name])
        case List(element) | Array(element, _):
            return any(holds_least(element, item) for item in value)
        case Struct(fields):
            return any(holds_least(item.type, value[item.name]) for item in fields)
        case Union(members):
            member = members[value["tag"]]
            return holds_least(member.type, value[member.name])
        case Map(key, item):
            keys, values = _sides(value)
            return holds_least(List(key), keys) or holds_least(List(item), values)
        case _:
            return False


def _sides(value: Any) -> tuple[list[Any], list[Any]]:
    if isinstance(value, dict):
        return value["keys"], value["values"]
    return [pair[0] for pair in value], [pair[1] for pair in value]
