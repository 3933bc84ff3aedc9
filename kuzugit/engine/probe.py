"""A process of its own that tries statements on a copy of a database.

`python -m kuzugit.engine.probe ENGINE DATABASE DIRECTORY`, jobs as JSON on standard
input, the last row of each job as JSON on standard output.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TypeAlias

from kuzugit.engine import binding
from kuzugit.engine.session import Session, StatementFailed, open_database
from kuzugit.engine.trial import copy_database

Step: TypeAlias = list[list[str]]
"""Ways, of which the first that works counts; each is a list of statements in order."""

Job: TypeAlias = list[Step]
"""Steps in order."""


def run_jobs(database: Path, directory: Path, jobs: list[Job]) -> list[list[object]]:
    """Copy the database into `directory`, run the jobs there, return their last rows."""
    with open_database(copy_database(database, directory), read_only=False) as session:
        return [last_row(session, job) for job in jobs]


def last_row(session: Session, job: Job) -> list[object]:
    """Run a job and return its last row; raise StatementFailed where no way of a step works."""
    row: list[object] = []
    for step in job:
        found = _first_that_works(session, step)
        row = found[0] if found else []
    return row


def _first_that_works(session: Session, ways: Step) -> list[list[object]]:
    failure: StatementFailed | None = None
    for statements in ways:
        try:
            return [session.rows(statement) for statement in statements][-1]
        except StatementFailed as error:
            failure = error
    raise failure or ValueError("a step without statements")


if __name__ == "__main__":
    binding.choose(binding.dialect_named(sys.argv[1]), "the parent process works with it")
    found = run_jobs(Path(sys.argv[2]), Path(sys.argv[3]), json.load(sys.stdin))
    json.dump(found, sys.stdout)
