"""The figure of `kuzugit sync`: the second time, after a few edited rows, against the first."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.bench.figures import SECONDS, Bench, Figure

_OWN = (
    "CREATE NODE TABLE Component(name STRING PRIMARY KEY, mass DOUBLE)",
    "UNWIND range(1, 1000) AS i CREATE (:Component {name: CAST(i AS STRING), mass: i * 0.5})",
)


def measure_syncs(bench: Bench, say: Callable[[str], None]) -> Iterator[Figure]:
    """Yield the figure; `bench` has generated its source."""
    say("sync")
    there = bench.live("requirement")
    bench.commit(there)
    first, second = [], []
    for number in range(bench.sizes.repeats):
        here = _target(bench, number)
        first.append(_sync(bench, here))
        bench.edit(there, bench.sizes.edits, seed=200 + number)
        bench.commit(there)
        second.append(_sync(bench, here))
        bench.expect_commits(here, 3)
        shutil.rmtree(here)
    shutil.rmtree(there)
    name = f"second sync after {bench.sizes.edits} edited rows / first sync"
    yield Figure(name, 0.5, SECONDS, tuple(second), tuple(first))


def _target(bench: Bench, number: int) -> Path:
    """Make a store with a small table of its own, which knows the other by its path."""
    directory = bench.directory / f"architecture-{number}"
    directory.mkdir()
    bench.runner.module("statements", directory / "db.kuzu", *_OWN, directory=directory)
    bench.runner.kuzugit("init", "db.kuzu", directory=directory)
    bench.commit(directory)
    bench.runner.kuzugit("remote", "add", "requirement", "../requirement", directory=directory)
    return directory


def _sync(bench: Bench, directory: Path) -> float:
    return bench.runner.kuzugit("sync", "-q", "requirement", directory=directory).seconds
