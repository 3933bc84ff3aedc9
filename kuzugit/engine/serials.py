"""The sequences behind SERIAL properties, also of tables and properties that were renamed.

Kùzu calls such a sequence after the table and the property, and leaves it that name when
one of them is renamed. A restored table's is called after the names of today. Which one a
property draws from Kùzu does not tell, and a name is no proof: two tables that swapped
their names have each other's. Where the rows do not end where the sequences stand, rows are
made in a scratch copy, where each sequence has numbers of its own.

`python -m kuzugit.engine.serials ENGINE DATABASE DIRECTORY`, the question as JSON on
standard input, the answer as JSON on standard output.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias, TypedDict

from kuzugit.engine import binding
from kuzugit.engine.new_row import new_row
from kuzugit.engine.probe import Job, last_row
from kuzugit.engine.session import Session, StatementFailed, open_database
from kuzugit.engine.trial import TrialFailed, copy_database, try_on_copy
from kuzugit.model.catalog import Catalog, Sequence
from kuzugit.model.cypher import quoted
from kuzugit.model.loss import Loss
from kuzugit.model.types import Scalar

_SUFFIX = "_serial"
_GONE = re.compile(r"(\S+_serial) does not exist")
_APART = 1_000_000_000_039
"""The distance between the numbers of two sequences in the copy; rows have no such keys."""

Column: TypeAlias = tuple[str, str]
"""Names of a table and of a property."""


@dataclass(frozen=True)
class Drawn:
    """The sequence that a property draws from; or why none is known, and a way out."""

    sequence: str
    why_not: str = ""
    way_out: str = ""


class Answer(TypedDict):
    """The last row of a job, or the reason why there is none."""

    row: list[int]
    reason: str


def with_serials_of_today(
    session: Session, scratch: Path, catalog: Catalog
) -> tuple[Catalog, list[str], list[Loss]]:
    """Return the catalog with these sequences under today's names, warnings, losses.

    Where neither names nor rows settle it, the database is copied into the directory
    `scratch`, which must have room for it; the copy has the newest committed state.
    """
    columns = _columns(catalog)
    possible = [item for item in catalog.sequences if item.name.endswith(_SUFFIX)]
    if _is_settled(columns, possible) or _is_told_by_rows(session, catalog, columns, possible):
        return catalog, [], []
    drawn = _ask(session.path, scratch, catalog, columns, possible)
    times = Counter(found.sequence for found in drawn.values())
    # Kùzu takes names that differ in case alone for one.
    own = {item.name.lower() for item in catalog.sequences if item.name not in times}
    renamed: dict[str, str] = {}
    losses = []
    for column, found in drawn.items():
        today = _name_of_today(column)
        why, way_out = found.why_not, found.way_out
        if not why and times[found.sequence] > 1:
            why = f"another SERIAL draws from its sequence {found.sequence} too"
        elif not why and found.sequence != today:
            why, way_out = _why_not_renamed(catalog, found.sequence, column, own)
        if why:
            losses.append(Loss(".".join(column), "SERIAL", why, way_out))
        elif found.sequence != today:
            renamed[found.sequence] = today
    warnings = [
        f"the sequence {old} of a renamed SERIAL is called {new} after a checkout"
        for old, new in renamed.items()
    ]
    sequences = (
        replace(item, name=renamed.get(item.name, item.name)) for item in catalog.sequences
    )
    ordered = tuple(sorted(sequences, key=lambda item: item.name))
    return replace(catalog, sequences=ordered), warnings, losses


def _columns(catalog: Catalog) -> list[Column]:
    # The rel tables first, for asking a node table may drop them in the copy.
    tables = [
        *((table.name, table.properties) for table in catalog.rels),
        *((table.name, table.properties) for table in catalog.nodes),
    ]
    return [
        (name, item.name)
        for name, properties in tables
        for item in properties
        if item.type == Scalar("SERIAL")
    ]


def _name_of_today(column: Column) -> str:
    return f"{'_'.join(column)}{_SUFFIX}"


def _is_settled(columns: list[Column], possible: list[Sequence]) -> bool:
    """Tell whether each property has the sequence of its name, or one that is just like it.

    Not looked for is a sequence that was dropped and has a namesake: no row can be made
    in such a table.
    """
    if {item.name for item in possible} != {_name_of_today(column) for column in columns}:
        return not columns
    return len({replace(item, name="") for item in possible}) <= 1


def _is_told_by_rows(
    session: Session, catalog: Catalog, columns: list[Column], possible: list[Sequence]
) -> bool:
    """Tell whether each property ends where the sequence of its name stands, and no other one.

    So it is where nobody gave a number by hand and the newest rows are there, which is most
    databases; to copy them at each commit would take long.
    """
    by_name = {item.name: item for item in possible}
    if by_name.keys() != {_name_of_today(column) for column in columns}:
        return False
    alike = {item.current: replace(item, name="") for item in possible}
    if any(alike[item.current] != replace(item, name="") for item in possible):
        return False
    return all(
        _greatest(session, catalog, column) == by_name[_name_of_today(column)].current
        for column in columns
    )


def _greatest(session: Session, catalog: Catalog, column: Column) -> int | None:
    table, name = quoted(column[0]), quoted(column[1])
    rel = next((item for item in catalog.rels if item.name == column[0]), None)
    patterns = [f"(x:{table})"]
    if rel is not None:
        # Pair by pair: Kùzu refuses nodes of any table where two have unions of one name.
        patterns = [
            f"(:{quoted(pair.from_table)})-[x:{table}]->(:{quoted(pair.to_table)})"
            for pair in rel.pairs
        ]
    found = (session.rows(f"MATCH {text} RETURN max(x.{name})")[0][0] for text in patterns)
    return max((int(str(value)) for value in found if value is not None), default=None)


def _why_not_renamed(
    catalog: Catalog, sequence: str, column: Column, own: set[str]
) -> tuple[str, str]:
    """Return why the sequence cannot be called after the column, and a way out."""
    today = _name_of_today(column)
    if today.lower() in own:
        return (
            f"it was renamed, and {today}, which its sequence has to be called, is another one",
            f"ALTER TABLE {quoted(column[0])} RENAME TO another name",
        )
    defaults = [item.default or "" for table in catalog.tables for item in table.properties]
    if any(sequence in text for text in (*defaults, *(macro.body for macro in catalog.macros))):
        return f"it was renamed, and a default or a macro calls its sequence {sequence} by name", ""
    return "", ""


def _ask(
    database: Path,
    scratch: Path,
    catalog: Catalog,
    columns: list[Column],
    sequences: list[Sequence],
) -> Mapping[Column, Drawn]:
    tables = list(dict.fromkeys(table for table, _ in columns))
    names = {table: [name for owner, name in columns if owner == table] for table in tables}
    question = {
        "sequences": [item.name for item in sequences],
        "jobs": [
            new_row(catalog, table, own, ", ".join(f"x.{quoted(name)}" for name in own))
            for table, own in names.items()
        ],
    }
    try:
        answers: list[Answer] = try_on_copy(
            "kuzugit.engine.serials", "the sequences", database, scratch, question
        )
    except TrialFailed as error:
        answers = [Answer(row=[], reason=str(error)) for _ in tables]
    found = {
        (table, name): _drawn(answer, at, sequences)
        for table, answer in zip(tables, answers, strict=True)
        for at, name in enumerate(names[table])
    }
    return _with_the_last_one(found, sequences)


def _with_the_last_one(
    found: dict[Column, Drawn], sequences: list[Sequence]
) -> Mapping[Column, Drawn]:
    """Give the one property that is not known the one sequence that no other draws from."""
    unknown = [column for column, drawn in found.items() if drawn.why_not and not drawn.way_out]
    left = {item.name for item in sequences} - {drawn.sequence for drawn in found.values()}
    if len(unknown) == len(left) == 1:
        return found | {unknown[0]: Drawn(left.pop())}
    return found


def _drawn(answer: Answer, at: int, sequences: list[Sequence]) -> Drawn:
    if answer["reason"]:
        why = f"its table takes no row that would tell its sequence: {answer['reason']}"
        gone = _GONE.search(answer["reason"])
        return Drawn("", why, f"CREATE SEQUENCE {quoted(gone[1])} START ..." if gone else "")
    number = answer["row"][at] // _APART
    if not 0 < number <= len(sequences):
        return Drawn("", "Kùzu does not tell which sequence gives its values")
    return Drawn(sequences[number - 1].name)


# --- in the other process


def drawn_numbers(
    database: Path, directory: Path, sequences: Iterable[str], jobs: list[Job]
) -> list[Answer]:
    """Copy the database into `directory`, set its sequences apart, run the jobs.

    Return an answer for each job.
    """
    with open_database(copy_database(database, directory), read_only=False) as session:
        for number, name in enumerate(sequences, start=1):
            session.run(f"DROP SEQUENCE {quoted(name)}")
            session.run(f"CREATE SEQUENCE {quoted(name)} START {number * _APART}")
        return [_answer(session, job) for job in jobs]


def _answer(session: Session, job: Job) -> Answer:
    try:
        numbers = [int(str(value)) for value in last_row(session, job)]
    except StatementFailed as error:
        return Answer(row=[], reason=error.reason)
    return Answer(row=numbers, reason="")


if __name__ == "__main__":
    binding.choose(binding.dialect_named(sys.argv[1]), "the parent process works with it")
    found = drawn_numbers(Path(sys.argv[2]), Path(sys.argv[3]), **json.load(sys.stdin))
    json.dump(found, sys.stdout)
