"""Trials on a copy of a database, in a process of its own.

What is done to the copy, and a crash of the engine on a torn copy, harms nobody. The
process must be another one also because this one may have the database open, and would
drop its lock by reading the file.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from kuzugit.engine import binding
from kuzugit.engine.file import log_files, log_suffix
from kuzugit.errors import EngineError

_ATTEMPTS = 5


class TrialFailed(EngineError):
    """What only a trial on a copy tells could not be found out."""

    def __init__(self, database: Path, what: str, reason: str) -> None:
        self.database = database
        super().__init__(f"{what} of {database} could not be read: {reason}")


def try_on_copy(module: str, what: str, database: Path, scratch: Path, question: object) -> Any:
    """Run `python -m module ENGINE DATABASE DIRECTORY`, JSON in and out; return its answer.

    The directory is an empty one in `scratch`, which must have room for a copy of the
    database; it is removed afterwards. Raises TrialFailed.
    """
    # The application may write while the copy is made: a torn copy fails, and is
    # made again.
    reason = ""
    command = [sys.executable, "-I", "-m", module, binding.dialect().name, str(database)]
    for attempt in range(_ATTEMPTS):
        directory = scratch / f"trial-{attempt}"
        directory.mkdir()
        try:
            done = subprocess.run(
                [*command, str(directory)],
                input=json.dumps(question),
                capture_output=True,
                text=True,
                check=False,
            )
        finally:
            shutil.rmtree(directory)
        if done.returncode == 0:
            return json.loads(done.stdout)
        reason = done.stderr.strip().rpartition("\n")[2] or f"status {done.returncode}"
    raise TrialFailed(database, what, reason)


def copy_database(database: Path, directory: Path) -> Path:
    """Copy the database and its log into `directory`; return the copy's path."""
    copy = directory / "copy"
    shutil.copyfile(database, copy)
    for log in log_files(database):
        shutil.copyfile(log, Path(f"{copy}{log_suffix(log)}"))
    return copy
