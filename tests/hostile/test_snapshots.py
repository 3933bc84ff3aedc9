"""Law 7: a snapshot is data. Whatever a fetched one holds, it gets an error and nothing else."""

from __future__ import annotations

import hashlib
import re
import shutil
from pathlib import Path

import pytest

from kuzugit.errors import ExitCode
from kuzugit.store import objects
from tests.hostile.commands import Ran, run_commands
from tests.hostile.planting import TAG, plant
from tests.hostile.snapshots import HARMLESS, HOSTILE, Hostile, Where
from tests.support.live import LiveProject, make_project

COMMANDS = (
    ("checkout", TAG),
    ("checkout", TAG, "--force"),
    ("checkout", TAG, "--to", "copy.kuzu"),
    ("export", TAG, "exported"),
    ("query", TAG, "MATCH (p:Person) RETURN p.name"),
    ("sql", TAG, 'SELECT * FROM "Person"'),
    ("show", TAG),
    ("diff", "v0.1.0", TAG),
    ("verify", TAG),
    ("log", TAG),
    ("log",),
    ("tag",),
    ("status",),
    ("--debug", "show", TAG),
)
BUILDING = 3
"""The first commands of the list are refused whatever is wrong."""

MEMORY = 1 << 30
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> LiveProject:
    project = make_project(tmp_path_factory.mktemp("hostile") / "scene")
    project.commit("first")
    return project


def copied(scene: LiveProject, place: Path) -> LiveProject:
    shutil.copytree(scene.directory, place, symlinks=True)
    return LiveProject(place)


def files(directory: Path, *, but: Path | None = None) -> dict[str, str]:
    """Return every file below a directory and its hash; those below `but` are left out."""
    return {
        str(path.relative_to(directory)): (
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "directory"
        )
        for path in sorted(directory.rglob("*"))
        if but is None or not path.is_relative_to(but)
    }


@pytest.fixture(autouse=True)
def few_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tree of endless breadth is given up sooner than the million paths that are allowed."""
    monkeypatch.setattr(objects, "MAX_ENTRIES", 20_000)


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda hostile: hostile.name)
def test_it_is_refused_and_touches_nothing(
    tmp_path: Path, scene: LiveProject, hostile: Hostile
) -> None:
    project = copied(scene, tmp_path / "world" / "project")
    plant(project.store, hostile.plant)
    before = files(tmp_path / "world", but=project.store)
    home = files(Path.home())
    ran = run_commands(project.directory, COMMANDS)
    assert files(tmp_path / "world", but=project.store) == before
    assert files(Path.home()) == home
    assert list((project.store / "kuzugit" / "tmp").iterdir()) == []
    check(ran, hostile)


@pytest.mark.parametrize("hostile", HARMLESS, ids=lambda hostile: hostile.name)
def test_what_only_looks_hostile_comes_back_as_it_is(
    tmp_path: Path, scene: LiveProject, hostile: Hostile
) -> None:
    project = copied(scene, tmp_path / "world" / "project")
    plant(project.store, hostile.plant)
    commands = (
        ("verify", TAG, "--rebuild"),
        ("checkout", TAG),
        ("status",),
        ("diff", "v0.1.0", TAG),
        ("show", TAG),
        ("export", TAG, "exported"),
    )
    ran = run_commands(project.directory, commands)
    assert ran.status == 0
    for said in ran.said:
        assert said.code == 0, said
        assert not CONTROLS.search(said.out + said.err), said
    assert project.files() == ["exported", project.name]
    with project.open() as repository:
        assert not repository.status().changes


def check(ran: Ran, hostile: Hostile) -> None:
    shown = "\n".join(f"{said.arguments} {said.code}\n{said.out}{said.err}" for said in ran.said)
    assert ran.status == 0, shown
    assert len(ran.said) == len(COMMANDS), shown
    for number, said in enumerate(ran.said):
        assert not CONTROLS.search(said.out + said.err), (said, shown)
        assert said.code in allowed(hostile, number, said.arguments), (said, shown)
        if said.code not in (0, 1):
            lines = said.err.splitlines()
            assert said.out == ""
            assert "error: " in said.err
            assert "Traceback" not in said.err or said.arguments[0] == "--debug"
            assert len(lines) <= 3 or said.arguments[0] == "--debug"
            assert max(map(len, lines)) < 2000
    assert ran.memory < MEMORY


def allowed(hostile: Hostile, number: int, arguments: tuple[str, ...]) -> set[int]:
    """Return the exit codes that the command may give."""
    if number < BUILDING:
        return {hostile.code}
    command = next(word for word in arguments if not word.startswith("-"))
    if TAG not in arguments:
        return {ExitCode.DONE}
    if hostile.where is Where.REFERENCE:
        # What an object is that a tag names, or that it is missing, is what verify looks for.
        return {hostile.code, ExitCode.DIFFERENT} if command == "verify" else {hostile.code}
    if command == "verify":
        return {ExitCode.DIFFERENT}
    if command == "log":
        return {ExitCode.DONE}
    if hostile.where in (Where.TREE, Where.MANIFEST):
        return {hostile.code}
    # Where the manifest itself is sound, what it says can be shown.
    if command in ("show", "diff") or hostile.where is Where.STATEMENTS:
        return {ExitCode.DONE, hostile.code}
    return {hostile.code}


@pytest.mark.parametrize(
    "hostile",
    [item for item in HOSTILE if item.where is not Where.REFERENCE][::8],
    ids=lambda hostile: hostile.name,
)
def test_as_current_it_harms_no_command(
    tmp_path: Path, scene: LiveProject, hostile: Hostile
) -> None:
    project = copied(scene, tmp_path / "world" / "project")
    plant(project.store, hostile.plant, everywhere=True)
    before = files(tmp_path / "world", but=project.store)
    commands = (("status",), ("log",), ("diff",), ("verify",), ("tag",))
    ran = run_commands(project.directory, commands)
    assert ran.status == 0
    assert files(tmp_path / "world", but=project.store) == before
    for said in ran.said:
        assert said.code in (0, 1, ExitCode.REFUSED, hostile.code), said
        assert not CONTROLS.search(said.out + said.err), said
