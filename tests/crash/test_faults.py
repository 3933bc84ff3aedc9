"""Law 5: any one file operation fails, and all is as before, or as asked."""

from __future__ import annotations

import errno
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kuzugit.errors import ExitCode
from tests.crash import commands, killing
from tests.crash.failing import ERRORS, run_failing
from tests.crash.killing import Command, Scene, assert_survived, outcome, run_in
from tests.support.soak import Soak

MakeScene = Callable[[Path], Scene]
Case = tuple[str, list[str], Command, MakeScene]
CASES: list[Case] = [
    ("commit", ["commit", "-m", "third"], commands.commit, killing.changed_scene),
    ("checkout", ["checkout", "v0.1.0"], commands.checkout, killing.clean_scene),
    (
        "checkout by force",
        ["checkout", "v0.1.0", "--force"],
        commands.checkout_by_force,
        killing.logged_scene,
    ),
    (
        "checkout elsewhere",
        ["checkout", "v0.1.0", "--to", "copy.kuzu"],
        commands.checkout_elsewhere,
        killing.clean_scene,
    ),
]
NAMES = [name for name, *_ in CASES]
SAMPLE = 17
ALLOWED = {
    ExitCode.DONE,
    ExitCode.NO_STORE,
    ExitCode.LOCKED,
    ExitCode.CORRUPT,
    ExitCode.ENGINE,
    ExitCode.GIT,
}


def fail_each(place: Path, case: Case, chosen: Callable[[int], bool]) -> Iterator[tuple[str, int]]:
    """Let each chosen operation fail; look; yield what failed and the exit code."""
    _, arguments, command, make = case
    scene = make(place / "scene")
    dry = scene.copy(place / "dry")
    run_in(dry, command)
    expected = outcome(dry)
    counted = scene.copy(place / "counted")
    _, said = run_failing(counted.directory, arguments, 0, 0, place / "report")
    for number in range(1, int(said.split("\n")[0]) + 1):
        if not chosen(number):
            continue
        for error in ERRORS if chosen(0) else ERRORS[number % 3 :][:1]:
            project = scene.copy(place / f"failed-{number}-{error}")
            code, said = run_failing(project.directory, arguments, number, error, place / "report")
            try:
                assert code in ALLOWED, said
                assert "Traceback" not in said
                assert_survived(scene, project, command, expected)
            except BaseException as failure:
                failure.add_note(f"{number}, {errno.errorcode[error]}: exit code {code}: {said}")
                raise
            yield said.split("\n")[1].split(" ")[0], code


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_a_sample_of_operations_fails(tmp_path: Path, case: Case) -> None:
    found = list(fail_each(tmp_path, case, lambda number: number % SAMPLE == 3))
    assert len(found) > 2


@pytest.mark.soak
@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_each_operation_fails(tmp_path: Path, case: Case, soak: Soak) -> None:
    found = list(fail_each(tmp_path, case, lambda _: True))
    soak.note("operations that failed", len(found))
    soak.note("exit codes", dict(Counter(int(code) for _, code in found)))
    assert len(found) > 100
