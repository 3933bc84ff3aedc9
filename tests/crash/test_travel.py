"""Law 5: a transfer that is killed, or that fails, leaves both stores as before or as asked."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from kuzugit.errors import ExitCode
from kuzugit.porcelain.repository import Repository
from tests.crash.failing import ERRORS, run_failing
from tests.crash.killing import KILLED, Command, fsck, kill_at, leftovers, run_in, steps_of
from tests.store.making import git, start_child, wait
from tests.support.live import LiveProject
from tests.support.travel import Team, add_person, copied, make_team, refs

KILLS = 4
SOAK_KILLS = 250
SAMPLE = 9
HEAD = "refs/remotes/origin/HEAD"


def fetch(repository: Repository) -> None:
    repository.fetch()


def pull(repository: Repository) -> None:
    repository.pull()


def push(repository: Repository) -> None:
    repository.push()


COMMANDS = [fetch, pull, push]
ids = [command.__name__ for command in COMMANDS]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory, hermetic: None) -> Team:
    """Ada has pushed a version that Bob lacks; Bob has no mark of where origin's HEAD is."""
    team = make_team(tmp_path_factory.mktemp("team") / "team")
    add_person(team.ada, 30, "third")
    with team.ada.open() as repository:
        repository.push()
    (team.bob.store / HEAD).unlink()
    return team


def ready(scene: Team, place: Path, command: Command) -> Team:
    """Copy the scene; for a push, Bob has pulled and committed something of his own."""
    team = copied(scene, place)
    if command is push:
        run_in(team.bob, pull)
        add_person(team.bob, 31, "his")
    return team


def told(store: Path) -> dict[str, str]:
    """Return the references, but for the one that says where the remote's HEAD is."""
    return {name: value for name, value in refs(store).items() if name != HEAD}


def look(team: Team, before: Team, after: Team) -> None:
    """Both stores are sound, and each is one of its two states."""
    for store in (team.shared, team.bob.store):
        assert git(store, "fsck", "--strict", "--full", "--no-dangling") == ""
    with team.bob.open() as repository:
        assert repository.verify(every=True).findings == ()
    assert told(team.shared) in (told(before.shared), told(after.shared))
    fetched = [
        {name: value for name, value in told(item.bob.store).items() if "/origin/" in name}
        for item in (team, before, after)
    ]
    assert fetched[0] in fetched[1:]
    assert team.bob.content() in (before.bob.content(), after.bob.content())


def finish(team: Team, after: Team, command: Command) -> None:
    """The same command again leaves what it would have left at once."""
    run_in(team.bob, command)
    assert refs(team.bob.store) == refs(after.bob.store)
    assert refs(team.shared) == refs(after.shared)
    assert team.bob.content() == after.bob.content()
    fsck(team.bob)
    assert leftovers(team.bob) == []


@pytest.mark.parametrize("command", COMMANDS, ids=ids)
def test_killed_at_each_step(tmp_path: Path, scene: Team, command: Command) -> None:
    before = ready(scene, tmp_path / "before", command)
    after = copied(before, tmp_path / "after")
    steps = steps_of(after.bob, command, tmp_path / "steps")
    assert len(steps) > 3
    for number, name in enumerate(steps):
        if name.startswith("checkout:") and number % 4:
            continue  # test_steps.py kills a checkout at each of its own
        team = copied(before, tmp_path / f"killed-{number}")
        kill_at(team.bob, command, number)
        try:
            look(team, before, after)
            finish(team, after, command)
        except BaseException as error:
            error.add_note(f"killed at step {number}, {name}, of {steps}")
            raise


def kill_at_random(
    place: Path, scene: Team, command: Command, kills: int, chance: random.Random
) -> None:
    before = ready(scene, place / "before", command)
    after = copied(before, place / "after")
    began = time.monotonic()
    assert wait(start_child(lambda: run_in(after.bob, command))) == 0
    duration = time.monotonic() - began
    for number in range(kills):
        team = copied(before, place / f"killed-{number}")
        instant = chance.uniform(0.02, 1) * duration
        child = start_child(lambda team=team: run_in(team.bob, command))  # type: ignore[misc]
        time.sleep(instant)
        os.kill(child, signal.SIGKILL)
        assert wait(child) in (KILLED, 0)
        wait_for_orphans(team)
        try:
            look(team, before, after)
            finish(team, after, command)
        except BaseException as error:
            error.add_note(f"killed {number}, after {instant:.4f} of {duration:.4f} s")
            raise


def wait_for_orphans(team: Team) -> None:
    """Wait until the git programs that the killed process had called have ended."""
    place = str(team.shared.parent).encode()
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        found = [path for path in Path("/proc").glob("[0-9]*/cmdline") if place in words(path)]
        if not found:
            return
        time.sleep(0.05)
    raise AssertionError(f"still running: {found}")


def words(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""  # it has ended meanwhile


@pytest.mark.parametrize("command", COMMANDS, ids=ids)
def test_killed_at_random_instants(tmp_path: Path, scene: Team, command: Command) -> None:
    kill_at_random(tmp_path, scene, command, KILLS, random.Random(command.__name__))


@pytest.mark.soak
@pytest.mark.parametrize("command", COMMANDS, ids=ids)
def test_killed_at_many_random_instants(tmp_path: Path, scene: Team, command: Command) -> None:
    kill_at_random(tmp_path, scene, command, SOAK_KILLS, random.Random())


def test_a_clone_that_is_killed_leaves_no_directory(tmp_path: Path, scene: Team) -> None:
    def clone(repository: Repository, to: str = "new") -> None:
        Repository.clone(str(scene.shared), repository.path.parent.parent / to).close()

    team = copied(scene, tmp_path / "team")
    steps = steps_of(team.bob, lambda repository: clone(repository, "dry"), tmp_path / "steps")
    for number in range(0, len(steps), 3):
        kill_at(team.bob, clone, number)
        assert not (team.shared.parent / "new").exists()
    run_in(team.bob, clone)
    names = sorted(item.name for item in team.shared.parent.iterdir())
    assert names == ["ada", "bob", "dry", "new", "shared.git"]
    fsck(LiveProject(team.shared.parent / "new"))


def fail_each(place: Path, scene: Team, chosen: Callable[[int], bool]) -> int:
    """Let each chosen file operation of a fetch fail; return how many did."""
    before = ready(scene, place / "before", fetch)
    after = copied(before, place / "after")
    run_in(after.bob, fetch)
    counted = copied(before, place / "counted")
    _, said = run_failing(counted.bob.directory, ["fetch"], 0, 0, place / "report")
    failed = 0
    for number in filter(chosen, range(1, int(said.split("\n")[0]) + 1)):
        error = ERRORS[number % 3]
        team = copied(before, place / f"failed-{number}")
        code, said = run_failing(team.bob.directory, ["fetch"], number, error, place / "report")
        try:
            assert code in (ExitCode.DONE, ExitCode.GIT, ExitCode.CORRUPT, ExitCode.LOCKED), said
            assert "Traceback" not in said
            look(team, before, after)
            finish(team, after, fetch)
        except BaseException as failure:
            failure.add_note(f"operation {number}: exit code {code}: {said}")
            raise
        failed += 1
    return failed


def test_a_sample_of_operations_fails(tmp_path: Path, scene: Team) -> None:
    assert fail_each(tmp_path, scene, lambda number: number % SAMPLE == 4) > 3


@pytest.mark.soak
def test_each_operation_fails(tmp_path: Path, scene: Team) -> None:
    assert fail_each(tmp_path, scene, lambda _: True) > 30
