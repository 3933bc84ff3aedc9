"""A seeded graph of requirements, as Parquet files and as a Kùzu database.

Runs as a process of its own (`python -m tests.bench.generator DIR NODES RELS [edited]`), so
that the memory of the benchmark stays small: Linux counts it into that of its children. With
`edited` every row differs from the one without.
"""

from __future__ import annotations

import sys
from binascii import hexlify
from pathlib import Path

import kuzu
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

SEED = 42
SCHEMA = (
    "CREATE NODE TABLE Requirement(id INT64 PRIMARY KEY, title STRING, priority INT64, "
    "score DOUBLE, active BOOL, due DATE, created TIMESTAMP, note STRING)",
    "CREATE REL TABLE depends_on(FROM Requirement TO Requirement, weight DOUBLE, kind INT64)",
)
_FIRST_DAY = np.datetime64("2020-01-01", "D")
_FIRST_SECOND = np.datetime64("2020-01-01T00:00:00", "us")


def nodes(count: int) -> pa.Table:
    """Return `count` requirements in a random order: a key and seven properties."""
    random = np.random.default_rng(SEED)
    keys = random.permutation(count)
    days = random.integers(0, 2_000, count).astype("timedelta64[D]")
    seconds = random.integers(0, 100_000_000, count).astype("timedelta64[s]")
    return pa.table(
        {
            "id": keys,
            "title": _text("Requirement number ", pa.array(keys), _words(random, count, 6)),
            "priority": random.integers(0, 1_000, count),
            "score": random.integers(0, 100_000, count) / 1_000,
            "active": random.integers(0, 2, count).astype(bool),
            "due": _FIRST_DAY + days,
            "created": _FIRST_SECOND + seconds,
            "note": _text("note ", _words(random, count, 10)),
        }
    )


def rels(count: int, node_count: int) -> pa.Table:
    """Return `count` dependencies between random requirements, with two properties."""
    random = np.random.default_rng(SEED + 1)
    return pa.table(
        {
            "from": random.integers(0, node_count, count),
            "to": random.integers(0, node_count, count),
            "weight": random.integers(0, 1_000, count) / 10,
            "kind": random.integers(0, 50, count),
        }
    )


def build(directory: Path, node_count: int, rel_count: int, *, edited: bool = False) -> None:
    """Write `nodes.parquet`, `rels.parquet` and `base.kuzu` into a new `directory`."""
    directory.mkdir(parents=True)
    tables = nodes(node_count), rels(rel_count, node_count)
    if edited:
        tables = _edited(tables[0], "priority"), _edited(tables[1], "kind")
    pq.write_table(tables[0], directory / "nodes.parquet")
    pq.write_table(tables[1], directory / "rels.parquet")
    with (
        kuzu.Database(directory / "base.kuzu") as database,
        kuzu.Connection(database) as connection,
    ):
        for statement in SCHEMA:
            connection.execute(statement)
        connection.execute(f"COPY Requirement FROM '{directory}/nodes.parquet'")
        connection.execute(f"COPY depends_on FROM '{directory}/rels.parquet'")
        connection.execute("CHECKPOINT")


def _edited(table: pa.Table, column: str) -> pa.Table:
    at = table.column_names.index(column)
    return table.set_column(at, column, pc.add(table.column(column), 1_000))


def _words(random: np.random.Generator, count: int, size: int) -> pa.Array:
    # Half as random as it is long: hexadecimal digits of `size` random bytes each.
    digits = hexlify(random.bytes(size * count))
    packed = pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(2 * size), count, [None, pa.py_buffer(digits)]
    )
    return pc.cast(pc.cast(packed, pa.binary()), pa.string())


def _text(prefix: str, *columns: pa.Array) -> pa.Array:
    strings = [pc.cast(column, pa.string()) for column in columns]
    joined = pc.binary_join_element_wise(*strings, " ") if len(strings) > 1 else strings[0]
    return pc.binary_join_element_wise(pa.scalar(prefix), joined, "")


if __name__ == "__main__":
    build(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), edited=len(sys.argv) > 4)
