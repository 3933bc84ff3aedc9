"""Law 5: killed between any two steps, a command leaves the state before it or after it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.crash.commands import CASES, NAMES
from tests.crash.killing import Command, Scene, assert_survived, kill_at, outcome, steps_of


@pytest.mark.parametrize(("command", "scene"), CASES, ids=NAMES)
def test_killed_at_each_step(
    tmp_path: Path, command: Command, scene: Callable[[Path], Scene]
) -> None:
    made = scene(tmp_path / "scene")
    dry = made.copy(tmp_path / "dry")
    steps = steps_of(dry, command, tmp_path / "steps")
    expected = outcome(dry)
    assert len(steps) > 3
    for number, name in enumerate(steps):
        project = made.copy(tmp_path / f"killed-{number}")
        kill_at(project, command, number)
        try:
            assert_survived(made, project, command, expected)
        except BaseException as error:
            error.add_note(f"killed at step {number}, {name}, of {steps}")
            raise
