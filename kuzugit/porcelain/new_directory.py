"""A directory that is there whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from kuzugit.errors import RefusedError
from kuzugit.porcelain.disk import writing
from kuzugit.store.scratch import scratch_directory


class DirectoryNotEmpty(RefusedError):
    """The directory to write into has something in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(f"{path} is not empty", hint="name a directory that does not exist")


def check_new(target: Path) -> None:
    """Raise DirectoryNotEmpty unless `target` is new, or a directory without anything in it."""
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise DirectoryNotEmpty(target)


@contextmanager
def new_directory(target: Path, prefix: str, action: str) -> Iterator[Path]:
    """Yield a new directory on the target's file system; at the end it becomes `target`.

    After an error nothing of it is left, and `target` is as before. `action` stands before
    the path in what CannotWrite says. Raises DirectoryNotEmpty.
    """
    check_new(target)
    home = Path(os.path.realpath(target)).parent
    with ExitStack() as stack:
        with writing(target, action):
            home.mkdir(parents=True, exist_ok=True)
            work = stack.enter_context(scratch_directory(home, prefix))
            # One level deeper: the scratch directory itself is closed to other users.
            new = work / "new"
            new.mkdir()
        yield new
        with writing(target, action):
            _put_in_place(new, target)


def _put_in_place(new: Path, target: Path) -> None:
    if not target.exists():
        new.rename(target)
        return
    # It stays the directory that it is: a link's, or the one that the user stands in.
    for item in new.iterdir():
        item.rename(target / item.name)
