"""Chunks as the canonical form writes them, from plain Python rows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

Row = tuple[Any, ...]


def write_chunks(
    folder: Path, rows: Sequence[Row], columns: Sequence[tuple[str, pa.DataType]], size: int = 3
) -> list[Path]:
    """Write `rows` in chunks of `size` rows and return the files, at least one."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for start in range(0, max(len(rows), 1), size):
        part = rows[start : start + size]
        arrays = [
            pa.array([row[at] for row in part], type_) for at, (_, type_) in enumerate(columns)
        ]
        file = folder / f"{start:06}.parquet"
        pq.write_table(pa.Table.from_arrays(arrays, [name for name, _ in columns]), file)
        files.append(file)
    return files
