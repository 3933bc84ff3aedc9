"""Commits and checkouts while others write, commit and check out."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import kuzu
import pytest

from kuzugit.errors import LockedError
from kuzugit.porcelain.repository import Repository
from tests.store.making import git, start_child, wait
from tests.support.graphs import open_database
from tests.support.live import ADD_PERSON, RENAME_PERSON, LiveProject

SNAPSHOTS = 6


class Writer(threading.Thread):
    """Transfers between accounts, over and over; each transaction keeps the sum of all.

    It also counts transactions in a row of its own and makes a rel in each of them,
    so that a snapshot of one state has as many rels as it counts.
    """

    def __init__(self, database: kuzu.Database) -> None:
        super().__init__(daemon=True)
        self._connection = kuzu.Connection(database)
        self._end = threading.Event()
        self.transactions = 0
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            while not self._end.is_set():
                self._transfer(self.transactions)
                self.transactions += 1
        except RuntimeError as error:
            self.failure = error
        finally:
            self._connection.close()

    def _transfer(self, number: int) -> None:
        source, target = number * 7 % 20 + 1, number * 3 % 20 + 1
        for statement in (
            "BEGIN TRANSACTION",
            f"MATCH (p:Person {{id: {source}}}) SET p.balance = p.balance - 1",
            f"MATCH (p:Person {{id: {target}}}) SET p.balance = p.balance + 1",
            f"MATCH (p:Person {{id: 0}}) SET p.since = {number + 1}",
            f"MATCH (a:Person {{id: {source}}}), (b:Person {{id: 0}}) "
            f"CREATE (a)-[:paid {{number: {number}}}]->(b)",
            "COMMIT",
        ):
            self._connection.execute(statement)

    def stop(self) -> None:
        self._end.set()
        self.join(timeout=30)
        assert self.failure is None, self.failure


def test_each_snapshot_taken_while_a_thread_writes_is_one_committed_state(
    committed: LiveProject, tmp_path: Path
) -> None:
    committed.run(
        "ALTER TABLE Person ADD since INT64",
        "CREATE REL TABLE paid(FROM Person TO Person, number INT64)",
        "CREATE (:Person {id: 0, name: 'counter', balance: 0, since: 0})",
    )
    versions = []
    with open_database(committed.database) as connection, committed.open() as repository:
        writer = Writer(connection.database)
        writer.start()
        try:
            for number in range(SNAPSHOTS):
                before = writer.transactions
                done = repository.commit(f"number {number}", connection=connection)
                versions.append((done.version or "", before, writer.transactions + 1))
                while writer.transactions == before and writer.is_alive():
                    time.sleep(0.001)
        finally:
            writer.stop()
        assert writer.transactions > SNAPSHOTS
    counts = [_check_state(committed, version, tmp_path) for version, _, _ in versions]
    for count, (_, least, most) in zip(counts, versions, strict=True):
        assert least <= count <= most
    assert len({*counts}) > 1, "the writer did not write meanwhile"


def _check_state(live: LiveProject, version: str, place: Path) -> int:
    """Rebuild a snapshot and check that its parts are of one state; return its count."""
    copy = place / f"{version}.kuzu"
    with live.open() as repository:
        repository.checkout(version, to=copy)
    with open_database(copy, read_only=True) as connection:
        assert _one(connection, "MATCH (p:Person) RETURN CAST(sum(p.balance) AS INT64)") == 200
        count = _one(connection, "MATCH (p:Person {id: 0}) RETURN p.since")
        numbers = connection.execute("MATCH ()-[r:paid]->() RETURN r.number ORDER BY r.number")
        assert isinstance(numbers, kuzu.QueryResult)
        assert [row[0] for row in numbers.get_all()] == list(range(count))
    return count


def _one(connection: kuzu.Connection, statement: str) -> int:
    result = connection.execute(statement)
    assert isinstance(result, kuzu.QueryResult)
    return int(result.get_next()[0])


def _together(live: LiveProject, *works: object) -> list[int]:
    """Run the works in processes that begin at one moment; return their exit statuses."""
    start, tell = os.pipe()

    def begin(work: object) -> None:
        os.close(tell)
        os.read(start, 1)
        assert callable(work)
        with live.open() as repository:
            try:
                work(repository)
            except LockedError:
                os._exit(11)

    children = [start_child(lambda work=work: begin(work)) for work in works]  # type: ignore[misc]
    os.close(start)
    os.close(tell)
    return [wait(child) for child in children]


@pytest.mark.parametrize("number", range(3))
def test_two_commits_at_once(committed: LiveProject, number: int) -> None:
    committed.run(ADD_PERSON)

    def one(repository: Repository) -> None:
        repository.commit("one", allow_empty=True)

    def two(repository: Repository) -> None:
        repository.commit("two", allow_empty=True)

    statuses = _together(committed, one, two)
    assert set(statuses) <= {0, 11}
    assert 0 in statuses
    done = statuses.count(0)
    subjects = git(committed.store, "log", "--format=%s", "main").splitlines()
    assert len(subjects) == 1 + done
    assert subjects[-1] == "first"
    assert len(git(committed.store, "tag").split()) == 1 + done
    assert git(committed.store, "fsck", "--strict") == ""
    with committed.open() as repository:
        assert not repository.status().changes
        assert repository.verify(every=True).findings == ()


@pytest.mark.parametrize("number", range(3))
def test_a_commit_and_a_checkout_at_once(committed: LiveProject, number: int) -> None:
    first = committed.content()
    committed.commit("second", RENAME_PERSON)
    committed.run(ADD_PERSON)
    unsaved = committed.content()

    def commit(repository: Repository) -> None:
        repository.commit("third")

    def checkout(repository: Repository) -> None:
        repository.checkout("v0.1.0", save=True)

    statuses = _together(committed, commit, checkout)
    assert set(statuses) <= {0, 11}
    assert 0 in statuses
    # Whoever came first: the change is in a snapshot, once.
    subjects = git(committed.store, "log", "--format=%s", "main").splitlines()
    assert len(subjects) == 3
    with committed.open() as repository:
        assert not repository.status().changes
        assert committed.content() == (first if statuses[1] == 0 else unsaved)
        repository.checkout("main")
    assert committed.content() == unsaved


def test_two_checkouts_at_once(committed: LiveProject) -> None:
    contents = {"v0.1.0": committed.content()}
    contents["v0.1.1"] = (committed.commit("second", ADD_PERSON), committed.content())[1]

    def first(repository: Repository) -> None:
        repository.checkout("v0.1.0")

    def second(repository: Repository) -> None:
        repository.checkout("v0.1.1")

    statuses = _together(committed, first, second, first, second)
    assert set(statuses) <= {0, 11}
    with committed.open() as repository:
        status = repository.status()
        assert not status.changes
        assert status.current is not None
        assert committed.content() == contents[status.current.version or ""]
    assert committed.files() == [committed.name]
