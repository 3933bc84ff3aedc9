"""Commands in child processes that are killed in the middle, and what must hold after it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kuzugit import atomic
from kuzugit.porcelain.diff import diff
from kuzugit.porcelain.patch import patch_lines
from kuzugit.porcelain.repository import Repository
from kuzugit.porcelain.workspace import open_workspace
from tests.store.making import start_child, wait
from tests.support.content import Content
from tests.support.live import (
    ADD_PERSON,
    DROP_COLUMN,
    RENAME_PERSON,
    LiveProject,
    leave_log,
    make_project,
)

Command = Callable[[Repository], object]

PATCH = "changes.patch"

KILLED = -signal.SIGKILL


@dataclass(frozen=True)
class Scene:
    """A project that a command is killed in, copied for each kill.

    The store has v0.1.0 and v1.0.0, which is current. `contents` are those of the
    live database at either version and as it stands, by name.
    """

    project: LiveProject
    contents: dict[str, Content]

    def copy(self, place: Path) -> LiveProject:
        """Copy the project to the new directory `place`."""
        shutil.copytree(self.project.directory, place, symlinks=True)
        return LiveProject(place)


def clean_scene(directory: Path) -> Scene:
    """The live database is as committed."""
    project = make_project(directory)
    project.commit("first")
    first = project.content()
    project.commit("second", RENAME_PERSON, DROP_COLUMN)
    second = project.content()
    return Scene(project, {"v0.1.0": first, "v1.0.0": second, "live": second})


def changed_scene(directory: Path) -> Scene:
    """The live database holds a change that no snapshot has."""
    scene = clean_scene(directory)
    scene.project.run("CREATE (:Person {id: 77, name: 'unsaved'})")
    return Scene(scene.project, {**scene.contents, "live": scene.project.content()})


def logged_scene(directory: Path) -> Scene:
    """The same, and the change stands only in the log that a killed application left."""
    scene = clean_scene(directory)
    leave_log(scene.project.database, "CREATE (:Person {id: 77, name: 'unsaved'})")
    return Scene(scene.project, {**scene.contents, "live": scene.project.content()})


def settled_log_scene(directory: Path) -> Scene:
    """The live database is as committed, and half of that stands in a left-over log."""
    scene = clean_scene(directory)
    leave_log(
        scene.project.database,
        "CREATE (:Person {id: 77, name: 'gone'})",
        "MATCH (p:Person {id: 77}) DELETE p",
    )
    return scene


def missing_scene(directory: Path) -> Scene:
    """There is no live database."""
    scene = clean_scene(directory)
    scene.project.database.unlink()
    return Scene(scene.project, {**scene.contents, "live": Content()})


def exported_scene(directory: Path) -> Scene:
    """Beside the live database is an exported directory with a content of its own."""
    scene = changed_scene(directory)
    other = make_project(directory.with_name("other"))
    other.commit("other", ADD_PERSON)
    with other.open() as repository:
        repository.export("current", directory / "exported")
    return scene


def patched_scene(directory: Path) -> Scene:
    """The live database has a change of its own; beside it is a patch, which fits."""
    scene = changed_scene(directory)
    other = scene.copy(directory.with_name("patched"))
    with other.open() as repository:
        repository.checkout("v1.0.0", force=True)
    version = other.commit(
        "edited", "CREATE (:Person {id: 21})", "MATCH (p:Person {id: 7}) DETACH DELETE p"
    )
    workspace = open_workspace(other.directory)
    with diff(workspace, "v1.0.0", version) as found:
        lines = list(patch_lines(found))
    workspace.store.close()
    (directory / PATCH).write_text("".join(f"{line}\n" for line in lines))
    applied = scene.copy(directory.with_name("applied"))
    with applied.open() as repository:
        repository.apply(lines)
    return Scene(scene.project, {**scene.contents, "applied": applied.content()})


def parted_scene(
    directory: Path,
    sync: Command,
    prepare: Callable[[LiveProject, LiveProject], None] = lambda _, __: None,
) -> Scene:
    """Since a first `sync` with `source` beside it both sides have gone on, in one table.

    Theirs has a new one too. `prepare` is given ours and theirs before the first.
    """
    other = make_project(directory.with_name("source"))
    other.commit("first", RENAME_PERSON, DROP_COLUMN, "CREATE (:Person {id: 40, name: 'more'})")
    made = clean_scene(directory)
    prepare(made.project, other)
    run_in(made.project, sync)
    version = made.project.commit("ours", "MATCH (p:Person {id: 5}) SET p.name = 'ours'")
    other.commit(
        "theirs",
        "MATCH (p:Person {id: 6}) SET p.name = 'theirs'",
        "CREATE (:Person {id: 30, name: 'new'})",
        "MATCH (p:Person {id: 20}) DETACH DELETE p",
        "CREATE NODE TABLE Item(id INT64 PRIMARY KEY)",
        "CREATE (:Item {id: 1})",
    )
    live = made.project.content()
    synced = made.copy(directory.with_name("synced"))
    run_in(synced, sync)
    contents = {**made.contents, version: live, "live": live}
    return Scene(made.project, {**contents, outcome(synced).current: synced.content()})


def collected_scene(directory: Path) -> Scene:
    """The store has a pack, objects beside it, and one that nobody names."""
    scene = clean_scene(directory)
    with scene.project.open() as repository:
        repository.gc(prune_older="now")
    version = scene.project.commit("third", "CREATE (:Person {id: 77, name: 'new'})")
    live = scene.project.content()
    nobodys = ["git", f"--git-dir={scene.project.store}", "hash-object", "-w", "--stdin"]
    subprocess.run(nobodys, input=b"nobody names it", stdout=subprocess.PIPE, check=True)
    return Scene(scene.project, {**scene.contents, version: live, "live": live})


def run_in(project: LiveProject, command: Command) -> None:
    with project.open() as repository:
        command(repository)


def steps_of(project: LiveProject, command: Command, report: Path) -> list[str]:
    """Run the command in a child and return the names of the steps that it passes, in order."""

    def note(name: str) -> None:
        with report.open("a") as file:
            file.write(f"{name}\n")

    def work() -> None:
        atomic.step = note
        run_in(project, command)

    assert wait(start_child(work)) == 0
    return report.read_text().split()


def kill_at(project: LiveProject, command: Command, number: int) -> None:
    """Run the command in a child that dies at its step `number`, counted from 0."""
    passed = iter(range(number))

    def work() -> None:
        def die(name: str) -> None:
            if next(passed, None) is None:
                os.kill(os.getpid(), signal.SIGKILL)

        atomic.step = die
        run_in(project, command)

    assert wait(start_child(work)) == KILLED


@dataclass(frozen=True)
class Outcome:
    """What a finished command leaves: the databases, where current is, the messages of the log."""

    live: Content
    copies: list[Content]
    current: str
    log: list[str]


def outcome(project: LiveProject) -> Outcome:
    asides = [
        path
        for path in (
            *project.directory.glob(f"{project.name}.aside-*"),
            *project.directory.glob("copy.kuzu"),
        )
        if path.suffix != ".wal"
    ]
    copies: list[Content] = []
    for path in asides:
        # A kill may leave one file kept aside twice.
        if (content := LiveProject(project.directory, path.name).content()) not in copies:
            copies.append(content)
    with project.open() as repository:
        current = repository.status().current
        log = [entry.snapshot.subject for entry in repository.log()]
    assert current is not None
    return Outcome(project.content(), copies, current.version or "", log)


def assert_survived(
    scene: Scene, project: LiveProject, command: Command, expected: Outcome
) -> None:
    """Look at a project in which `command` was killed, then run it again and look again."""
    assert_whole(scene, project)
    run_in(project, command)
    fsck(project)
    assert outcome(project) == expected
    assert leftovers(project) == []
    assert_no_stray_log(scene, project)


def assert_whole(scene: Scene, project: LiveProject) -> None:
    """The store is sound, live is one of the scene's states, and current agrees with it."""
    fsck(project)
    with project.open() as repository:
        report = repository.verify(every=True)
        assert [str(item) for item in report.findings] == []
        status = repository.status()
    found = project.content() if project.database.exists() else Content()
    assert found in scene.contents.values(), "live is neither the old nor the new database"
    assert status.current is not None
    if status.exists:
        # What is committed while the scene goes on is the live database as it was found.
        current = scene.contents.get(status.current.version or "", scene.contents["live"])
        assert (found == current) == (not status.changes)
    assert_no_stray_log(scene, project)


def assert_no_stray_log(scene: Scene, project: LiveProject) -> None:
    if Path(f"{project.database}.wal").exists():
        # It may only be the log that was found there, beside the file that it is of.
        assert project.content() == scene.contents["live"]


def fsck(project: LiveProject) -> None:
    done = subprocess.run(
        ["git", f"--git-dir={project.store}", "fsck", "--strict", "--full", "--no-dangling"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stdout + done.stderr


def leftovers(project: LiveProject) -> list[str]:
    """Return the files that no finished command may leave behind."""
    known = {".kuzugit", project.name, f"{project.name}.wal", "copy.kuzu", "exported", PATCH}
    beside = [
        item.name
        for item in project.directory.iterdir()
        if item.name not in known and ".aside-" not in item.name
    ]
    store = project.store
    temporary = [
        *(store / "kuzugit" / "tmp").iterdir(),
        *store.rglob("*.lock"),
        *store.rglob("*.new"),
        *store.glob("kuzugit/ref-lock"),
    ]
    # These stay: they are locked, not made and removed.
    ours = (store / "kuzugit.lock", store / "kuzugit" / "gc.lock")
    return beside + [str(item.relative_to(store)) for item in temporary if item not in ours]
