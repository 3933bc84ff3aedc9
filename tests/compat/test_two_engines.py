"""Kùzu and Ladybug: what one commits the other builds, row for row, with the same tree."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.dump import dump
from tests.support.graphs import build_people, build_types, run_statements
from tests.support.ladybug import run_in_ladybug

PROGRAM = "import sys; from kuzugit.cli.app import main; sys.exit(main())"

SCHEMA = (
    "CREATE SEQUENCE s START 5 INCREMENT 2",
    "RETURN nextval('s')",
    "CREATE MACRO area(x, y) AS -(x + -2) * (y - 3)",
    "CREATE NODE TABLE Person(id INT64 PRIMARY KEY, balance INT64 DEFAULT -7, "
    "half DOUBLE DEFAULT -0.5, zero INT64 DEFAULT 0, name STRING DEFAULT 'a; \\'b\\' \\\\n')",
    "CREATE NODE TABLE City(name STRING PRIMARY KEY, number SERIAL, tags STRING[] DEFAULT ['x'])",
    "CREATE REL TABLE knows(FROM Person TO Person, FROM Person TO City, "
    "note STRING DEFAULT ', MANY_ONE) WITH (', w DOUBLE DEFAULT -1.5, ONE_MANY)",
    "CREATE NODE TABLE `a;b, MANY_ONE) WITH (`(id INT64 PRIMARY KEY)",
    "CREATE REL TABLE `is; WITH (`(FROM `a;b, MANY_ONE) WITH (` TO City, ONE_ONE)",
    "CREATE REL TABLE lives(FROM Person TO City, MANY_ONE)",
    "COMMENT ON TABLE Person IS 'who; \\'quoted\\''",
    "CREATE (:Person {id: 1}), (:Person {id: 2, name: 'tab\t and \\\\t'})",
    "CREATE (:City {name: 'Rome'}), (:City {name: ''})",
    "MATCH (a:Person {id: 1}), (b:Person {id: 2}) CREATE (a)-[:knows]->(b)",
    "MATCH (a:Person {id: 1}), (b:City {name: 'Rome'}) CREATE (a)-[:lives]->(b)",
)
"""What both can say: defaults with signs and odd texts, several pairs, multiplicities."""


def build_schema(path: Path) -> None:
    run_statements(path, SCHEMA)


def build_schema_in_ladybug(path: Path) -> None:
    run_in_ladybug(path, SCHEMA)


def kuzugit(directory: Path, *words: str, code: int = 0) -> str:
    """Run the program in a process of its own; return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "-C", str(directory), *words],
        capture_output=True,
        text=True,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def tree(store: Path) -> str:
    words = ["git", "-C", str(store), "rev-parse", "HEAD^{tree}"]
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()


def lost(first: dict[str, Any], second: dict[str, Any]) -> list[str]:
    """Return the facts and tables that differ.

    Not compared are texts of defaults, which Kùzu prints without signs (what they give
    is compared), and the start of a sequence, which no engine can be given again.
    """
    found = []
    for part in ("facts", "rows"):
        assert first[part]
        assert first[part].keys() == second[part].keys()
        for name, value in first[part].items():
            if name.startswith(("properties of ", "sequence ")):
                continue
            if value != second[part][name]:
                found.append(name)
    return found


def magic(path: Path) -> bytes:
    return path.read_bytes()[:4]


