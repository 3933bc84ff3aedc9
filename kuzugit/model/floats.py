"""Which tables hold floats, some of whose values Kùzu may change as it stores them."""

from __future__ import annotations

from kuzugit.model.catalog import Catalog
from kuzugit.model.snapshot import TableKey
from kuzugit.model.types import Scalar, walk

_FLOATS = (Scalar("FLOAT"), Scalar("DOUBLE"))


def has_floats(catalog: Catalog, key: TableKey) -> bool:
    """Tell whether a property under `key` is a float, or holds some."""
    table = catalog.node(key.table) if key.pair is None else catalog.rel(key.table)
    return any(part in _FLOATS for item in table.properties for part in walk(item.type))
