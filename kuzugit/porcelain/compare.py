"""What changed between a snapshot in the store and the one just taken."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kuzugit.canonical.paths import chunk_path
from kuzugit.diff.rows import count_changes
from kuzugit.diff.schema import compare_catalogs
from kuzugit.model.catalog import Catalog, NodeTable, RelTable
from kuzugit.model.changes import Changes, RowCounts
from kuzugit.model.snapshot import Manifest, TableData, TableKey
from kuzugit.porcelain.reading import write_chunk
from kuzugit.porcelain.windows import chunks_only_in
from kuzugit.store.location import Store

MEMORY_LIMIT = "512MB"


def find_changes(
    store: Store, old: Manifest | None, new: Manifest, new_chunks: Path, scratch: Path
) -> Changes:
    """Return what changed from `old`, whose chunks the store has, to `new`.

    `new_chunks` is a directory that holds, as in the tree, the chunks of `new` that
    `old` has not, for every table that both have. Only chunks that differ are read.
    """
    schema = compare_catalogs(old.catalog if old else None, new.catalog)
    rows = tuple(
        (key, counts)
        for key in _keys(old, new)
        if (counts := _count(store, old, new, key, new_chunks, scratch))
    )
    return Changes(schema, rows)


def _keys(old: Manifest | None, new: Manifest) -> Iterator[TableKey]:
    yield from (data.key for data in new.data)
    known = {data.key for data in new.data}
    yield from (data.key for data in (old.data if old else ()) if data.key not in known)


def _count(
    store: Store,
    old: Manifest | None,
    new: Manifest,
    key: TableKey,
    new_chunks: Path,
    scratch: Path,
) -> RowCounts:
    before = old.table(key) if old else TableData(key, ())
    after = new.table(key)
    if not before.rows or not after.rows or old is None:
        return RowCounts(added=after.rows, removed=before.rows)
    old_only, new_only = chunks_only_in(before, after), chunks_only_in(after, before)
    if not old_only and not new_only:
        return RowCounts()
    directory = scratch / "compared"
    files = [write_chunk(store, key, chunk, directory) for chunk in old_only]
    try:
        return count_changes(
            _owner(new.catalog, key),
            files,
            [new_chunks / chunk_path(key, chunk.name) for chunk in new_only],
            old_table=_owner(old.catalog, key),
            memory_limit=MEMORY_LIMIT,
            temp_directory=scratch,
        )
    finally:
        for path in files:
            path.unlink()


def _owner(catalog: Catalog, key: TableKey) -> NodeTable | RelTable:
    return catalog.rel(key.table) if key.is_rel else catalog.node(key.table)
