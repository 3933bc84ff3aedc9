"""The n-th call of the C library fails, whoever makes it: Python, libgit2, Kùzu or DuckDB.

A small library (failing_calls.c) is compiled and preloaded into one server process, which
forks a child for each command; the git programs that this starts have it too. A Kùzu that
ends the process itself, or never returns, shows as a signal.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).with_name("failing_calls.c")
ROOT = SOURCE.parents[2]
COMPILER = shutil.which("cc")
SECONDS = 20
"""Of processor time, of which a command takes one."""


@dataclass(frozen=True)
class Failed:
    """How a command ended: its exit code, or minus a signal.

    `failed` is the call that failed and its path, empty where the command made fewer;
    `said` is what it wrote to standard error.
    """

    code: int
    failed: str
    said: str


class Server:
    """Runs the command line in children of a process with the library in it."""

    def __init__(self, process: subprocess.Popen[str], place: Path) -> None:
        self._process = process
        self._place = place

    def calls(self, directory: Path, arguments: Sequence[str]) -> list[str]:
        """Run a command in `directory`; return its calls there, each with its path."""
        return self._ask(directory, arguments, 0, 0).failed.splitlines()

    def run(self, directory: Path, arguments: Sequence[str], number: int, error: int) -> Failed:
        """Run a command in `directory`; its call `number` there, from 1, fails with `error`."""
        return self._ask(directory, arguments, number, error)

    def _ask(self, directory: Path, arguments: Sequence[str], number: int, error: int) -> Failed:
        asked = {
            "directory": str(directory),
            "arguments": arguments,
            "number": number,
            "error": error,
            "place": str(self._place),
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        code = int(self._process.stdout.readline())
        return Failed(code, *(_text(self._place / name) for name in ("failed", "err")))


def _text(path: Path) -> str:
    return path.read_text(errors="replace").strip()


@contextmanager
def server(place: Path) -> Iterator[Server]:
    """Compile the library into `place` and start a server."""
    assert COMPILER is not None
    library = place / "failing_calls.so"
    subprocess.run([COMPILER, "-shared", "-fPIC", "-o", library, SOURCE, "-ldl"], check=True)
    environment = {**os.environ, "LD_PRELOAD": str(library), "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-m", "tests.crash.failing_calls"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        yield Server(process, place)
        assert process.stdin is not None
        process.stdin.close()


def _serve() -> None:
    _load()
    for line in sys.stdin:
        asked = json.loads(line)
        sys.stdout.write(f"{_run(asked, Path(asked['place']))}\n")
        sys.stdout.flush()


def _load() -> None:
    # Once, so that a child neither takes the time nor makes the calls. What a thread of a
    # library would be needed for is not begun here: a fork leaves threads behind.
    import duckdb
    import kuzu
    import pyarrow.parquet
    import pygit2

    import kuzugit.cli.root
    import kuzugit.porcelain.repository

    assert all((duckdb, kuzu, pyarrow.parquet, pygit2, kuzugit.cli.root))


def _run(asked: dict[str, Any], place: Path) -> int:
    child = os.fork()
    if not child:
        _work(asked, place)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _work(asked: dict[str, Any], place: Path) -> None:
    from kuzugit.cli.app import main

    os.chdir(asked["directory"])
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 5))
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    # The descriptors themselves, because libraries write to them past Python.
    os.dup2(_new(place / "out"), 1)
    os.dup2(_new(place / "err"), 2)
    os.close(_new(place / "failed"))
    (place / "count").write_bytes(bytes(8))
    asked_for = (asked["directory"], asked["number"], asked["error"])
    os.environ["FAILING_CALLS"] = "\n".join(
        map(str, (*asked_for, place / "count", place / "failed"))
    )
    ctypes.CDLL(None).begin()
    os._exit(main(asked["arguments"]))


def _new(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)


if __name__ == "__main__":
    _serve()
