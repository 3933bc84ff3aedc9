"""The n-th file operation of a command fails, in a child process of its own.

What Python itself asks of the system is counted, in the project's directory alone: what
libgit2 and Kùzu ask cannot be reached from here, and a full disk (test_full_disk.py)
reaches it.
"""

from __future__ import annotations

import builtins
import errno
import io
import os
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from kuzugit.cli.app import main
from tests.store.making import start_child, wait

ERRORS = (errno.ENOSPC, errno.EIO, errno.EACCES)
BY_PATH = ("open", "mkdir", "unlink", "utime")
BY_TWO_PATHS = ("rename", "replace", "link")
BY_DESCRIPTOR = ("write", "fsync", "ftruncate", "pwrite", "sendfile")
_REAL_OPEN = io.open
WRITES = frozenset("wax+")


class Failing:
    """Counts the operations below `directory`; the one with `number` fails with `error`."""

    def __init__(self, directory: Path, number: int, error: int) -> None:
        self.directory = f"{directory}{os.sep}"
        self.number = number
        self.error = error
        self.count = 0
        self.failed = ""
        self._lock = threading.Lock()

    def install(self) -> None:
        """Put counting functions in the place of those of `os` and of `open`."""
        for name in (*BY_PATH, *BY_TWO_PATHS):
            self._replace(name, lambda arguments: self._path(arguments[0]))
        for name in BY_DESCRIPTOR:
            self._replace(name, lambda arguments: _path_of(arguments[0]))
        io.open = self._open  # type: ignore[assignment]
        builtins.open = self._open  # type: ignore[assignment]

    def _replace(self, name: str, path_of: Callable[[Sequence[Any]], str]) -> None:
        real = getattr(os, name)

        def counted(*arguments: Any, **options: Any) -> Any:
            # With a directory's descriptor rmtree walks scratch; what it cannot remove,
            # a later sweep does.
            if "dir_fd" not in options:
                self.pass_by(name, path_of(arguments))
            return real(*arguments, **options)

        setattr(os, name, counted)

    def _path(self, path: object) -> str:
        return str(Path(path).absolute()) if isinstance(path, str | os.PathLike) else ""

    def _open(self, file: Any, mode: str = "r", *arguments: Any, **options: Any) -> Any:
        path = self._path(file)
        self.pass_by(f"open {mode}", path)
        found = _REAL_OPEN(file, mode, *arguments, **options)
        if not WRITES & set(mode) or not path.startswith(self.directory):
            return found
        found.close()
        raw = _CountedFile(file, mode.replace("b", "").replace("t", "").replace("w", "r+"), self)
        if options.get("buffering", arguments[0] if arguments else -1) == 0:
            return raw
        buffered = io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)
        if "b" in mode:
            return buffered
        return io.TextIOWrapper(buffered, encoding=options.get("encoding"))

    def pass_by(self, name: str, path: str) -> None:
        """Count one operation on `path`, and fail where it is the one to fail."""
        if not path.startswith(self.directory):
            return
        with self._lock:
            self.count += 1
            mine = self.count == self.number
        if mine:
            self.failed = f"{name} {path.removeprefix(self.directory)}"
            raise OSError(self.error, os.strerror(self.error), path)


class _CountedFile(io.FileIO):
    def __init__(self, path: Any, mode: str, failing: Failing) -> None:
        super().__init__(path, mode)
        self._failing = failing
        self._at = str(Path(path).absolute())

    def write(self, data: Any) -> int:
        self._failing.pass_by("write to", self._at)
        return super().write(data)


def _path_of(descriptor: object) -> str:
    try:
        return str(Path(f"/proc/self/fd/{descriptor}").readlink())
    except OSError:
        return ""


def run_failing(
    directory: Path, arguments: Sequence[str], number: int, error: int, report: Path
) -> tuple[int, str]:
    """Run the command line while the operation `number`, counted from 1, fails.

    Returns the exit code and what it wrote to standard error; with the number 0 nothing
    fails. `report` gets the number of operations and what failed.
    """

    def work() -> None:
        os.chdir(directory)
        failing = Failing(directory, number, error)
        said = io.StringIO()
        sys.stderr, sys.stdout = said, io.StringIO()
        failing.install()
        code = main(arguments)
        with _REAL_OPEN(report, "w", encoding="utf-8") as file:
            file.write(f"{int(code)}\n{failing.count}\n{failing.failed}\n{said.getvalue()}")

    assert wait(start_child(work)) == 0
    code, _, rest = report.read_text().partition("\n")
    return int(code), rest
