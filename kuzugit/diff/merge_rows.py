"""The rows of a table, merged three ways by DuckDB: a file of rows, and the conflicts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from kuzugit.diff.merge_ends import (
    End,
    Ends,
    attached_query,
    crowded_query,
    dangling_query,
)
from kuzugit.diff.side import (
    ComparisonMemoryError,
    chunk_errors,
    column_types,
    connect,
    literal_paths,
)
from kuzugit.diff.stream import BATCH_ROWS, numbers_for_times
from kuzugit.diff.three_way import Place, ThreeWay
from kuzugit.model.json_value import json_value
from kuzugit.model.merge import Choice, MergeConflict
from kuzugit.model.types import Type

MEMORY_LIMIT = "512MB"
MOST_CONFLICTS = 10_000
"""Conflicts that are listed of a table; more of them say no more."""

_WHY = {
    "columns": "changed on both sides",
    "removed there": "was removed there, and changed here",
    "removed here": "was removed here, and changed there",
    "several": "there are several, and both sides changed them",
}


@dataclass(frozen=True)
class Rows:
    """The chunk files of one side, and what the merged table calls their columns.

    A side without the table has no columns; one that the merged table has not, or has with
    another type, has the empty name.
    """

    files: tuple[Path, ...] = ()
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class FillValue:
    """One value: that of a column, by number, in the one row of a Parquet file."""

    file: Path
    column: int


@dataclass(frozen=True)
class MergeTable:
    """One table of a merge: what it is called, its columns, and the rows of each side.

    `schema` and `types` are those of the merged table's chunks, `key` the positions of its
    identity. `several` tells that an identity may have many rows. `kept` are files of
    `write_dangling`, and whether the nodes that ours has stay, or the others. `fill` says
    what stands where a side lacks a column, by its position; without it NULL. `apart` tells
    that both sides added a column, each with another default.
    """

    label: str
    schema: pa.Schema
    types: tuple[Type, ...]
    key: tuple[int, ...]
    several: bool
    base: Rows
    theirs: Rows
    ours: Rows
    choice: Choice | None = None
    kept: tuple[tuple[Path, bool], ...] = ()
    fill: Mapping[int, FillValue] = field(default_factory=dict)
    apart: bool = False


class RowMerger:
    """Merges the rows of tables. Use it in a `with` statement.

    DuckDB holds 512 MB at most; what does not fit goes to `directory`, which is empty.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._connection: duckdb.DuckDBPyConnection | None = None

    def __enter__(self) -> RowMerger:
        self._connection = connect(MEMORY_LIMIT, self._directory / "spill", 2)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._connection is not None:
            self._connection.close()

    def conflicts(self, table: MergeTable) -> Iterator[MergeConflict]:
        """Yield what both sides changed, in the order of the key, at most MOST_CONFLICTS.

        Raises UnreadableChunksError, ComparisonMemoryError.
        """
        names = table.schema.names
        found = 0
        with chunk_errors(table.label):
            query = self._plan(table)
            for batch in self._open.sql(query.conflicts).to_arrow_reader(BATCH_ROWS):
                for row in _dicts(batch):
                    for conflict in _conflicts_of(table, query.shared, names, row):
                        found += 1
                        if found > MOST_CONFLICTS:
                            return
                        yield conflict

    def write(self, table: MergeTable, path: Path) -> None:
        """Write the merged rows to a new file, with columns c0, c1, ..., in no order.

        Conflicts without a choice are as ours. Raises as `conflicts` does.
        """
        with chunk_errors(table.label):
            query = self._plan(table).merged
        self._write(table.label, query, table.schema, path)

    def write_dangling(self, end: End, nodes: Ends, ours: Ends, path: Path) -> int:
        """Write the ends that no row of `nodes` has to a new file; return how many.

        Beside each stands whether `ours` has such a node. Raises as `conflicts` does.
        """
        label = end.rels.label
        with chunk_errors(label):
            rels, among, here = (self._ends(item) for item in (end.rels, nodes, ours))
            if rels is None:
                return 0
            none = f"(SELECT * FROM {rels} WHERE false)"
            key = nodes.key if among is not None else end.place
            query = dangling_query(rels, end.place, among or none, key, here)
            reader = self._open.sql(query).to_arrow_reader(BATCH_ROWS)
            return _written(label, path, reader.schema, reader)

    def lost_ends(self, label: str, path: Path) -> Iterator[tuple[object, bool]]:
        """Yield what `write_dangling` wrote, at most MOST_CONFLICTS: the end, and if it is ours."""
        with chunk_errors(label):
            table = pq.read_table(path).slice(0, MOST_CONFLICTS)
        for batch in table.to_batches():
            columns = [numbers_for_times(column).to_pylist() for column in batch.columns]
            yield from zip(*columns, strict=True)

    def crowded(self, end: End) -> Iterator[tuple[object, int]]:
        """Yield the ends that have several rels, and how many; at most MOST_CONFLICTS."""
        with chunk_errors(end.rels.label):
            source = self._ends(end.rels)
            if source is None:
                return
            query = f"{crowded_query(source, end.place)} LIMIT {MOST_CONFLICTS}"
            for batch in self._open.sql(query).to_arrow_reader(BATCH_ROWS):
                columns = [numbers_for_times(column).to_pylist() for column in batch.columns]
                yield from zip(*columns, strict=True)

    def write_attached(
        self, rels: Ends, nodes: Sequence[Ends], schema: pa.Schema, path: Path
    ) -> None:
        """Write the rels of which both ends are among `nodes` to a new file, as `write`."""
        with chunk_errors(rels.label):
            source = self._ends(rels)
            sides = [(self._ends(item), item.key) for item in nodes]
        assert source is not None, "without rels none has lost an end"
        none = f"(SELECT c0 AS c{{}} FROM {source} WHERE false)"
        starts, ends = ((item or none.format(key), key) for item, key in sides)
        self._write(rels.label, attached_query(source, starts, ends), schema, path)

    def _ends(self, table: Ends) -> str | None:
        return self._source(table.label, table.files, table.width) if table.files else None

    def _write(self, label: str, query: str, schema: pa.Schema, path: Path) -> None:
        schema = pa.schema([pa.field(f"c{at}", item.type) for at, item in enumerate(schema)])
        with chunk_errors(label):
            reader = self._open.sql(query).to_arrow_reader(BATCH_ROWS)
            _written(label, path, schema, (_cast(batch, schema) for batch in reader))

    def _plan(self, table: MergeTable) -> ThreeWay:
        label, width = table.label, len(table.schema)
        empty = self._directory / "empty.parquet"
        names = [f"c{at}" for at in range(width)]
        fill = self._directory / "fill.parquet"
        nothing, row = (
            item.rename_columns(names) for item in (table.schema.empty_table(), _fill_row(table))
        )
        _written(label, empty, nothing.schema, nothing.to_batches())
        _written(label, fill, row.schema, row.to_batches())
        sides = [self._side(table, rows, empty) for rows in (table.base, table.theirs, table.ours)]
        places = [
            Place(*(columns.get(name) for _, columns in sides)) for name in table.schema.names
        ]
        kept = " UNION ALL ".join(
            f"SELECT k0 FROM {_named([path], ['k0', 'here'])} WHERE here = {ours}"
            for path, ours in table.kept
        )
        return ThreeWay(
            base=sides[0][0],
            theirs=sides[1][0],
            ours=sides[2][0],
            fill=self._source(label, [fill], width),
            places=tuple(places),
            types=column_types(self._open, label, [empty], width),
            key=table.key,
            several=table.several,
            choice=table.choice,
            kept=f"({kept})" if kept else None,
            apart=table.apart,
        )

    def _side(self, table: MergeTable, rows: Rows, empty: Path) -> tuple[str, dict[str, int]]:
        names = list(rows.columns or table.schema.names)
        files = rows.files
        if not files and rows.columns:
            # A table without rows: its columns are there, as the merged table has them.
            names = [name for name in table.schema.names if name in rows.columns]
            at = [table.schema.names.index(name) for name in names]
            columns = ", ".join(f"c{place} AS c{number}" for number, place in enumerate(at))
            source = (
                f"(SELECT {columns} FROM {self._source(table.label, [empty], len(table.schema))})"
            )
            return source, {name: number for number, name in enumerate(names)}
        source = self._source(table.label, files or (empty,), len(names))
        return source, {name: number for number, name in enumerate(names)}

    def _source(self, label: str, files: Sequence[Path], width: int) -> str:
        column_types(self._open, label, files, width)
        return _named(files, [f"c{at}" for at in range(width)])

    @property
    def _open(self) -> duckdb.DuckDBPyConnection:
        assert self._connection is not None, "outside of its `with` statement"
        return self._connection


