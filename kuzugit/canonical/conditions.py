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
    asked = ", ".join(f"bool_or({text})" for text in conditions)
    with duckdb.connect() as connection:
        try:
            found = connection.execute(f"SELECT {asked} FROM read_parquet(?)", [str(file)])
            row = found.fetchone() or ()
        except duckdb.Error as error:
            raise SortFailed(f"the rows in {file.name} could not be read: {error}") from error
    return [at for at, value in enumerate(row) if value]
