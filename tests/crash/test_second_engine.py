"""Law 5 with Ladybug: killed between steps, a command leaves the state before it or after it."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.crash.killing import fsck, leftovers
from tests.support.dump import dump
from tests.support.ladybug import run_in_ladybug
from tests.support.live import ADD_PERSON, SMALL, LiveProject

PROGRAM = """
import os, signal, sys
from kuzugit import atomic
from kuzugit.cli.app import main
left = int(sys.argv[1])
def step(name):
    global left
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    left -= 1
atomic.step = step
code = main(sys.argv[2:])
assert "kuzu" not in sys.modules
print(f"steps: {int(sys.argv[1]) - left}")
sys.exit(code)
"""
ENDLESS = 1000
SAMPLE = 2
COMMANDS = {
    "commit": ["commit", "-m", "third"],
    "checkout by force": ["checkout", "v0.1.0", "--force"],
}


def run(project: LiveProject, words: list[str], steps: int = ENDLESS) -> tuple[int, str]:
    """Run a command in a process that dies at a step; return how it ended and what it said."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(steps), "-C", str(project.directory), *words],
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout + done.stderr


def content(project: LiveProject) -> dict[str, Any]:
    return dump("ladybug", project.database)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> LiveProject:
    """v0.1.0 and v0.1.1, current, and a row that no snapshot has."""
    made = LiveProject(tmp_path_factory.mktemp("ladybug") / "scene")
    made.directory.mkdir()
    run_in_ladybug(made.database, SMALL)
    for words in (["init", made.name], ["commit", "-m", "first"]):
        assert run(made, words)[0] == 0
    run_in_ladybug(made.database, [ADD_PERSON])
    assert run(made, ["commit", "-m", "second"])[0] == 0
    run_in_ladybug(made.database, [ADD_PERSON.replace("21", "22")])
    return made


@pytest.mark.parametrize("name", COMMANDS)
def test_killed_at_some_steps(tmp_path: Path, scene: LiveProject, name: str) -> None:
    words = COMMANDS[name]
    before = content(scene)
    done = LiveProject(tmp_path / "done")
    shutil.copytree(scene.directory, done.directory)
    code, said = run(done, words)
    assert code == 0, said
    after, steps = content(done), int(said.rpartition("steps: ")[2])
    assert steps > SAMPLE
    for number in range(1, steps, steps // SAMPLE + 1):
        project = LiveProject(tmp_path / f"killed-{number}")
        shutil.copytree(scene.directory, project.directory)
        assert run(project, words, number)[0] == -signal.SIGKILL
        assert run(project, ["verify", "--all"])[0] == 0
        fsck(project)
        assert content(project) in (before, after), number
        code, said = run(project, words)
        assert code == 0, (number, said)
        assert content(project) == after
        fsck(project)
        assert leftovers(project) == []
