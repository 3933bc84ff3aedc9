"""What versions take, and a word about a large one."""

from __future__ import annotations

from pathlib import Path

import pytest

from kuzugit.porcelain.du import disk_usage
from kuzugit.porcelain.workspace import open_workspace
from kuzugit.store.history import UnknownRevision
from tests.store.making import git
from tests.support.live import ADD_PERSON, RENAME_PERSON, LiveProject


@pytest.fixture
def two(committed: LiveProject) -> LiveProject:
    committed.commit("second", RENAME_PERSON)
    return committed


def test_each_version_of_the_branch(two: LiveProject) -> None:
    found = disk_usage(open_workspace(two.directory))
    second, first = found.versions
    assert (second.snapshot.version, first.snapshot.version) == ("v0.1.1", "v0.1.0")
    assert [(table.table, table.rows) for table in first.tables] == [
        ("Person", 20),
        ("knows (Person -> Person)", 19),
    ]
    assert first.added == first.size == sum(table.size for table in first.tables)
    person, knows = second.tables
    assert 0 < person.added == person.size
    assert (knows.added, knows.disk) == (0, 0)
    assert 0 < (second.disk or 0) < second.size
    assert found.store.loose_bytes >= (first.disk or 0) + (second.disk or 0)


def test_sizes_are_those_of_the_objects(two: LiveProject) -> None:
    (found,) = disk_usage(open_workspace(two.directory), "v0.1.0").versions
    path = "nodes/Person/start.parquet"
    assert found.tables[0].size == int(git(two.store, "cat-file", "-s", f"v0.1.0:{path}"))
    blob = git(two.store, "rev-parse", f"v0.1.0:{path}")
    assert found.tables[0].disk == (two.store / "objects" / blob[:2] / blob[2:]).stat().st_size
    with two.open() as repository:
        repository.gc()
    (packed,) = disk_usage(open_workspace(two.directory), "v0.1.0").versions
    assert packed.size == found.size
    assert (packed.disk or 0) > 0


def test_limits_and_names(two: LiveProject) -> None:
    workspace = open_workspace(two.directory)
    assert len(disk_usage(workspace, limit=1).versions) == 1
    assert disk_usage(workspace, limit=0).versions == ()
    with pytest.raises(UnknownRevision):
        disk_usage(workspace, "v9.9.9")


def test_an_empty_store(live: LiveProject) -> None:
    assert disk_usage(open_workspace(live.directory)).versions == ()


def test_without_git(two: LiveProject, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = disk_usage(open_workspace(two.directory))
    assert [version.disk for version in found.versions] == [None, None]
    assert found.versions[0].added > 0


def test_a_large_snapshot_is_told_before_it_is_published(committed: LiveProject) -> None:
    git(committed.store, "config", "kuzugit.warnBytes", "100")
    committed.run(ADD_PERSON)
    told: list[str] = []

    def tell(text: str) -> None:
        assert git(committed.store, "tag") == "v0.1.0"
        told.append(text)

    with committed.open() as repository:
        dry = repository.commit("second", dry_run=True)
        assert ["more than 100 bytes" in text for text in dry.warnings] == [True]
        assert dry.added > 100
        done = repository.commit("second", tell=tell)
    assert done.warnings == tuple(told) == dry.warnings
    assert done.added == dry.added
    assert "Warning" not in git(committed.store, "log", "-1", "--format=%B")


@pytest.mark.parametrize("limit", ["0", "1m"])
def test_a_small_one_is_not(committed: LiveProject, limit: str) -> None:
    git(committed.store, "config", "kuzugit.warnBytes", limit)
    committed.run(ADD_PERSON)
    with committed.open() as repository:
        assert repository.commit("second").warnings == ()
