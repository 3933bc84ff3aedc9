from __future__ import annotations

import os
import signal
import stat
import time
from pathlib import Path

import pytest

from kuzugit import atomic
from kuzugit.atomic import FileLock, LockHeld, write_atomically
from kuzugit.errors import LockedError
from tests.store.making import in_child, start_child, wait


def test_writes_a_new_file_and_replaces_an_old_one(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    write_atomically(path, b"one")
    write_atomically(path, b"two")
    assert path.read_bytes() == b"two"
    assert [item.name for item in tmp_path.iterdir()] == ["state.json"]


def test_the_mode_follows_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_atomically(tmp_path / "file", b"x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o640


def test_a_failed_write_leaves_the_old_file_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_the_next_write_replaces_what_a_killed_one_left(tmp_path: Path) -> None:
    path = tmp_path / "file"

    def die() -> None:
        os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)
        write_atomically(path, b"longer than the next")

    assert in_child(die) == -signal.SIGKILL
    assert list(tmp_path.iterdir()) != []
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_the_bytes_are_flushed_before_the_rename_and_the_name_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    seen: list[tuple[bool, bool]] = []
    real = os.fsync

    def note(descriptor: int) -> None:
        seen.append((stat.S_ISDIR(os.fstat(descriptor).st_mode), path.exists()))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    write_atomically(path, b"new")
    assert seen == [(False, False), (True, True)]


def test_fsync_takes_files_and_directories(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    atomic.fsync_file(tmp_path / "file")
    atomic.fsync_directory(tmp_path)
    with pytest.raises(NotADirectoryError):
        atomic.fsync_directory(tmp_path / "file")
    with pytest.raises(FileNotFoundError):
        atomic.fsync_file(tmp_path / "none")


def test_a_second_holder_is_refused_and_told_who_holds_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with FileLock(path), pytest.raises(LockHeld) as caught, FileLock(path, timeout=0):
        pass
    assert isinstance(caught.value, LockedError)
    assert (caught.value.path, caught.value.pid) == (path, os.getpid())
    assert str(path) in str(caught.value)
    assert str(os.getpid()) in str(caught.value)


def test_a_lock_is_free_after_its_block_and_its_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with FileLock(path):
        pass
    assert path.exists()
    with FileLock(path, timeout=0):
        pass


def test_a_lock_of_another_process_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    taken, told = os.pipe()

    def hold() -> None:
        with FileLock(path):
            os.write(told, b"x")
            time.sleep(0.1)

    child = start_child(hold)
    os.read(taken, 1)
    with pytest.raises(LockHeld) as caught, FileLock(path, timeout=0):
        pass
    assert caught.value.pid == child
    with FileLock(path, timeout=5):
        pass
    assert wait(child) == 0


def test_the_holders_death_frees_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "lock"

    def die() -> None:
        with FileLock(path):
            os.kill(os.getpid(), signal.SIGKILL)

    assert in_child(die) == -signal.SIGKILL
    with FileLock(path, timeout=0):
        pass


def test_a_lock_without_a_readable_holder_says_so(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with FileLock(path):
        path.write_text("not a number")
        with pytest.raises(LockHeld, match="another process") as caught, FileLock(path, timeout=0):
            pass
    assert caught.value.pid is None


def test_a_step_does_nothing() -> None:
    assert atomic.step("publish:branch-moved") is None  # type: ignore[func-returns-value]
