"""Sessions: a database opened, its lock, its transactions, its errors translated.

Both engines raise bare RuntimeErrors; this is the one place that reads their text.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kuzugit.engine import binding
from kuzugit.engine.dialect import Dialect
from kuzugit.engine.file import CannotRead, check_database_file, is_open_here, opened_path
from kuzugit.errors import EngineError, LockedError, UnsupportedError

if TYPE_CHECKING:
    from kuzugit.engine.binding import Connection, QueryResult

READ_BUFFER = 512 << 20
"""Bytes of Kùzu's buffer pool while a snapshot is read: scans need no more."""


class DatabaseLocked(LockedError):
    """Another process holds the database: for writing, or at all where it was to be written."""

    def __init__(self, path: Path, *, to_read: bool = True) -> None:
        self.path = path
        super().__init__(
            f"{path} is open {'for writing ' if to_read else ''}elsewhere",
            hint="close it there, or commit from inside that process: "
            'kuzugit.Repository.open().commit("message", connection=conn)',
        )


class StatementFailed(EngineError):
    """The engine refused or failed to run a statement."""

    def __init__(self, statement: str, reason: str) -> None:
        self.statement = statement
        self.reason = reason
        short, why = _shortened(statement), _shortened(reason)
        super().__init__(f"{binding.dialect().title} could not run: {short}\n  {why}")


def _shortened(text: str) -> str:
    # Kùzu repeats the whole statement in its reason, however long it is.
    return text if len(text) <= 600 else f"{text[:597]}..."


class OpenFailed(EngineError):
    """The engine could not open a database."""

    def __init__(self, path: Path, reason: str, dialect: Dialect | None = None) -> None:
        self.path = path
        title = (dialect or binding.dialect()).title
        super().__init__(f"{title} could not open {path}: {reason}")


class OtherRelease(UnsupportedError):
    """Another release of the engine wrote the database, in a form this one cannot read."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        title, name = binding.dialect().title, binding.dialect().name
        super().__init__(
            f"{path} was written by another release of {title}: {reason}",
            hint=f"commit it with the release that wrote it: pip install {name}==...",
        )


class CheckpointUnfinished(OpenFailed):
    """A process was killed in the middle of a checkpoint; only a writer can finish it."""


class Session:
    """One connection. Statements run one after the other; errors are kuzugit's."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def path(self) -> Path:
        """The path of the database's file."""
        return database_path(self._connection)

    def run(self, statement: str) -> None:
        """Run a statement whose result is of no interest."""
        self._execute(statement).close()

    def rows(self, statement: str) -> list[list[Any]]:
        """Run a statement and return all of its rows. For small results only."""
        result = self._execute(statement)
        try:
            return [list(row) for row in result.get_all()]
        finally:
            result.close()

    def column_names(self, statement: str) -> list[str]:
        """Run a statement and return the names of its columns."""
        result = self._execute(statement)
        try:
            return result.get_column_names()
        finally:
            result.close()

    def prepared(self, statement: str, parameters: Mapping[str, Any]) -> QueryResult:
        """Run one statement with parameters; the caller closes the result.

        Prepared, because several statements in one text would be run one by one before
        anybody could refuse them.
        """
        try:
            found = self._connection.prepare(statement, dict(parameters))
            if not found.is_success():
                raise StatementFailed(statement, found.get_error_message())
            result = self._connection.execute(found, dict(parameters))
        except (RuntimeError, ValueError, TypeError) as error:
            # The last two come of a parameter that the engine cannot turn into its own.
            raise StatementFailed(statement, str(error)) from error
        if isinstance(result, list):
            raise StatementFailed(statement, "it is more than one statement")
        return result

    def reason_against(self, statement: str) -> str | None:
        """Return why Kùzu fails to run a statement that reads, None where it runs.

        In a transaction a failing statement would end it, so a connection of its own
        is asked, which sees the newest committed state.
        """
        with beside(self._connection) as other:
            try:
                other.run(statement)
            except StatementFailed as error:
                return error.reason
        return None

    def _execute(self, statement: str) -> QueryResult:
        try:
            result = self._connection.execute(statement)
        except RuntimeError as error:
            raise StatementFailed(statement, str(error)) from error
        if isinstance(result, list):
            raise StatementFailed(statement, "it is more than one statement")
        return result


