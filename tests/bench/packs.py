"""The figures of packing: `gc` by hand after a commit, and a store that nobody packs by hand."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.bench.figures import BYTES, SECONDS, Bench, Figure


def measure_packs(bench: Bench, say: Callable[[str], None]) -> Iterator[Figure]:
    """Yield the figures; `bench` has generated its source."""
    say("gc")
    yield _by_hand(bench)
    say("gc by itself")
    yield _by_itself(bench)


def _by_hand(bench: Bench) -> Figure:
    directory = bench.live("packed")
    first = bench.commit(directory).seconds
    _git(bench, directory, "config", "kuzugit.gc", "off")
    bench.runner.kuzugit("gc", directory=directory)
    seconds = []
    for number in range(bench.sizes.repeats):
        bench.edit(directory, bench.sizes.edits, seed=300 + number)
        bench.commit(directory)
        seconds.append(bench.runner.kuzugit("gc", directory=directory).seconds)
    bench.expect_commits(directory, 1 + bench.sizes.repeats)
    shutil.rmtree(directory)
    name = f"gc after a commit of {bench.sizes.edits} edited rows / first commit"
    return Figure(name, 1.0, SECONDS, tuple(seconds), (first,))


def _by_itself(bench: Bench) -> Figure:
    directory = bench.live("unpacked")
    bench.commit(directory)
    copy = bench.directory / "unpacked-first"
    shutil.copytree(directory / ".kuzugit", copy)
    bench.runner.run("git", "repack", "-a", "-d", "-q", directory=copy)
    packed = _size(copy)
    for number in range(bench.sizes.commits):
        bench.edit(directory, bench.sizes.edits, seed=400 + number)
        bench.commit(directory)
    bench.expect_commits(directory, 1 + bench.sizes.commits)
    size = _size(directory / ".kuzugit")
    shutil.rmtree(directory)
    shutil.rmtree(copy)
    name = (
        f"store after {bench.sizes.commits} commits of {bench.sizes.edits} edited rows, no gc "
        "by hand / after the first, packed"
    )
    return Figure(name, 2.0, BYTES, (size,), (packed,))


def _git(bench: Bench, directory: Path, *words: str) -> None:
    bench.runner.run("git", f"--git-dir={directory / '.kuzugit'}", *words, directory=directory)


def _size(store: Path) -> int:
    return sum(file.stat().st_size for file in store.rglob("*") if file.is_file())
