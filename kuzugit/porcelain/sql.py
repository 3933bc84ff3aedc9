"""SQL over the tables of one snapshot or of two, without building a database."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kuzugit.canonical.sql import (
    Answer,
    Connection,
    SqlTable,
    named_tables,
    open_views,
    select,
    sql_tables,
    view_statement,
)
from kuzugit.errors import UsageError
from kuzugit.model.catalog import Catalog
from kuzugit.model.progress import Progress, ProgressCallback, ignore_progress
from kuzugit.model.snapshot import Chunk, Manifest, ObjectId, TableData, TableKey
from kuzugit.porcelain.build import plain_name
from kuzugit.porcelain.reading import read_manifest, read_typed_chunk
from kuzugit.porcelain.scratch import scratch
from kuzugit.porcelain.take import table_label
from kuzugit.porcelain.workspace import Workspace
from kuzugit.store.history import Snapshot, parse_range, resolve
from kuzugit.store.location import Store
from kuzugit.store.translate import git_errors


class BadLimit(UsageError):
    """A number of rows below zero."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        super().__init__(f"a limit of {limit} rows makes no sense")


@dataclass(frozen=True)
class Side:
    """A snapshot whose tables are views in `schema`."""

    schema: str
    snapshot: Snapshot
    manifest: Manifest
    tables: tuple[SqlTable, ...]


@contextmanager
def sql(
    workspace: Workspace,
    revision: str,
    query: str,
    *,
    as_text: bool = False,
    limit: int | None = None,
    progress: ProgressCallback = ignore_progress,
) -> Iterator[Answer]:
    """Run one SELECT over the snapshot `revision`, or over `A..B` as `old` and `new`.

    Only chunks of tables that the query names are fetched. Values are as JSON has them
    (`canonical.wire`), or texts. Read the rows inside of the block. Raises
    UnknownRevision, SnapshotCorrupt, QueryFailed, QueryNotSelect, QueryAborted, BadLimit.
    """
    if limit is not None and limit < 0:
        raise BadLimit(limit)
    sides = _sides(workspace.store, revision)
    with open_tables(workspace.store, sides, query, progress) as connection:
        yield select(connection, query, as_text=as_text, limit=limit)


@contextmanager
def duckdb(
    workspace: Workspace, revision: str, *, progress: ProgressCallback = ignore_progress
) -> Iterator[Connection]:
    """Give a DuckDB with every table of `revision` (or of `A..B`) as a view.

    All chunks are fetched, into a directory that is removed at the end of the block. The
    connection reads nothing but them: neither other files nor the network.
    """
    with open_tables(
        workspace.store, _sides(workspace.store, revision), None, progress
    ) as connection:
        yield connection


def side(store: Store, snapshot: Snapshot, schema: str = "main") -> Side:
    """Return a snapshot with the names of its tables in SQL."""
    manifest = read_manifest(store, snapshot)
    return Side(schema, snapshot, manifest, tuple(sql_tables(manifest.catalog, schema)))


def _sides(store: Store, revision: str) -> list[Side]:
    if ".." not in revision:
        return [side(store, resolve(store, revision))]
    old, new = parse_range(store, revision)
    return [side(store, old, "old"), side(store, new, "new")]


@contextmanager
def open_tables(
    store: Store, sides: Sequence[Side], query: str | None, progress: ProgressCallback
) -> Iterator[Connection]:
    """Give a DuckDB with the tables of `sides`; those that `query` does not name are empty shells.

    Without a query all of them are fetched.
    """
    with (
        scratch(store) as room,
        plain_name(room) as directory,
        _Files(store, room, directory, progress) as files,
    ):
        statements = []
        for item in sides:
            if item.schema != "main":
                statements.append(f"CREATE SCHEMA {item.schema}")
            wanted = item.tables if query is None else named_tables(query, item.tables)
            for table in item.tables:
                found = files.fetch(item.manifest, table) if table in wanted else None
                statements.append(view_statement(item.manifest.catalog, table, found))
        files.wait()
        with open_views(directory, statements) as connection:
            yield connection


class _Files:
    """Writes chunks into a directory as DuckDB is to read them: in row order, by their names."""

    def __init__(
        self, store: Store, scratch: Path, directory: str, progress: ProgressCallback
    ) -> None:
        self._store = store
        self._scratch = scratch
        self._directory = directory
        self._progress = progress
        self._pool = ThreadPoolExecutor(max_workers=2)
        self._places: dict[ObjectId, list[Path]] = {}
        self._chunks: dict[ObjectId, tuple[Catalog, TableKey, Chunk]] = {}
        self._count = 0

    def __enter__(self) -> _Files:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def fetch(self, manifest: Manifest, table: SqlTable) -> dict[TableKey, str]:
        """Note the chunks of a table; return the globs that find them once they are there."""
        found = {}
        for key in table.keys:
            data = manifest.table(key)
            if data.chunks:
                found[key] = self._note(manifest.catalog, data)
        return found

    def _note(self, catalog: Catalog, data: TableData) -> str:
        name = f"t{self._count}"
        self._count += 1
        for at, chunk in enumerate(data.chunks):
            place = self._scratch / name / f"{at:08}.parquet"
            self._places.setdefault(chunk.blob, []).append(place)
            self._chunks[chunk.blob] = catalog, data.key, chunk
        return f"{self._directory}/{name}/*.parquet"

    def wait(self) -> None:
        """Write all that was noted, each blob once."""
        total = len(self._places)
        for at, blob in enumerate(self._pool.map(self._write, self._places), 1):
            label = table_label(self._chunks[blob][1])
            self._progress(Progress("fetching", label, at, total, "files"))

    def _write(self, blob: ObjectId) -> ObjectId:
        data = read_typed_chunk(self._store, *self._chunks[blob])
        first, *others = self._places[blob]
        with git_errors(self._store.path, "write a chunk to work on"):
            for place in (first, *others):
                place.parent.mkdir(exist_ok=True)
            first.write_bytes(data)
            for place in others:
                os.link(first, place)
        return blob