@contextmanager
def open_database(
    path: Path,
    *,
    read_only: bool,
    buffer_bytes: int = 0,
    threads: int = 0,
    compression: bool = True,
) -> Iterator[Session]:
    """Open the database file at `path` and yield a session on it.

    An existing file chooses the engine of this process; a new one is of the engine
    that was chosen. Raises DatabaseLocked where another process writes to it,
    OtherEngineChosen, EngineMissing and the errors of `check_database_file`. A
    writable session creates a file that is not there.
    """
    path = opened_path(path)
    if any("\ud800" <= letter <= "\udfff" for letter in str(path)):
        raise OpenFailed(path, "its path is no UTF-8, which the engine asks for")
    with ExitStack() as stack:
        if read_only or path.exists():
            # In this order: to read the file's head would drop the lock of another handle.
            _refuse_second_handle(path)
            dialect = check_database_file(path)
            binding.choose(dialect, f"{path} is a {dialect.title} database")
            _refuse_locked(path, read_only=read_only)
            if read_only and not dialect.reading_locks:
                stack.enter_context(_shared_lock(path))
        engine = binding.module()
        try:
            database = engine.Database(
                path,
                read_only=read_only,
                buffer_pool_size=buffer_bytes,
                max_num_threads=threads,
                compression=compression,
            )
            stack.callback(database.close)
            connection = engine.Connection(database)
        except RuntimeError as error:
            if "Could not set lock" in str(error):
                raise DatabaseLocked(path, to_read=read_only) from error
            if "replay shadow pages under read-only" in str(error):
                raise CheckpointUnfinished(path, str(error)) from error
            if "a different version" in str(error):
                raise OtherRelease(path, str(error)) from error
            raise OpenFailed(path, str(error)) from error
        stack.callback(connection.close)
        yield Session(connection)


def _refuse_locked(path: Path, *, read_only: bool) -> None:
    # Asked here, because an engine that fails to lock a file leaves it open: this
    # process would then take itself for the one that has it open, for ever.
    try:
        descriptor = os.open(path, os.O_RDONLY if read_only else os.O_RDWR)
    except PermissionError:
        return  # The engine says what it may not do.
    except OSError as error:
        raise CannotRead(path, error) from error
    try:
        fcntl.lockf(descriptor, (fcntl.LOCK_SH if read_only else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except OSError as error:
        raise DatabaseLocked(path, to_read=read_only) from error
    finally:
        os.close(descriptor)


@contextmanager
def _shared_lock(path: Path) -> Iterator[None]:
    """Keep writers of other processes out, as Kùzu does and Ladybug does not."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError as error:
            raise DatabaseLocked(path) from error
        yield
    finally:
        os.close(descriptor)


@contextmanager
def beside(connection: Connection) -> Iterator[Session]:
    """Yield a session of its own on the database that `connection` is open on.

    The caller's transaction is neither seen nor touched. The connection's class
    chooses the engine of this process.
    """
    _choose_by(connection)
    try:
        own = binding.module().Connection(connection.database)
    except RuntimeError as error:
        raise EngineError(f"the given connection cannot be used: {error}") from error
    try:
        yield Session(own)
    finally:
        own.close()


def _choose_by(connection: object) -> None:
    dialect = binding.dialect_of_connection(connection)
    if dialect is None:
        raise EngineError(
            f"the given connection is of {type(connection).__module__}, "
            "which is no engine that kuzugit knows"
        )
    binding.choose(dialect, f"the given connection is of {dialect.name}")


def database_path(connection: Connection) -> Path:
    """Return the path of the file that `connection` is open on."""
    return Path(connection.database.database_path)


@contextmanager
def read_transaction(session: Session) -> Iterator[None]:
    """Everything read inside sees one committed state, whatever others write."""
    session.run("BEGIN TRANSACTION READ ONLY")
    try:
        yield
    except BaseException:
        # A failed statement may have ended the transaction already, and nothing was
        # written, so what matters is the error that is on its way.
        with suppress(StatementFailed):
            session.run("ROLLBACK")
        raise
    session.run("COMMIT")


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold the database file at `path` against every other process.

    It is the lock that Kùzu itself takes. POSIX drops it when this process closes
    *any* descriptor of the file, so nothing may open the database in the block.
    """
    _refuse_second_handle(path)
    descriptor = os.open(path, os.O_RDWR)
    try:
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise DatabaseLocked(path, to_read=False) from error
        yield
    finally:
        os.close(descriptor)


def _refuse_second_handle(path: Path) -> None:
    # POSIX locks do not hold between two handles of one process, so a database that
    # this very process has open would be opened twice, and Kùzu would corrupt it.
    if is_open_here(path):
        raise DatabaseLocked(path)
