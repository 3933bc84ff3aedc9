"""A patch of one table merged into rows: what fits is done, what does not is a conflict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from kuzugit.diff.chunk_rows import chunk_rows
from kuzugit.diff.stream import BATCH_ROWS, numbers_for_times, without_times
from kuzugit.model.patch import PatchRow, PatchTable
from kuzugit.model.row_change import Change, Row

Report = Callable[[Row, str, str], None]
"""Takes the key of a conflict, the column or nothing, and why."""


@dataclass
class Merging:
    """Merges the changes of one table.

    `old_key` and `new_key` are the positions of the key in rows of both sides,
    `names` the columns of the new side, `schema` theirs in Arrow.
    """

    table: PatchTable
    old_key: tuple[int, ...]
    new_key: tuple[int, ...]
    names: Sequence[str]
    schema: pa.Schema
    report: Report
    _by_key: dict[str, list[PatchRow]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for row in self.table.rows:
            self._by_key.setdefault(repr(self._identity(row)), []).append(row)

    def merged(self, tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
        """Yield the rows of `tables`, changed; in no order."""
        if not self.table.columns:
            yield self._replaced(tables)
            return
        found: dict[str, list[Row]] = {}
        for table in tables:
            for batch in table.to_batches(BATCH_ROWS):
                touched = self._touched(batch)
                if any(touched):
                    for row in chunk_rows(pa.Table.from_batches([batch.filter(_mask(touched))])):
                        found.setdefault(repr(self._key_of(row, self.old_key)), []).append(row)
                yield self._moved(batch.filter(_mask([not yes for yes in touched])))
        yield self.arrow(row for key in self._by_key for row in self._changed(key, found))

    def write(self, path: Path, tables: Iterable[pa.Table], names: Sequence[str]) -> None:
        """Write the merged rows to a new file, with columns of these names, in no order."""
        schema = pa.schema(
            [pa.field(name, item.type) for name, item in zip(names, self.schema, strict=True)]
        )
        with pq.ParquetWriter(path, schema) as writer:
            for table in self.merged(tables):
                writer.write_table(table.rename_columns(list(names)).cast(schema))

    def arrow(self, rows: Iterable[Row]) -> pa.Table:
        """Return rows as Arrow."""
        columns = list(zip(*rows, strict=True)) or [()] * len(self.schema)
        arrays = [
            pa.array(values, without_times(item.type)).cast(item.type)
            for values, item in zip(columns, self.schema, strict=True)
        ]
        return pa.Table.from_arrays(arrays, schema=self.schema)

    def _touched(self, batch: pa.RecordBatch) -> list[bool]:
        keys = (numbers_for_times(batch.column(at)).to_pylist() for at in self.old_key)
        return [repr(key) in self._by_key for key in zip(*keys, strict=True)]

    def _moved(self, batch: pa.RecordBatch) -> pa.Table:
        sources = {b: a for a, b in self.table.columns}
        arrays = [batch.column(sources[at]) for at in range(len(self.schema))]
        return pa.Table.from_arrays(arrays, schema=self.schema)

    def _changed(self, key: str, found: dict[str, list[Row]]) -> Iterator[Row]:
        """Yield the rows under one key after the patch."""
        rows = found.get(key, [])
        several = len(self.old_key) > 1
        for change in self._by_key[key]:
            if change.change is Change.ADDED:
                if rows and not several:
                    self._say(change, "", "is there already")
                yield change.new or ()
                continue
            at = self._place(change, rows)
            if at is None:
                self._say(change, "", "is not there" if not rows else "is not as the patch says")
                continue
            row = rows.pop(at)
            if change.change is Change.CHANGED:
                yield self._updated(change, row)
            else:
                self._compare(change, row, range(len(row)))
        yield from map(self._as_new, rows)

    def _place(self, change: PatchRow, rows: list[Row]) -> int | None:
        texts = [repr(row) for row in rows]
        if repr(change.old) in texts:
            return texts.index(repr(change.old))
        # Several rels of one pair cannot be told apart by anything but their values.
        return 0 if len(rows) == 1 else None

    def _updated(self, change: PatchRow, row: Row) -> Row:
        self._compare(change, row, [a for a, _ in change.columns])
        updated = list(self._as_new(row))
        for _, b in change.columns:
            updated[b] = (change.new or ())[b]
        return tuple(updated)

    def _compare(self, change: PatchRow, row: Row, positions: Iterable[int]) -> None:
        new_at = dict(self.table.columns)
        for at in positions:
            if repr(row[at]) != repr((change.old or ())[at]):
                self._say(change, self.names[new_at[at]], "is not as the patch says")

    def _as_new(self, row: Row) -> Row:
        sources = {b: a for a, b in self.table.columns}
        return tuple(row[sources[at]] for at in range(len(sources)))

    def _replaced(self, tables: Iterable[pa.Table]) -> pa.Table:
        gone = Counter(repr(row.old) for row in self.table.rows if row.old is not None)
        for table in tables:
            for row in chunk_rows(table):
                if gone[repr(row)] > 0:
                    gone[repr(row)] -= 1
                else:
                    why = "is not in the patch, which replaces the whole table"
                    self.report(self._key_of(row, self.old_key), "", why)
        for change in self.table.rows:
            if change.old is not None and gone[repr(change.old)] > 0:
                gone[repr(change.old)] -= 1
                self._say(change, "", "is not there, or not as the patch says")
        return self.arrow(row.new for row in self.table.rows if row.new is not None)

    def _identity(self, row: PatchRow) -> Row:
        if row.old is not None:
            return self._key_of(row.old, self.old_key)
        return self._key_of(row.new or (), self.new_key)

    def _key_of(self, row: Row, at: tuple[int, ...]) -> Row:
        return tuple(row[position] for position in at)

    def _say(self, change: PatchRow, column: str, why: str) -> None:
        self.report(self._identity(change), column, why)


def _mask(values: list[bool]) -> pa.Array:
    return pa.array(values, pa.bool_())
