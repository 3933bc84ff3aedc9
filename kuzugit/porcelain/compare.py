"""What changed between a snapshot in the store and the one just taken."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from kuzugit.canonical.columns import chunk_columns
from kuzugit.canonical.edited import edited_rows
from kuzugit.canonical.parquet import ChunkUnreadable
from kuzugit.diff.heads import table_heads
from kuzugit.diff.renames import renamed_catalog
from kuzugit.diff.rows import count_changes
from kuzugit.model.catalog import Catalog, NodeTable, RelTable
from kuzugit.model.changes import Changes, RowCounts
from kuzugit.model.renames import Renames
from kuzugit.model.row_change import TableDiff
from kuzugit.model.snapshot import Chunk, Manifest, TableKey
from kuzugit.porcelain.content import Content
from kuzugit.porcelain.renaming import find_renames, schema_changes
from kuzugit.porcelain.windows import chunks_only_in
from kuzugit.store.location import Store

MEMORY_LIMIT = "512MB"


def find_changes(
    store: Store, old: Manifest | None, new: Manifest, new_chunks: Path, scratch: Path
) -> Changes:
    """Return what changed from `old`, whose chunks the store has, to `new`.

    The chunks of `new` that `old` has not are in the store, or as in the tree below the
    directory `new_chunks`. It says what `diff` says, renames too. Only chunks that differ
    are read; of a table in which properties of one type both came and went, all are.
    """
    sides = Content(old or Manifest(Catalog(), ()), store), Content(new, store, new_chunks)
    renames = find_renames(*sides, scratch)
    heads = table_heads(sides[0].manifest, new, renames)
    rows = tuple(
        (head.key, counts) for head in heads if (counts := _count(*sides, head, renames, scratch))
    )
    return Changes(schema_changes(old, new, renames), rows)


def _count(
    old: Content, new: Content, head: TableDiff, renames: Renames, scratch: Path
) -> RowCounts:
    if not head.identity or not head.old_rows or not head.new_rows:
        return RowCounts(added=head.new_rows, removed=head.old_rows)
    before, after = old.manifest.table(head.old_key), new.manifest.table(head.key)
    old_only, new_only = chunks_only_in(before, after), chunks_only_in(after, before)
    edited = 0
    if head.has_same_columns:
        edited, old_only, new_only = _count_edited(old, new, head, old_only, new_only)
    if not old_only and not new_only:
        return RowCounts(changed=edited)
    directory = scratch / "compared"
    with (
        old.chunks(head.old_key, old_only, directory / "old") as old_files,
        new.chunks(head.key, new_only, directory / "new") as new_files,
    ):
        counted = count_changes(
            _owner(new.manifest.catalog, head.key),
            old_files,
            new_files,
            old_table=_owner(renamed_catalog(old.manifest.catalog, renames), head.key),
            memory_limit=MEMORY_LIMIT,
            temp_directory=scratch,
        )
    return replace(counted, changed=counted.changed + edited)


def _count_edited(
    old: Content, new: Content, head: TableDiff, old_only: list[Chunk], new_only: list[Chunk]
) -> tuple[int, list[Chunk], list[Chunk]]:
    """Count the rows that differ where they stand, in chunks that begin with the same key.

    Returns their number, and the chunks of either side that are left to be compared.
    """
    columns = chunk_columns(new.manifest.catalog, head.key)
    there = {chunk.name: chunk for chunk in new_only}
    pairs = [(chunk, there[chunk.name]) for chunk in old_only if chunk.name in there]

    def count(pair: tuple[Chunk, Chunk]) -> int | None:
        before, after = old.read(head.old_key, pair[0]), new.read(head.key, pair[1])
        try:
            return edited_rows(before, after, columns)
        except ChunkUnreadable:
            return None  # who compares all of its rows finds out, and says so

    with ThreadPoolExecutor(max_workers=2) as pool:
        counts = list(pool.map(count, pairs))
    done = [pair for pair, found in zip(pairs, counts, strict=True) if found is not None]
    counted = {chunk.name for chunk, _ in done}
    return (
        sum(found or 0 for found in counts),
        [chunk for chunk in old_only if chunk.name not in counted],
        [chunk for chunk in new_only if chunk.name not in counted],
    )


def _owner(catalog: Catalog, key: TableKey) -> NodeTable | RelTable:
    return catalog.rel(key.table) if key.is_rel else catalog.node(key.table)
