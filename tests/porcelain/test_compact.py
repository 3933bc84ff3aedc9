"""Compact: the live database rebuilt without its dead space."""

from __future__ import annotations

import pytest

from kuzugit.errors import ExitCode, NoStoreError
from kuzugit.porcelain.compact import NoCurrent, UnsavedBeforeCompact, compact
from kuzugit.porcelain.swap import DatabaseInUse
from tests.store.making import git
from tests.support.graphs import open_database
from tests.support.live import ADD_PERSON, LiveProject
from tests.support.processes import holding


@pytest.fixture
def grown(live: LiveProject) -> LiveProject:
    """A committed database that grew by updates to many times its content."""
    live.run("UNWIND range(1000, 3000) AS i CREATE (:Person {id: i, name: 'x', balance: 0})")
    with open_database(live.database) as connection:
        for number in range(25):
            connection.execute(f"MATCH (p:Person) SET p.balance = {number}, p.name = '{number}'")
            connection.execute("CHECKPOINT")
    live.commit("grown")
    return live


def test_makes_the_file_smaller_and_changes_nothing_in_it(grown: LiveProject) -> None:
    before, references = grown.content(), git(grown.store, "for-each-ref")
    size = grown.database.stat().st_size
    with grown.open() as repository:
        done = repository.compact()
        assert done.before == size
        assert done.after == grown.database.stat().st_size
        assert done.after < done.before * 0.8
        assert not repository.status().changes
    assert grown.content() == before
    assert git(grown.store, "for-each-ref") == references
    assert grown.files() == [grown.name]


def test_unsaved_changes_are_refused_or_saved(grown: LiveProject) -> None:
    grown.run(ADD_PERSON)
    unsaved, data = grown.content(), grown.database.read_bytes()
    with grown.open() as repository:
        with pytest.raises(UnsavedBeforeCompact) as caught:
            repository.compact()
        assert caught.value.exit_code == ExitCode.REFUSED
        assert caught.value.hint == "kuzugit compact --save"
        assert grown.database.read_bytes() == data
        done = compact(repository._workspace, save=True)
        assert done.after < done.before
        current = repository.status().current
        assert current is not None
        assert current.version == "v0.1.1"
    assert grown.content() == unsaved


def test_while_it_is_open_elsewhere(grown: LiveProject) -> None:
    with holding(grown.database), grown.open() as repository, pytest.raises(DatabaseInUse):
        repository.compact()


def test_without_a_snapshot(live: LiveProject) -> None:
    with live.open() as repository:
        with pytest.raises(NoCurrent):
            repository.compact()
        assert compact(repository._workspace, save=True).after > 0


def test_without_a_database(committed: LiveProject) -> None:
    committed.database.unlink()
    with committed.open() as repository, pytest.raises(NoStoreError):
        repository.compact()