@pytest.mark.parametrize(
    ("build", "first", "second"),
    [
        pytest.param(build_people, "kuzu", "ladybug", id="people"),
        pytest.param(build_types, "kuzu", "ladybug", id="types"),
        pytest.param(build_schema, "kuzu", "ladybug", id="schema"),
        pytest.param(build_schema_in_ladybug, "ladybug", "kuzu", id="schema of ladybug"),
    ],
)
def test_the_other_engine_builds_it(
    tmp_path: Path, build: Callable[[Path], object], first: str, second: str
) -> None:
    build(tmp_path / "first.db")
    kuzugit(tmp_path, "init", "first.db")
    kuzugit(tmp_path, "commit", "-m", "by the first")
    kuzugit(tmp_path, "--engine", second, "checkout", "current", "--to", "second.db")
    assert magic(tmp_path / "first.db") != magic(tmp_path / "second.db")
    assert lost(dump(first, tmp_path / "first.db"), dump(second, tmp_path / "second.db")) == []
    kuzugit(tmp_path, "--store", "2.git", "init", "second.db")
    kuzugit(tmp_path, "--store", "2.git", "commit", "-m", "by the second", "--verify")
    assert tree(tmp_path / ".kuzugit") == tree(tmp_path / "2.git")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A store with one snapshot of a Kùzu database."""
    build_schema(tmp_path / "graph.db")
    kuzugit(tmp_path, "init", "graph.db")
    kuzugit(tmp_path, "commit", "-m", "in Kùzu")
    return tmp_path


def test_the_live_database_moves_and_comes_back(project: Path) -> None:
    kuzugit(project, "--engine", "ladybug", "checkout", "current")
    assert magic(project / "graph.db") == b"LBUG"
    assert "nothing to commit" in kuzugit(project, "status")
    run_in_ladybug(project / "graph.db", ["CREATE (:Person {id: 3})"])
    assert "1 added" in kuzugit(project, "status")
    assert "Person: 1 added" in kuzugit(project, "commit", "-m", "in Ladybug")
    message = kuzugit(project, "show", "current")
    assert "ladybug" in message
    kuzugit(project, "compact")
    assert magic(project / "graph.db") == b"LBUG"
    kuzugit(project, "--engine", "kuzu", "checkout", "current")
    assert magic(project / "graph.db") == b"KUZU"
    assert "nothing to commit" in kuzugit(project, "commit", "-m", "again")


def test_both_engines_rebuild_every_snapshot(project: Path) -> None:
    for engine in ("kuzu", "ladybug"):
        assert "sound" in kuzugit(project, "--engine", engine, "verify", "--rebuild")


def test_changes_that_only_the_other_engine_can_read_are_refused(project: Path) -> None:
    run_statements(project / "graph.db", ["CREATE (:Person {id: 3})"])
    told = kuzugit(project, "--engine", "ladybug", "checkout", "current", code=13)
    assert "is a Kùzu database" in told
    assert "kuzugit --engine kuzu commit" in told
    kuzugit(project, "--engine", "ladybug", "checkout", "current", "--force")
    (aside,) = project.glob("graph.db.aside-*")
    assert (magic(project / "graph.db"), magic(aside)) == (b"LBUG", b"KUZU")


def test_a_log_of_the_other_engine_is_settled(project: Path) -> None:
    program = (
        "import os, sys, kuzu\n"
        "connection = kuzu.Connection(kuzu.Database(sys.argv[1]))\n"
        "connection.execute('CREATE (:Person {id: 3})')\n"
        "os._exit(0)\n"
    )
    subprocess.run([sys.executable, "-c", program, str(project / "graph.db")], check=True)
    assert (project / "graph.db.wal").exists()
    kuzugit(project, "commit", "-m", "with what is in the log")
    kuzugit(project, "--engine", "ladybug", "checkout", "current")
    assert not (project / "graph.db.wal").exists()
    assert magic(project / "graph.db") == b"LBUG"


def test_the_engine_of_the_file_is_not_overruled(project: Path) -> None:
    told = kuzugit(project, "--engine", "ladybug", "commit", "-m", "x", "--allow-empty", code=16)
    assert "graph.db is a Kùzu database, but this process works with ladybug" in told


def test_sync_does_not_move_the_live_database(project: Path) -> None:
    run_in_ladybug(
        project / "an other.db",
        ["CREATE NODE TABLE City2(name STRING PRIMARY KEY)", "CREATE (:City2 {name: 'Oslo'})"],
    )
    told = kuzugit(project, "sync", "an other.db", code=16)
    assert "'an other.db' is a Ladybug database, and this process works with Kùzu" in told
    before = (project / "graph.db").read_bytes()
    told_instead = kuzugit(project, "--engine", "ladybug", "sync", "an other.db", code=13)
    assert "graph.db is a Kùzu database, and Ladybug was chosen to build it" in told_instead
    assert "kuzugit --engine kuzu sync 'an other.db'" in told_instead
    assert (project / "graph.db").read_bytes() == before
    hint = told.partition("hint: make a store of it, and sync from that: ")[2]
    for command in hint.split("; "):
        assert kuzugit(project, *shlex.split(command)[1:])
    assert magic(project / "graph.db") == b"KUZU"
    assert "Oslo" in kuzugit(project, "query", "current", "MATCH (c:City2) RETURN c.name")


def test_the_store_may_name_the_engine(project: Path) -> None:
    config = ["git", "-C", str(project / ".kuzugit"), "config", "kuzugit.engine"]
    subprocess.run([*config, "ladybug"], check=True)
    kuzugit(project, "checkout", "current", "--to", "copy.db")
    assert magic(project / "copy.db") == b"LBUG"
    kuzugit(project, "--engine", "kuzu", "checkout", "current", "--to", "back.db")
    assert magic(project / "back.db") == b"KUZU"
    subprocess.run([*config, "neo4j"], check=True)
    assert "no engine 'neo4j'" in kuzugit(project, "checkout", "current", "--to", "n.db", code=2)


def test_ladybug_writes_no_csv(project: Path) -> None:
    words = ["--engine", "ladybug", "export", "current", "out", "--format", "csv"]
    assert "Ladybug does not export CSV" in kuzugit(project, *words, code=18)
    assert not (project / "out").exists()


def test_an_export_of_either_is_imported_by_the_other(project: Path) -> None:
    kuzugit(project, "export", "current", "out")
    before = tree(project / ".kuzugit")
    run_statements(project / "graph.db", ["CREATE (:Person {id: 3})"])
    kuzugit(project, "commit", "-m", "another one")
    kuzugit(project, "--engine", "ladybug", "import", "out", "-m", "as it was")
    assert tree(project / ".kuzugit") == before


LOCKED = """
import subprocess, sys, ladybug
with ladybug.Database(sys.argv[1]) as database, ladybug.Connection(database):
    sys.exit(subprocess.run([sys.executable, "-c", sys.argv[2], *sys.argv[3:]]).returncode)
