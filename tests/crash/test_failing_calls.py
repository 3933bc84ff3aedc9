"""Law 5: any one call to the operating system fails, whoever makes it."""

from __future__ import annotations

import errno
import random
import re
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from kuzugit.store.scratch import sweep
from tests.crash import commands, killing
from tests.crash.failing import ERRORS
from tests.crash.failing_calls import COMPILER, Failed, Server, server
from tests.crash.killing import assert_survived, outcome, run_in
from tests.crash.test_faults import ALLOWED, CASES, NAMES, Case
from tests.support.soak import Soak

pytestmark = pytest.mark.skipif(COMPILER is None, reason="there is no C compiler (cc)")

SAMPLE = 16
FEW = 3
"""Calls of `sync` and of `gc` in a sample; each of them is run again after it, and looked at."""
MORE: list[Case] = [
    (
        "sync",
        ["sync", "../source"],
        commands.sync_from_path,
        lambda place: killing.parted_scene(place, commands.sync_from_path),
    ),
    ("gc", ["gc", "--prune", "now"], commands.collect, killing.collected_scene),
]
ALL = [*CASES, *MORE]
PASSING = re.compile(r"work-[0-9a-f-]+|[0-9a-f]{2}/[0-9a-f]{38}")


def kinds(calls: list[str]) -> dict[str, list[int]]:
    """Return the numbers of the calls of each kind: the call, and the path but for ids."""
    found: dict[str, list[int]] = {}
    for number, call in enumerate(calls, start=1):
        found.setdefault(PASSING.sub("*", call), []).append(number)
    return found


def a_few(calls: list[str]) -> Iterator[int]:
    """Yield the middle call of some kinds."""
    for numbers in list(kinds(calls).values())[5::SAMPLE]:
        yield numbers[len(numbers) // 2]


def fewer(calls: list[str]) -> Iterator[int]:
    """Yield the middle call of FEW kinds, from early to late."""
    found = [numbers[len(numbers) // 2] for numbers in kinds(calls).values()]
    for part in range(1, FEW + 1):
        yield found[len(found) * part // (FEW + 1)]


def fail(
    running: Server, place: Path, case: Case, choose: Callable[[list[str]], Iterable[int]]
) -> Iterator[tuple[int, str]]:
    """Let each of the calls that are chosen fail; look; yield the exit code and what failed."""
    _, arguments, command, make = case
    scene = make(place / "scene")
    dry = scene.copy(place / "dry")
    run_in(dry, command)
    expected = outcome(dry)
    calls = running.calls(scene.copy(place / "counted").directory, arguments)
    for number in choose(calls):
        project = scene.copy(place / "failed")
        error = ERRORS[number % len(ERRORS)]
        done = running.run(project.directory, arguments, number, error)
        try:
            check_told(done)
            if done.code == 0:
                # Scratch that could not be removed goes when a command next needs some.
                sweep(project.store / "kuzugit" / "tmp", "work-")
            assert_survived(scene, project, command, expected)
        except BaseException as failure:
            failure.add_note(f"{number}, {errno.errorcode[error]}: {done}")
            raise
        shutil.rmtree(project.directory)
        yield done.code, done.failed


def check_told(done: Failed) -> None:
    if done.code == -signal.SIGABRT:
        # Kùzu itself ends the process.
        return
    if done.code == -signal.SIGXCPU:
        # Where Kùzu cannot read a page, another of its threads may wait for it for ever.
        assert re.fullmatch(r"pread (\S+/)?graph\.kuzu", done.failed)
        return
    assert done.code in ALLOWED
    assert "Traceback" not in done.said
    assert done.code == 0 or done.said.startswith("error: ")


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Server]:
    place = tmp_path / "server"
    place.mkdir()
    with server(place) as found:
        yield found


@pytest.mark.parametrize("case", CASES[:2], ids=NAMES[:2])
def test_a_sample_of_calls_fails(running: Server, tmp_path: Path, case: Case) -> None:
    found = list(fail(running, tmp_path, case, a_few))
    assert len(found) > 3
    assert {code for code, _ in found} - {0}


@pytest.mark.parametrize("case", MORE, ids=["sync", "gc"])
def test_a_few_calls_of_what_takes_longer_fail(running: Server, tmp_path: Path, case: Case) -> None:
    assert len(list(fail(running, tmp_path, case, fewer))) == FEW


@pytest.mark.soak
@pytest.mark.parametrize("case", ALL, ids=[name for name, *_ in ALL])
def test_any_call_fails(running: Server, tmp_path: Path, case: Case, soak: Soak) -> None:
    """All of them in any order, as far as the time goes."""
    end = time.monotonic() + 60 * soak.minutes

    def choose(calls: list[str]) -> Iterator[int]:
        soak.note("calls", len(calls))
        for number in random.sample(range(1, len(calls) + 1), len(calls)):
            if time.monotonic() < end:
                yield number

    found = list(fail(running, tmp_path, case, choose))
    soak.note("calls that failed", len(found))
    soak.note("exit codes", dict(Counter(code for code, _ in found)))
    assert found
