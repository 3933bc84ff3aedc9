"""What the operating system says to files outside of the store, in kuzugit's words."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kuzugit.errors import EngineError

_FULL = (errno.ENOSPC, errno.EDQUOT)


class CannotWrite(EngineError):
    """A file of the database, or of an export, could not be written: no space, no right."""

    def __init__(self, path: Path, action: str, reason: OSError) -> None:
        self.path = path
        look = "df -h" if reason.errno in _FULL else "ls -ld"
        super().__init__(
            f"cannot {action} {path}: {reason.strerror or reason}", hint=f"{look} {path.parent}"
        )


@contextmanager
def writing(path: Path, action: str) -> Iterator[None]:
    """Turn an OSError into CannotWrite; `action` stands between "cannot" and the path.

    Put only the system's calls inside: a caller's own OSError would be taken for it.
    """
    try:
        yield
    except OSError as error:
        raise CannotWrite(path, action, error) from error
