"""Which tables hold floats, some of whose values Kùzu may change as it stores them."""

from __future__ import annotations

from kuzugit.model.catalog import Catalog
from kuzugit.model.snapshot import TableKey
from kuzugit.model.types import Scalar, Struct, Type, walk

FLOATS = (Scalar("FLOAT"), Scalar("DOUBLE"))


def holds_floats(type_: Type) -> bool:
    """Tell whether values of a type are floats, or hold some."""
    return any(part in FLOATS for part in walk(type_))


def may_not_be_held(type_: Type) -> bool:
    """Tell whether Kùzu may hold some floats of a type in no way: those in lists and the like.

    Where such a value is set it may write all of them anew, and may then take them for one
    value (`canonical.stand_ins`).
    """
    if isinstance(type_, Struct):
        return any(may_not_be_held(item.type) for item in type_.fields)
    return type_ not in FLOATS and holds_floats(type_)


def has_floats(catalog: Catalog, key: TableKey) -> bool:
    """Tell whether a property under `key` is a float, or holds some."""
    table = catalog.node(key.table) if key.pair is None else catalog.rel(key.table)
    return any(holds_floats(item.type) for item in table.properties)
