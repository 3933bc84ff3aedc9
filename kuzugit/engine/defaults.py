"""Defaults: what Kùzu says they are, and what they really are.

Kùzu prints a default without the minus sign of a number and without parentheses:
`DEFAULT -5` reads back as `5`. A text is taken only where it has one meaning. For a
plain number the sign is found out by making a row in a scratch copy of the database.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from kuzugit.engine.file import side_files
from kuzugit.engine.session import Session, StatementFailed, open_database
from kuzugit.errors import EngineError
from kuzugit.model.catalog import Catalog, NodeTable, RelTable
from kuzugit.model.cypher import quoted
from kuzugit.model.types import Scalar

_TEXT = r"'(?:[^'\\]|\\.)*'"
_NUMBER = r"\d+(?:\.\d*)?(?:[eE][+-]?\d+)?"
_ARGUMENT = rf"(?:{_TEXT}|true|false)"
_EXACT = re.compile(
    rf"{_TEXT}|true|false|0+(?:\.0*)?"
    rf"|[A-Za-z_]\w*\((?:{_ARGUMENT}(?:,\s*{_ARGUMENT})*)?\)"
    # Inside brackets Kùzu keeps the sign of a number (measured).
    rf"|\[(?:-?{_NUMBER}|{_ARGUMENT})?(?:,\s*(?:-?{_NUMBER}|{_ARGUMENT}))*\]",
    re.DOTALL | re.IGNORECASE,
)
_UNSIGNED = re.compile(_NUMBER)


class Undecided(ValueError):
    """A default's text that does not say what the default is.

    `sign_only` tells that nothing but the sign of a plain number is unknown.
    """

    def __init__(self, text: str, *, sign_only: bool) -> None:
        self.sign_only = sign_only
        super().__init__(text)


class DefaultUnreadable(EngineError):
    """The sign of a default could not be found out."""


def canonical_default(text: str) -> str | None:
    """Return the default that Kùzu's text stands for, None for no default.

    Raises Undecided where the text can stand for several.
    """
    if text in ("NULL", ""):
        return None
    if _EXACT.fullmatch(text):
        return text
    raise Undecided(text, sign_only=_UNSIGNED.fullmatch(text) is not None)


def read_signs(
    database: Path, scratch: Path, catalog: Catalog, undecided: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], str]:
    """Return each undecided default with its sign, by table and property name.

    The database file is copied into the directory `scratch`, which must have room
    for it, and rows are made there. The caller sees to it that nobody changes the
    file meanwhile.
    """
    copy = scratch / "defaults.kuzu"
    shutil.copyfile(database, copy)
    for side in side_files(database):
        shutil.copyfile(side, Path(f"{copy}{side.suffix}"))
    wanted = list(undecided)
    found = {}
    with open_database(copy, read_only=False) as session:
        for table in {name for name, _ in wanted}:
            names = [name for owner, name in wanted if owner == table]
            for name, text in _fresh_row(session, catalog, table, names).items():
                found[table, name] = text
    return found


def _fresh_row(session: Session, catalog: Catalog, table: str, names: list[str]) -> dict[str, str]:
    rel = next((item for item in catalog.rels if item.name == table), None)
    owner = rel or catalog.node(table)
    values = ", ".join(f"CAST(x.{quoted(name)} AS STRING)" for name in names)
    row = _fresh_rel(session, catalog, rel, values) if rel else None
    if rel is None:
        row = _fresh_node(session, catalog.node(table), f"RETURN {values}")
    assert row is not None
    texts = {item.name: item.default or "" for item in owner.properties}
    return {
        name: f"-{texts[name]}" if str(value).startswith("-") else texts[name]
        for name, value in zip(names, row, strict=True)
    }


def _fresh_rel(session: Session, catalog: Catalog, rel: RelTable, values: str) -> list[object]:
    pair = rel.pairs[0]
    ends = {name: _candidate_keys(catalog.node(name)) for name in (pair.from_table, pair.to_table)}
    del ends
    _fresh_node(session, catalog.node(pair.from_table), "RETURN 1")
    start = f"(x:{quoted(pair.from_table)})"
    if pair.to_table != pair.from_table:
        _fresh_node(session, catalog.node(pair.to_table), "RETURN 1")
    # Any two nodes do: it is a copy, and only the default of the new rel is looked at.
    return session.rows(
        f"MATCH {start.replace('x:', 'a:')} WITH a LIMIT 1 "
        f"MATCH (b:{quoted(pair.to_table)}) WITH a, b LIMIT 1 "
        f"CREATE (a)-[x:{quoted(rel.name)}]->(b) RETURN {values}"
    )[0]


def _fresh_node(session: Session, table: NodeTable, returns: str) -> list[object]:
    failure: StatementFailed | None = None
    for key in _candidate_keys(table):
        assignment = f"{{{quoted(table.primary_key)}: {key}}}" if key else ""
        try:
            return session.rows(f"CREATE (x:{quoted(table.name)} {assignment}) {returns}")[0]
        except StatementFailed as error:
            if "duplicated primary key" not in error.reason:
                raise
            failure = error
    raise DefaultUnreadable(
        f"the defaults of {table.name} could not be read: no free key was found"
    ) from failure


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
