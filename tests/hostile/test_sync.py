"""Law 7: what a sync would take over is looked at first; of what is hostile nothing is applied."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kuzugit.errors import ExitCode
from kuzugit.store import objects
from tests.hostile.commands import run_commands
from tests.hostile.planting import TAG, plant
from tests.hostile.snapshots import HARMLESS, HOSTILE, PWNED, Hostile, Where
from tests.hostile.test_snapshots import CONTROLS, MEMORY, copied, files
from tests.store.making import git
from tests.support.live import LiveProject, make_project

OPEN = [item for item in HOSTILE if item.where is not Where.REFERENCE][::3]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> LiveProject:
    project = make_project(tmp_path_factory.mktemp("source") / "scene")
    project.commit("first")
    return project


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> LiveProject:
    """A project with a table of its own."""
    project = make_project(tmp_path_factory.mktemp("client") / "client")
    project.run("DROP TABLE knows", "ALTER TABLE Person RENAME TO Human")
    project.commit("own")
    return project


@pytest.fixture(autouse=True)
def few_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects, "MAX_ENTRIES", 20_000)


def world(tmp_path: Path, scene: LiveProject, client: LiveProject, hostile: Hostile) -> Path:
    """Make a directory with the enemy and the client in it."""
    directory = tmp_path / "world" / "here"
    directory.mkdir(parents=True)
    plant(copied(scene, directory / "enemy").store, hostile.plant)
    copied(client, directory / "client")
    return directory


def refused(here: Path, *words: str, codes: tuple[int, ...]) -> None:
    store = here / "client" / ".kuzugit"
    before, refs = files(here, but=store), git(store, "for-each-ref")
    ran = run_commands(here, [("-C", "client", "sync", *words)])
    assert ran.status == 0
    assert ran.memory < MEMORY
    (said,) = ran.said
    assert said.code in codes, said
    assert said.out == ""
    assert "Traceback" not in said.err
    assert not CONTROLS.search(said.err), said
    assert files(here, but=store) == before
    assert git(store, "for-each-ref") == refs
    assert list((store / "kuzugit" / "tmp").iterdir()) == []


@pytest.mark.parametrize("hostile", HOSTILE[::16], ids=lambda hostile: hostile.name)
def test_by_its_path(
    tmp_path: Path, scene: LiveProject, client: LiveProject, hostile: Hostile
) -> None:
    here = world(tmp_path, scene, client, hostile)
    refused(here, "../enemy", TAG, codes=(ExitCode.CORRUPT, ExitCode.UNSUPPORTED))


@pytest.mark.parametrize("hostile", OPEN, ids=lambda hostile: hostile.name)
def test_what_plain_git_has_brought(
    tmp_path: Path, scene: LiveProject, client: LiveProject, hostile: Hostile
) -> None:
    """Plain Git looks at nothing; without a fetch nobody else has looked."""
    here = world(tmp_path, scene, client, hostile)
    bring(here / "enemy" / ".kuzugit", here / "client" / ".kuzugit")
    codes = (hostile.code, ExitCode.CORRUPT, ExitCode.UNSUPPORTED)
    refused(here, "enemy", TAG, "--no-fetch", codes=codes)


def bring(enemy: Path, ours: Path) -> None:
    """Copy every object and reference of the enemy into ours, as its remote `enemy`."""
    shutil.copytree(enemy / "objects", ours / "objects", dirs_exist_ok=True)
    git(ours, "config", "remote.enemy.url", str(enemy))
    target = git(enemy, "rev-parse", f"refs/tags/{TAG}").strip()
    place = ours / "refs" / "remotes" / "enemy" / TAG
    place.parent.mkdir(parents=True)
    place.write_text(f"{target}\n")


@pytest.mark.parametrize("hostile", HARMLESS, ids=lambda hostile: hostile.name)
def test_what_only_looks_hostile_is_taken(
    tmp_path: Path, scene: LiveProject, client: LiveProject, hostile: Hostile
) -> None:
    here = world(tmp_path, scene, client, hostile)
    ran = run_commands(
        here, [("-C", "client", "sync", "../enemy", TAG), ("-C", "client", "status")]
    )
    assert [said.code for said in ran.said] == [0, 0], ran.said


@pytest.mark.parametrize(
    "statement",
    [
        f"COPY (RETURN 1) TO '{PWNED}';",
        "INSTALL httpfs;",
        "ATTACH 'x.db' AS x (dbtype duckdb);",
        "CALL threads=1;",
        "EXPORT DATABASE 'pwned';",
    ],
)
def test_an_exported_directory_that_does_more(
    tmp_path: Path, client: LiveProject, statement: str
) -> None:
    here = tmp_path / "world" / "here"
    here.mkdir(parents=True)
    project = copied(client, here / "client")
    exported = here / "exported"
    project.run(f"EXPORT DATABASE '{exported}' (format='parquet')")
    schema = exported / "schema.cypher"
    schema.write_text(f"{schema.read_text()}{statement}\n")
    before = files(here, but=project.store)
    commands = [
        ("-C", "client", "sync", "../exported"),
        ("-C", "client", "import", "../exported", "-m", "x"),
    ]
    ran = run_commands(here, commands)
    assert ran.status == 0
    assert ran.said[0].code == ran.said[1].code != 0, ran.said
    assert ran.said[0].out == ""
    assert files(here, but=project.store) == before
