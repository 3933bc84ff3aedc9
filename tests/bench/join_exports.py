"""What one would do without kuzugit: DuckDB compares two directories of EXPORT DATABASE.

`python -m tests.bench.join_exports OLD NEW`: the nodes by a FULL JOIN on their key, the rels,
which have none, by EXCEPT ALL in both directions. Every row that differs is written out.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

_NODE_VALUES = ("title", "priority", "score", "active", "due", "created", "note")


def differences(old: Path, new: Path) -> Iterator[tuple[Any, ...]]:
    """Yield the rows that differ, as tuples that begin with what happened."""
    with duckdb.connect(":memory:") as connection:
        for query in (_nodes(old, new), _rels("removed", old, new), _rels("added", new, old)):
            found = connection.execute(query)
            while rows := found.fetchmany(10_000):
                yield from rows


def _nodes(old: Path, new: Path) -> str:
    # Kùzu calls the columns of an export `a.id`, `a.title`, ...
    names = ", ".join(("id", *_NODE_VALUES))
    sides = [
        f"'{side}/Requirement.parquet' AS {name}({names})"
        for side, name in ((old, "o"), (new, "n"))
    ]
    differs = " OR ".join(f"o.{name} IS DISTINCT FROM n.{name}" for name in _NODE_VALUES)
    return (
        "SELECT CASE WHEN o.id IS NULL THEN 'added' WHEN n.id IS NULL THEN 'removed' "
        f"ELSE 'changed' END, o.*, n.* FROM {sides[0]} FULL JOIN {sides[1]} ON o.id = n.id "
        f"WHERE o.id IS NULL OR n.id IS NULL OR {differs} ORDER BY coalesce(o.id, n.id)"
    )


def _rels(what: str, one: Path, other: Path) -> str:
    name = "depends_on_Requirement_Requirement.parquet"
    return (
        f"SELECT '{what}', * FROM (SELECT * FROM '{one}/{name}' "
        f"EXCEPT ALL SELECT * FROM '{other}/{name}')"
    )


if __name__ == "__main__":
    for row in differences(Path(sys.argv[1]), Path(sys.argv[2])):
        sys.stdout.write(f"{row}\n")
