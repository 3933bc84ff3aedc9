"""Who set what: for each value of a row, the version that it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kuzugit.canonical.blame import Blame
from kuzugit.canonical.columns import chunk_columns
from kuzugit.canonical.finding import BadKey, Finder, parse_key
from kuzugit.canonical.logical import sql_text
from kuzugit.canonical.plain_form import check_plain
from kuzugit.canonical.sql import SqlTable, check_condition, key_texts, open_views, view_statement
from kuzugit.errors import UsageError
from kuzugit.model.object_id import ObjectId
from kuzugit.model.progress import Progress, ProgressCallback, ignore_progress
from kuzugit.model.snapshot import Chunk, Manifest, TableKey
from kuzugit.porcelain.build import plain_name
from kuzugit.porcelain.reading import read_manifest
from kuzugit.porcelain.row_history import KeyMisplaced, RowUnknown
from kuzugit.porcelain.scratch import scratch
from kuzugit.porcelain.sql import Side, side
from kuzugit.porcelain.table_history import steps, table_path
from kuzugit.porcelain.tables import UnknownTable
from kuzugit.porcelain.workspace import Workspace
from kuzugit.store.history import Snapshot, resolve
from kuzugit.store.location import Store
from kuzugit.store.objects import id_at, read_blob
from kuzugit.store.translate import git_errors


class KeyAndWhere(UsageError):
    """One row by its key, and rows by a condition."""

    def __init__(self) -> None:
        super().__init__("name rows by their key or by a condition, not by both")


@dataclass(frozen=True)
class Origin:
    """One value of a row and the version that set it.

    `key` is the primary key, or the two ends. Values are texts, or as `canonical.wire`
    has them.
    """

    key: tuple[Any, ...]
    column: str
    value: Any
    snapshot: Snapshot


@dataclass(frozen=True)
class Blamed:
    """The origin of each value of the rows of one node table, or of one pair of a rel table."""

    table: TableKey
    key_columns: tuple[str, ...]
    origins: Iterator[Origin]


def blame(
    workspace: Workspace,
    table: str,
    revision: str = "current",
    *,
    key: Sequence[str] = (),
    where: str | None = None,
    as_text: bool = False,
    progress: ProgressCallback = ignore_progress,
) -> Iterator[Blamed]:
    """Yield, for each pair of `table`, who last set each value of the rows at `revision`.

    `key` names one row as in `row_history`, `where` those for which an SQL condition over
    the table holds; without either it is every row. History goes along first parents.
    Read the origins before the next pair. A property that came with the schema was set
    by the version that brought it. Of parallel rels that changed all values count as set,
    because none of them can be told from the others.

    Raises UnknownRevision, UnknownTable, BadKey, KeyMisplaced, RowUnknown, QueryFailed.
    """
    if key and where is not None:
        raise KeyAndWhere
    if where is not None:
        check_condition(where)
    store = workspace.store
    newest = side(store, resolve(store, revision))
    found = next((item for item in newest.tables if item.table == table), None)
    if found is None:
        raise UnknownTable(table, [item.table for item in newest.tables])
    if key and found.keys[0].is_rel != (len(key) > 1):
        raise KeyMisplaced(table, is_rel=found.keys[0].is_rel)
    met, refusals = 0, []
    for pair in found.keys:
        walk = _Walk(store, newest, found, pair, tuple(key), progress)
        try:
            chunks = walk.chunks(newest.manifest, pair)
        except BadKey as error:
            refusals.append(error)
            continue
        with walk.opened(chunks, where) as (lookup, snapshots):
            met += lookup.count
            origins = walk.origins(lookup, snapshots, as_text=as_text)
            yield Blamed(pair, tuple(lookup.key_columns), origins)
    if len(refusals) == len(found.keys):
        raise refusals[0]
    if key and not met:
        raise RowUnknown(table, key)


class _Walk:
    """One pair of a table, on its way back through the history."""

    def __init__(
        self,
        store: Store,
        newest: Side,
        table: SqlTable,
        pair: TableKey,
        key: tuple[str, ...],
        progress: ProgressCallback,
    ) -> None:
        self._store = store
        self._newest = newest
        self._table = table
        self._pair = pair
        self._key = key
        self._progress = progress
        self._finder = Finder(lambda blob: read_blob(store, blob))

    def chunks(self, manifest: Manifest, pair: TableKey) -> tuple[Chunk, ...]:
        """Return the chunks that may hold the wanted rows; raise BadKey."""
        chunks = manifest.table(pair).chunks
        if not self._key or not chunks:
            return chunks
        columns = chunk_columns(manifest.catalog, pair)
        return tuple(self._finder.chunks(chunks, columns, parse_key(self._key, columns)))

    @contextmanager
    def opened(
        self, chunks: Sequence[Chunk], where: str | None
    ) -> Iterator[tuple[Blame, list[Snapshot]]]:
        """Give the finished comparison, and the snapshots that its numbers mean."""
        catalog = self._newest.manifest.catalog
        with (
            scratch(self._store) as room,
            plain_name(room) as directory,
        ):
            first = _Chunks(self._store, room / "rows", Path(directory) / "rows")
            first.write([chunk.blob for chunk in chunks], numbered=True)
            files = {self._pair: f"{directory}/rows/*.parquet"} if chunks else {}
            view = view_statement(catalog, self._table, files)
            with open_views(directory, [view]) as connection:
                lookup = Blame(
                    connection,
                    catalog,
                    self._table,
                    self._pair,
                    self._conditions(where),
                    self._key_texts(),
                )
                steps_dir = _Chunks(self._store, room / "steps", Path(directory) / "steps")
                yield lookup, self._walked(lookup, steps_dir)

    def _conditions(self, where: str | None) -> list[str]:
        conditions = [] if where is None else [where]
        if len(self._table.keys) > 1 and self._pair.pair is not None:
            conditions.append(f"from_table = {sql_text(self._pair.pair.from_table)}")
            conditions.append(f"to_table = {sql_text(self._pair.pair.to_table)}")
        return conditions

    def _key_texts(self) -> list[str]:
        columns = chunk_columns(self._newest.manifest.catalog, self._pair)
        return key_texts(parse_key(self._key, columns), columns) if self._key else []

    def _walked(self, lookup: Blame, files: _Chunks) -> list[Snapshot]:
        snapshots: list[Snapshot] = []
        path = table_path(self._table.table, is_rel=self._pair.is_rel)
        for child, parent in steps(self._store, self._newest.snapshot, None):
            snapshots.append(child)
            number = len(snapshots) - 1
            if parent is None or not lookup.open:
                break
            if id_at(self._store, child.tree, path) == id_at(self._store, parent.tree, path):
                continue
            self._progress(Progress("comparing", child.version or child.commit[:12]))
            self._step(lookup, files, number, child, parent)
        lookup.finish(len(snapshots) - 1)
        return snapshots

    def _step(
        self, lookup: Blame, files: _Chunks, number: int, child: Snapshot, parent: Snapshot
    ) -> None:
        new, old = (read_manifest(self._store, item) for item in (child, parent))
        if self._pair not in {item.key for item in old.data}:
            lookup.finish(number)
            return
        mine, theirs = self._candidates(new), self._candidates(old)
        only_new = [blob for blob in mine if blob not in set(theirs)]
        only_old = [blob for blob in theirs if blob not in set(mine)]
        lookup.step(
            number,
            (new.catalog, self._pair, files.write(only_new)),
            (old.catalog, self._pair, files.write(only_old)),
        )
        files.keep({*only_old})

    def _candidates(self, manifest: Manifest) -> list[ObjectId]:
        try:
            return [chunk.blob for chunk in self.chunks(manifest, self._pair)]
        except BadKey:
            return []  # keys of another type: none of them is the wanted one

    def origins(
        self, lookup: Blame, snapshots: Sequence[Snapshot], *, as_text: bool
    ) -> Iterator[Origin]:
        """Yield the origin of each value, row by row."""
        keys = [lookup.columns.index(name) for name in lookup.key_columns]
        for batch in lookup.rows(as_text=as_text):
            for row in batch:
                key = tuple(row[at][0] for at in keys)
                for name, (value, number) in zip(lookup.columns, row, strict=True):
                    yield Origin(key, name, value, snapshots[number])


class _Chunks:
    """Chunk files in a directory; `seen` is what DuckDB calls it."""

    def __init__(self, store: Store, place: Path, seen: Path) -> None:
        self._store = store
        self._place = place
        self._seen = seen
        self._there: set[str] = set()
        with git_errors(store.path, "write a chunk to work on"):
            place.mkdir()

    def write(self, blobs: Sequence[ObjectId], *, numbered: bool = False) -> list[Path]:
        """Write the blobs that are not there; return what DuckDB calls each."""
        names = [f"{at:08}" if numbered else str(blob) for at, blob in enumerate(blobs)]
        for name, blob in zip(names, blobs, strict=True):
            if name not in self._there:
                data = read_blob(self._store, blob)
                check_plain(data)
                with git_errors(self._store.path, "write a chunk to work on"):
                    (self._place / f"{name}.parquet").write_bytes(data)
                self._there.add(name)
        return [self._seen / f"{name}.parquet" for name in names]

    def keep(self, blobs: set[ObjectId]) -> None:
        """Remove the files of all other blobs: the next step asks for few of them."""
        for name in self._there - set(blobs):
            (self._place / f"{name}.parquet").unlink()
        self._there &= set(blobs)
