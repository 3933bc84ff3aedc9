"""The one place where errors of libgit2 become errors of kuzugit."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pygit2

from kuzugit.errors import GitError

_WRITE_REFUSED = (errno.EROFS, errno.EACCES, errno.EPERM)


class StoreReadOnly(GitError):
    """The store at `path` can be read, but this process may not write it."""

    def __init__(self, path: Path, action: str) -> None:
        super().__init__(f"cannot {action}: the store {path} is read-only", hint=f"ls -ld {path}")
        self.path = path


class GitFailed(GitError):
    """Git's library could not do `action` in the store `path`."""

    def __init__(self, path: Path, action: str) -> None:
        super().__init__(f"cannot {action} in {path}", hint=f"git --git-dir={path} fsck")
        self.path = path


@contextmanager
def git_errors(path: Path, action: str) -> Iterator[None]:
    """Turn what libgit2 and the file system raise into StoreReadOnly or GitFailed.

    `action` completes "cannot ...". Put only the foreign call inside: a KeyError
    or ValueError of one's own would be taken for libgit2's.
    """
    try:
        yield
    except (pygit2.GitError, KeyError, ValueError, OSError) as error:
        if _is_refused_write(error):
            raise StoreReadOnly(path, action) from error
        raise GitFailed(path, action) from error


def _is_refused_write(error: Exception) -> bool:
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno in _WRITE_REFUSED
    # libgit2 hands on the system's sentence, not its number.
    return any(os.strerror(number) in str(error) for number in _WRITE_REFUSED)
