"""Collecting by hand, and by itself after a commit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kuzugit.porcelain import gc
from kuzugit.porcelain.commit import CommitResult
from kuzugit.porcelain.repository import Repository
from kuzugit.store.location import Store, open_store
from kuzugit.store.maintenance import GitProgramMissing
from kuzugit.store.packing import collecting
from kuzugit.store.sizes import measure
from tests.store.making import git
from tests.support.live import ADD_PERSON, RENAME_PERSON, LiveProject


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the smallest store be worth collecting."""
    monkeypatch.setattr(gc, "DEFAULT_LEAST", 0)


@pytest.fixture
def store(committed: LiveProject) -> Iterator[Store]:
    with open_store(committed.store) as opened:
        yield opened


def change_and_commit(live: LiveProject, *statements: str) -> CommitResult:
    live.run(*statements)
    with live.open() as repository:
        return repository.commit("more")


def without_git(monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
    monkeypatch.setenv("PATH", str(place))


def broken_git(monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
    program = place / "git"
    program.write_text("#!/bin/sh\necho no disk >&2\nexit 9\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(place))


def test_by_hand(committed: LiveProject, store: Store) -> None:
    committed.commit("second", RENAME_PERSON)
    before = committed.content()
    with committed.open() as repository:
        done = repository.gc()
        assert done.before.loose > 10
        assert (done.after.loose, done.after.packs) == (0, 1)
        assert done.after == measure(store)
        assert [entry.snapshot.version for entry in repository.log()] == ["v0.1.1", "v0.1.0"]
        repository.checkout("v0.1.0")
        repository.checkout("v0.1.1")
        assert repository.verify(every=True).findings == ()
    assert committed.content() == before


def test_by_hand_without_git(
    committed: LiveProject, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with committed.open() as repository:
        without_git(monkeypatch, tmp_path)
        with pytest.raises(GitProgramMissing):
            repository.gc()


def test_scratch_and_cache_go(committed: LiveProject, store: Store) -> None:
    left = store.path / "kuzugit" / "tmp" / "work-1-dead"
    left.mkdir()
    (left / "rows.parquet").write_bytes(b"rows")
    with committed.open() as repository:
        with repository.snapshot("v0.1.0").query("MATCH (p:Person) RETURN p.id") as found:
            assert sum(map(len, found.batches)) == 20
        kept = repository.gc()
        assert kept.after.cache_bytes == kept.before.cache_bytes > 0
        git(store, "config", "kuzugit.cacheSize", "1k")
    with committed.open() as repository:
        assert repository.gc().after.cache_bytes == 0
    assert not left.exists()


def test_the_second_commit_collects(committed: LiveProject, store: Store, eager: None) -> None:
    assert measure(store).packs == 0, "a first snapshot is left as it is"
    done = change_and_commit(committed, RENAME_PERSON)
    assert done.collected is not None
    assert done.collected.before.loose > 0
    assert measure(store).loose == 0
    assert done.warnings == ()


def test_many_packs_are_collected_though_nothing_is_loose(
    committed: LiveProject, store: Store, eager: None
) -> None:
    """Each fetch leaves a pack."""
    git(store.path, "config", "kuzugit.gc", "off")
    for statement in (RENAME_PERSON, ADD_PERSON, "MATCH (p:Person {id: 5}) SET p.name = 'x'"):
        git(store.path, "repack", "-d", "-q")
        change_and_commit(committed, statement)
    git(store.path, "repack", "-d", "-q")
    assert measure(store).packs == 4
    git(store.path, "config", "kuzugit.gc", "auto")
    result = change_and_commit(committed, "MATCH (p:Person {id: 6}) SET p.name = 'y'")
    assert result.collected is not None
    assert (result.collected.after.loose, result.collected.after.packs) == (0, 1)


def test_a_small_store_is_left_alone(committed: LiveProject, store: Store) -> None:
    assert change_and_commit(committed, RENAME_PERSON).collected is None
    git(store, "config", "kuzugit.gcSize", "1")
    assert change_and_commit(committed, ADD_PERSON).collected is not None


def test_little_beside_much_is_left_alone(
    committed: LiveProject, store: Store, eager: None
) -> None:
    change_and_commit(committed, RENAME_PERSON)
    place = store.path / "objects" / "pack" / "large.keep"
    place.write_bytes(bytes(1 << 20))
    assert change_and_commit(committed, ADD_PERSON).collected is None
    assert measure(store).loose > 0


def test_nothing_to_commit_collects_nothing(
    committed: LiveProject, store: Store, eager: None
) -> None:
    with committed.open() as repository:
        assert repository.commit("again").collected is None
        assert repository.commit("again", dry_run=True).collected is None


def test_switched_off(committed: LiveProject, store: Store, eager: None) -> None:
    git(store, "config", "kuzugit.gc", "off")
    assert change_and_commit(committed, RENAME_PERSON).collected is None


@pytest.mark.parametrize("key", ["kuzugit.gc", "kuzugit.gcSize"])
def test_a_setting_that_means_nothing_is_a_warning(
    committed: LiveProject, store: Store, key: str
) -> None:
    git(store, "config", key, "perhaps")
    done = change_and_commit(committed, RENAME_PERSON)
    assert done.created
    assert [key in text for text in done.warnings] == [True]


def test_without_git_nothing_is_said(
    committed: LiveProject, eager: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    without_git(monkeypatch, tmp_path)
    done = change_and_commit(committed, RENAME_PERSON)
    assert (done.created, done.collected, done.warnings) == (True, None, ())


def test_what_fails_is_a_warning(
    committed: LiveProject, eager: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken_git(monkeypatch, tmp_path)
    done = change_and_commit(committed, RENAME_PERSON)
    assert (done.created, done.collected) == (True, None)
    assert ["no disk" in text for text in done.warnings] == [True]
    monkeypatch.undo()
    with committed.open() as repository:
        assert repository.verify(every=True).findings == ()


def test_another_that_collects_is_not_waited_for(
    committed: LiveProject, store: Store, eager: None
) -> None:
    with collecting(store):
        done = change_and_commit(committed, RENAME_PERSON)
    assert (done.created, done.collected, done.warnings) == (True, None, ())


def test_an_import_collects_too(committed: LiveProject, eager: None, tmp_path: Path) -> None:
    with committed.open() as repository:
        repository.export("v0.1.0", tmp_path / "exported")
        git(committed.store, "config", "kuzugit.gc", "off")
        committed.commit("second", RENAME_PERSON)
        git(committed.store, "config", "kuzugit.gc", "auto")
        done = repository.import_directory(tmp_path / "exported", "the first again")
    assert done.created
    assert done.collected is not None


def test_inside_a_lock(committed: LiveProject, eager: None) -> None:
    """Who holds the store for more than one commit need not let it go."""
    committed.run(RENAME_PERSON)
    with committed.open() as repository, repository._workspace.store.lock():
        assert repository.commit("second").collected is not None
        assert isinstance(repository, Repository)
        assert repository.gc().after.loose == 0
