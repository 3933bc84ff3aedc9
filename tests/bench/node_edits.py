"""Edit nodes of a generated database: `python -m tests.bench.node_edits DB HOW COUNT SEED`.

HOW is `range` (COUNT nodes whose keys follow one another) or `strewn` (COUNT random ones).
"""

from __future__ import annotations

import sys
from pathlib import Path

import kuzu
import numpy as np

_NODES = (
    "UNWIND $rows AS row MATCH (n:Requirement {id: row.id}) SET n.note = row.note, "
    "n.priority = row.priority"
)


def edit(path: Path, how: str, count: int, seed: int) -> None:
    """Change `count` nodes of the database at `path`."""
    with kuzu.Database(path) as database, kuzu.Connection(database) as connection:
        answer = connection.execute("MATCH (n:Requirement) RETURN count(*)")
        assert isinstance(answer, kuzu.QueryResult)
        (total,) = answer.get_all()[0]
        connection.execute(_NODES, {"rows": _rows(how, int(total), count, seed)})


def _rows(how: str, total: int, count: int, seed: int) -> list[dict[str, object]]:
    random = np.random.default_rng(seed)
    first = int(random.integers(0, total - count + 1))
    keys = random.choice(total, count, replace=False) if how == "strewn" else np.arange(count)
    return [
        {
            "id": key + (first if how == "range" else 0),
            "note": f"note {random.bytes(10).hex()}",
            "priority": number,
        }
        for number, key in enumerate(keys.tolist())
    ]


if __name__ == "__main__":
    edit(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
