"""Law 5: killed at any instant, not only between two steps."""

from __future__ import annotations

import math
import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.crash.commands import CASES, NAMES
from tests.crash.killing import (
    KILLED,
    Command,
    Scene,
    assert_survived,
    outcome,
    run_in,
)
from tests.store.making import start_child, wait
from tests.support.soak import Soak

MakeScene = Callable[[Path], Scene]
KILLS = 50


def kill_at_random(
    place: Path, command: Command, make: MakeScene, kills: int, chance: random.Random
) -> int:
    """Kill the command at `kills` instants of its run, and look at each project left.

    Returns how many of the kills came before the command was done.
    """
    scene = make(place / "scene")
    dry = scene.copy(place / "dry")
    began = time.monotonic()
    assert wait(start_child(lambda: run_in(dry, command))) == 0
    duration = time.monotonic() - began
    expected = outcome(dry)
    hit = 0
    for number in range(kills):
        project = scene.copy(place / f"killed-{number}")
        instant = chance.uniform(0.05, 1) * duration
        child = start_child(lambda project=project: run_in(project, command))  # type: ignore[misc]
        time.sleep(instant)
        os.kill(child, signal.SIGKILL)
        # The last instants may come when the command is done. The first run, which imports
        # and warms what the others find done, is no measure of them.
        status = wait(child)
        assert status in (KILLED, 0)
        hit += status == KILLED
        duration = duration * 1.02 if status == KILLED else min(duration, instant)
        try:
            assert_survived(scene, project, command, expected)
        except BaseException as error:
            error.add_note(f"killed {number}, after {instant:.4f} of {duration:.4f} s")
            raise
        shutil.rmtree(project.directory)
    return hit


@pytest.mark.parametrize(("command", "make"), CASES, ids=NAMES)
def test_killed_at_random_instants(tmp_path: Path, command: Command, make: MakeScene) -> None:
    kill_at_random(tmp_path, command, make, KILLS // len(CASES), random.Random(NAMES[0]))


@pytest.mark.soak
@pytest.mark.parametrize(("command", "make"), CASES, ids=NAMES)
def test_killed_at_many_random_instants(
    tmp_path: Path, command: Command, make: MakeScene, soak: Soak
) -> None:
    kills = math.ceil(soak.kills / len(CASES))
    hit = kill_at_random(tmp_path, command, make, kills, random.Random())
    soak.note("kills", kills)
    soak.note("killed before the end", hit)
