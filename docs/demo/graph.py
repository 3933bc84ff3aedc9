"""The graph of a Python environment as a Kùzu database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import kuzu
from environment import Environment

SCHEMA = (
    "CREATE NODE TABLE Package(name STRING PRIMARY KEY, version STRING, summary STRING, "
    "files INT64)",
    "CREATE NODE TABLE Module(path STRING PRIMARY KEY, size INT64)",
    "CREATE REL TABLE requires(FROM Package TO Package, specifier STRING, marker STRING, "
    "extra STRING)",
    "CREATE REL TABLE brings(FROM Package TO Module)",
)

Rows = list[list[Any]]


@contextmanager
def connected(path: Path) -> Iterator[kuzu.Connection]:
    """Open the database at `path` and close it after: kuzugit needs it free."""
    with kuzu.Database(path) as database, kuzu.Connection(database) as connection:
        yield connection


def rows(connection: kuzu.Connection, statement: str, **parameters: object) -> Rows:
    """Run one statement; return its rows."""
    result = connection.execute(statement, parameters)
    if isinstance(result, list):
        raise ValueError(f"more than one statement: {statement}")
    found = [list(row) for row in result]
    result.close()
    return found


def build(path: Path, environment: Environment) -> None:
    """Make the database at `path`, which must not exist."""
    with connected(path) as connection:
        for statement in SCHEMA:
            rows(connection, statement)
        rows(connection, "BEGIN TRANSACTION")
        for package in environment.packages:
            rows(
                connection,
                "CREATE (:Package {name: $name, version: $version, summary: $summary, "
                "files: $files})",
                **vars(package),
            )
        for module in environment.modules:
            rows(
                connection,
                "MATCH (p:Package {name: $package}) "
                "CREATE (p)-[:brings]->(:Module {path: $path, size: $size})",
                **vars(module),
            )
        for requirement in environment.requirements:
            rows(
                connection,
                "MATCH (a:Package {name: $package}), (b:Package {name: $required}) "
                "CREATE (a)-[:requires {specifier: $specifier, marker: $marker, extra: $extra}]"
                "->(b)",
                **vars(requirement),
            )
        rows(connection, "COMMIT")


def contents(path: Path) -> dict[str, Rows]:
    """Return the schema and every row, sorted: two equal databases give equal values."""
    found: dict[str, Rows] = {}
    with connected(path) as connection:
        # The first column of show_tables is an internal number that says nothing about content.
        tables = sorted(row[1:3] for row in rows(connection, "CALL show_tables() RETURN *"))
        found["tables"] = tables
        for name, kind in tables:
            columns = rows(connection, f"CALL table_info('{name}') RETURN *")
            # The first column numbers the properties; numbers of dropped ones stay used.
            found[f"{name}: columns"] = [row[1:] for row in columns]
            returned = ", ".join(f"x.`{row[1]}`" for row in columns)
            if kind == "NODE":
                statement = f"MATCH (x:`{name}`) RETURN {returned}"
            else:
                ends = "a.name, coalesce(b.name, b.path)"
                returned = f"{ends}, {returned}" if returned else ends
                statement = f"MATCH (a)-[x:`{name}`]->(b) RETURN {returned}"
            found[name] = sorted(rows(connection, statement), key=repr)
    return found
