"""Eight processes at one store: they commit, read, collect and fetch, and none sees half."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from kuzugit.atomic import LockHeld
from kuzugit.errors import LockedError
from kuzugit.porcelain.repository import Repository
from kuzugit.store.location import open_store
from kuzugit.store.maintenance import fsck
from tests.store.making import git, start_child, wait
from tests.support.live import RENAME_PERSON, LiveProject, make_project

COMMITS = 4
Work = Callable[[], None]


def again(work: Callable[[], object]) -> None:
    """Do it until nobody is in the way."""
    while True:
        try:
            work()
            return
        except LockedError:
            time.sleep(0.02)


def committer(live: LiveProject, name: str) -> Work:
    def work() -> None:
        for number in range(COMMITS):
            with live.open() as repository:
                again(lambda: repository.commit(f"{name} {number}", allow_empty=True))  # noqa: B023

    return work


def reader(live: LiveProject, done: Path) -> Work:
    """Each look at the history is whole, and longer than the one before or as long."""

    def work() -> None:
        seen = 0
        with live.open() as kept:
            while not done.exists():
                with live.open() as repository:
                    for opened in (repository, kept):
                        entries = list(opened.log())
                        assert len(entries) >= seen
                        seen = len(entries)
                        assert opened.verify("v0.1.0").findings == ()
                        assert opened.verify(entries[0].snapshot.commit).findings == ()

    return work


def collector(live: LiveProject, done: Path) -> Work:
    def work() -> None:
        while not done.exists():
            with live.open() as repository:
                try:
                    repository.gc(prune_older="now")
                except LockHeld:
                    continue

    return work


def fetcher(live: LiveProject, place: Path, done: Path) -> Work:
    def work() -> None:
        seen = 0
        with Repository.open(place) as repository:
            while not done.exists():
                again(repository.fetch)
                names = git(place / ".kuzugit", "tag").split()
                assert len(names) >= seen
                seen = len(names)

    return work


def test_eight_at_once(tmp_path: Path) -> None:
    live = make_project(tmp_path / "live")
    live.commit("first")
    live.commit("second", RENAME_PERSON)
    git(live.store, "config", "kuzugit.gcSize", "1")
    fetching = tmp_path / "fetching"
    Repository.clone(str(live.store), fetching).close()
    done = tmp_path / "done"
    committers = [committer(live, name) for name in ("a", "b", "c")]
    others = [
        reader(live, done),
        reader(live, done),
        collector(live, done),
        collector(live, done),
        fetcher(live, fetching, done),
    ]
    children = [start_child(work) for work in others]
    statuses = [wait(child) for child in [start_child(work) for work in committers]]
    done.touch()
    assert statuses == [0] * 3
    assert [wait(child) for child in children] == [0] * 5
    subjects = git(live.store, "log", "--format=%s", "main").splitlines()[::-1]
    assert subjects[:2] == ["first", "second"]
    for name in ("a", "b", "c"):
        mine = [subject for subject in subjects if subject.startswith(name)]
        assert mine == [f"{name} {number}" for number in range(COMMITS)]
    assert len(subjects) == len(git(live.store, "tag").split()) == 2 + 3 * COMMITS
    assert git(live.store, "rev-list", "--min-parents=2", "--count", "main") == "0"
    with Repository.open(fetching) as repository:
        repository.fetch()
    assert git(fetching / ".kuzugit", "tag") == git(live.store, "tag")
    for store in (live.store, fetching / ".kuzugit"):
        with open_store(store) as opened:
            assert fsck(opened) == []
    with live.open() as repository:
        assert repository.verify(every=True).findings == ()
    assert list((live.store / "kuzugit" / "tmp").iterdir()) == []
