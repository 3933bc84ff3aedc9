"""The command line in a process of its own."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

PROGRAM = (sys.executable, "-c", "import sys; from kuzugit.cli.app import main; sys.exit(main())")


def command(*arguments: str | Path) -> list[str]:
    return [*PROGRAM, *map(str, arguments)]


def run_on_terminal(
    arguments: Sequence[str], environment: Mapping[str, str] | None = None
) -> tuple[int, str]:
    """Run `arguments` with a terminal for all three streams; return the exit code and the text."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        arguments,
        stdin=follower,
        stdout=follower,
        stderr=follower,
        env=None if environment is None else {**os.environ, **environment},
        start_new_session=True,
    )
    os.close(follower)
    written = bytearray()
    while True:
        try:
            data = os.read(leader, 65536)
        except OSError:  # the last process has closed the terminal
            break
        if not data:
            break
        written += data
    os.close(leader)
    return process.wait(timeout=20), written.decode().replace("\r\n", "\n")
