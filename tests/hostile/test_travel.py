"""Law 7: a hostile snapshot that comes by clone or fetch is refused, and nothing of it is kept."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from pygit2.enums import ObjectType

from kuzugit.errors import ExitCode
from kuzugit.store import arrival, objects, transport
from tests.hostile.commands import run_commands
from tests.hostile.planting import TAG, plant
from tests.hostile.snapshots import HARMLESS, HOSTILE, Hostile
from tests.hostile.test_bombs import pack_of_zeros
from tests.hostile.test_snapshots import CONTROLS, MEMORY, copied, files
from tests.store.making import git
from tests.support.live import LiveProject, make_project


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> LiveProject:
    project = make_project(tmp_path_factory.mktemp("travel") / "scene")
    project.commit("first")
    return project


@pytest.fixture(scope="module")
def client(scene: LiveProject, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone from before the enemy came."""
    home = tmp_path_factory.mktemp("client")
    (home / "a" / "b").mkdir(parents=True)
    ran = run_commands(home / "a" / "b", [("clone", str(scene.directory), "client")])
    assert ran.said[0].code == 0, ran.said
    return home / "a" / "b" / "client"


@pytest.fixture(autouse=True)
def few_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects, "MAX_ENTRIES", 20_000)


def enemy(scene: LiveProject, place: Path, hostile: Hostile) -> LiveProject:
    project = copied(scene, place)
    plant(project.store, hostile.plant)
    return project


def world(tmp_path: Path, client: Path, enemy: LiveProject) -> Path:
    """Make a directory with a clone in it whose origin is the enemy's."""
    directory = tmp_path / "world" / "here"
    directory.mkdir(parents=True)
    shutil.copytree(client, directory / "client")
    git(directory / "client" / ".kuzugit", "config", "remote.origin.url", str(enemy.store))
    return directory


def refused(here: Path, hostile: Hostile, *commands: tuple[str, ...]) -> None:
    before = files(here)
    ran = run_commands(here, commands)
    assert ran.status == 0
    assert ran.memory < MEMORY
    assert len(ran.said) == len(commands)
    for said in ran.said:
        assert said.code in (ExitCode.CORRUPT, ExitCode.UNSUPPORTED), (hostile.name, said)
        assert not CONTROLS.search(said.out + said.err), said
        assert said.out == ""
        assert "Traceback" not in said.err
        assert max(map(len, said.err.splitlines())) < 2000
    assert unchanging(files(here)) == unchanging(before)


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda hostile: hostile.name)
def test_it_is_refused_and_not_kept(
    tmp_path: Path, scene: LiveProject, client: Path, hostile: Hostile
) -> None:
    other = enemy(scene, tmp_path / "enemy", hostile)
    here = world(tmp_path, client, other)
    refused(here, hostile, ("clone", str(other.directory), "new"), ("-C", "client", "fetch"))


@pytest.mark.parametrize("hostile", HOSTILE[::16], ids=lambda hostile: hostile.name)
def test_a_pull_moves_nothing(
    tmp_path: Path, scene: LiveProject, client: Path, hostile: Hostile
) -> None:
    other = enemy(scene, tmp_path / "enemy", hostile)
    refused(world(tmp_path, client, other), hostile, ("-C", "client", "pull"))


def unchanging(found: dict[str, str]) -> dict[str, str]:
    """Leave out the lock, whose holder stands in it, and an empty scratch directory."""
    return {name: hash for name, hash in found.items() if not name.endswith("kuzugit.lock")}


@pytest.mark.parametrize("hostile", HARMLESS, ids=lambda hostile: hostile.name)
def test_what_only_looks_hostile_travels(
    tmp_path: Path, scene: LiveProject, client: Path, hostile: Hostile
) -> None:
    other = enemy(scene, tmp_path / "enemy", hostile)
    here = world(tmp_path, client, other)
    ran = run_commands(
        here,
        [
            ("clone", str(other.directory), "new"),
            ("-C", "client", "fetch"),
            ("-C", "client", "verify", f"origin/{TAG}"),
            ("-C", "client", "checkout", TAG, "--to", "copy.kuzu"),
        ],
    )
    assert [said.code for said in ran.said] == [0, 0, 0, 0], ran.said


def test_an_object_that_is_too_long_is_refused(
    tmp_path: Path, scene: LiveProject, client: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where no snapshot has a use for it."""
    monkeypatch.setitem(arrival.LIMITS, ObjectType.BLOB, 1 << 20)
    other = copied(scene, tmp_path / "enemy")
    id = pack_of_zeros(other.store, 1 << 21)
    git(other.store, "tag", "-a", "-m", "x", "heavy", id)
    here = world(tmp_path, client, other)
    before = files(here)
    ran = run_commands(here, [("-C", "client", "fetch"), ("clone", "../../enemy", "new")])
    for said in ran.said:
        assert said.code == ExitCode.CORRUPT
        assert f"sent a blob of {1 << 21} bytes" in said.err
    assert unchanging(files(here)) == unchanging(before)


def test_what_unpacks_to_more_than_memory_is_given_up(
    tmp_path: Path, scene: LiveProject, client: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the git program, before anything of it is looked at."""
    monkeypatch.setattr(transport, "_SET", (*transport._SET, f"GIT_ALLOC_LIMIT={1 << 20}"))
    other = copied(scene, tmp_path / "enemy")
    id = pack_of_zeros(other.store, 1 << 22)
    git(other.store, "tag", "-a", "-m", "x", "heavy", id)
    here = world(tmp_path, client, other)
    before = files(here)
    ran = run_commands(here, [("-C", "client", "fetch")])
    assert [said.code for said in ran.said] == [ExitCode.CORRUPT], ran.said
    assert unchanging(files(here)) == unchanging(before)