def _named(files: Sequence[Path], names: Sequence[str]) -> str:
    quoted = ("'" + path.replace("'", "''") + "'" for path in literal_paths(files))
    return f"(SELECT * FROM read_parquet([{', '.join(quoted)}]) AS p({', '.join(names)}))"


def count_nulls(label: str, path: Path, at: int) -> int:
    """Return how many rows that `RowMerger.write` wrote have no value in a column."""
    with chunk_errors(label):
        batches = pq.ParquetFile(path).iter_batches(columns=[f"c{at}"])
        return sum(batch.column(0).null_count for batch in batches)


def _written(label: str, path: Path, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> int:
    """Write a Parquet file of the table `label`; return its rows. Raises ComparisonMemoryError.

    What goes wrong while `batches` are made is the caller's.
    """
    rows = 0
    with ExitStack() as stack:
        with _making_room(label):
            writer = pq.ParquetWriter(path, schema)
        stack.callback(_close, label, writer)
        for batch in batches:
            rows += batch.num_rows
            with _making_room(label):
                writer.write_batch(batch)
    return rows


def _close(label: str, writer: pq.ParquetWriter) -> None:
    with _making_room(label):
        writer.close()


@contextmanager
def _making_room(label: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ComparisonMemoryError(label) from error


def _cast(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    columns = zip(batch.columns, schema, strict=True)
    return pa.RecordBatch.from_arrays(
        [column.cast(item.type) for column, item in columns], schema=schema
    )


def _fill_row(table: MergeTable) -> pa.Table:
    columns = [
        pq.read_table(table.fill[at].file).column(table.fill[at].column).cast(item.type)
        if at in table.fill
        else pa.nulls(1, item.type)
        for at, item in enumerate(table.schema)
    ]
    return pa.Table.from_arrays(columns, schema=table.schema)


def _dicts(batch: pa.RecordBatch) -> Iterator[dict[str, object]]:
    columns = [numbers_for_times(column).to_pylist() for column in batch.columns]
    for row in zip(*columns, strict=True):
        yield dict(zip(batch.schema.names, row, strict=True))


def _conflicts_of(
    table: MergeTable, shared: list[int], names: list[str], row: dict[str, object]
) -> Iterator[MergeConflict]:
    key = tuple(
        json_value(table.types[at], row[f"k{number}"]) for number, at in enumerate(table.key)
    )
    why = str(row["why"])
    if why != "columns":
        yield MergeConflict(table.label, key, "", _WHY[why])
        return
    for at in shared:
        if row[f"f{at}"]:
            base, theirs, ours = (json_value(table.types[at], row[f"{side}{at}"]) for side in "bto")
            yield MergeConflict(table.label, key, names[at], _WHY[why], base, theirs, ours)
