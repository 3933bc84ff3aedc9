"""A new database file in the place of the live one, all or nothing."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from kuzugit import atomic
from kuzugit.engine.checkpoint import checkpoint
from kuzugit.engine.file import check_database_file, side_files
from kuzugit.engine.fingerprint import FileStat, stat_database
from kuzugit.engine.session import DatabaseLocked, exclusive
from kuzugit.errors import EngineError, LockedError
from kuzugit.porcelain.aside import move_logs_aside
from kuzugit.porcelain.disk import writing
from kuzugit.store.scratch import scratch_directory, sweep

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


class DatabaseInUse(LockedError):
    """The database that is to be replaced is open elsewhere, or was written to meanwhile."""

    def __init__(self, path: Path, why: str) -> None:
        self.path = path
        super().__init__(
            f"{path} {why}, so it is not replaced",
            hint="close it there, or build a copy: kuzugit checkout REV --to PATH",
        )


def check_replaceable(database: Path) -> None:
    """Raise DatabaseInUse where the file is open elsewhere, before long work begins."""
    if database.is_dir():
        check_database_file(database)
    with _held(Path(os.path.realpath(database))):
        return


@contextmanager
def _held(target: Path) -> Iterator[None]:
    with ExitStack() as stack:
        try:
            with writing(target, "replace"):
                stack.enter_context(exclusive(target))
        except DatabaseLocked as error:
            raise DatabaseInUse(target, "is open elsewhere") from error
        yield


def sweep_beside(database: Path) -> None:
    """Remove what killed commands were building beside `database`.

    `new_file_beside` does that too; a command that finds its work done makes no file.
    """
    sweep(Path(os.path.realpath(database)).parent, _PREFIX)


@contextmanager
def new_file_beside(database: Path) -> Iterator[Path]:
    """Yield a path for a new file on the file system of `database`; remove what is left.

    It is in a directory of its own beside `database`. What killed commands left there
    is removed first; what others are building there meanwhile stays. Raises CannotWrite.
    """
    home = Path(os.path.realpath(database)).parent
    with ExitStack() as stack:
        with writing(database, "build a database beside"):
            home.mkdir(parents=True, exist_ok=True)
            directory = stack.enter_context(scratch_directory(home, _PREFIX))
        yield directory / database.name


def settle(database: Path, found: FileStat) -> FileStat:
    """Let Kùzu write the log beside `database` into it; return the stat after it.

    `found` is the stat of when the content was last known. Without this, a crash
    between the removal of the log and the rename would lose what was only in the log.
    Do it only when a snapshot or a copy has the content: a checkpoint of Kùzu's can
    turn texts into others. Raises DatabaseInUse, SideFilesLeft.
    """
    if not side_files(database):
        return found
    if stat_database(database) != found:
        raise DatabaseInUse(database, "was written to meanwhile")
    checkpoint(database)
    left = [item.name for item in side_files(database)]
    if left:
        raise SideFilesLeft(database, left)
    return stat_database(database)


def replace_database(new: Path, database: Path, expected: FileStat | None) -> Path | None:
    """Rename `new` over `database`; the rename is the commit point.

    `expected` is the stat of when the content was last known, None where there was no
    live database. Held against other processes meanwhile; where another one has
    written since, or has the file open, DatabaseInUse is raised and nothing happens.
    Who may read and write the old file may do so with the new one. Logs that are left
    beside it, of a database that is gone or that Kùzu cannot open, get another name,
    because Kùzu would apply them to the new one; the last such name is returned.
    """
    target = Path(os.path.realpath(database))
    moved = None
    if expected is None:
        moved = move_logs_aside(database)
        with writing(database, "make the database"):
            try:
                # A hard link, unlike a rename, does not replace a file made meanwhile.
                os.link(new, target)
            except FileExistsError as error:
                raise DatabaseInUse(database, "was made meanwhile") from error
    else:
        with _held(target):
            if stat_database(database) != expected:
                raise DatabaseInUse(database, "was written to meanwhile")
            atomic.step("swap:locked")
            moved = move_logs_aside(database)
            atomic.step("swap:logs-aside")
            with writing(database, "replace the database"):
                _grant_as(target, new)
                new.replace(target)
    atomic.step("swap:renamed")
    with writing(database, "flush the directory of"):
        atomic.fsync_directory(target.parent)
    return moved


def _grant_as(old: Path, new: Path) -> None:
    status = old.stat()
    # Only root may give a file away; for others the owner stays the one who builds it.
    with suppress(PermissionError):
        os.chown(new, status.st_uid, status.st_gid)
    new.chmod(stat.S_IMODE(status.st_mode))
