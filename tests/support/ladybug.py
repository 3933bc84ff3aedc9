"""Ladybug, always in a process of its own: beside kuzu it crashes this one."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

_STATEMENTS = """
import json, sys
import ladybug
with ladybug.Database(sys.argv[1]) as database, ladybug.Connection(database) as connection:
    for statement in json.load(sys.stdin):
        connection.execute(statement)
"""


def run_python(program: str, *arguments: str, input: str = "") -> str:
    """Run a program in another process and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], input=input, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def run_in_ladybug(database: Path, statements: Sequence[str]) -> None:
    """Run statements on a Ladybug database, a new one where there is none."""
    run_python(_STATEMENTS, str(database), input=json.dumps(list(statements)))
