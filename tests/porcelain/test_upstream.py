"""How a store stands to another one: status, log, and versions that both gave."""

from __future__ import annotations

from pathlib import Path

import pytest

from kuzugit.porcelain.repository import Repository
from kuzugit.porcelain.status import Upstream
from kuzugit.porcelain.tag import create_tag, rename_tag
from kuzugit.porcelain.workspace import open_workspace
from kuzugit.store.refs import BadTagName, TagExists, TagShared
from tests.support.travel import Team, add_person, copied, make_team, refs


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, hermetic: None) -> Team:
    return make_team(tmp_path_factory.mktemp("team") / "team")


@pytest.fixture
def team(made: Team, tmp_path: Path) -> Team:
    return copied(made, tmp_path / "team")


def test_status_tells_ahead_and_behind(team: Team) -> None:
    with team.ada.open() as repository:
        assert repository.status().upstream == Upstream("origin/main", 0, 0)
    add_person(team.ada, 30, "third")
    add_person(team.bob, 31, "his")
    with team.ada.open() as repository:
        assert repository.status().upstream == Upstream("origin/main", 1, 0)
        repository.push()
        assert repository.status().upstream == Upstream("origin/main", 0, 0)
    with team.bob.open() as repository:
        repository.fetch()
        assert repository.status().upstream == Upstream("origin/main", 1, 1)
        repository.remove_remote("origin")
        assert repository.status().upstream is None


def test_log_shows_the_names_of_others(team: Team) -> None:
    with team.bob.open() as repository:
        repository.add_remote("requirement", str(team.ada.directory))
        repository.fetch("requirement")
        newest, oldest = list(repository.log())
    # What origin's versions are called here is told once.
    assert newest.remotes == ("origin/main", "requirement/main")
    assert (oldest.tags, oldest.remotes) == (("v0.1.0",), ())
    add_person(team.ada, 30, "third")
    with team.bob.open() as repository:
        repository.fetch("requirement")
        (entry,) = repository.log("main..requirement/v0.1.2")
    assert entry.remotes == ("requirement/main", "requirement/v0.1.2")


def test_a_version_of_ours_gets_another_name(team: Team) -> None:
    add_person(team.ada, 30, "hers")
    add_person(team.bob, 31, "his")
    with team.ada.open() as repository:
        repository.push()
    with team.bob.open() as repository:
        assert [clash.version for clash in repository.fetch().clashes] == ["v0.1.2"]
    workspace = open_workspace(team.bob.directory)
    made = rename_tag(workspace, "v0.1.2", "v0.1.3")
    assert made.snapshot.subject == "his"
    assert made.message.startswith("v0.1.3: his\n")
    assert refs(team.bob.store)["refs/current"] == refs(team.bob.store)["refs/tags/v0.1.3"]
    workspace.store.close()
    with team.bob.open() as repository:
        done = repository.fetch()
        assert (done.clashes, done.versions) == ((), ("v0.1.2",))
        assert repository.snapshot("v0.1.2").snapshot.subject == "hers"
        status = repository.status()
        assert status.current is not None
        assert (status.current.version, status.changes.rows) == ("v0.1.3", ())


def test_a_version_that_others_have_keeps_its_name(team: Team) -> None:
    workspace = open_workspace(team.bob.directory)
    with pytest.raises(TagShared, match=r"origin/v0\.1\.0"):
        rename_tag(workspace, "v0.1.0", "v9.0.0")
    add_person(team.bob, 31, "his")
    with pytest.raises(TagExists):
        rename_tag(workspace, "v0.1.2", "v0.1.1")
    workspace.store.close()


def test_a_tag_is_no_name_of_a_remote(team: Team) -> None:
    workspace = open_workspace(team.bob.directory)
    with pytest.raises(BadTagName, match="origin"):
        create_tag(workspace, "origin/v7", message="x")
    workspace.store.close()


def test_a_renaming_that_was_killed_goes_on(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    from kuzugit import atomic

    version = add_person(team.bob, 31, "his")
    for step in ("rename:made", "rename:current-moved"):

        def die(name: str, step: str = step) -> None:
            if name == step:
                raise KeyboardInterrupt

        workspace = open_workspace(team.bob.directory)
        with monkeypatch.context() as patch:
            patch.setattr(atomic, "step", die)
            with pytest.raises(KeyboardInterrupt):
                rename_tag(workspace, version, "other")
        workspace.store.close()
    workspace = open_workspace(team.bob.directory)
    rename_tag(workspace, version, "other")
    workspace.store.close()
    assert f"refs/tags/{version}" not in refs(team.bob.store)
    with Repository.open(team.bob.directory) as repository:
        assert not repository.status().changes
