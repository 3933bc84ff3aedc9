"""Law 5: a sync that is killed, or that fails, leaves the live database as before or as asked."""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from kuzugit.errors import ExitCode
from kuzugit.porcelain.repository import Repository
from tests.crash.failing import ERRORS, run_failing
from tests.crash.killing import (
    KILLED,
    Outcome,
    Scene,
    assert_survived,
    kill_at,
    outcome,
    parted_scene,
    run_in,
    steps_of,
)
from tests.store.making import start_child, wait
from tests.support.live import LiveProject
from tests.support.soak import Soak

KILLS = 8
SAMPLE = 43
ALLOWED = {ExitCode.DONE, ExitCode.LOCKED, ExitCode.CORRUPT, ExitCode.ENGINE, ExitCode.GIT}


def sync(repository: Repository) -> None:
    repository.sync("req")


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory, hermetic: None) -> Scene:
    def remote(project: LiveProject, source: LiveProject) -> None:
        with project.open() as repository:
            repository.add_remote("req", str(source.directory))

    return parted_scene(tmp_path_factory.mktemp("sync") / "scene", sync, remote)


def expected_of(scene: Scene, place: Path) -> Outcome:
    project = scene.copy(place)
    run_in(project, sync)
    return outcome(project)


def test_killed_at_each_step(tmp_path: Path, scene: Scene) -> None:
    dry = scene.copy(tmp_path / "dry")
    steps = steps_of(dry, sync, tmp_path / "steps")
    expected = outcome(dry)
    assert {"sync:merged", "sync:published", "sync:intent-written", "sync:renamed"} <= set(steps)
    for number, name in enumerate(steps):
        if name.startswith(("ref:", "refs:", "publish:", "objects:")) and number % 3:
            continue  # test_steps.py and test_travel.py kill at each of these
        project = scene.copy(tmp_path / f"killed-{number}")
        kill_at(project, sync, number)
        wait_for_orphans(project)
        try:
            assert_survived(scene, project, sync, expected)
        except BaseException as error:
            error.add_note(f"killed at step {number}, {name}, of {steps}")
            raise
        shutil.rmtree(project.directory)


def kill_at_random(place: Path, scene: Scene, kills: int, chance: random.Random) -> int:
    """Kill a sync at `kills` instants; return how many came before it was done."""
    expected = expected_of(scene, place / "dry")
    timed = scene.copy(place / "timed")
    began = time.monotonic()
    assert wait(start_child(lambda: run_in(timed, sync))) == 0
    duration = time.monotonic() - began
    hit = 0
    for number in range(kills):
        project = scene.copy(place / f"killed-{number}")
        instant = chance.uniform(0.05, 1) * duration
        child = start_child(lambda project=project: run_in(project, sync))  # type: ignore[misc]
        time.sleep(instant)
        os.kill(child, signal.SIGKILL)
        status = wait(child)
        assert status in (KILLED, 0)
        hit += status == KILLED
        duration = duration * 1.02 if status == KILLED else min(duration, instant)
        wait_for_orphans(project)
        try:
            assert_survived(scene, project, sync, expected)
        except BaseException as error:
            error.add_note(f"killed {number}, after {instant:.4f} of {duration:.4f} s")
            raise
        shutil.rmtree(project.directory)
    return hit


def test_killed_at_random_instants(tmp_path: Path, scene: Scene) -> None:
    assert kill_at_random(tmp_path, scene, KILLS, random.Random(5)) > KILLS // 3


@pytest.mark.soak
def test_killed_at_many_random_instants(tmp_path: Path, scene: Scene, soak: Soak) -> None:
    soak.note("kills", soak.kills)
    soak.note("killed before the end", kill_at_random(tmp_path, scene, soak.kills, random.Random()))


def fail_each(place: Path, scene: Scene, chosen: Callable[[int], bool]) -> int:
    """Let each chosen file operation of a sync fail; return how many did."""
    expected = expected_of(scene, place / "dry")
    counted = scene.copy(place / "counted")
    _, said = run_failing(counted.directory, ["sync", "req"], 0, 0, place / "report")
    failed = 0
    for number in filter(chosen, range(1, int(said.split("\n")[0]) + 1)):
        error = ERRORS[number % 3]
        project = scene.copy(place / f"failed-{number}")
        code, said = run_failing(
            project.directory, ["sync", "req"], number, error, place / "report"
        )
        try:
            assert code in ALLOWED, said
            assert "Traceback" not in said
            assert_survived(scene, project, sync, expected)
        except BaseException as failure:
            failure.add_note(f"operation {number}: exit code {code}: {said}")
            raise
        failed += 1
        shutil.rmtree(project.directory)
    return failed


def test_a_sample_of_operations_fails(tmp_path: Path, scene: Scene) -> None:
    assert fail_each(tmp_path, scene, lambda number: number % SAMPLE == 5) > 3


@pytest.mark.soak
def test_each_operation_fails(tmp_path: Path, scene: Scene) -> None:
    assert fail_each(tmp_path, scene, lambda _: True) > 100


def wait_for_orphans(project: LiveProject) -> None:
    """Wait until the git programs that the killed process had called have ended."""
    place = str(project.directory).encode()
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if not any(place in _words(path) for path in Path("/proc").glob("[0-9]*/cmdline")):
            return
        time.sleep(0.05)
    raise AssertionError("a git program is still running")


def _words(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""  # it has ended meanwhile
