"""Two manifests and their chunks, compared: what `Diff` reads its rows from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kuzugit.diff.heads import table_heads
from kuzugit.diff.renames import rename_changes, renamed_catalog
from kuzugit.diff.schema import compare_catalogs
from kuzugit.diff.selection import ALL, Selection
from kuzugit.model.catalog import Catalog
from kuzugit.model.changes import RowCounts, SchemaChange
from kuzugit.model.progress import Progress, ProgressCallback
from kuzugit.model.renames import Candidates, Renames
from kuzugit.model.row_change import Change, Column, Row, RowChange, TableDiff
from kuzugit.model.snapshot import Chunk, Manifest, TableKey
from kuzugit.porcelain.content import Content, read_scratch
from kuzugit.porcelain.reading import read_manifest
from kuzugit.porcelain.renaming import find_renames
from kuzugit.porcelain.scratch import scratch
from kuzugit.porcelain.sides import Filters, Side
from kuzugit.porcelain.small import small_table_changes
from kuzugit.porcelain.unknown_table import UnknownColumn, UnknownTable
from kuzugit.porcelain.windows import windows
from kuzugit.porcelain.workspace import Workspace
from kuzugit.store.history import Snapshot
from kuzugit.store.location import Store

# Arrow, DuckDB and the engine are imported where they are needed: to compare two chunks of a
# mebibyte takes less time than that.
if TYPE_CHECKING:
    from kuzugit.diff.stream import Batch, Schemas


@dataclass(frozen=True)
class Comparison:
    """Two contents, compared. `room` is a directory to work in while this is used.

    `tables` are those that differ and are wanted, `heads` all that either side has.
    """

    old: Content
    new: Content
    renames: Renames
    filters: Filters
    room: Path
    progress: ProgressCallback
    schema: tuple[SchemaChange, ...]
    tables: tuple[TableDiff, ...]
    heads: tuple[TableDiff, ...] = ()

    @property
    def same(self) -> bool:
        """Whether both sides hold the same."""
        return self.old.manifest == self.new.manifest

    @property
    def manifests(self) -> tuple[Manifest, Manifest]:
        """The manifests of both sides."""
        return self.old.manifest, self.new.manifest

    @property
    def candidates(self) -> tuple[Candidates, ...]:
        """The renames that the content does not decide."""
        return self.renames.candidates

    def schemas(self, head: TableDiff) -> Schemas:
        """Return the Arrow schemas of both sides of a table."""
        from kuzugit.canonical.columns import chunk_columns
        from kuzugit.diff.stream import Schemas

        sides = ((self.old, head.old, head.old_key), (self.new, head.new, head.key))
        old, new = (
            None if columns is None else chunk_columns(side.manifest.catalog, key).schema
            for side, columns, key in sides
        )
        return Schemas(old, new)

    def rows(self, head: TableDiff) -> Iterator[RowChange]:
        """Yield the changes of a table that pass the filters, at most `limit`."""
        return islice(self._all_rows(head), self.filters.limit)

    def batches(self, head: TableDiff) -> Iterator[Batch]:
        """Yield the same as Arrow batches."""
        left = self.filters.limit
        for batch in self.all_batches(head):
            if left is None:
                yield batch
                continue
            if left <= 0:
                return
            yield batch.slice(0, left)
            left -= batch.num_rows

    def counts(self, head: TableDiff) -> RowCounts:
        """Count the changes that pass the filters, without the limit."""
        if not self.filters.on_rows and (not head.identity or not head.old_rows * head.new_rows):
            return RowCounts(added=head.new_rows, removed=head.old_rows)
        small = self._small(head)
        found = Counter[str](str(change.change) for change in small or ())
        for batch in self.all_batches(head) if small is None else ():
            found.update(batch.column("change").to_pylist())
        return RowCounts(*(found[kind] for kind in ("added", "removed", "changed")))

    def every_row(self, head: TableDiff) -> Iterator[RowChange]:
        """Yield the changes of a table before any filter."""
        from kuzugit.diff.stream import row_changes

        return row_changes(head, self._matched(head, ALL))

    def side_rows(self, head: TableDiff, *, old: bool = False) -> Iterator[Row]:
        """Yield every row of the new side of a table, or of the old one, in its order."""
        side, key = (self.old, head.old_key) if old else (self.new, head.key)
        if (head.old if old else head.new) is not None:
            yield from self._rows_of(side, key, side.manifest.table(key).chunks)

    def rows_near_changes(self, head: TableDiff) -> Iterator[Row]:
        """Yield the new side's rows that stand in a chunk that differs, or beside such a one."""
        if head.new is None:
            return
        chunks = self.new.manifest.table(head.key).chunks
        before = Counter(chunk.blob for chunk in self.old.manifest.table(head.old_key).chunks)
        now = Counter(chunk.blob for chunk in chunks)
        differ = [now[chunk.blob] != before[chunk.blob] for chunk in chunks]
        near = [chunk for at, chunk in enumerate(chunks) if any(differ[max(at - 1, 0) : at + 2])]
        yield from self._rows_of(self.new, head.key, near)

    def _rows_of(self, side: Content, key: TableKey, chunks: Iterable[Chunk]) -> Iterator[Row]:
        from kuzugit.canonical.columns import chunk_columns
        from kuzugit.canonical.parquet import decode
        from kuzugit.diff.chunk_rows import chunk_rows

        schema = chunk_columns(side.manifest.catalog, key).schema
        for chunk in chunks:
            place = self.room / f"rows-{chunk.blob}"
            with side.chunks(key, [chunk], place) as files:
                yield from chunk_rows(decode(read_scratch(files[0]), schema))

    def all_batches(self, head: TableDiff) -> Iterator[Batch]:
        """Yield every change that passes the filters but for the limit."""
        found = self._matched(head, self._selection)
        if self.filters.where is None:
            return found
        from kuzugit.diff.where import filtered

        return filtered(head, self.filters.where, found)

    @property
    def _selection(self) -> Selection:
        return Selection(
            frozenset(map(Change, self.filters.types)),
            self.filters.keys,
            frozenset(self.filters.columns),
        )

    def _all_rows(self, head: TableDiff) -> Iterator[RowChange]:
        small = self._small(head)
        if small is not None:
            return small
        from kuzugit.diff.stream import row_changes

        return row_changes(head, self.all_batches(head))

    def _small(self, head: TableDiff) -> Iterator[RowChange] | None:
        """Return the changes of a table where so little differs that Python is fastest."""
        if self.filters.where is not None:
            return None
        return small_table_changes(head, self.old, self.new, self._selection)

    def _ends(self, head: TableDiff, chunk: Chunk, *, old: bool) -> tuple[Row, Row]:
        """Return the keys of the first and the last row of a chunk."""
        from kuzugit.canonical.columns import chunk_columns
        from kuzugit.canonical.parquet import decode
        from kuzugit.diff.chunk_rows import chunk_rows

        side, key = (self.old, head.old_key) if old else (self.new, head.key)
        at = head.old_key_at if old else head.new_key_at
        table = decode(side.read(key, chunk), chunk_columns(side.manifest.catalog, key).schema)
        first, last = chunk_rows(table.take([0, len(table) - 1]))
        return tuple(first[place] for place in at), tuple(last[place] for place in at)

    def _matched(self, head: TableDiff, selection: Selection) -> Iterator[Batch]:
        from kuzugit.diff.stream import Matcher

        schemas, name = self.schemas(head), head.key.label
        old = self.old.manifest.table(head.old_key)
        new = self.new.manifest.table(head.key)
        done = 0
        with Matcher(self.room) as matcher:
            for number, window in enumerate(windows(head, old, new, partial(self._ends, head))):
                place = self.room / f"window-{id(matcher)}-{number}"
                with (
                    self.old.chunks(head.old_key, window.old, place / "old") as before,
                    self.new.chunks(head.key, window.new, place / "new") as after,
                ):
                    yield from matcher.batches(head, schemas, before, after, selection)
                done += sum(chunk.rows for chunk in (*window.old, *window.new))
                self.progress(Progress("comparing", name, done))


