"""A checkpoint: the engine writes a database's log into the database.

`python -m kuzugit.engine.checkpoint ENGINE DATABASE` does it in a process of its own,
for a database of the engine that the asking process does not work with.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from kuzugit.engine import binding
from kuzugit.engine.file import check_database_file, is_open_here
from kuzugit.engine.session import DatabaseLocked, OpenFailed, open_database


def checkpoint(path: Path) -> None:
    """Checkpoint the database at `path`, whichever engine it is of.

    Raises DatabaseLocked, StatementFailed, OpenFailed and the errors of
    `check_database_file`.
    """
    if is_open_here(path):
        # To read its head would drop the lock of the other handle.
        raise DatabaseLocked(path, to_read=False)
    dialect = check_database_file(path)
    if binding.chosen() in (None, dialect):
        _checkpoint(path)
        return
    command = [sys.executable, "-I", "-m", "kuzugit.engine.checkpoint", dialect.name, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise OpenFailed(path, done.stderr.strip().rpartition("\n")[2], dialect)


def _checkpoint(path: Path) -> None:
    # With compression a table of the log that holds the nil UUID could not be written.
    with open_database(path, read_only=False, compression=False) as session:
        session.run("CHECKPOINT")


if __name__ == "__main__":
    binding.choose(binding.dialect_named(sys.argv[1]), "the parent process says so")
    _checkpoint(Path(sys.argv[2]))
