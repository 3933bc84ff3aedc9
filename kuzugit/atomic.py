"""Files that are written whole or not at all, and locks that die with their holder."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from pathlib import Path
from types import TracebackType

from kuzugit.errors import LockedError

_POLL_SECONDS = 0.02


def step(name: str) -> None:
    """Mark a place between two effects on disk, such as "publish:branch-moved".

    It does nothing. Crash tests put a function in its place that kills the
    process at one name, so call it through the module: `atomic.step(...)`.
    """


def fsync_file(path: Path) -> None:
    """Flush the bytes of the file `path` to the disk; raise OSError where that fails."""
    _fsync(path, os.O_RDONLY)


def fsync_directory(path: Path) -> None:
    """Flush the names in the directory `path` to the disk: renames, new and removed files."""
    _fsync(path, os.O_RDONLY | os.O_DIRECTORY)


def _fsync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_atomically(path: Path, data: bytes) -> None:
    """Replace `path` by `data`: a reader sees the old bytes or the new, also after a crash.

    The new bytes are written beside it, flushed, and renamed over it. A crash
    may leave the file beside (`.<name>.new`), which nothing reads and the next
    write replaces. So two must not write at once: the caller holds a lock. The
    new file has the mode that the umask gives, not that of the old one.
    """
    beside = path.with_name(f".{path.name}.new")
    try:
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    fsync_directory(path.parent)


class LockHeld(LockedError):
    """Another process holds the lock file `path`; `pid` is its id, None where unknown."""

    def __init__(self, path: Path, pid: int | None) -> None:
        holder = f"process {pid}" if pid is not None else "another process"
        super().__init__(
            f"{holder} holds the lock {path}",
            hint="wait until it is done" if pid is None else f"wait for it, or look: ps -p {pid}",
        )
        self.path = path
        self.pid = pid


class FileLock:
    """An exclusive lock on a file, freed by the system when its holder dies.

    `timeout` is how many seconds to wait for another holder; 0 asks once. The
    file holds the holder's process id for the error of those who wait. It stays
    after the release: removing it would let two processes lock two files of one
    name. Two instances exclude each other within one process too. A child made
    by a bare fork shares the lock until it ends or calls exec.
    """

    def __init__(self, path: Path, timeout: float = 5.0) -> None:
        self.path = path
        self.timeout = timeout
        self._descriptor: int | None = None

    def __enter__(self) -> FileLock:
        """Take the lock; raise LockHeld after `timeout`, OSError where the file cannot be made."""
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            self._wait_for(descriptor)
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, b"%d\n" % os.getpid(), 0)
        except BaseException:
            os.close(descriptor)
            raise
        self._descriptor = descriptor
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def fileno(self) -> int:
        """Return the descriptor that holds the lock; a child that inherits it holds it too."""
        if self._descriptor is None:
            raise ValueError("the lock is not held")
        return self._descriptor

    def _wait_for(self, descriptor: int) -> None:
        deadline = time.monotonic() + self.timeout
        while not _try_lock(descriptor):
            if time.monotonic() >= deadline:
                raise LockHeld(self.path, _holder(descriptor))
            time.sleep(_POLL_SECONDS)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
            return False
        raise
    return True


def _holder(descriptor: int) -> int | None:
    text = os.pread(descriptor, 32, 0).strip()
    return int(text) if text.isdigit() else None
