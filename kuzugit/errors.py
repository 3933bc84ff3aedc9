"""What can go wrong, and the exit code that says so.

One category for each exit code. The leaf classes stand beside the code that
raises them and carry fields; a caller catches a category or a leaf.
"""

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar


class ExitCode(IntEnum):
    """The exit codes of the command line. docs/exit-codes.md says the same."""

    DONE = 0
    DIFFERENT = 1
    USAGE = 2
    NO_STORE = 10
    LOCKED = 11
    UNKNOWN_NAME = 12
    REFUSED = 13
    SCHEMA = 14
    CORRUPT = 15
    ENGINE = 16
    GIT = 17
    UNSUPPORTED = 18
    BUG = 70
    INTERRUPTED = 130


class KuzugitError(Exception):
    """Base of every error that kuzugit raises on purpose.

    `hint` is a command or an action that helps, or None. The cause chain
    (`raise ... from error`) is what the user sees after "caused by:".
    """

    exit_code: ClassVar[ExitCode] = ExitCode.BUG

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(KuzugitError):
    """The words of the call make no sense, whatever the store holds."""

    exit_code = ExitCode.USAGE


class NoStoreError(KuzugitError):
    """There is no store where one is needed, or no database that it versions."""

    exit_code = ExitCode.NO_STORE


class LockedError(KuzugitError):
    """Another process or command holds the database or the store."""

    exit_code = ExitCode.LOCKED


class UnknownNameError(KuzugitError):
    """A revision, version, table or other name that does not exist."""

    exit_code = ExitCode.UNKNOWN_NAME


class RefusedError(KuzugitError):
    """Doing it would lose data, so it was not begun."""

    exit_code = ExitCode.REFUSED


class SchemaError(KuzugitError):
    """A schema or a migration that does not hold together."""

    exit_code = ExitCode.SCHEMA


class CorruptError(KuzugitError):
    """What is stored is not what was written, or is made to harm."""

    exit_code = ExitCode.CORRUPT


class EngineError(KuzugitError):
    """The graph database said no."""

    exit_code = ExitCode.ENGINE


class GitError(KuzugitError):
    """Git, its object database or its configuration said no."""

    exit_code = ExitCode.GIT


class UnsupportedError(KuzugitError):
    """A format or version that this release does not read."""

    exit_code = ExitCode.UNSUPPORTED
