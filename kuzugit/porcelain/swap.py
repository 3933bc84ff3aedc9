"""A new database file in the place of the live one, all or nothing."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kuzugit import atomic
from kuzugit.engine.file import side_files
from kuzugit.engine.fingerprint import FileStat, stat_database
from kuzugit.engine.session import DatabaseLocked, exclusive, open_database
from kuzugit.errors import EngineError
from kuzugit.store.scratch import scratch_directory

_PREFIX = ".kuzugit-new-"


class SideFilesLeft(EngineError):
    """Kùzu could not empty the write-ahead log of the database to be replaced."""

    def __init__(self, database: Path, names: list[str]) -> None:
        self.database = database
        super().__init__(
            f"{database} cannot be replaced: {', '.join(names)} beside it still holds changes "
            "that Kùzu did not write into the database",
            hint="open the database with Kùzu once and run CHECKPOINT",
        )


@contextmanager
def new_file_beside(database: Path) -> Iterator[Path]:
    """Yield a path for a new file on the file system of `database`; remove what is left.

    It is in a directory of its own beside `database`. What killed commands left there
    is removed first; what others are building there meanwhile stays.
    """
    home = Path(os.path.realpath(database)).parent
    home.mkdir(parents=True, exist_ok=True)
    with scratch_directory(home, _PREFIX) as directory:
        yield directory / database.name


def settle(database: Path) -> FileStat:
    """Let Kùzu write the log beside `database` into it; return the stat after it.

    The content stays the same. Without this, a crash between the removal of the log
    and the rename would lose what was only in the log. Raises SideFilesLeft.
    """
    if side_files(database):
        with open_database(database, read_only=False) as session:
            session.run("CHECKPOINT")
    left = [item.name for item in side_files(database)]
    if left:
        raise SideFilesLeft(database, left)
    return stat_database(database)


def replace_database(new: Path, database: Path, expected: FileStat | None) -> None:
    """Rename `new` over `database`; the rename is the commit point.

    `expected` is what `settle` returned when the content was last known, None where
    there is no live database. Held against other processes meanwhile; where another
    one has written since, or has the file open, DatabaseLocked is raised and nothing
    happens.
    """
    target = Path(os.path.realpath(database))
    if expected is None:
        # A hard link, unlike a rename, does not replace a file made meanwhile.
        os.link(new, target)
        new.unlink()
    else:
        with exclusive(target):
            if stat_database(database) != expected:
                raise DatabaseLocked(database)
            atomic.step("swap:locked")
            new.replace(target)
    atomic.step("swap:renamed")
    atomic.fsync_directory(target.parent)


def keep_aside(database: Path) -> Path:
    """Give the live file a second name beside it, so that replacing it keeps it.

    Returns the new path. The live name stays what it is.
    """
    target = Path(os.path.realpath(database))
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    for number in range(1000):
        suffix = f"-{number}" if number else ""
        aside = target.with_name(f"{target.name}.aside-{stamp}{suffix}")
        try:
            os.link(target, aside)
        except FileExistsError:
            continue
        return aside
    raise FileExistsError(aside)
