"""Run statements on a database: `python -m tests.bench.statements DB STATEMENT...`."""

from __future__ import annotations

import sys

import kuzu

if __name__ == "__main__":
    with kuzu.Database(sys.argv[1]) as database, kuzu.Connection(database) as connection:
        for statement in sys.argv[2:]:
            connection.execute(statement)
