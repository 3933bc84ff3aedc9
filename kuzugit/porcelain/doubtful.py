"""Floats that Kùzu may hold in no way: a commit finds out before it publishes them."""

from __future__ import annotations

from kuzugit.canonical.columns import chunk_columns
from kuzugit.canonical.unsteady import doubtful_columns
from kuzugit.model.floats import may_not_be_held
from kuzugit.model.loss import Loss
from kuzugit.model.snapshot import Manifest, TableKey
from kuzugit.porcelain.content import Content

_WHY = "it holds NaN or -0.0, and Kùzu changes it or what stands beside it when it stores them"
_WAY_OUT = "set them to NULL, or keep the numbers in a property of their own"


def doubtful_losses(old: Manifest | None, new: Content) -> dict[TableKey, tuple[Loss, ...]]:
    """Return the properties of changed tables that may be lost, by table.

    They hold NaN or -0.0 in lists, maps or unions: see `unsteady.doubtful_columns`. Whether
    Kùzu holds them hangs on all values of the table, so only building it tells. Of the
    changed tables with such types all chunks are read. Raises ChunkUnreadable.
    """
    found = {}
    for data in new.manifest.data:
        columns = chunk_columns(new.manifest.catalog, data.key)
        if not any(map(may_not_be_held, columns.types)) or _is_as_before(old, new, data.key):
            continue
        places: set[int] = set()
        for chunk in data.chunks:
            content = new.read(data.key, chunk)
            places.update(doubtful_columns(content, columns))
        if places:
            found[data.key] = tuple(
                Loss(
                    _name(data.key, columns.schema.names[at]),
                    str(columns.types[at]),
                    _WHY,
                    _WAY_OUT,
                )
                for at in sorted(places)
            )
    return found


def _name(key: TableKey, column: str) -> str:
    return f"{key.table}.{column.strip('`')}"


def _is_as_before(old: Manifest | None, new: Content, key: TableKey) -> bool:
    if old is None or key not in {data.key for data in old.data}:
        return False
    return old.table(key).chunks == new.manifest.table(key).chunks
