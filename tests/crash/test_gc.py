"""Law 5 for collecting: killed at any instant, with or without git; failing; with others."""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import kuzugit.store.packing as packing
from kuzugit import atomic
from kuzugit.errors import ExitCode
from kuzugit.porcelain.gc import gc
from kuzugit.porcelain.workspace import open_workspace
from kuzugit.store.history import versions
from kuzugit.store.location import create_store, open_store
from kuzugit.store.maintenance import fsck
from kuzugit.store.objects import list_tree, read_blob, write_blob
from kuzugit.store.packing import collecting, pack
from kuzugit.store.sizes import measure
from tests.crash.failing import ERRORS, run_failing
from tests.store.making import commit, start_child, wait
from tests.support.project import write_database
from tests.support.soak import Soak

KILLS = 40
NAMES = tuple(f"v0.{number}.0" for number in range(8))
KILLED = -signal.SIGKILL


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A store with packs, objects beside them, and an object that nobody names."""
    directory = tmp_path / "scene"
    directory.mkdir()
    database = write_database(directory / "graph.kuzu")
    with create_store(directory / ".kuzugit", database) as store:
        for name in NAMES[:4]:
            commit(store, name)
        with collecting(store) as collector:
            pack(collector)
        for name in NAMES[4:]:
            commit(store, name)
        write_blob(store, os.urandom(5000))
    return directory


def collect(directory: Path, prune: str = "now") -> None:
    workspace = open_workspace(directory)
    gc(workspace, prune_older=prune, wait=30.0)
    workspace.store.close()


def assert_whole(directory: Path) -> None:
    """Every version can be read at once; the store is sound when a git that lives on is done."""
    with open_store(directory / ".kuzugit") as store:
        assert tuple(tag.name for tag in versions(store)) == NAMES
        for tag in versions(store):
            for blob in list_tree(store, tag.snapshot.tree).values():
                assert read_blob(store, blob) == tag.name.encode()
        # `git fsck` itself takes a pack that goes away under it for a fault.
        with collecting(store, timeout=30.0):
            assert fsck(store) == []


def assert_collected(directory: Path) -> None:
    with open_store(directory / ".kuzugit") as store:
        assert_whole(directory)
        found = measure(store)
        assert (found.loose, found.packs) == (0, 1)


def kill_at_random(place: Path, kills: int, chance: random.Random, *, with_git: bool) -> int:
    """Kill the command, `with_git` the git that it runs too; look, and run it again."""
    began = time.monotonic()
    dry = shutil.copytree(place, place.with_name("dry"))
    assert wait(start_child(lambda: collect(dry))) == 0
    duration = time.monotonic() - began
    hit = 0
    for number in range(kills):
        killed = shutil.copytree(place, place.with_name(f"killed-{number}"))
        child = start_child(lambda: (os.setsid(), collect(killed))[1])  # noqa: B023
        time.sleep(chance.uniform(0.02, 1) * duration)
        try:
            (os.killpg if with_git else os.kill)(child, signal.SIGKILL)
        except ProcessLookupError:
            os.kill(child, signal.SIGKILL)  # before it had a group of its own
        hit += wait(child) == KILLED
        try:
            assert_whole(killed)
            collect(killed)
            assert_collected(killed)
        except BaseException as error:
            error.add_note(f"killed {number}")
            raise
        shutil.rmtree(killed)
    return hit


@pytest.mark.parametrize("with_git", [True, False])
def test_killed_at_random_instants(place: Path, with_git: bool) -> None:
    assert kill_at_random(place, KILLS // 2, random.Random(7), with_git=with_git)


@pytest.mark.soak
@pytest.mark.parametrize("with_git", [True, False])
def test_killed_at_many_random_instants(place: Path, with_git: bool, soak: Soak) -> None:
    hit = kill_at_random(place, soak.kills, random.Random(), with_git=with_git)
    soak.note("kills", soak.kills)
    soak.note("killed before the end", hit)


def test_killed_at_each_step(place: Path) -> None:
    passed: list[str] = []
    counted = shutil.copytree(place, place.with_name("counted"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(atomic, "step", passed.append)
        patch.setattr("kuzugit.store.packing.step", passed.append)
        collect(counted)
    assert len(passed) >= 3
    for number in range(len(passed)):
        killed = shutil.copytree(place, place.with_name(f"step-{number}"))

        def work(killed: Path = killed, number: int = number) -> None:
            left = iter(range(number))

            def die(name: str) -> None:
                if next(left, None) is None:
                    os.kill(os.getpid(), signal.SIGKILL)

            packing.step = die
            collect(killed)

        assert wait(start_child(work)) == KILLED
        assert_whole(killed)
        collect(killed)
        assert_collected(killed)


def fail_each(place: Path, chosen: Callable[[int], bool]) -> int:
    report = place.with_name("report")
    counted = shutil.copytree(place, place.with_name("counted"))
    words = ["gc", "--prune", "now"]
    code, said = run_failing(counted, words, 0, 0, report)
    assert code == 0, said
    count = int(said.split("\n")[0])
    tried = 0
    for number in filter(chosen, range(1, count + 1)):
        for error in ERRORS:
            failed = shutil.copytree(place, place.with_name(f"failed-{number}-{error}"))
            code, said = run_failing(failed, words, number, error, report)
            assert code in (ExitCode.DONE, ExitCode.GIT, ExitCode.LOCKED), said
            assert "Traceback" not in said
            assert_whole(failed)
            collect(failed)
            assert_collected(failed)
            shutil.rmtree(failed)
            tried += 1
    return tried


def test_a_sample_of_operations_fails(place: Path) -> None:
    assert fail_each(place, lambda number: number % 4 == 1) >= 3


@pytest.mark.soak
def test_each_operation_fails(place: Path, soak: Soak) -> None:
    soak.note("operations that failed", fail_each(place, lambda _: True))


def test_git_fails_at_each_call(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The n-th time that it is asked, the git program says no."""
    real = shutil.which("git")
    stub = place.with_name("bin")
    stub.mkdir()
    program = stub / "git"
    program.write_text(
        f"#!/bin/sh\nn=$(cat {stub}/n)\necho $((n - 1)) > {stub}/n\n"
        f'test "$n" = 1 && {{ echo no space left >&2; exit 128; }}\nexec {real} "$@"\n'
    )
    program.chmod(0o755)
    path = os.environ["PATH"]
    for number in (1, 2, 3, 4, 5):
        failed = shutil.copytree(place, place.with_name(f"git-{number}"))
        (stub / "n").write_text(str(number))
        monkeypatch.setenv("PATH", f"{stub}:{path}")
        with pytest.raises(Exception, match="no space left"):
            collect(failed)
        monkeypatch.setenv("PATH", path)
        assert_whole(failed)
        collect(failed)
        assert_collected(failed)


def test_the_next_command_waits_for_a_git_without_its_parent(place: Path) -> None:
    """It holds the right to collect, which it was given, until it ends."""

    def work() -> None:
        with open_store(place / ".kuzugit") as store, collecting(store) as collector:
            os.write(tell, b"x")
            collector.git("-c", "alias.wait=!sleep 1", "wait")

    ready, tell = os.pipe()
    child = start_child(work)
    os.close(tell)
    assert os.read(ready, 1) == b"x"
    os.close(ready)
    time.sleep(0.3)
    os.kill(child, signal.SIGKILL)
    assert wait(child) == KILLED
    with open_store(place / ".kuzugit") as store:
        with pytest.raises(atomic.LockHeld), collecting(store):
            pass
        with collecting(store, timeout=10.0) as collector:
            pack(collector)
    assert_whole(place)
