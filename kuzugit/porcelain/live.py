"""The live database, opened the way the situation allows, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kuzugit.engine.binding import OtherEngineChosen
from kuzugit.engine.file import is_same_file, opened_by_name, side_files
from kuzugit.engine.fingerprint import Fingerprint, FingerprintMeanwhile
from kuzugit.engine.session import (
    READ_BUFFER,
    CheckpointUnfinished,
    beside,
    database_path,
    open_database,
    read_transaction,
)
from kuzugit.errors import UsageError
from kuzugit.porcelain.take import Source


@dataclass
class LiveSource:
    """The live database while it is read. `fingerprint` is set after the block.

    It stays None where the bytes may have changed while they were read: inside an
    application that goes on writing.
    """

    source: Source
    fingerprint: Fingerprint | None = None


class WrongDatabase(UsageError):
    """A connection that is open on another database than the one that the store versions."""

    def __init__(self, given: Path, database: Path) -> None:
        self.given = given
        self.database = database
        super().__init__(
            f"the connection is open on {_shown(given)}, and the store versions {database}",
            hint="give a connection to that database, or open the repository with database=...",
        )


def _shown(given: Path) -> str:
    return "a database in memory" if str(given) in (".", ":memory:") else str(given)


def check_connection(connection: Any, database: Path) -> None:
    """Raise WrongDatabase unless `connection` is open on the file `database`."""
    given = database_path(connection)
    if is_same_file(given, database):
        return
    # A relative path may be that of a working directory which the process has left since.
    # Where two files fit it, nobody can tell which of them was meant.
    opened = [] if given.is_absolute() else opened_by_name(given)
    if len(opened) != 1 or not is_same_file(opened[0], database):
        raise WrongDatabase(given, database)


def finish_checkpoint(database: Path) -> None:
    """Let the engine finish the checkpoint in which a process was killed.

    Until then the database cannot be opened read-only. All of its content is in the
    files already; what opens it for writing next would do the same.
    """
    if not side_files(database):
        return
    try:
        with open_database(database, read_only=True, buffer_bytes=READ_BUFFER):
            return
    except CheckpointUnfinished:
        # Without compression the least integers of tables that are new in the log stay.
        with open_database(database, read_only=False, compression=False):
            return
    except OtherEngineChosen:
        # Whoever goes on to open it hears of it; a known file need not be opened.
        return


@contextmanager
def open_live(database: Path, connection: Any | None) -> Iterator[LiveSource]:
    """Yield the live database in a read-only transaction.

    With a `connection` of this process, another one on the same database is used, and
    writers go on; without, the file is opened read-only. Raises DatabaseLocked,
    WrongDatabase.
    """
    if connection is not None:
        check_connection(connection, database)
        with beside(connection) as session, read_transaction(session):
            yield LiveSource(Source(session, database_path(connection)))
        return
    finish_checkpoint(database)
    with FingerprintMeanwhile(database) as meanwhile:
        with (
            open_database(database, read_only=True, buffer_bytes=READ_BUFFER) as session,
            read_transaction(session),
        ):
            meanwhile.start()
            live = LiveSource(Source(session, database))
            yield live
        live.fingerprint = meanwhile.result()
