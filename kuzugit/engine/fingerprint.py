"""A database file's bytes in short, to know later whether they are still the same."""

from __future__ import annotations

import hashlib
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from kuzugit.engine.file import reading, side_files

SMALL = 64 << 20
"""Bytes that are hashed without being felt."""


@dataclass(frozen=True)
class FileStat:
    """What the file system says of the database and of the files beside it."""

    size: int
    modified_ns: int
    inode: int
    side: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True)
class Fingerprint:
    """A stat, and the SHA-256 of the bytes of the database and its write-ahead log.

    Without a digest the bytes are known only as long as the stat stays.
    """

    stat: FileStat
    digest: str | None


def stat_database(path: Path) -> FileStat:
    """Return the stat of the database at `path`; raise OSError where there is none."""
    status = path.stat()
    side = []
    for item in side_files(path):
        found = item.stat()
        if found.st_size:
            side.append((item.suffix, found.st_size, found.st_mtime_ns))
    return FileStat(status.st_size, status.st_mtime_ns, status.st_ino, tuple(side))


def digest_database(path: Path) -> str:
    """Return the SHA-256 over the bytes of the database and of its side files.

    It opens and closes the file, and with that drops every POSIX lock that this
    process holds on it: never call it while this process has the database open.
    """
    with ExitStack() as stack:
        return _digest(_open_files(path, stack))


def fingerprint_built(path: Path) -> Fingerprint:
    """Return the fingerprint of a database that was just built and is closed.

    A large one has no digest: to read it again would be felt, and its stat says enough.
    """
    stat = stat_database(path)
    return Fingerprint(stat, digest_database(path) if stat.size <= SMALL else None)


class FingerprintMeanwhile:
    """The fingerprint of a database, taken on a thread while this process reads it.

    Enter it before the database is opened and leave it after it is closed: its own
    descriptor must be closed last, because closing one drops the process's lock.
    `start` is called with the lock held, `result` when the database is closed.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stack = ExitStack()
        self._pool = ThreadPoolExecutor(max_workers=1)
        self._digest: Future[str] | None = None
        self._stat: FileStat | None = None

    def __enter__(self) -> FingerprintMeanwhile:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()
        self._stack.close()

    def start(self) -> None:
        """Begin to read the bytes."""
        self._stat = stat_database(self._path)
        self._digest = self._pool.submit(_digest, _open_files(self._path, self._stack))

    def result(self) -> Fingerprint | None:
        """Return the fingerprint, None where the file changed since `start`."""
        if self._digest is None or self._stat is None:
            return None
        digest = self._digest.result()
        if stat_database(self._path) != self._stat:
            return None
        return Fingerprint(self._stat, digest)


def _open_files(path: Path, stack: ExitStack) -> list[BinaryIO]:
    with reading(path):
        return [stack.enter_context(item.open("rb")) for item in (path, *side_files(path))]


def _digest(files: list[BinaryIO]) -> str:
    digest = hashlib.sha256()
    for file in files:
        with reading(Path(file.name)):
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()
