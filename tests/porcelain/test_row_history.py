"""The history of a row and of a table, and who set what, over one small history."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from kuzugit.canonical.finding import BadKey
from kuzugit.canonical.sql import QueryFailed
from kuzugit.errors import UnknownNameError
from kuzugit.porcelain import row_history as module
from kuzugit.porcelain.blame import KeyAndWhere, blame
from kuzugit.porcelain.repository import Repository
from kuzugit.porcelain.row_history import KeyMisplaced, RowUnknown, RowVersion, row_history
from kuzugit.porcelain.table_history import table_history
from kuzugit.porcelain.tables import UnknownTable
from kuzugit.porcelain.workspace import Workspace, open_workspace
from kuzugit.store.objects import read_blob
from tests.support.graphs import build_people, run_statements

HISTORY = (
    ("v0.1.1", ["MATCH (p:Person {id: 1}) SET p.name = 'Ida'"]),
    ("v0.2.0", ["ALTER TABLE Person ADD mail STRING DEFAULT 'none'"]),
    (
        "v0.2.1",
        [
            "MATCH (p:Person {id: 1}) SET p.mail = 'a@b', p.height = NULL",
            "MATCH (:Person {id: 2})-[k:knows]->(:Person {id: 1}) SET k.weight = 2.0",
        ],
    ),
    ("v0.2.2", ["MATCH (p:Person {id: 5}) DETACH DELETE p"]),
    (
        "v0.2.3",
        [
            "CREATE (:Person {id: 5, name: 'again'})",
            "MATCH (:Person {id: 1})-[k:knows]->(:Person {id: 2}) WHERE k.weight IS NULL DELETE k",
        ],
    ),
    ("v0.2.4", ["MATCH (p:Person {id: 4}) SET p.height = 0.0"]),
)


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    directory = tmp_path_factory.mktemp("people")
    database = directory / "graph.kuzu"
    build_people(database)
    with Repository.init(database, directory=directory) as repository:
        assert repository.commit("v0.1.0").version == "v0.1.0"
        for version, statements in HISTORY:
            run_statements(database, statements)
            assert repository.commit(version).version == version
    return open_workspace(directory)


def story(versions: Sequence[RowVersion]) -> list[tuple[str | None, str, tuple[str, ...]]]:
    return [
        (version.entry.snapshot.version, event.change, event.columns)
        for version in versions
        for event in version.events
    ]


def of(workspace: Workspace, table: str, *key: str, revision: str | None = None) -> list[Any]:
    return story(list(row_history(workspace, table, key, revision)))


def test_a_node(people: Workspace) -> None:
    # The column that came in v0.2.0 is no change of the row.
    assert of(people, "Person", "1") == [
        ("v0.2.1", "changed", ("height", "mail")),
        ("v0.1.1", "changed", ("name",)),
        ("v0.1.0", "added", ()),
    ]
    assert of(people, "City", "Köln") == [("v0.1.0", "added", ())]


def test_a_node_that_went_and_came_again(people: Workspace) -> None:
    assert of(people, "Person", "5") == [
        ("v0.2.3", "added", ()),
        ("v0.2.2", "removed", ()),
        ("v0.1.0", "added", ()),
    ]


def test_a_zero_that_changed_its_sign(people: Workspace) -> None:
    first = next(row_history(people, "Person", ["4"]))
    assert (first.events[0].old or {})["height"] == 0.0
    assert first.events[0].columns == ("height",)


def test_whole_rows_before_and_after(people: Workspace) -> None:
    events = [version.events[0] for version in row_history(people, "knows", ["2", "1"])]
    assert [(event.old, event.new) for event in events] == [
        (
            {"from": 2, "to": 1, "since": None, "weight": 1.0},
            {"from": 2, "to": 1, "since": None, "weight": 2.0},
        ),
        (None, {"from": 2, "to": 1, "since": None, "weight": 1.0}),
    ]


def test_parallel_rels(people: Workspace) -> None:
    assert of(people, "knows", "1", "2") == [
        ("v0.2.3", "removed", ()),
        *[("v0.1.0", "added", ())] * 3,
    ]


def test_a_rel_of_one_pair_of_several(people: Workspace) -> None:
    (version,) = row_history(people, "likes", ["1", "Berlin"])
    assert version.events[0].key.pair is not None
    assert version.events[0].key.pair.to_table == "City"


def test_a_range_and_a_revision(people: Workspace) -> None:
    assert of(people, "Person", "1", revision="v0.1.1..v0.2.2") == [
        ("v0.2.1", "changed", ("height", "mail"))
    ]
    assert of(people, "Person", "1", revision="v0.2.2..") == []
    assert of(people, "Person", "1", revision="v0.1.0") == [("v0.1.0", "added", ())]


def test_a_row_that_nobody_has(people: Workspace) -> None:
    with pytest.raises(RowUnknown):
        of(people, "Person", "77")
    with pytest.raises(BadKey):
        of(people, "Person", "x")
    with pytest.raises(UnknownTable):
        of(people, "Nobody", "1")
    for table, key in (("knows", ["1"]), ("Person", ["1", "2"])):
        with pytest.raises(KeyMisplaced):
            of(people, table, *key)


def test_an_unchanged_table_is_not_read(people: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    read = []

    def counted(store: Any, id: Any) -> bytes:
        read.append(id)
        return read_blob(store, id)

    monkeypatch.setattr(module, "read_blob", counted)
    of(people, "City", "Bonn")
    assert len(read) == 1
    of(people, "Person", "1")
    # One chunk in each of the versions that changed the table.
    assert len(read) == 1 + 7


def test_the_versions_of_a_table(people: Workspace) -> None:
    def versions(table: str, revision: str | None = None) -> list[str | None]:
        return [entry.snapshot.version for entry in table_history(people, table, revision)]

    assert versions("knows") == ["v0.2.3", "v0.2.1", "v0.1.0"]
    assert versions("City") == ["v0.1.0"]
    assert versions("Person", "v0.2.0..") == ["v0.2.4", "v0.2.3", "v0.2.2", "v0.2.1"]
    with pytest.raises(UnknownTable):
        versions("Nobody")


def test_before_the_first_commit(tmp_path: Path) -> None:
    build_people(tmp_path / "graph.kuzu")
    Repository.init(tmp_path / "graph.kuzu", directory=tmp_path).close()
    empty = open_workspace(tmp_path)
    assert list(row_history(empty, "Person", ["1"])) == []
    assert list(table_history(empty, "Person")) == []


def blamed(
    workspace: Workspace, table: str, revision: str = "current", **options: Any
) -> dict[tuple[Any, ...], dict[str, tuple[Any, str | None]]]:
    found: dict[tuple[Any, ...], dict[str, tuple[Any, str | None]]] = {}
    for part in blame(workspace, table, revision, **options):
        for origin in part.origins:
            row = found.setdefault(origin.key, {})
            row[origin.column] = (origin.value, origin.snapshot.version)
    return found


def test_who_set_the_values_of_a_node(people: Workspace) -> None:
    assert blamed(people, "Person", key=["1"]) == {
        (1,): {
            "id": (1, "v0.1.0"),
            "name": ("Ida", "v0.1.1"),
            "height": (None, "v0.2.1"),
            "member": (True, "v0.1.0"),
            "born": ("1815-12-10", "v0.1.0"),
            "seen": ("2024-05-01T12:30:00.000001", "v0.1.0"),
            "nicknames": (["Countess", "A"], "v0.1.0"),
            "scores": ([3, -1], "v0.1.0"),
            "mail": ("a@b", "v0.2.1"),
        }
    }


def test_every_row_of_a_table(people: Workspace) -> None:
    found = blamed(people, "Person")
    assert len(found) == 7
    assert found[(1,)] == blamed(people, "Person", key=["1"])[(1,)]
    assert {version for _, version in found[(5,)].values()} == {"v0.2.3"}
    assert found[(4,)]["height"] == (0.0, "v0.2.4")
    assert found[(2,)]["mail"] == ("none", "v0.2.0")


def test_rows_by_a_condition(people: Workspace) -> None:
    assert blamed(people, "Person", where="id BETWEEN 2 AND 3").keys() == {(2,), (3,)}
    assert blamed(people, "knows", where='"from" = 2') == {
        (2, 1): {
            "from": (2, "v0.1.0"),
            "to": (1, "v0.1.0"),
            "since": (None, "v0.1.0"),
            "weight": (2.0, "v0.2.1"),
        }
    }
    with pytest.raises(QueryFailed):
        blamed(people, "Person", where="nobody = 1")
    with pytest.raises(KeyAndWhere):
        blamed(people, "Person", key=["1"], where="true")


def test_parallel_rels_that_stayed(people: Workspace) -> None:
    versions = {
        version
        for values in blamed(people, "knows", key=["1", "2"]).values()
        for _, version in values.values()
    }
    assert versions == {"v0.1.0"}


def test_an_older_revision(people: Workspace) -> None:
    assert blamed(people, "Person", "v0.1.0", key=["1"])[(1,)]["name"] == ("Ada", "v0.1.0")


def test_a_rel_table_of_several_pairs(people: Workspace) -> None:
    assert blamed(people, "likes").keys() == {
        *(("1", "Berlin"), ("2", ""), ("2", "Köln"), ("1", "1"), ("Köln", "Bonn"))
    }
    assert blamed(people, "likes", key=["1", "Berlin"]).keys() == {("1", "Berlin")}


def test_blame_of_what_is_not_there(people: Workspace) -> None:
    for table, key in (("Person", ["77"]), ("Nobody", ["1"])):
        with pytest.raises(UnknownNameError):
            blamed(people, table, key=key)
    with pytest.raises(BadKey):
        blamed(people, "Person", key=["x"])
    assert list((people.store.path / "kuzugit" / "tmp").iterdir()) == []
