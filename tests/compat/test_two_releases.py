"""Law 2 across an upgrade: two releases of the libraries that write a snapshot, one tree."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import kuzu
import pytest

# `make test` installs the releases of tests/compat/oldest.txt here.
OLDEST = Path(sys.prefix) / "oldest"
LIBRARIES = ("pyarrow", "duckdb")
SCHEMA = (
    "CREATE NODE TABLE Person(id INT64 PRIMARY KEY, name STRING, born DATE, score DOUBLE, "
    "small INT16, seen TIMESTAMP, active BOOL, photo BLOB, tags STRING[], place FLOAT[2])",
    "CREATE NODE TABLE City(name STRING PRIMARY KEY)",
    "CREATE REL TABLE lives_in(FROM Person TO City, since DATE, rent DOUBLE)",
)
# Wide enough for several chunks of a mebibyte, with NULLs and texts in other scripts.
ROWS = (
    "UNWIND range(1, 30000) AS i CREATE (:Person {id: i * 7 % 30011, "
    "name: CASE WHEN i % 11 = 0 THEN NULL ELSE concat('Zoë 東京 ', CAST(i AS STRING)) END, "
    "born: date('1970-01-01') + to_days(i), score: i / 7.0, small: CAST(i % 1000 AS INT16), "
    "seen: timestamp('2020-01-01') + to_seconds(i), active: i % 2 = 0, "
    "photo: BLOB('\\\\xAA\\\\x00'), tags: ['a', NULL, CAST(i AS STRING)], "
    "place: CAST([i / 2.0, 1.5] AS FLOAT[2])})",
    "UNWIND range(1, 300) AS i CREATE (:City {name: concat('city ', CAST(i AS STRING))})",
    "MATCH (p:Person), (c:City) WHERE c.name = concat('city ', CAST(p.id % 300 + 1 AS STRING)) "
    "CREATE (p)-[:lives_in {since: p.born, rent: p.score}]->(c)",
)


def run(directory: Path, *command: str, path: Path | None = None) -> str:
    environment = {**os.environ, "PYTHONPATH": str(path or "")}
    done = subprocess.run(
        command, cwd=directory, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def kuzugit(directory: Path, *arguments: str, path: Path | None = None) -> str:
    return run(directory, str(Path(sys.executable).with_name("kuzugit")), *arguments, path=path)


def git(directory: Path, *arguments: str) -> str:
    return run(directory, "git", "--git-dir", ".kuzugit", *arguments)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("releases") / "people.kuzu"
    with kuzu.Database(path) as database, kuzu.Connection(database) as connection:
        for statement in (*SCHEMA, *ROWS):
            connection.execute(statement)
    return path


def store_beside(directory: Path, database: Path) -> Path:
    directory.mkdir()
    shutil.copyfile(database, directory / "people.kuzu")
    kuzugit(directory, "init", "people.kuzu")
    return directory


def test_the_oldest_releases_are_here_and_others(tmp_path: Path) -> None:
    versions = "import {0}; print({0}.__version__)"
    assert OLDEST.is_dir(), "make test installs them; or: make .venv/oldest/.ready"
    for name in LIBRARIES:
        words = (sys.executable, "-c", versions.format(name))
        assert run(tmp_path, *words, path=OLDEST) != run(tmp_path, *words)


def test_two_releases_write_one_tree(database: Path, tmp_path: Path) -> None:
    trees = []
    for name, path in (("old", OLDEST), ("new", None)):
        directory = store_beside(tmp_path / name, database)
        kuzugit(directory, "commit", "-m", "people", path=path)
        trees.append(git(directory, "ls-tree", "-r", "v0.1.0"))
    assert trees[0] == trees[1]
    assert trees[0].count(".parquet") > 3


def test_an_upgrade_changes_only_what_changed(database: Path, tmp_path: Path) -> None:
    directory = store_beside(tmp_path / "upgraded", database)
    kuzugit(directory, "commit", "-m", "people", path=OLDEST)
    with (
        kuzu.Database(directory / "people.kuzu") as opened,
        kuzu.Connection(opened) as connection,
    ):
        connection.execute("MATCH (p:Person {id: 4711}) SET p.score = -1.0")
    kuzugit(directory, "commit", "-m", "one score")
    changed = git(directory, "diff", "--name-only", "v0.1.0", "v0.1.1").splitlines()
    assert sorted(name.partition("/")[0] for name in changed) == ["nodes", "snapshot.json"]


def test_the_newest_reads_what_the_oldest_wrote_and_back(database: Path, tmp_path: Path) -> None:
    directory = store_beside(tmp_path / "both", database)
    for path in (OLDEST, None):
        kuzugit(directory, "commit", "--allow-empty", "-m", "people", path=path)
    kuzugit(directory, "verify", "--rebuild", "v0.1.0")
    kuzugit(directory, "verify", "--rebuild", "v0.1.1", path=OLDEST)
