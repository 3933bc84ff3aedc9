"""Types that Kùzu's Parquet mangles against plain ones: `python -m tests.bench.odd_types ...`.

The arguments are a new directory, `odd` or `plain`, and a number of rows. Both tables have the
same number of rows and nearly as many bytes in a snapshot. The odd one is read and restored by
expressions, the plain one by a bare COPY.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import kuzu

from tests.bench.figures import SECONDS, Bench, Figure
from tests.bench.process import CommandFailed

_ROWS = "UNWIND range(0, {last}) AS i WITH i * 7919 % {count} AS k, hash(i) % 1000000 AS r RETURN k"
TABLES = {
    "odd": (
        "CREATE NODE TABLE T(id INT64 PRIMARY KEY, place STRUCT(x DOUBLE, name STRING), "
        "price DECIMAL(18, 4), span INTERVAL, tags MAP(STRING, INT64))",
        f"COPY T FROM ({_ROWS}, "
        "CASE WHEN k % 10 = 0 THEN NULL "
        "ELSE {{x: r / 1000.0, name: 'place ' + CAST(r AS STRING)}} END, "
        "CASE WHEN k % 11 = 0 THEN NULL ELSE CAST(r / 10000.0 AS DECIMAL(18, 4)) END, "
        "CASE WHEN k % 12 = 0 THEN NULL "
        "ELSE to_days(CAST(r % 400 AS INT64)) + to_microseconds(CAST(r * 7919 AS INT64)) END, "
        "CASE WHEN k % 13 = 0 THEN NULL "
        "ELSE map(['first', 'n' + CAST(r % 100 AS STRING)], [k, CAST(r AS INT64)]) END)",
    ),
    "plain": (
        "CREATE NODE TABLE T(id INT64 PRIMARY KEY, x DOUBLE, name STRING, price INT64, "
        "days INT64, micros INT64, first INT64, note STRING)",
        f"COPY T FROM ({_ROWS}, "
        "CASE WHEN k % 10 = 0 THEN NULL ELSE r / 1000.0 END, 'place ' + CAST(r AS STRING), "
        "CASE WHEN k % 11 = 0 THEN NULL ELSE CAST(r AS INT64) END, "
        "CASE WHEN k % 12 = 0 THEN NULL ELSE CAST(r % 400 AS INT64) END, "
        "CAST(r * 7919 AS INT64), k + 1, 'note of ' + CAST(r * r AS STRING))",
    ),
}
AS_MANY = 1.1
"""The one table may have so many times the bytes of the other."""


def measure_odd_types(bench: Bench, say: Callable[[str], None]) -> Iterator[Figure]:
    """Yield the figures of commit and of checkout."""
    say(f"odd types, {bench.sizes.odd_rows} rows")
    commits: dict[str, list[float]] = {kind: [] for kind in TABLES}
    checkouts: dict[str, list[float]] = {kind: [] for kind in TABLES}
    sizes: dict[str, int] = {}
    for kind in TABLES:
        source = bench.directory / f"types-{kind}"
        bench.runner.module(
            "odd_types", source, kind, bench.sizes.odd_rows, directory=bench.directory
        )
        for number in range(bench.sizes.repeats):
            directory = bench.live(f"types-{kind}-{number}", source)
            commits[kind].append(bench.commit(directory).seconds)
            words = ("checkout", "-q", "v0.1.0", "--to", "copy.kuzu")
            checkouts[kind].append(bench.runner.kuzugit(*words, directory=directory).seconds)
            sizes[kind] = _bytes(directory)
            shutil.rmtree(directory)
    if max(sizes.values()) > AS_MANY * min(sizes.values()):
        raise CommandFailed(f"the tables have not as many bytes: {sizes}")
    for name, limit, samples in (("commit", 4, commits), ("checkout", 3, checkouts)):
        title = f"{name} of structs, decimals, intervals, maps / of plain types of as many bytes"
        yield Figure(title, limit, SECONDS, tuple(samples["odd"]), tuple(samples["plain"]))


def _bytes(directory: Path) -> int:
    """Return how many bytes the files of the snapshot have."""
    words = ("git", "ls-tree", "-r", "-l", "v0.1.0")
    done = subprocess.run(
        words, cwd=directory / ".kuzugit", capture_output=True, text=True, check=True
    )
    return sum(int(line.split()[3]) for line in done.stdout.splitlines())


def build(directory: Path, kind: str, count: int) -> None:
    """Write `base.kuzu` with one table of `count` rows, in no order, into a new `directory`."""
    directory.mkdir(parents=True)
    with (
        kuzu.Database(directory / "base.kuzu") as database,
        kuzu.Connection(database) as connection,
    ):
        for statement in TABLES[kind]:
            connection.execute(statement.format(last=count - 1, count=count))
        connection.execute("CHECKPOINT")


if __name__ == "__main__":
    build(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
