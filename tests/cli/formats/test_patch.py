"""A diff as a patch, and the patch applied: to the database it is of, and to others."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.support.content import read_content
from tests.support.live import LiveProject, make_project
from tests.support.snapshots import lost

MAKE = (
    "MATCH (p:Person {id: 3}) SET p.name = 'other'",
    "MATCH (p:Person {id: 5}) SET p.balance = 50",
    "MATCH (p:Person {id: 20}) DETACH DELETE p",
    "CREATE (:Person {id: 21, name: 'new', balance: 0})",
    "MATCH (a:Person {id: 1}), (b:Person {id: 21}) CREATE (a)-[:knows {since: 7}]->(b)",
)


@pytest.fixture
def live(tmp_path: Path, run: Run) -> LiveProject:
    """A database at v0.1.0, and beside it `p.patch`, which leads to v0.1.1."""
    project = make_project(tmp_path / "live")
    project.commit("first")
    assert project.commit("second", *MAKE) == "v0.1.1"
    words = ("diff", "v0.1.0", "v0.1.1", "--format", "patch", "-o", "p.patch")
    assert run("-C", project.directory, *words).code == 0
    with project.open() as repository:
        repository.checkout("v0.1.0")
    return project


def test_it_applies_and_is_undone(run: Run, live: LiveProject, tmp_path: Path) -> None:
    with live.open() as repository:
        repository.checkout("v0.1.1", to=tmp_path / "two.kuzu")
        repository.checkout("v0.1.0", to=tmp_path / "one.kuzu")
    done = run("-C", live.directory, "apply", "p.patch", "--json")
    assert done.code == 0, done.err
    told = json.loads(done.out)
    assert [told[name] for name in ("added", "removed", "changed")] == [2, 2, 2]
    assert lost(live.database, tmp_path / "two.kuzu") == []
    assert run("-C", live.directory, "apply", "-R", "p.patch").code == 0
    assert lost(live.database, tmp_path / "one.kuzu") == []
    assert run("-C", live.directory, "verify", "--all").code == 0


def test_it_applies_to_one_that_differs_elsewhere(run: Run, live: LiveProject) -> None:
    live.run(
        "MATCH (p:Person {id: 3}) SET p.balance = 99",
        "MATCH (p:Person {id: 7}) SET p.name = 'mine'",
        "CREATE (:Person {id: 40, name: 'mine'})",
        "ALTER TABLE knows ADD note STRING",
        "CREATE NODE TABLE Mine(id INT64 PRIMARY KEY)",
        "CREATE (:Mine {id: 1})",
        "ALTER TABLE knows DROP note",
    )
    assert run("-C", live.directory, "apply", "p.patch").code == 0
    live.run("CREATE (:Mine {id: 2})")
    with live.open() as repository:
        assert repository.commit("both").created
        table = repository.snapshot("HEAD").table("Person").to_pylist()
    rows = {row["id"]: (row["name"], row["balance"]) for row in table}
    assert rows[3] == ("other", 99)
    assert rows[7] == ("mine", 10)
    assert rows[40] == ("mine", None)
    assert 20 not in rows


CONFLICTS = {
    "a changed column": ("MATCH (p:Person {id: 3}) SET p.name = 'mine'", "Person 3 name:"),
    "a node that is gone": ("MATCH (p:Person {id: 5}) DETACH DELETE p", "Person 5: is not there"),
    "one that goes": ("MATCH (p:Person {id: 20}) SET p.balance = 1", "Person 20 balance:"),
    "one that comes": ("CREATE (:Person {id: 21})", "Person 21: is there already"),
    "an end that goes": (
        "MATCH (a:Person {id: 1}), (b:Person {id: 20}) CREATE (a)-[:knows {since: 8}]->(b)",
        "knows (Person -> Person) 1 -> 20: its Person goes",
    ),
    "an end that is gone": (
        "MATCH (p:Person {id: 1}) DETACH DELETE p",
        "knows (Person -> Person) 1 -> 21: there is no such Person",
    ),
    "a rel that goes": (
        "MATCH (:Person {id: 19})-[r:knows]->(:Person {id: 20}) SET r.since = 5",
        "knows (Person -> Person) 19 -> 20 since:",
    ),
    "other columns": ("ALTER TABLE Person DROP balance", "Person: its columns are not those"),
    "no table": ("DROP TABLE knows", "knows (Person -> Person): there is no such table"),
}


@pytest.mark.parametrize("case", CONFLICTS)
def test_conflicts_are_listed_and_nothing_changes(run: Run, live: LiveProject, case: str) -> None:
    statement, wanted = CONFLICTS[case]
    live.run(statement)
    before = live.database.read_bytes()
    for words in ((), ("--check",)):
        done = run("-C", live.directory, "apply", "p.patch", *words)
        assert done.code == 13
        assert wanted in done.err
        assert live.database.read_bytes() == before
    assert live.files() == ["graph.kuzu", "p.patch"]


def test_all_conflicts_are_listed_and_in_the_document(run: Run, live: LiveProject) -> None:
    live.run(
        "MATCH (p:Person {id: 3}) SET p.name = 'mine'",
        "MATCH (p:Person {id: 20}) SET p.balance = 1",
    )
    said = run("-C", live.directory, "apply", "--check", "p.patch")
    assert "  conflict: Person 3 name: " in said.err
    assert "  conflict: Person 20 balance: " in said.err
    done = run("-C", live.directory, "apply", "--check", "--json", "p.patch")
    assert done.code == 13
    document = json.loads(done.out)
    assert document["format"] == 1
    found = {(item["table"], item["key"], item["column"]) for item in document["conflicts"]}
    assert found == {("Person", "3", "name"), ("Person", "20", "balance")}
    assert all(item["why"] for item in document["conflicts"])


def test_a_check_changes_nothing(run: Run, live: LiveProject) -> None:
    before = live.database.read_bytes()
    done = run("-C", live.directory, "apply", "--check", "p.patch")
    assert done.code == 0
    assert "it fits" in done.out
    assert live.database.read_bytes() == before


def test_twice_is_a_conflict(run: Run, live: LiveProject) -> None:
    assert run("-C", live.directory, "apply", "p.patch").code == 0
    assert run("-C", live.directory, "apply", "p.patch").code == 13


def test_hostile_values_and_another_schema(run: Run, changed: LiveProject, tmp_path: Path) -> None:
    patch = tmp_path / "p.patch"
    words = ("diff", "v0.1.0", "v1.0.0", "--format", "patch", "-o", patch)
    assert run("-C", changed.directory, *words).code == 0
    assert patch.read_text().isascii()
    copy = LiveProject(tmp_path / "copy")
    copy.directory.mkdir()
    with changed.open() as repository:
        repository.checkout("v0.1.0", to=copy.database)
        repository.checkout("v1.0.0", to=tmp_path / "b.kuzu")
    assert run("-C", copy.directory, "init", copy.database.name).code == 0
    assert run("-C", copy.directory, "apply", patch).code == 0
    assert lost(copy.database, tmp_path / "b.kuzu") == []


def test_some_tables_and_rows(run: Run, live: LiveProject) -> None:
    words = ("diff", "v0.1.0", "v0.1.1", "--format", "patch", "--type", "changed", "-o", "q")
    assert run("-C", live.directory, *words).code == 0
    assert run("-C", live.directory, "apply", "q").code == 0
    content = read_content(live.database)
    assert sum(content.rows["Person"].values()) == 20


def test_nothing_differs(run: Run, live: LiveProject) -> None:
    words = ("diff", "v0.1.0", "v0.1.0", "--format", "patch", "-o", "empty")
    assert run("-C", live.directory, *words).code == 0
    assert (live.directory / "empty").read_text() == ""
    assert run("-C", live.directory, "apply", "empty").code == 0


def _without_end(lines: list[str]) -> list[str]:
    return lines[:-1]


def _without_a_row(lines: list[str]) -> list[str]:
    return [*lines[:2], *lines[3:]]


def _changed(where: int, **fields: Any) -> Callable[[list[str]], list[str]]:
    def change(lines: list[str]) -> list[str]:
        lines[where] = json.dumps({**json.loads(lines[where]), **fields})
        return lines

    return change


BAD = {
    "not whole": (_without_end, 15),
    "a row less": (_without_a_row, 15),
    "no patch": (lambda lines: ["hello", *lines], 15),
    "a list": (lambda lines: ["[]"], 15),
    "a later format": (_changed(0, format=2), 18),
    "another table": (_changed(1, table=["Nothing"]), 15),
    "a wrong type": (_changed(2, new=["1", "a", 2]), 15),
    "too few values": (_changed(2, new=[1]), 15),
    "positions out of range": (_changed(2, columns=[[0, 9]]), 15),
    "a field more": (_changed(2, more=1), 15),
    "a catalog that runs": (_changed(0, old_catalog={"nodes": []}), 15),
}


@pytest.mark.parametrize("case", BAD)
def test_a_patch_that_is_none(run: Run, live: LiveProject, case: str) -> None:
    change, code = BAD[case]
    path = live.directory / "p.patch"
    path.write_text("\n".join(change(path.read_text().splitlines())) + "\n")
    before = live.database.read_bytes()
    assert run("-C", live.directory, "apply", "p.patch").code == code
    assert live.database.read_bytes() == before


def test_a_file_that_is_not_there(run: Run, live: LiveProject) -> None:
    assert run("-C", live.directory, "apply", "none.patch").code == 2
