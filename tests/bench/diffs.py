"""The figures of `kuzugit diff`, against DuckDB that compares two exports."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.bench.figures import BYTES, SECONDS, Bench, Figure
from tests.bench.process import CommandFailed

_RANGE = "0.1 % of the nodes changed in one key range"
_STREWN = "0.1 % of the nodes changed, strewn"


def measure_diffs(bench: Bench, say: Callable[[str], None]) -> Iterator[Figure]:
    """Yield the figures; `bench` has generated its source."""
    say("diff")
    directory = bench.live("diff")
    bench.commit(directory)
    exported = bench.directory / "exported-before"
    bench.export(directory / "db.kuzu", exported)
    yield _some_changed(bench, directory, exported, "range", f"diff, {_RANGE}", 0.10)
    yield _some_changed(bench, directory, exported, "strewn", f"diff, {_STREWN}", 1.0)
    say("diff of equal tags")
    yield _equal(bench, directory)
    say("diff with every row changed")
    yield _memory(bench, directory)


def _some_changed(
    bench: Bench, directory: Path, exported: Path, how: str, name: str, limit: float
) -> Figure:
    """Change some nodes, commit, and compare; as often as there are repeats.

    `exported` is the export of the newest commit, and is replaced by that of the last.
    """
    ours, rival = [], []
    count = max(1, bench.sizes.nodes // 1000)
    for number in range(bench.sizes.repeats):
        database = directory / "db.kuzu"
        bench.runner.module("node_edits", database, how, count, number, directory=directory)
        bench.commit(directory)
        after = bench.directory / "exported-after"
        bench.export(database, after)
        ours.append(
            bench.runner.kuzugit("diff", *_last_two(bench, directory), directory=directory).seconds
        )
        rival.append(
            bench.runner.module("join_exports", exported, after, directory=directory).seconds
        )
        shutil.rmtree(exported)
        after.rename(exported)
    return Figure(
        f"{name} / DuckDB on two exports, FULL JOIN and EXCEPT ALL",
        limit,
        SECONDS,
        tuple(ours),
        tuple(rival),
    )


def _equal(bench: Bench, directory: Path) -> Figure:
    bench.runner.kuzugit("commit", "-q", "--allow-empty", "-m", "same", directory=directory)
    sides = _last_two(bench, directory)
    ours, rival = [], []
    for _ in range(bench.sizes.starts):
        ours.append(bench.runner.kuzugit("diff", *sides, directory=directory).seconds)
        rival.append(bench.runner.run(sys.executable, "-c", "pass", directory=directory).seconds)
    name = "diff of two equal tags / python -c pass"
    return Figure(name, 14, SECONDS, tuple(ours), tuple(rival))


def _memory(bench: Bench, directory: Path) -> Figure:
    few = bench.runner.kuzugit("diff", "HEAD~2", "HEAD", directory=directory).peak
    source = bench.directory / "source-edited"
    sizes = bench.sizes
    bench.runner.module(
        "generator", source, sizes.nodes, sizes.rels, "edited", directory=bench.directory
    )
    shutil.copyfile(source / "base.kuzu", directory / "db.kuzu")
    bench.commit(directory)
    bench.expect_commits(directory, 3 + 2 * sizes.repeats)
    every = bench.runner.kuzugit("diff", "HEAD~1", "HEAD", directory=directory).peak
    shutil.rmtree(source)
    shutil.rmtree(directory)
    name = f"peak memory of a diff, every row changed / {_STREWN}"
    return Figure(name, 2, BYTES, (every,), (few,))


def _last_two(bench: Bench, directory: Path) -> tuple[str, str]:
    """Return the tags of the last two commits; raise where nothing was tagged."""
    found = bench.runner.output(
        "git",
        "for-each-ref",
        "--sort=-version:refname",
        "--format=%(refname:short)",
        "--count=2",
        "refs/tags",
        directory=directory / ".kuzugit",
    ).split()
    if len(found) != 2:
        raise CommandFailed(f"{directory}: there are not two versions")
    return found[1], found[0]
