"""One call of the command line: its global options, its environment, its streams."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from kuzugit.cli.render.escape import printable
from kuzugit.cli.render.paint import Paint
from kuzugit.errors import EngineError

if TYPE_CHECKING:
    from kuzugit.model.progress import ProgressCallback
    from kuzugit.porcelain.workspace import Workspace
    from kuzugit.store.signature import Signature


@dataclass(frozen=True)
class Invocation:
    """What the words before the command, and the environment, ask for.

    `store` and `database` are None where neither names one. Relative paths are
    relative to `directory`, as after `git -C`.
    """

    directory: Path
    environment: Mapping[str, str]
    store: Path | None = None
    database: Path | None = None
    engine: str | None = None
    quiet: bool = False
    paging: bool = True

    @classmethod
    def of(cls, params: Mapping[str, Any], environment: Mapping[str, str]) -> Invocation:
        """Return the invocation of the global options `params`, as the parser has them."""
        directory = Path(params.get("directory") or ".")
        store = params.get("store") or environment.get("KUZUGIT_STORE")
        database = params.get("database") or environment.get("KUZUGIT_DB")
        return cls(
            directory=directory,
            environment=environment,
            store=directory / store if store else None,
            database=directory / database if database else None,
            engine=params.get("engine"),
            quiet=bool(params.get("quiet")),
            paging=not params.get("no_pager"),
        )

    def quieter(self, quiet: bool) -> Invocation:
        """Return this invocation, quiet where it was quiet before or `quiet` says so."""
        return replace(self, quiet=self.quiet or quiet)

    def path(self, given: Path) -> Path:
        """Return a path that an argument names, from the directory of `-C`."""
        return self.directory / given

    def workspace(self) -> Workspace:
        """Open the store and the database that the invocation is about."""
        from kuzugit.porcelain.workspace import open_workspace

        return open_workspace(self.directory, self.store, self.database, self.engine)

    def identities(self, workspace: Workspace) -> tuple[Signature | None, Signature | None]:
        """Return author and committer where the environment names them, else None."""
        from kuzugit.cli.identity import identity

        return (
            identity(workspace.store, self.environment, "AUTHOR"),
            identity(workspace.store, self.environment, "COMMITTER"),
        )

    def may_ask(self) -> bool:
        """Whether Git and ssh may ask for a password: somebody sits at the terminal."""
        wanted = self.environment.get("GIT_TERMINAL_PROMPT", "1") != "0"
        return wanted and sys.stdin.isatty() and sys.stderr.isatty()

    def paint(self) -> Paint:
        """Return the colours of standard output."""
        return paint_for(sys.stdout, self.environment)

    def say(self, text: str) -> None:
        """Write what a quiet call does not want to read."""
        if not self.quiet and text:
            write(text)

    def remark(self, text: str) -> None:
        """Write to standard error what explains an empty output."""
        if not self.quiet:
            write_error(text)

    def remark_to_people(self, text: str) -> None:
        """Write to standard error what only somebody at a terminal wants to know."""
        if sys.stderr.isatty():
            self.remark(text)

    @contextmanager
    def paged(self) -> Iterator[Callable[[str], None]]:
        """Yield a function that writes text, through a pager where a terminal reads it."""
        if not self.paging or not sys.stdout.isatty():
            yield write
            return
        from kuzugit.cli.pager import pager, pager_command

        command = pager_command(self.environment)
        if command is None:
            yield write
            return
        with pager(command, self.environment) as stream:
            yield lambda text: _write_to(stream, text)

    @contextmanager
    def progress(self) -> Iterator[ProgressCallback]:
        """Yield a callback that shows progress where somebody looks at standard error."""
        if self.quiet or not sys.stderr.isatty():
            from kuzugit.model.progress import ignore_progress

            yield ignore_progress
            return
        from kuzugit.cli.progress import ProgressLine

        line = ProgressLine(sys.stderr)
        try:
            yield line.show
        finally:
            line.clear()


def paint_for(stream: TextIO, environment: Mapping[str, str]) -> Paint:
    """Return colours where a terminal reads `stream`, unless NO_COLOR or a dumb one forbids."""
    wanted = not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"
    return Paint(on=wanted and stream.isatty())


def write(text: str) -> None:
    """Write `text` and the end of its line to standard output."""
    _write_to(sys.stdout, text)


def warn(text: str) -> None:
    """Write a warning to standard error."""
    write_error(f"warning: {printable(text)}")


def write_error(text: str) -> None:
    """Write `text` and the end of its line to standard error, behind what was written so far."""
    # One reader of both streams gets them in the order in which they were said. Where the
    # output cannot be written, its own next writer says so.
    with suppress(OSError):
        sys.stdout.flush()
    sys.stderr.write(f"{text}\n")


class CannotWriteOutput(EngineError):
    """What standard output leads to takes no more: no space is left, say."""

    def __init__(self, reason: OSError) -> None:
        super().__init__(
            f"cannot write the output: {reason.strerror or reason}",
            hint="df -h; ls -l /proc/self/fd/1 shows where the output goes",
        )


@contextmanager
def telling_output() -> Iterator[None]:
    """Raise CannotWriteOutput where output cannot be written; a closed pipe is another matter."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise CannotWriteOutput(error) from error


def _write_to(stream: Any, text: str) -> None:
    with telling_output():
        stream.write(f"{text}\n")
