"""What a push sends: counted where it leaves, by a script between git and the other store."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from tests.bench.figures import BYTES, Bench, Figure

_TEE = '#!/bin/sh\ntee -- "{sent}" | git-receive-pack "$@"\n'


def measure_travels(bench: Bench, say: Callable[[str], None]) -> Iterator[Figure]:
    """Yield the figures of transfers."""
    say("push")
    yield _push(bench)


def _push(bench: Bench) -> Figure:
    directory = bench.live("travel")
    bench.commit(directory)
    sent = bench.directory / "sent"
    _share(bench, directory, sent)
    bench.runner.kuzugit("push", "-q", directory=directory)
    ours, rival = [], []
    for number in range(bench.sizes.repeats):
        count, seed = bench.sizes.edits, 300 + number
        database = directory / "db.kuzu"
        bench.runner.module(
            "node_edits", database, "strewn", count, seed, directory=bench.directory
        )
        bench.commit(directory)
        bench.runner.kuzugit("push", "-q", directory=directory)
        ours.append(float(sent.stat().st_size))
        rival.append(float(rows_as_csv(bench.source / "nodes.parquet", count, seed)))
    bench.expect_commits(directory, 1 + bench.sizes.repeats)
    shutil.rmtree(directory)
    name = f"bytes sent by a push of {bench.sizes.edits} edited rows / of the rows as CSV"
    return Figure(name, 10, BYTES, tuple(ours), tuple(rival))


def _share(bench: Bench, directory: Path, sent: Path) -> None:
    """Give the store of `directory` an origin; what is pushed to it is written to `sent`, too."""
    script = bench.directory / "receive-pack"
    script.write_text(_TEE.format(sent=sent))
    script.chmod(0o755)
    bench.runner.run("git", "init", "-q", "--bare", "shared.git", directory=directory)
    bench.runner.kuzugit("remote", "add", "origin", "shared.git", directory=directory)
    config = ("config", "--file", ".kuzugit/config", "remote.origin.receivepack", str(script))
    bench.runner.run("git", *config, directory=directory)


def rows_as_csv(nodes: Path, count: int, seed: int) -> int:
    """Return how many bytes `count` random rows of the generated nodes take as CSV."""
    table = pq.read_table(nodes)
    chosen = np.random.default_rng(seed).choice(table.num_rows, count, replace=False)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(
        row.values() for row in table.take(chosen).to_pylist()
    )
    return len(text.getvalue().encode())
