"""Status: what changed, and that nothing moves."""

from __future__ import annotations

from pathlib import Path

import pytest

from kuzugit.engine.session import DatabaseLocked
from kuzugit.model.changes import Changes, RowCounts
from kuzugit.porcelain.blame import blame
from kuzugit.porcelain.sql import sql
from kuzugit.porcelain.workspace import open_workspace
from tests.store.making import git, read_only
from tests.support.live import (
    ADD_COLUMN,
    ADD_PERSON,
    RENAME_PERSON,
    LiveProject,
    leave_log,
    make_project,
)
from tests.support.processes import holding


def rows(changes: Changes) -> dict[str, RowCounts]:
    return {key.table: counts for key, counts in changes.rows}


def test_before_the_first_commit(live: LiveProject) -> None:
    with live.open() as repository:
        status = repository.status()
    assert (status.current, status.tip, status.branch) == (None, None, "main")
    assert rows(status.changes) == {"Person": RowCounts(added=20), "knows": RowCounts(added=19)}
    assert {change.name for change in status.changes.schema} == {"Person", "knows"}


def test_counts_rows_by_table(committed: LiveProject) -> None:
    committed.run(
        ADD_PERSON,
        RENAME_PERSON,
        "MATCH (p:Person {id: 20}) DETACH DELETE p",
        "MATCH (:Person {id: 1})-[r:knows]->() SET r.since = 99",
    )
    with committed.open() as repository:
        status = repository.status()
    assert rows(status.changes) == {
        "Person": RowCounts(added=1, removed=1, changed=1),
        # A rel is known by its ends and values, so a changed one is another.
        "knows": rows(status.changes)["knows"],
    }
    knows = rows(status.changes)["knows"]
    assert (knows.added + knows.changed, knows.removed + knows.changed) == (1, 2)


def test_names_changes_of_the_schema(committed: LiveProject) -> None:
    committed.run(ADD_COLUMN)
    with committed.open() as repository:
        (change,) = repository.status().changes.schema
    assert change.name == "Person.email"


def test_untouched_and_rewritten_to_the_same(committed: LiveProject) -> None:
    with committed.open() as repository:
        assert repository.status().untouched
        committed.run("CREATE (:Person {id: 99})", "MATCH (p:Person {id: 99}) DELETE p")
        status = repository.status()
        assert not status.untouched
        assert not status.changes
        # What was found is remembered.
        assert repository.status().untouched


def test_a_log_alone_is_seen(committed: LiveProject) -> None:
    leave_log(committed.database, ADD_PERSON)
    with committed.open() as repository:
        assert rows(repository.status().changes) == {"Person": RowCounts(added=1)}


def test_nothing_moves(committed: LiveProject) -> None:
    committed.run(ADD_PERSON)
    before = committed.database.read_bytes(), git(committed.store, "for-each-ref")
    objects = git(committed.store, "count-objects")
    with committed.open() as repository:
        repository.status()
    assert (committed.database.read_bytes(), git(committed.store, "for-each-ref")) == before
    assert git(committed.store, "count-objects") == objects
    assert list((committed.store / "kuzugit" / "tmp").iterdir()) == []


def test_ahead_and_behind(committed: LiveProject) -> None:
    committed.commit("second", ADD_PERSON)
    committed.commit("third", RENAME_PERSON)
    with committed.open() as repository:
        repository.checkout("v0.1.0")
        status = repository.status()
        assert (status.ahead, status.behind) == (0, 2)
        git(committed.store, "update-ref", "refs/heads/main", "v0.1.0^{}")
        repository.checkout("v0.1.2")
        status = repository.status()
        assert (status.ahead, status.behind) == (2, 0)


def test_a_missing_database(committed: LiveProject) -> None:
    committed.database.unlink()
    with committed.open() as repository:
        status = repository.status()
    assert not status.exists
    assert not status.changes


def test_a_file_that_a_writer_holds(committed: LiveProject) -> None:
    committed.run(ADD_PERSON)
    with (
        holding(committed.database),
        committed.open() as repository,
        pytest.raises(DatabaseLocked),
    ):
        repository.status()


def test_a_deleted_tag_leaves_no_current(committed: LiveProject) -> None:
    git(committed.store, "tag", "-d", "v0.1.0")
    with committed.open() as repository:
        status = repository.status()
        assert status.current is None
        assert status.tip is not None


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": 2}', '{"format": 1}', "null", "\0"])
def test_a_damaged_memory_is_none(committed: LiveProject, content: str) -> None:
    (committed.store / "kuzugit" / "state.json").write_text(content)
    with committed.open() as repository:
        assert not repository.status().changes


def test_a_store_that_cannot_be_written(open_directory: Path) -> None:
    live = make_project(open_directory / "live")
    live.commit("first")
    live.run(ADD_PERSON)
    with read_only(live.directory), live.open() as repository:
        assert rows(repository.status().changes) == {"Person": RowCounts(added=1)}
        assert repository.verify().findings == ()
        assert [entry.snapshot.subject for entry in repository.log()] == ["first"]
        assert repository.snapshot("v0.1.0").table("Person").num_rows == 20


def test_what_a_store_that_cannot_be_written_still_answers(open_directory: Path) -> None:
    live = make_project(open_directory / "live")
    live.commit("first")
    room = open_directory / "room"
    room.mkdir()
    room.chmod(0o777)
    copy, exported = room / "copy.kuzu", room / "exported"
    workspace = open_workspace(live.directory)
    with read_only(live.store), live.open() as repository:
        with sql(workspace, "v0.1.0", "SELECT count(*) FROM Person") as found:
            assert [row for batch in found.batches for row in batch] == [(20,)]
        for _ in range(2):
            counted = "MATCH (p:Person) RETURN count(*)"
            with repository.snapshot("v0.1.0").query(counted) as answer:
                assert [row for batch in answer.batches for row in batch] == [(20,)]
        assert len(list(blame(workspace, "Person", key="3"))) == 1
        repository.checkout("v0.1.0", to=copy)
        repository.export("v0.1.0", exported, format="csv")
        assert repository.verify(rebuild=True).findings == ()
    workspace.store.close()
    assert LiveProject(room, copy.name).content() == live.content()
