"""What is measured: each figure is ours against a rival's, and a limit for the ratio."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.bench.process import CommandFailed, Cost, Runner
from tests.bench.sizes import Sizes

SECONDS = "s"
BYTES = "B"


@dataclass(frozen=True)
class Figure:
    """Samples of ours and of the rival's, in `unit`; the ratio is that of the medians."""

    name: str
    limit: float
    unit: str
    ours: tuple[float, ...]
    rival: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """Ours divided by the rival's."""
        return median(self.ours) / median(self.rival)

    @property
    def holds(self) -> bool:
        """Whether the ratio is within the limit."""
        return self.ratio <= self.limit


@dataclass(frozen=True)
class Bench:
    """The directory in which databases and stores are made, and how to run commands."""

    directory: Path
    runner: Runner
    sizes: Sizes

    @property
    def source(self) -> Path:
        """The generated database and its Parquet files."""
        return self.directory / "source"

    def live(self, name: str, source: Path | None = None) -> Path:
        """Make the directory `name` with a copy of the database and a store; return it."""
        directory = self.directory / name
        directory.mkdir()
        shutil.copyfile((source or self.source) / "base.kuzu", directory / "db.kuzu")
        self.runner.kuzugit("init", "db.kuzu", directory=directory)
        return directory

    def commit(self, directory: Path) -> Cost:
        """Commit the database in `directory`."""
        return self.runner.kuzugit("commit", "-q", "-m", "bench", directory=directory)

    def expect_commits(self, directory: Path, count: int) -> None:
        """Raise unless the branch has `count` commits: one that finds nothing is no figure."""
        words = ("git", "rev-list", "--count", "HEAD")
        counted = subprocess.run(
            words, cwd=directory / ".kuzugit", capture_output=True, text=True, check=True
        )
        if int(counted.stdout) != count:
            raise CommandFailed(f"{directory}: {counted.stdout.strip()} commits, not {count}")

    def edit(self, directory: Path, count: int, seed: int) -> None:
        """Change `count` random rows of the database in `directory`."""
        database = directory / "db.kuzu"
        self.runner.module("edits", self.source, database, count, seed, directory=directory)

    def export(self, database: Path, directory: Path) -> Cost:
        """EXPORT DATABASE to a new `directory`."""
        return self.runner.module(
            "engine_copy", "export", database, directory, directory=self.directory
        )


def measure(bench: Bench, say: Callable[[str], None]) -> Iterator[Figure]:
    """Generate the data and yield each figure as it is measured."""
    sizes = bench.sizes
    say(f"generate {sizes.nodes} nodes and {sizes.rels} rels")
    _generate(bench, bench.source, sizes.rels)
    for figure in (_first_commit, _commit_again, _checkout, _growth, _log, _memory):
        say(figure.__name__.strip("_").replace("_", " "))
        yield figure(bench)


def _generate(bench: Bench, directory: Path, rels: int) -> None:
    bench.runner.module("generator", directory, bench.sizes.nodes, rels, directory=bench.directory)


def _first_commit(bench: Bench) -> Figure:
    ours, rival = [], []
    for number in range(bench.sizes.repeats):
        directory = bench.live(f"first-{number}")
        ours.append(bench.commit(directory).seconds)
        rival.append(_export_and_git(bench, bench.directory / f"exported-{number}"))
    for number in range(1, bench.sizes.repeats):
        shutil.rmtree(bench.directory / f"first-{number}")
        shutil.rmtree(bench.directory / f"exported-{number}")
    name = "first commit / (EXPORT DATABASE + git add + git commit)"
    return Figure(name, 1.5, SECONDS, tuple(ours), tuple(rival))


def _export_and_git(bench: Bench, directory: Path) -> float:
    seconds = bench.export(bench.source / "base.kuzu", directory).seconds
    bench.runner.run("git", "init", "-q", directory=directory)
    for words in (("add", "-A"), ("commit", "-q", "-m", "bench")):
        seconds += bench.runner.run("git", *words, directory=directory).seconds
    return seconds


def _commit_again(bench: Bench) -> Figure:
    directory = bench.directory / "first-0"
    ours, rival = [], []
    for number in range(bench.sizes.repeats):
        bench.edit(directory, count=1, seed=number)
        ours.append(bench.commit(directory).seconds)
        exported = bench.directory / "exported-again"
        rival.append(bench.export(directory / "db.kuzu", exported).seconds)
        shutil.rmtree(exported)
    bench.expect_commits(directory, 1 + bench.sizes.repeats)
    name = "commit again after one edited row / EXPORT DATABASE"
    return Figure(name, 1.8, SECONDS, tuple(ours), tuple(rival))


def _checkout(bench: Bench) -> Figure:
    directory = bench.directory / "first-0"
    loaded = bench.directory / "loaded.kuzu"
    ours, rival = [], []
    for number in range(bench.sizes.repeats):
        revision = "v0.1.0" if number % 2 == 0 else "v0.1.1"
        ours.append(bench.runner.kuzugit("checkout", "-q", revision, directory=directory).seconds)
        exported = bench.directory / "exported-0"
        rival.append(
            bench.runner.module(
                "engine_copy", "import", loaded, exported, directory=bench.directory
            ).seconds
        )
        loaded.unlink()
    return Figure("checkout / IMPORT DATABASE", 0.65, SECONDS, tuple(ours), tuple(rival))


def _growth(bench: Bench) -> Figure:
    directory = bench.live("growth")
    bench.commit(directory)
    first = _packed(bench, directory)
    for number in range(bench.sizes.commits):
        bench.edit(directory, bench.sizes.edits, seed=100 + number)
        bench.commit(directory)
    bench.expect_commits(directory, 1 + bench.sizes.commits)
    name = (
        f"store after {bench.sizes.commits} commits of {bench.sizes.edits} edited rows / "
        "after the first, packed"
    )
    return Figure(name, 1.15, BYTES, (_packed(bench, directory),), (first,))


def _packed(bench: Bench, directory: Path) -> int:
    store = directory / ".kuzugit"
    bench.runner.run("git", "repack", "-a", "-d", "-q", directory=store)
    return sum(file.stat().st_size for file in store.rglob("*") if file.is_file())


def _log(bench: Bench) -> Figure:
    directory = bench.directory / "growth"
    ours, rival = [], []
    for _ in range(bench.sizes.starts):
        ours.append(bench.runner.kuzugit("log", directory=directory).seconds)
        rival.append(bench.runner.run(sys.executable, "-c", "pass", directory=directory).seconds)
    name = "kuzugit log in a fresh process / python -c pass"
    return Figure(name, 12, SECONDS, tuple(ours), tuple(rival))


def _memory(bench: Bench) -> Figure:
    peaks = []
    for rels in (bench.sizes.many_rels, bench.sizes.few_rels):
        source = bench.directory / f"source-{rels}"
        _generate(bench, source, rels)
        directory = bench.live(f"memory-{rels}", source)
        peaks.append(bench.commit(directory).peak)
        shutil.rmtree(source)
        shutil.rmtree(directory)
    name = (
        f"peak memory of a commit at {bench.sizes.many_rels} rels / at {bench.sizes.few_rels} rels"
    )
    return Figure(name, 1.5, BYTES, (peaks[0],), (peaks[1],))
