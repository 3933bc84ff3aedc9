"""Where a chunk begins: a question to each row alone.

A row begins a chunk when the stable hash of its key falls below a threshold that is
proportional to the row's own bytes. So chunks have about TARGET_BYTES whatever the
rows' width, no row's answer depends on another row, and a changed, inserted or removed
row disturbs the chunk it stands in and at most the one that it splits or joins. A
chunk is named after the hash of its first key, so no name shifts (decision 0001).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from kuzugit.canonical.columns import Columns
from kuzugit.canonical.hashing import Hashes, Sizes, key_hashes, row_sizes

TARGET_BYTES = 1 << 20
"""The mean size of a chunk. A power of two; part of the format."""

LONG = 4
"""From this many targets on, a chunk ends at a row that is WEAKER times likelier."""

WEAKER = 16

LONGEST = 16
"""At this many targets a chunk ends wherever it stands, even between equal keys."""

FIRST_NAME = "start"
"""The name of a chunk whose first row begins none: only a table's first chunk."""


@dataclass
class Cutter:
    """Cuts the ordered rows of one table into named chunks."""

    columns: Columns
    target: int = field(default_factory=lambda: TARGET_BYTES)
    _pending: list[pa.RecordBatch] = field(default_factory=list)
    _pending_bytes: int = 0
    _name: str = FIRST_NAME
    _names: dict[str, int] = field(default_factory=dict)
    _last_hash: int | None = None

    def cut(self, batches: Iterable[pa.RecordBatch]) -> Iterator[tuple[str, pa.Table]]:
        """Yield each chunk's name and rows, in order. No rows, no chunk."""
        for batch in batches:
            if batch.num_rows:
                yield from self._cut_batch(batch)
        if self._pending:
            yield self._chunk()

    def _cut_batch(self, batch: pa.RecordBatch) -> Iterator[tuple[str, pa.Table]]:
        hashes = key_hashes([batch.column(at) for at in self.columns.key])
        # ends[n] is the number of bytes before row n of this batch.
        sizes = row_sizes(batch.columns)
        ends = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(sizes)])
        done = 0
        for at in self._cuts(hashes, sizes, ends):
            self._take(batch, done, at, ends)
            if self._pending:
                yield self._chunk()
            self._name = self._unique(f"{int(hashes[at]):016x}")
            done = at
        self._take(batch, done, batch.num_rows, ends)
        self._last_hash = int(hashes[-1])

    def _take(self, batch: pa.RecordBatch, start: int, stop: int, ends: Sizes) -> None:
        if stop > start:
            self._pending.append(batch.slice(start, stop - start))
            self._pending_bytes += int(ends[stop] - ends[start])

    def _cuts(self, hashes: Hashes, sizes: Sizes, ends: Sizes) -> Iterator[int]:
        """Yield the rows of this batch at which a chunk begins."""
        first_of_key = self._first_of_key(hashes)
        strong = first_of_key & is_boundary(hashes, sizes, self.target)
        weak = first_of_key & is_boundary(hashes, sizes * WEAKER, self.target)
        rows = len(hashes)
        begin = -self._pending_bytes
        for at in (*np.flatnonzero(weak).tolist(), rows):
            for forced in self._forced(begin, at, ends):
                yield forced
                begin = int(ends[forced])
            if at < rows and (strong[at] or ends[at] - begin >= LONG * self.target):
                yield at
                begin = int(ends[at])

    def _forced(self, begin: int, stop: int, ends: Sizes) -> Iterator[int]:
        longest = LONGEST * self.target
        while ends[stop] - begin > longest:
            # At least 0: a longer row may wait alone from the batch before.
            row = max(int(np.searchsorted(ends, begin + longest, side="right")) - 1, 0)
            if ends[row] <= begin:
                # The row alone is longer than the longest chunk.
                row += 1
            if row >= stop:
                return
            yield row
            begin = int(ends[row])

    def _first_of_key(self, hashes: Hashes) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        first = np.empty(len(hashes), dtype=np.bool_)
        first[0] = self._last_hash is None or int(hashes[0]) != self._last_hash
        first[1:] = hashes[1:] != hashes[:-1]
        return first

    def _chunk(self) -> tuple[str, pa.Table]:
        table = pa.Table.from_batches(self._pending)
        self._pending = []
        self._pending_bytes = 0
        return self._name, table

    def _unique(self, name: str) -> str:
        # Cuts between equal keys give equal hashes; so do keys that collide.
        seen = self._names.get(name, 0)
        self._names[name] = seen + 1
        return f"{name}-{seen}" if seen else name


def is_boundary(
    hashes: Hashes, sizes: Sizes, target: int
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Tell of each row whether it begins a chunk: with probability size / target."""
    scaled = np.minimum(sizes, target).astype(np.uint64) * np.uint64((1 << 44) // target)
    return (hashes >> np.uint64(20)) < scaled
