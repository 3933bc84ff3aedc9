"""Defaults: what the engine says they are, and what they really are.

Kùzu prints a default without the minus sign of a number and without parentheses:
`DEFAULT -5` reads back as `5`. A text is taken only where it has one meaning. For a
plain number the sign is found out by making a row in a scratch copy of the database;
Ladybug prints it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from kuzugit.engine import binding
from kuzugit.engine.probe import Job
from kuzugit.engine.trial import try_on_copy
from kuzugit.model.catalog import Catalog, NodeTable
from kuzugit.model.cypher import quoted
from kuzugit.model.default_text import has_one_meaning, is_default, lacks_sign_only
from kuzugit.model.types import Scalar


class Undecided(ValueError):
    """A default's text that does not say what the default is.

    `sign_only` tells that nothing but the sign of a plain number is unknown.
    """

    def __init__(self, text: str, *, sign_only: bool) -> None:
        self.sign_only = sign_only
        super().__init__(text)


_NO_SIGN = re.compile(r"-(?=0+\Z)", re.ASCII)


def canonical_default(text: str) -> str | None:
    """Return the default that the engine's text stands for, None for no default.

    Raises Undecided where the text can stand for several.
    """
    if text in ("NULL", ""):
        return None
    if has_one_meaning(text):
        return text
    if binding.dialect().prints_signs and is_default(text):
        # A zero without a point has none; Kùzu never prints it.
        return _NO_SIGN.sub("", text)
    raise Undecided(text, sign_only=lacks_sign_only(text))


def read_signs(
    database: Path, scratch: Path, catalog: Catalog, undecided: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], str]:
    """Return each undecided default with its sign, by table and property name.

    The database file is copied into the directory `scratch`, which must have room
    for it, and rows are made there. Raises TrialFailed.
    """
    wanted = list(undecided)
    tables = sorted({table for table, _ in wanted})
    names = {table: [name for owner, name in wanted if owner == table] for table in tables}
    jobs = [_job(catalog, table, names[table]) for table in tables]
    rows = try_on_copy("kuzugit.engine.probe", "the defaults", database, scratch, jobs)
    found = {}
    for table, row in zip(tables, rows, strict=True):
        for name, value in zip(names[table], row, strict=True):
            text = _text_of(catalog, table, name)
            found[table, name] = f"-{text}" if str(value).startswith("-") else text
    return found


def _text_of(catalog: Catalog, table: str, name: str) -> str:
    owner = next(item for item in catalog.tables if item.name == table)
    return next(item.default or "" for item in owner.properties if item.name == name)


def _job(catalog: Catalog, table: str, names: list[str]) -> Job:
    """Return the steps that end in a row of the values of these properties."""
    values = ", ".join(f"CAST(x.{quoted(name)} AS STRING)" for name in names)
    rel = next((item for item in catalog.rels if item.name == table), None)
    if rel is None:
        return [_fresh_node(catalog.node(table), values)]
    pair = rel.pairs[0]
    # Any two nodes do: it is a copy, and only the new rel's defaults are looked at.
    create = (
        f"MATCH (a:{quoted(pair.from_table)}) WITH a LIMIT 1 "
        f"MATCH (b:{quoted(pair.to_table)}) WITH a, b LIMIT 1 "
        f"CREATE (a)-[x:{quoted(rel.name)}]->(b) RETURN {values}"
    )
    clear = f"MATCH ()-[r:{quoted(rel.name)}]->() DELETE r"
    ends = dict.fromkeys((pair.from_table, pair.to_table))
    return [*(_fresh_node(catalog.node(end), "1") for end in ends), [clear], [create]]


def _fresh_node(table: NodeTable, values: str) -> list[str]:
    return [
        f"CREATE (x:{quoted(table.name)} {assignment}) RETURN {values}"
        for assignment in _assignments(table)
    ]


def _assignments(table: NodeTable) -> Iterator[str]:
    for key in _candidate_keys(table):
        yield f"{{{quoted(table.primary_key)}: {key}}}" if key else ""


def _candidate_keys(table: NodeTable) -> Iterator[str]:
    type_ = table.key.type
    if type_ == Scalar("SERIAL"):
        yield ""
        return
    for number in range(1, 250):
        match str(type_):
            case "STRING":
                yield f"'kuzugit-{number * 7919}'"
            case "BLOB":
                yield f"BLOB('kuzugit-{number * 7919}')"
            case "UUID":
                yield f"CAST('c0ffee00-0000-4000-8000-{number * 7919:012x}' AS UUID)"
            case "DATE" | "TIMESTAMP" | "TIMESTAMP_TZ" | "TIMESTAMP_MS" | "TIMESTAMP_SEC":
                yield f"CAST('{9000 + number}-07-09' AS {type_})"
            case "INT8" | "UINT8":
                yield f"CAST({number % 127} AS {type_})"
            case "INT16" | "UINT16":
                yield f"CAST({32767 - number * 7} AS {type_})"
            case _:
                yield f"CAST({2147483647 - number * 7919} AS {type_})"
