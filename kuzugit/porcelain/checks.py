"""Checks: queries that must find nothing, asked of what is about to become a snapshot.

They are the files `checks/*.cypher` beside the store, each with one reading statement.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

from kuzugit.engine.ask import ask, check_contained
from kuzugit.engine.session import READ_BUFFER, Session, open_database, read_transaction
from kuzugit.errors import EngineError, RefusedError, UsageError
from kuzugit.store.location import Store

SHOWN_ROWS = 10


@dataclass(frozen=True)
class Failure:
    """A check that found something, or could not be asked.

    `check` is its file's name, `rows` are the first of what it found, `more` tells how many
    it found beyond those. `problem` says why it could not be asked, and is None otherwise.
    """

    check: str
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Any, ...], ...] = ()
    more: int = 0
    problem: str | None = None

    def __str__(self) -> str:
        if self.problem is not None:
            return f"{self.check} could not be asked: {self.problem}"
        found = len(self.rows) + self.more
        return f"{self.check} found {found:,} {'row' if found == 1 else 'rows'}"


class ChecksFailed(RefusedError):
    """Checks failed, so nothing was published."""

    def __init__(self, failures: Sequence[Failure]) -> None:
        self.failures = tuple(failures)
        listed = "; ".join(map(str, failures))
        super().__init__(
            f"nothing was committed, because a check failed: {listed}",
            hint="mend the rows or the check, or commit all the same: --no-checks",
        )


class ChecksUnreadable(RefusedError):
    """There is something where the checks are, and it cannot be looked into."""

    def __init__(self, directory: Path, reason: str) -> None:
        self.directory = directory
        super().__init__(
            f"nothing was committed, because no check can be asked: {directory} {reason}",
            hint=f"ls -ld {directory}; or commit all the same: --no-checks",
        )


def checks_directory(store: Store) -> Path:
    """Return where the checks of a store are; it need not exist."""
    return store.path.parent / "checks"


def run_checks(
    directory: Path, session: Session, *, shown: int = SHOWN_ROWS
) -> tuple[Failure, ...]:
    """Ask every check of `directory`, in the order of their names; return those that failed.

    `session` is in a read-only transaction, in which all of them see one state and none
    can write. A check that cannot be asked fails, and ends the list: the engine may have
    ended the transaction with it. Values are those of `engine.values`. Raises
    ChecksUnreadable.
    """
    failures = []
    for path in _files(directory):
        failure = _ask(path, session, shown)
        if failure is not None:
            failures.append(failure)
        if failure is not None and failure.problem is not None:
            break
    return tuple(failures)


def run_checks_on(directory: Path, database: Path) -> tuple[Failure, ...]:
    """Ask the checks of a database's file, which is opened only to read it."""
    if not _files(directory):
        return ()
    with (
        open_database(database, read_only=True, buffer_bytes=READ_BUFFER) as session,
        read_transaction(session),
    ):
        return run_checks(directory, session)


def refuse_failing(store: Store, session: Session) -> None:
    """Raise ChecksFailed or ChecksUnreadable unless every check of the store finds nothing."""
    failures = run_checks(checks_directory(store), session)
    if failures:
        raise ChecksFailed(failures)


def _files(directory: Path) -> list[Path]:
    """Return the files of the checks, none where there is no directory of them."""
    if not os.path.lexists(directory):
        return []
    try:
        found = list(directory.iterdir())
    except FileNotFoundError as error:
        raise ChecksUnreadable(directory, "is a link that leads nowhere") from error
    except NotADirectoryError as error:
        raise ChecksUnreadable(directory, "is no directory") from error
    except OSError as error:
        raise ChecksUnreadable(directory, f"cannot be read: {error.strerror}") from error
    return sorted(path for path in found if path.name.endswith(".cypher"))


def _ask(path: Path, session: Session, shown: int) -> Failure | None:
    try:
        query = path.read_text(encoding="utf-8")
        check_contained(query)
        with ask(session, query, {}) as found:
            if not found.count:
                return None
            rows = tuple(islice(_rows(found.batches), shown))
            return Failure(path.name, found.columns, rows, found.count - len(rows))
    except (UsageError, EngineError, OSError, UnicodeDecodeError) as error:
        return Failure(path.name, problem=str(error))


def _rows(batches: Iterator[list[tuple[Any, ...]]]) -> Iterator[tuple[Any, ...]]:
    return chain.from_iterable(batches)
