"""Which nodes have a rel in the chunks of a rel table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from kuzugit.diff.matching import Source
from kuzugit.diff.side import chunk_errors, column_types, connect, literal_paths
from kuzugit.diff.stream import MEMORY_LIMIT, without_times


def keys_with_rels(
    table: str,
    files: Sequence[Path],
    schema: pa.Schema,
    position: int,
    keys: Sequence[Any],
    temp_directory: Path,
) -> set[int]:
    """Return the indexes of the `keys` that stand at `position` (0 from, 1 to) of a rel.

    `keys` are in the stored form, times as whole numbers. Raises UnreadableChunksError,
    ComparisonMemoryError.
    """
    if not files or not keys:
        return set()
    type_ = schema.field(position).type
    asked = pa.table(
        {
            "number": pa.array(range(len(keys)), pa.int64()),
            "k": pa.array(keys, without_times(type_)).cast(type_),
        }
    )
    with chunk_errors(table), connect(MEMORY_LIMIT, temp_directory, threads=2) as connection:
        types = column_types(connection, table, files, len(schema))
        source = Source(tuple(literal_paths(files)), types)
        connection.register("asked", asked)
        query = f"SELECT number FROM asked WHERE k IN (SELECT c{position} FROM {source})"
        return {int(row[0]) for row in connection.execute(query).fetchall()}
