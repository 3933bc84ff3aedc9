"""Kùzu's own way out and in: `python -m tests.bench.engine_copy export|import DB DIR`."""

from __future__ import annotations

import sys
from pathlib import Path

import kuzu


def export(path: Path, directory: Path) -> None:
    """EXPORT DATABASE to Parquet, the only format of Kùzu's that keeps most types."""
    with (
        kuzu.Database(path, read_only=True) as database,
        kuzu.Connection(database) as connection,
    ):
        connection.execute(f"EXPORT DATABASE '{directory}' (format='parquet')")


def load(path: Path, directory: Path) -> None:
    """IMPORT DATABASE into a new database, closed and so checkpointed at the end."""
    with kuzu.Database(path) as database, kuzu.Connection(database) as connection:
        connection.execute(f"IMPORT DATABASE '{directory}'")


if __name__ == "__main__":
    {"export": export, "import": load}[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
