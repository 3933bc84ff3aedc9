"""A process of its own that tries statements on a copy of a database.

`python -m kuzugit.engine.probe DATABASE DIRECTORY`, jobs as JSON on standard input,
the last row of each job as JSON on standard output. What it does to the copy, and a
crash of the engine on a torn copy, harms nobody.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import TypeAlias

from kuzugit.engine.file import side_files
from kuzugit.engine.session import Session, StatementFailed, open_database

Job: TypeAlias = list[list[str]]
"""Steps in order; each is a list of statements, of which the first that works counts."""


def run_jobs(database: Path, directory: Path, jobs: list[Job]) -> list[list[object]]:
    """Copy the database into `directory`, run the jobs there, return their last rows."""
    copy = directory / "copy.kuzu"
    shutil.copyfile(database, copy)
    for side in side_files(database):
        if side.suffix == ".wal":
            shutil.copyfile(side, Path(f"{copy}.wal"))
    with open_database(copy, read_only=False) as session:
        return [_run(session, job) for job in jobs]


def _run(session: Session, job: Job) -> list[object]:
    row: list[object] = []
    for step in job:
        found = _first_that_works(session, step)
        row = found[0] if found else []
    return row


def _first_that_works(session: Session, statements: list[str]) -> list[list[object]]:
    failure: StatementFailed | None = None
    for statement in statements:
        try:
            return session.rows(statement)
        except StatementFailed as error:
            failure = error
    raise failure or ValueError("a step without statements")


if __name__ == "__main__":
    found = run_jobs(Path(sys.argv[1]), Path(sys.argv[2]), json.load(sys.stdin))
    json.dump(found, sys.stdout)
