"""The rows of a snapshot's table, straight from its chunks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kuzugit.canonical.columns import chunk_columns
from kuzugit.canonical.parquet import decode_all
from kuzugit.errors import UsageError
from kuzugit.model.catalog import Pair
from kuzugit.porcelain.reading import read_chunk, read_manifest
from kuzugit.porcelain.unknown_table import UnknownTable as UnknownTable
from kuzugit.store.history import Snapshot
from kuzugit.store.location import Store

if TYPE_CHECKING:
    from kuzugit.canonical.parquet import Table


class AmbiguousTable(UsageError):
    """A rel table whose pairs have keys of different types, asked for as a whole."""

    def __init__(self, name: str, pairs: list[Pair]) -> None:
        self.name = name
        self.pairs = pairs
        listed = ", ".join(f"{pair.from_table} -> {pair.to_table}" for pair in pairs)
        super().__init__(
            f"the keys of {name!r} have different types, so name one pair of: {listed}",
            hint=f"snapshot.table({name!r}, {pairs[0].from_table!r}, {pairs[0].to_table!r})",
        )


def read_table(
    store: Store,
    snapshot: Snapshot,
    name: str,
    from_table: str | None = None,
    to_table: str | None = None,
) -> Table:
    """Return the rows of the table `name` in the stored form, pair after pair.

    `from_table` and `to_table` pick pairs of a rel table. Raises UnknownTable,
    AmbiguousTable.
    """
    manifest = read_manifest(store, snapshot)
    found = [
        data
        for data in manifest.data
        if data.key.table == name and _is_wanted(data.key.pair, from_table, to_table)
    ]
    if not found:
        raise UnknownTable(name, [table.name for table in manifest.catalog.tables])
    schemas = [chunk_columns(manifest.catalog, data.key).schema for data in found]
    if any(schema != schemas[0] for schema in schemas):
        raise AmbiguousTable(name, [data.key.pair for data in found if data.key.pair])
    chunks = ((data.key, chunk) for data in found for chunk in data.chunks)
    return decode_all((read_chunk(store, *item) for item in chunks), schemas[0])


def _is_wanted(pair: Pair | None, from_table: str | None, to_table: str | None) -> bool:
    if pair is None:
        return from_table is None and to_table is None
    return from_table in (None, pair.from_table) and to_table in (None, pair.to_table)