@contextmanager
def open_comparison(
    workspace: Workspace,
    old: Side,
    new: Side,
    filters: Filters,
    connection: Any | None,
    progress: ProgressCallback,
) -> Iterator[Comparison]:
    """Yield the comparison of two sides, which can be used inside the block."""
    with ExitStack() as stack:
        room = stack.enter_context(scratch(workspace.store))
        base = old.snapshot or new.snapshot
        contents = [
            _of_live(workspace, base, connection, room, progress)
            if side.snapshot is None and side.database is not None
            else _of_snapshot(workspace.store, side.snapshot)
            for side in (old, new)
        ]
        yield _compared(contents[0], contents[1], filters, room, progress)


def _compared(
    old: Content, new: Content, filters: Filters, room: Path, progress: ProgressCallback
) -> Comparison:
    renames = find_renames(old, new, room)
    heads = tuple(table_heads(old.manifest, new.manifest, renames))
    wanted = _chosen(heads, filters.tables)
    differing = [head for head in wanted if _differs(head, old.manifest, new.manifest)]
    before, after = old.manifest.catalog, new.manifest.catalog
    if filters.tables:
        before = _part(before, {head.old_key.table for head in wanted})
        after = _part(after, {head.key.table for head in wanted})
    schema = (
        *(change for change in rename_changes(renames) if _is_of(change, after, filters)),
        *compare_catalogs(renamed_catalog(before, renames), after),
    )
    found = Comparison(old, new, renames, filters, room, progress, schema, tuple(differing), heads)
    # Asked of all tables, whether they differ or not: a typing error is no "nothing changed".
    if filters.columns:
        _check_columns(wanted, filters.columns)
    if filters.keys:
        from kuzugit.canonical.finding import check_keys

        check_keys(filters.keys, [column.type for head in wanted for column in _key_columns(head)])
    if filters.where is None:
        return found
    askable = _askable(found, wanted, filters.where)
    return replace(found, tables=tuple(head for head in differing if head in askable))


