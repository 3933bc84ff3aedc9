"""A database file's bytes in short, to know later whether they are still the same."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from kuzugit.engine.file import side_files


@dataclass(frozen=True)
class FileStat:
    """What the file system says of the database and of the files beside it."""

    size: int
    modified_ns: int
    inode: int
    side: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True)
class Fingerprint:
    """A stat, and the SHA-256 of the bytes of the database and its write-ahead log."""

    stat: FileStat
    digest: str


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
    digest = hashlib.sha256()
    for item in (path, *side_files(path)):
        with item.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def fingerprint_database(path: Path) -> Fingerprint:
    """Return the fingerprint of the database at `path`.

    Where the file changes meanwhile, the stat is the one from before, so that the
    fingerprint matches no state that could be told by it.
    """
    stat = stat_database(path)
    return Fingerprint(stat, digest_database(path))
