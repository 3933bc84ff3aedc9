"""A snapshot as data: the manifest, its tables and their chunks."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from kuzugit.model.catalog import Catalog, Pair
from kuzugit.model.object_id import ObjectId as ObjectId

FORMAT = 1
"""The format of the tree that this release writes. See docs/format.md."""


def blob_id(data: bytes | memoryview) -> ObjectId:
    """Return the name that Git gives these bytes. It needs no repository."""
    # Git names content by SHA-1; nothing secret hangs on it.
    digest = hashlib.sha1(b"blob %d\0" % len(data), usedforsecurity=False)
    digest.update(data)
    return ObjectId(digest.hexdigest())


@dataclass(frozen=True)
class Chunk:
    """One Parquet file of a table.

    `name` is the file's stem, `rows` its number of rows, `size` its bytes,
    `blob` the Git object that holds it.
    """

    name: str
    rows: int
    size: int
    blob: ObjectId


@dataclass(frozen=True, order=True)
class TableKey:
    """Which rows: those of a node table, or of one pair of a rel table."""

    table: str
    pair: Pair | None = None

    @property
    def is_rel(self) -> bool:
        """Whether these are rows of a rel table."""
        return self.pair is not None

    @property
    def label(self) -> str:
        """The table's name for people, with the pair of a rel table."""
        if self.pair is None:
            return self.table
        return f"{self.table} ({self.pair.from_table} -> {self.pair.to_table})"


@dataclass(frozen=True)
class TableData:
    """The chunks of one node table or of one pair of a rel table, in row order.

    `least` tells that a row holds the least value of an integer type, or the nil UUID:
    Kùzu's compression destroys these, so the database is built without.
    """

    key: TableKey
    chunks: tuple[Chunk, ...]
    least: bool = False

    @property
    def rows(self) -> int:
        """The number of rows in all chunks."""
        return sum(chunk.rows for chunk in self.chunks)


@dataclass(frozen=True)
class Manifest:
    """The catalog and every chunk: `snapshot.json` as a value."""

    catalog: Catalog
    data: tuple[TableData, ...]
    format: int = FORMAT

    def table(self, key: TableKey) -> TableData:
        """Return the data under `key`; an empty one where the snapshot has none."""
        for item in self.data:
            if item.key == key:
                return item
        return TableData(key, ())


def table_keys(catalog: Catalog) -> tuple[TableKey, ...]:
    """Return what a snapshot of `catalog` has rows under, node tables first, by name."""
    nodes = [TableKey(table.name) for table in catalog.nodes]
    rels = [TableKey(table.name, pair) for table in catalog.rels for pair in table.pairs]
    return (*nodes, *rels)
