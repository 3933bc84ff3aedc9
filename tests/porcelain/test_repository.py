"""The Python API."""

from __future__ import annotations

from pathlib import Path

import pytest

import kuzugit
from kuzugit.errors import NoStoreError, UnknownNameError, UsageError
from kuzugit.porcelain.tables import AmbiguousTable
from kuzugit.store.location import StoreExists
from tests.support.graphs import run_statements
from tests.support.live import ADD_PERSON, SMALL, LiveProject


def test_a_session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run_statements(Path("graph.kuzu"), SMALL)
    repo = kuzugit.Repository.init("graph.kuzu")
    assert repo.path == tmp_path / ".kuzugit"
    assert repo.database == tmp_path / "graph.kuzu"
    assert repo.commit("first", bump="minor").version == "v0.1.0"
    run_statements(Path("graph.kuzu"), [ADD_PERSON])
    assert repo.commit("second", bump="major", trailers=[("a", "b")]).version == "v1.0.0"
    assert [entry.snapshot.version for entry in repo.log()] == ["v1.0.0", "v0.1.0"]
    assert [entry.snapshot.version for entry in repo.log("v0.1.0..v1.0.0")] == ["v1.0.0"]
    assert repo.checkout("v0.1.0", to="copy.kuzu").database == tmp_path / "copy.kuzu"
    assert repo.export("v0.1.0", "out").directory == tmp_path / "out"
    assert not repo.status().changes
    repo.close()
    repo.close()


def test_a_wrong_bump(committed: LiveProject) -> None:
    with committed.open() as repo, pytest.raises(ValueError, match="giant"):
        repo.commit("x", bump="giant")


def test_open_from_below_and_by_store(committed: LiveProject, tmp_path: Path) -> None:
    below = committed.directory / "a" / "b"
    below.mkdir(parents=True)
    with kuzugit.Repository.open(below) as repo:
        assert repo.path == committed.store
    with kuzugit.Repository.open(tmp_path, store=committed.store) as repo:
        assert repo.database == committed.database
    with pytest.raises(NoStoreError):
        kuzugit.Repository.open(tmp_path)


def test_init_twice(committed: LiveProject) -> None:
    with pytest.raises(StoreExists):
        kuzugit.Repository.init(committed.database, directory=committed.directory)


def test_another_database_file(committed: LiveProject, tmp_path: Path) -> None:
    other = tmp_path / "other.kuzu"
    run_statements(other, [*SMALL, ADD_PERSON])
    with kuzugit.Repository.open(committed.directory, database=other) as repo:
        assert repo.status().changes
        assert repo.commit("the other").version == "v0.1.1"
    with committed.open() as repo:
        # What was remembered was of the other file.
        assert repo.status().changes


class TestTables:
    def test_nodes_and_rels(self, committed: LiveProject) -> None:
        with committed.open() as repo:
            snapshot = repo.snapshot("v0.1.0")
            people, knows = snapshot.table("Person"), snapshot.table("knows")
        assert people.column_names == ["id", "name", "balance"]
        assert people.column("id").to_pylist() == list(range(1, 21))
        assert knows.column_names == ["from", "to", "since"]
        assert knows.slice(0, 1).to_pylist() == [{"from": 1, "to": 2, "since": 1}]

    def test_what_is_not_there(self, committed: LiveProject) -> None:
        with committed.open() as repo:
            snapshot = repo.snapshot("v0.1.0")
            with pytest.raises(UnknownNameError, match="Person"):
                snapshot.table("Nobody")
            with pytest.raises(UnknownNameError):
                snapshot.table("knows", "Person", "City")
            with pytest.raises(UnknownNameError):
                snapshot.table("Person", "Person")

    def test_pairs_of_different_keys_are_asked_for_one_by_one(self, committed: LiveProject) -> None:
        committed.commit(
            "city",
            "CREATE NODE TABLE City(name STRING PRIMARY KEY)",
            "CREATE REL TABLE likes(FROM Person TO Person, FROM Person TO City)",
            "CREATE (:City {name: 'Bonn'})",
            "MATCH (p:Person {id: 1}), (c:City) CREATE (p)-[:likes]->(c)",
        )
        with committed.open() as repo:
            snapshot = repo.snapshot("current")
            with pytest.raises(AmbiguousTable) as caught:
                snapshot.table("likes")
            assert isinstance(caught.value, UsageError)
            table = snapshot.table("likes", "Person", "City")
        assert table.to_pylist() == [{"from": 1, "to": "Bonn"}]
