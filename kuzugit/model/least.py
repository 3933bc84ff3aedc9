"""What Kùzu's compression of integers destroys; a database with it is built without.

It turns the least integer of a type into 0 at a checkpoint, and fails at the nil UUID.
Large numbers of 128 bits beside NULL it cannot read again.
"""

from __future__ import annotations

from typing import Any

from kuzugit.model.catalog import Catalog
from kuzugit.model.snapshot import TableKey
from kuzugit.model.types import Array, Decimal, List, Map, Scalar, Struct, Type, Union, walk

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


def wide_properties(catalog: Catalog, key: TableKey) -> list[str]:
    """Return the properties under `key` that hold numbers of 128 bits, and may be NULL.

    Where all of them are large, Kùzu packs the NULLs beside them so that it cannot unpack
    them again.
    """
    if key.pair is None:
        table = catalog.node(key.table)
        properties = tuple(item for item in table.properties if item.name != table.primary_key)
    else:
        properties = catalog.rel(key.table).properties
    return [item.name for item in properties if any(map(_is_wide, walk(item.type)))]


def _is_wide(type_: Type) -> bool:
    if isinstance(type_, Decimal):
        return type_.precision > _LONGEST_IN_64_BITS
    return type_ in (Scalar("UUID"), Scalar("INT128"))


_LONGEST_IN_64_BITS = 18
"""Digits of a decimal that Kùzu keeps in 64 bits."""


def _sides(value: Any) -> tuple[list[Any], list[Any]]:
    if isinstance(value, dict):
        return value["keys"], value["values"]
    return [pair[0] for pair in value], [pair[1] for pair in value]
