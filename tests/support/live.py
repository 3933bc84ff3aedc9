"""A small real database and its store: to commit, to change and to check out."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from pathlib import Path

import kuzu

from kuzugit.porcelain.repository import Repository
from tests.store.making import in_child
from tests.support.content import Content, read_content
from tests.support.graphs import BUFFER_POOL_SIZE, MAX_DB_SIZE, run_statements

NAME = "graph.kuzu"

SMALL = (
    "CREATE NODE TABLE Person(id INT64 PRIMARY KEY, name STRING, balance INT64)",
    "CREATE REL TABLE knows(FROM Person TO Person, since INT64)",
    "UNWIND range(1, 20) AS i CREATE (:Person {id: i, name: 'p' + CAST(i AS STRING), balance: 10})",
    "MATCH (a:Person), (b:Person) WHERE b.id = a.id + 1 CREATE (a)-[:knows {since: a.id}]->(b)",
)
"""Twenty persons in a row, each of whom knows the next."""

ADD_PERSON = "CREATE (:Person {id: 21, name: 'new', balance: 0})"
RENAME_PERSON = "MATCH (p:Person {id: 3}) SET p.name = 'other'"
ADD_COLUMN = "ALTER TABLE Person ADD email STRING"
DROP_COLUMN = "ALTER TABLE Person DROP balance"


@dataclass(frozen=True)
class LiveProject:
    """A directory with a store and the database that the store versions."""

    directory: Path
    name: str = NAME

    @property
    def database(self) -> Path:
        return self.directory / self.name

    @property
    def store(self) -> Path:
        return self.directory / ".kuzugit"

    def open(self) -> Repository:
        return Repository.open(self.directory)

    def run(self, *statements: str) -> None:
        """Run statements on the live database, and checkpoint."""
        run_statements(self.database, statements)

    def commit(self, message: str, *statements: str) -> str:
        """Run statements, commit, and return the version."""
        if statements:
            self.run(*statements)
        with self.open() as repository:
            return repository.commit(message).version or ""

    def content(self) -> Content:
        return read_content(self.database)

    def files(self) -> list[str]:
        """Return the names in the directory, but for the store."""
        return sorted(item.name for item in self.directory.iterdir() if item.name != ".kuzugit")


def make_project(directory: Path, name: str = NAME) -> LiveProject:
    """Build the small database in `directory`, and a store that holds nothing yet."""
    directory.mkdir(parents=True, exist_ok=True)
    project = LiveProject(directory, name)
    project.run(*SMALL)
    Repository.init(project.database, directory=directory).close()
    return project


def leave_log(database: Path, *statements: str) -> None:
    """Commit statements in a process that dies before Kùzu writes its log into the database."""

    def work() -> None:
        connection = kuzu.Connection(
            kuzu.Database(database, buffer_pool_size=BUFFER_POOL_SIZE, max_db_size=MAX_DB_SIZE)
        )
        for statement in statements:
            connection.execute(statement)
        os.kill(os.getpid(), signal.SIGKILL)

    assert in_child(work) == -signal.SIGKILL
    assert Path(f"{database}.wal").stat().st_size > 0
