"""The rows of a chunk, as those of a change."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from kuzugit.diff.stream import BATCH_ROWS, numbers_for_times
from kuzugit.model.row_change import Row


def chunk_rows(table: pa.Table) -> Iterator[Row]:
    """Yield the rows of a chunk, dates and times as whole numbers."""
    for batch in table.to_batches(BATCH_ROWS):
        columns = [numbers_for_times(item).to_pylist() for item in batch.columns]
        yield from zip(*columns, strict=True)
