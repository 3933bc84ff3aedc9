"""Edit random rows of a generated database: `python -m tests.bench.edits DIR DB COUNT SEED`."""

from __future__ import annotations

import sys
from pathlib import Path

import kuzu
import numpy as np
import pyarrow.parquet as pq

_NODE = "MATCH (n:Requirement {id: $id}) SET n.note = $note"
_REL = (
    "MATCH (:Requirement {id: $from})-[r:depends_on]->(:Requirement {id: $to}) "
    "SET r.weight = $weight"
)


def edit(source: Path, path: Path, count: int, seed: int) -> None:
    """Change `count` rows of the database at `path`, each node and rel as likely as another.

    `source` holds the Parquet files that the database was made from.
    """
    random = np.random.default_rng(seed)
    ends = pq.read_table(source / "rels.parquet", columns=["from", "to"])
    node_count = pq.read_metadata(source / "nodes.parquet").num_rows
    chosen = random.choice(node_count + ends.num_rows, count, replace=False)
    with kuzu.Database(path) as database, kuzu.Connection(database) as connection:
        node, rel = connection.prepare(_NODE), connection.prepare(_REL)
        connection.execute("BEGIN TRANSACTION")
        for row in chosen.tolist():
            if row < node_count:
                note = f"note {random.bytes(10).hex()}"
                connection.execute(node, {"id": row, "note": note})
            else:
                pair = {name: ends[name][row - node_count].as_py() for name in ("from", "to")}
                connection.execute(rel, {**pair, "weight": float(random.random())})
        connection.execute("COMMIT")


if __name__ == "__main__":
    edit(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
