"""The changes of a table as Parquet files, in the stored form: one for each kind of change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from kuzugit.diff.stream import Batch
from kuzugit.model.changes import SchemaChange
from kuzugit.model.row_change import Change, TableDiff


def write_rows(head: TableDiff, batches: Iterable[Batch], directory: Path) -> None:
    """Write `added.parquet`, `removed.parquet` and `changed.parquet`, those that have rows.

    Added and removed rows are under the names of their columns. Changed ones are under
    `old_<name>` and `new_<name>`, and `columns` lists the new names of what changed.
    """
    with ExitStack() as stack:
        writers: dict[Change, Any] = {}
        for batch in batches:
            for change, part in _parts(head, batch):
                if change not in writers:
                    directory.mkdir(parents=True, exist_ok=True)
                    path = directory / f"{change.value}.parquet"
                    writers[change] = stack.enter_context(pq.ParquetWriter(path, part.schema))
                writers[change].write_batch(part)


def write_schema(changes: Sequence[SchemaChange], path: Path) -> None:
    """Write the changes of the schema as one file of texts."""
    names = ("change", "kind", "name", "detail", "effect")
    columns = {name: [str(getattr(item, name)) for item in changes] for name in names}
    pq.write_table(pa.table(columns, pa.schema([(name, pa.string()) for name in names])), path)


def _parts(head: TableDiff, batch: Batch) -> Iterator[tuple[Change, pa.RecordBatch]]:
    for change in Change:
        found = batch.filter(pc.equal(batch.column("change"), change.value))
        if found.num_rows:
            yield change, _named(head, change, found)


def _named(head: TableDiff, change: Change, batch: Batch) -> pa.RecordBatch:
    fields: dict[str, pa.Array] = {}
    if change is Change.CHANGED:
        fields["columns"] = _changed_columns(head, batch)
    for mark, side, columns in (("o", "old", head.old), ("n", "new", head.new)):
        if change is (Change.ADDED if mark == "o" else Change.REMOVED):
            continue
        for at, column in enumerate(columns or ()):
            name = f"{side}_{column.name}" if change is Change.CHANGED else column.name
            fields[name] = batch.column(f"{mark}{at}")
    return pa.RecordBatch.from_arrays([*fields.values()], names=[*fields])


def _changed_columns(head: TableDiff, batch: Batch) -> pa.Array:
    order = sorted(range(len(head.shared)), key=lambda at: head.shared[at][1])
    names = [(head.new or ())[head.shared[at][1]].name for at in order]
    differs = [batch.column(f"d{at}").to_pylist() for at in order]
    rows = [
        [name for name, yes in zip(names, row, strict=True) if yes]
        for row in zip(*differs, strict=True)
    ]
    return pa.array(rows, pa.list_(pa.string()))
