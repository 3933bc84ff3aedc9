"""Which tables hold floats, some of whose values Kùzu may change as it stores them."""

from __future__ import annotations

from kuzugit.model.catalog import Catalog
from kuzugit.model.snapshot import TableKey
from kuzugit.model.types import Array, List, Map, Scalar, Struct, Type, Union, walk

FLOATS = (Scalar("FLOAT"), Scalar("DOUBLE"))


def holds_floats(type_: Type) -> bool:
    """Tell whether values of a type are floats, or hold some."""
    return any(part in FLOATS for part in walk(type_))


def may_not_be_held(type_: Type) -> bool:
    """Tell whether Kùzu may hold some floats of a type in no way: those deep inside.

    It moves the elements of such values together when one is set, and may then take them
    for one value (`canonical.stand_ins`).
    """
    match type_:
        case Map() | Union():
            return holds_floats(type_)
        case List(element) | Array(element, _):
            return element not in FLOATS and holds_floats(element)
        case Struct(fields):
            return any(may_not_be_held(item.type) for item in fields)
        case _:
            return False


def has_floats(catalog: Catalog, key: TableKey) -> bool:
    """Tell whether a property under `key` is a float, or holds some."""
    table = catalog.node(key.table) if key.pair is None else catalog.rel(key.table)
    return any(holds_floats(item.type) for item in table.properties)
