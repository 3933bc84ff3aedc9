"""Directories for work in progress, removed at the end or after their owner's death."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def scratch_directory(root: Path, prefix: str) -> Iterator[Path]:
    """Give a fresh directory `<root>/<prefix><pid>-*`; remove it with all it holds at the end.

    Left-overs of dead processes are removed first. Whoever uses a directory
    holds a shared lock on it, and only what no one holds is removed, so a
    process id that was given out twice does no harm. The directory may be
    renamed away by the one who uses it.
    """
    sweep(root, prefix)
    path, descriptor = _make(root, prefix)
    try:
        yield path
    finally:
        # Unlocked last: a sweeper never meets a directory that is half removed and free.
        shutil.rmtree(path, ignore_errors=True)
        os.close(descriptor)


def sweep(root: Path, prefix: str) -> None:
    """Remove the directories `<root>/<prefix>*` that no living process holds."""
    for path in root.glob(f"{prefix}*"):
        descriptor = try_hold(path, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if descriptor is not None:
            # What cannot be removed now is removed by a later sweep.
            shutil.rmtree(path, ignore_errors=True)
            os.close(descriptor)


def _make(root: Path, prefix: str) -> tuple[Path, int]:
    while True:
        path = root / f"{prefix}{os.getpid()}-{os.urandom(4).hex()}"
        path.mkdir(mode=0o700)
        # A sweeper may take the new directory before it is held: then make another.
        descriptor = try_hold(path, fcntl.LOCK_SH)
        if descriptor is not None:
            return path, descriptor


def try_hold(path: Path, mode: int) -> int | None:
    """Lock the directory `path` by `mode` of flock; return the descriptor that holds it.

    None where it is not there, is held by another, or was replaced in between.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except NotADirectoryError:
        return None
    try:
        fcntl.flock(descriptor, mode)
        if os.path.samestat(os.fstat(descriptor), path.stat()):
            return descriptor
    except (BlockingIOError, FileNotFoundError):
        os.close(descriptor)
        return None
    os.close(descriptor)
    return None