"""


def test_a_ladybug_database_that_is_written_to_is_locked(project: Path) -> None:
    kuzugit(project, "--engine", "ladybug", "checkout", "current")
    words = ["-C", str(project), "commit", "-m", "x", "--allow-empty"]
    done = subprocess.run(
        [sys.executable, "-c", LOCKED, str(project / "graph.db"), PROGRAM, *words],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 11, done.stderr
    assert "open for writing elsewhere" in done.stderr


INSIDE = """
import sys, ladybug, kuzugit
with ladybug.Database(sys.argv[1]) as database, ladybug.Connection(database) as connection:
    connection.execute("CREATE (:Person {id: 4})")
    with kuzugit.Repository.open(sys.argv[2]) as repository:
        print(repository.commit("from inside", connection=connection).version)
    assert "kuzu" not in sys.modules
    connection.execute("CREATE (:Person {id: 5})")
"""


def test_a_commit_from_inside_an_application(project: Path) -> None:
    kuzugit(project, "--engine", "ladybug", "checkout", "current")
    words = [sys.executable, "-c", INSIDE, str(project / "graph.db"), str(project)]
    done = subprocess.run(words, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "v0.1.1\n"), done.stderr
    assert "1 added" in kuzugit(project, "status")


WRONG = """
import sys
from kuzugit.cli.app import main
from kuzugit.engine import load

right = load.run_all

def wrong(session, statements):
    right(session, statements)
    if session.rows("CALL show_tables() RETURN *") and session.rows("MATCH (p:Person) RETURN p.id"):
        session.run("MATCH (p:Person {id: 2}) SET p.balance = 8")

from kuzugit.porcelain import build, import_
build.run_all = import_.run_all = wrong
sys.exit(main())
"""


def test_what_ladybug_does_not_hold_exactly_is_not_handed_over(project: Path) -> None:
    before = (project / "graph.db").read_bytes(), tree(project / ".kuzugit")
    kuzugit(project, "export", "current", "out")
    for words in (
        ["checkout", "current"],
        ["checkout", "current", "--to", "copy.db"],
        ["import", "out", "-m", "as it is not"],
    ):
        command = [sys.executable, "-c", WRONG, "-C", str(project), "--engine", "ladybug", *words]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 13, done.stdout + done.stderr
        assert re.search("Ladybug does not hold what .* says in Person;", done.stderr)
    assert ((project / "graph.db").read_bytes(), tree(project / ".kuzugit")) == before
    assert sorted(item.name for item in project.iterdir()) == [".kuzugit", "graph.db", "out"]


@pytest.mark.parametrize(
    ("kind", "make"),
    [
        ("FTS", "CALL CREATE_FTS_INDEX('Person', 'names', ['name'])"),
        ("VECTOR", "CALL CREATE_VECTOR_INDEX('Person', 'names', 'e')"),
    ],
)
def test_an_index_without_its_extension_is_named(project: Path, kind: str, make: str) -> None:
    run_statements(project / "graph.db", ["ALTER TABLE Person ADD e FLOAT[2]", make])
    kuzugit(project, "commit", "-m", "with an index")
    kuzugit(project, "export", "current", "out")
    before = (project / "graph.db").read_bytes()
    for words in (["checkout", "current"], ["import", "out", "-m", "x", "--allow-empty"]):
        told = kuzugit(project, "--engine", "ladybug", *words, code=18)
        assert f"the index Person.names needs the extension {kind} of Ladybug" in told
        assert f"INSTALL {kind}" in told
    assert (project / "graph.db").read_bytes() == before


def test_an_export_of_ladybugs_own_is_refused(project: Path) -> None:
    statements = ["CREATE NODE TABLE N(id INT64 PRIMARY KEY)", "CREATE (:N {id: 1})"]
    run_in_ladybug(project / "n.db", [*statements, f"EXPORT DATABASE '{project / 'own'}'"])
    for engine in ("kuzu", "ladybug"):
        told = kuzugit(project, "--engine", engine, "import", "own", "-m", "x", code=2)
        assert "own is no exported database" in told