def _check_columns(heads: Sequence[TableDiff], columns: Sequence[str]) -> None:
    known = sorted({c.name for head in heads for c in (*(head.old or ()), *(head.new or ()))})
    for name in columns:
        if name not in known:
            raise UnknownColumn(name, known)


def _key_columns(head: TableDiff) -> Iterator[Column]:
    for columns, at in ((head.old, head.old_key_at), (head.new, head.new_key_at)):
        yield from (columns[place] for place in at if columns is not None)


def _askable(found: Comparison, heads: Sequence[TableDiff], where: str) -> list[TableDiff]:
    """Return the tables that have the columns of a condition."""
    from kuzugit.diff.stream import empty_batch
    from kuzugit.diff.where import BadCondition, can_ask

    askable = [
        head for head in heads if can_ask(head, where, empty_batch(head, found.schemas(head)))
    ]
    if heads and not askable:
        raise BadCondition(where, "no table has all the columns that it names")
    return askable


def _is_of(change: SchemaChange, catalog: Catalog, filters: Filters) -> bool:
    return not filters.tables or any(
        change.name == table.name or change.name.startswith(f"{table.name}.")
        for table in catalog.tables
    )


def _part(catalog: Catalog, names: set[str]) -> Catalog:
    """Return what a catalog says of the tables `names`."""
    return Catalog(
        nodes=tuple(table for table in catalog.nodes if table.name in names),
        rels=tuple(table for table in catalog.rels if table.name in names),
        indexes=tuple(index for index in catalog.indexes if index.table in names),
    )


def _chosen(heads: Sequence[TableDiff], globs: Sequence[str]) -> Sequence[TableDiff]:
    if not globs:
        return heads
    known = sorted({name for head in heads for name in (head.key.table, head.old_key.table)})
    for glob in globs:
        if not any(_is_named(name, glob) for name in known):
            raise UnknownTable(glob, known)
    return [
        head
        for head in heads
        if any(
            _is_named(name, glob) for name in (head.key.table, head.old_key.table) for glob in globs
        )
    ]


def _is_named(name: str, glob: str) -> bool:
    # Both, because a name may hold the marks of a glob.
    return name == glob or fnmatchcase(name, glob)


def _differs(head: TableDiff, old: Manifest, new: Manifest) -> bool:
    if head.notes or head.renamed:
        return True
    before, after = old.table(head.old_key).chunks, new.table(head.key).chunks
    return [chunk.blob for chunk in before] != [chunk.blob for chunk in after]


def _of_snapshot(store: Store, snapshot: Snapshot | None) -> Content:
    nothing = Manifest(Catalog(), ())
    return Content(read_manifest(store, snapshot) if snapshot else nothing, store)


def _of_live(
    workspace: Workspace,
    base: Snapshot | None,
    connection: Any | None,
    room: Path,
    progress: ProgressCallback,
) -> Content:
    from kuzugit.porcelain.live_content import live_content

    return live_content(workspace, base, connection, room, progress)
