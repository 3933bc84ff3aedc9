"""A table's rows to its chunks: sorted, cut and encoded, a few at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from kuzugit.canonical.chunks import Cutter
from kuzugit.canonical.columns import chunk_columns
from kuzugit.canonical.order import sorted_batches
from kuzugit.canonical.parquet import encode
from kuzugit.model.catalog import Catalog
from kuzugit.model.snapshot import ObjectId, TableKey, blob_id

_AHEAD = 4
"""Chunks that are encoded or wait at a time: two cores busy, memory bounded."""


@dataclass(frozen=True)
class EncodedChunk:
    """A chunk's name, its number of rows, its bytes and the Git id of these."""

    name: str
    rows: int
    data: bytes
    blob: ObjectId


def encode_chunks(
    source: str, expressions: Sequence[str], catalog: Catalog, key: TableKey, spill: Path
) -> Iterator[EncodedChunk]:
    """Yield the chunks of the rows of `source`, in order.

    `source` is what DuckDB reads FROM, `expressions` are its own over that, one for each
    column of a chunk. Memory does not grow with the table.
    """
    columns = chunk_columns(catalog, key)
    batches = sorted_batches(source, expressions, columns, spill)
    waiting: deque[Future[EncodedChunk]] = deque()
    with ThreadPoolExecutor(max_workers=2) as pool:
        for name, table in Cutter(columns).cut(batches):
            waiting.append(pool.submit(_encode, name, table))
            if len(waiting) >= _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _encode(name: str, table: pa.Table) -> EncodedChunk:
    data = encode(table)
    return EncodedChunk(name, table.num_rows, data, blob_id(data))
