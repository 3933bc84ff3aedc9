"""The row changes of a table as a stream: batches of Arrow, then rows of Python."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TypeAlias

import duckdb
import pyarrow as pa

from kuzugit.diff.matching import Source, both_sides_query, one_side_query
from kuzugit.diff.selection import ALL, Selection
from kuzugit.diff.side import (
    UnreadableChunksError,
    chunk_errors,
    column_types,
    connect,
    literal_paths,
)
from kuzugit.model.row_change import Change, Column, Row, RowChange, TableDiff

Batch: TypeAlias = pa.RecordBatch
"""Changes as `kuzugit.diff.matching` names their columns: values in the stored form."""

BATCH_ROWS = 1 << 12
MEMORY_LIMIT = "256MB"


@dataclass(frozen=True)
class Schemas:
    """The Arrow schemas of the chunks of both sides; None where a side has no such table."""

    old: pa.Schema | None
    new: pa.Schema | None


class Matcher:
    """Compares chunk files. Use it in a `with` statement.

    DuckDB holds `memory_limit` at most; what does not fit goes to `temp_directory`.
    """

    def __init__(
        self, temp_directory: Path, *, memory_limit: str = MEMORY_LIMIT, threads: int = 2
    ) -> None:
        self._settings = (memory_limit, temp_directory, threads)
        self._connection: duckdb.DuckDBPyConnection | None = None

    def __enter__(self) -> Matcher:
        self._connection = connect(*self._settings, ordered=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._connection is not None:
            self._connection.close()

    def batches(
        self,
        head: TableDiff,
        schemas: Schemas,
        old_files: Sequence[Path],
        new_files: Sequence[Path],
        selection: Selection = ALL,
    ) -> Iterator[Batch]:
        """Yield the changes between two sets of chunks of one table.

        Rows are compared as multisets, so it means nothing where a chunk begins. Ordered by
        key; where the key itself changed, the removed rows come before the added ones.
        Raises UnreadableChunksError, ComparisonMemoryError.
        """
        if old_files and new_files and head.identity:
            yield from self._both(head, schemas, old_files, new_files, selection)
            return
        wanted = selection.changes or frozenset(Change)
        if old_files and Change.REMOVED in wanted:
            yield from self._one(head, schemas, old_files, Change.REMOVED, selection)
        if new_files and Change.ADDED in wanted:
            yield from self._one(head, schemas, new_files, Change.ADDED, selection)

    def _both(
        self,
        head: TableDiff,
        schemas: Schemas,
        old_files: Sequence[Path],
        new_files: Sequence[Path],
        selection: Selection,
    ) -> Iterator[Batch]:
        with chunk_errors(head.key.table):
            old = self._source(head.old_key.table, old_files, head.old)
            new = self._source(head.key.table, new_files, head.new)
        yield from self._run(head, schemas, both_sides_query(head, old, new, selection))

    def _one(
        self,
        head: TableDiff,
        schemas: Schemas,
        files: Sequence[Path],
        change: Change,
        selection: Selection,
    ) -> Iterator[Batch]:
        own, other = (head.old, head.new) if change is Change.REMOVED else (head.new, head.old)
        with chunk_errors(head.key.table):
            side = self._source(head.key.table, files, own)
        query = one_side_query(head, side, change, selection, len(other or ()))
        yield from self._run(head, schemas, query)

    def _source(
        self, table: str, files: Sequence[Path], columns: Sequence[Column] | None
    ) -> Source:
        types = column_types(self._open, table, files, len(columns or ()))
        return Source(tuple(literal_paths(files)), types)

    def _run(self, head: TableDiff, schemas: Schemas, query: str) -> Iterator[Batch]:
        schema = batch_schema(head, schemas)
        with chunk_errors(head.key.table):
            for batch in self._open.sql(query).to_arrow_reader(BATCH_ROWS):
                if batch.num_rows:
                    yield _typed(head.key.table, batch, schema)

    @property
    def _open(self) -> duckdb.DuckDBPyConnection:
        assert self._connection is not None, "outside of its `with` statement"
        return self._connection


def batch_schema(head: TableDiff, schemas: Schemas) -> pa.Schema:
    """Return the schema of the batches of a table."""
    fields = [pa.field("change", pa.string())]
    for side, schema in (("o", schemas.old), ("n", schemas.new)):
        types = [] if schema is None else schema.types
        fields += [pa.field(f"{side}{at}", type_) for at, type_ in enumerate(types)]
    fields += [pa.field(f"d{at}", pa.bool_()) for at in range(len(head.shared))]
    return pa.schema(fields)


def empty_batch(head: TableDiff, schemas: Schemas) -> Batch:
    """Return a batch of a table without rows."""
    schema = batch_schema(head, schemas)
    arrays = [pa.array([], field.type) for field in schema]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def row_changes(head: TableDiff, batches: Iterator[Batch]) -> Iterator[RowChange]:
    """Yield the changes of `batches`, one by one."""
    # (number among the shared columns, new name), in the order of the new side.
    names = [
        (number, (head.new or ())[at].name)
        for number, (_, at) in sorted(enumerate(head.shared), key=lambda item: item[1][1])
        if head.new is not None
    ]
    for batch in batches:
        old = _rows(batch, "o", len(head.old or ()))
        new = _rows(batch, "n", len(head.new or ()))
        differs = _rows(batch, "d", len(head.shared))
        for at, text in enumerate(batch.column("change").to_pylist()):
            change, flags = _KINDS[text], differs[at]
            columns: tuple[str, ...] = ()
            if change is Change.CHANGED:
                columns = tuple([name for number, name in names if flags[number]])
            row, key = (
                (old[at], head.old_key_at)
                if change is Change.REMOVED
                else (new[at], head.new_key_at)
            )
            yield RowChange(
                head.key,
                change,
                tuple([row[place] for place in key]),
                None if change is Change.ADDED else old[at],
                None if change is Change.REMOVED else new[at],
                columns,
            )


_KINDS = {str(change): change for change in Change}


def _rows(batch: Batch, side: str, width: int) -> list[Row]:
    columns = [numbers_for_times(batch.column(f"{side}{at}")).to_pylist() for at in range(width)]
    return list(zip(*columns, strict=True)) if columns else [()] * batch.num_rows


def _typed(table: str, batch: Batch, schema: pa.Schema) -> Batch:
    try:
        arrays = [
            array if array.type == field.type else array.cast(field.type)
            for array, field in zip(batch.columns, schema, strict=True)
        ]
    except pa.ArrowException as error:
        raise UnreadableChunksError(table, "its values are not of the types it has") from error
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def numbers_for_times(column: pa.Array) -> pa.Array:
    """Return the column with whole numbers for dates and times.

    Python knows the years 1 to 9999 alone.
    """
    wanted = without_times(column.type)
    return column if wanted == column.type else column.cast(wanted)


def without_times(type_: pa.DataType) -> pa.DataType:
    """Return the type in which dates and times are whole numbers."""
    if pa.types.is_date32(type_):
        return pa.int32()
    if pa.types.is_timestamp(type_):
        return pa.int64()
    if pa.types.is_list(type_):
        return pa.list_(pa.field("element", without_times(type_.value_type)))
    if pa.types.is_struct(type_):
        return pa.struct([pa.field(item.name, without_times(item.type)) for item in type_])
    if pa.types.is_map(type_):
        return pa.map_(without_times(type_.key_type), without_times(type_.item_type))
    return type_
