"""A pager between the output and a terminal, as Git starts one."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import IO

_DEFAULTS = {"LESS": "FRX", "LV": "-c"}
"""What Git sets for its pagers where the user did not."""


def pager_command(environment: Mapping[str, str]) -> str | None:
    """Return the pager that the environment names, or less; None where it is not there."""
    command = environment.get("GIT_PAGER", environment.get("PAGER", "less"))
    if command in ("", "cat"):
        return None
    try:
        program = shlex.split(command)[0]
    except (ValueError, IndexError):  # an open quote, or only blanks: no command at all
        return None
    return command if shutil.which(program) else None


@contextmanager
def pager(command: str, environment: Mapping[str, str]) -> Iterator[IO[str]]:
    """Run the shell command `command` and yield its input; return when it ends.

    A reader that closes the pager before the end is no error: the BrokenPipeError
    of the next write ends the block quietly.
    """
    process = subprocess.Popen(
        command,
        shell=True,
        stdin=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="backslashreplace",
        env={**_DEFAULTS, **environment},
    )
    assert process.stdin is not None
    try:
        with suppress(BrokenPipeError):
            yield process.stdin
    finally:
        with suppress(BrokenPipeError):
            process.stdin.close()
        _wait(process)


def _wait(process: subprocess.Popen[str]) -> None:
    # Ctrl-C is a key of the pager. To leave before it would leave the terminal to two readers.
    while process.returncode is None:
        with suppress(KeyboardInterrupt):
            process.wait()
