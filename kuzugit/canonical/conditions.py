"""Conditions asked of all rows of a raw Parquet file at once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from kuzugit.canonical.order import SortFailed


def which_hold(file: Path, conditions: Sequence[str]) -> list[int]:
    """Return the positions of those DuckDB conditions that are true of a row in `file`."""
    if not conditions:
        return []
    # One question each: so the file's own statistics answer those of plain columns.
    exists = (f"EXISTS (SELECT 1 FROM read_parquet($file) WHERE {text})" for text in conditions)
    with duckdb.connect() as connection:
        try:
            found = connection.execute(f"SELECT {', '.join(exists)}", {"file": str(file)})
            row = found.fetchone() or ()
        except duckdb.Error as error:
            raise SortFailed(f"read the rows in {file.name}", error) from None
    return [at for at, value in enumerate(row) if value]
