"""What the operating system says to files outside of the store, in kuzugit's words."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kuzugit.errors import EngineError

LEAST_ROOM = 4 << 20
"""Bytes of a new database with some tables and no rows, and of its log."""

_FULL = (errno.ENOSPC, errno.EDQUOT)


class CannotWrite(EngineError):
    """A file of the database, or of an export, could not be written: no space, no right."""

    def __init__(self, path: Path, action: str, reason: OSError) -> None:
        self.path = path
        look = "df -h" if reason.errno in _FULL else "ls -ld"
        super().__init__(
            f"cannot {action} {path}: {reason.strerror or reason}", hint=f"{look} {path.parent}"
        )


class NoRoom(EngineError):
    """Too little space is left on a file system to begin building a database there."""

    def __init__(self, directory: Path, free: int) -> None:
        self.directory = directory
        self.free = free
        super().__init__(
            f"no space left in {directory}: {free} bytes are free, "
            f"and a new database needs at least {LEAST_ROOM}",
            hint=f"df -h {directory}",
        )


def check_room(directory: Path) -> None:
    """Raise NoRoom where not even an empty database has room.

    Looked at before, because Kùzu ends the whole process where it cannot write the
    first lines of its log. What is missing later it reports as an error.
    """
    status = os.statvfs(directory)
    free = status.f_bavail * status.f_frsize
    if free < LEAST_ROOM:
        raise NoRoom(directory, free)


@contextmanager
def writing(path: Path, action: str) -> Iterator[None]:
    """Turn an OSError into CannotWrite; `action` stands between "cannot" and the path.

    Put only the system's calls inside: a caller's own OSError would be taken for it.
    """
    try:
        yield
    except OSError as error:
        raise CannotWrite(path, action, error) from error
