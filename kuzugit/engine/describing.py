"""What the engine says of each table, also of those that it cannot name itself.

CALL functions take what stands before a point for the name of a database, and EXPORT
DATABASE writes the key of a rel table's nodes without backticks. Where a name is of that
kind, a copy of the database is asked, in which tables and keys have plain names.

`python -m kuzugit.engine.describing ENGINE DATABASE DIRECTORY`, the question as JSON on
standard input, the answer as JSON on standard output.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, TypeAlias

from kuzugit.engine import binding
from kuzugit.engine.schema_export import export_schema, is_cut
from kuzugit.engine.session import Session, open_database
from kuzugit.engine.trial import copy_database, try_on_copy
from kuzugit.model.cypher import quoted, text_literal

Rows: TypeAlias = list[list[Any]]

# Longer than what anybody gave, so no other property is called so.
_KEY = "kuzugit_key_" + "k" * 60


@dataclass(frozen=True)
class Descriptions:
    """The rows of `table_info` and `show_connection` by table, and the exported schema.

    `aliases` are the names that tables have in the schema instead of their own;
    `backward` the rel tables that are stored backwards, which nothing can be asked of.
    """

    info: Mapping[str, Rows]
    ends: Mapping[str, Rows]
    schema: str
    aliases: Mapping[str, str] = field(default_factory=dict)
    backward: tuple[str, ...] = ()


def describe(session: Session, directory: Path, nodes: list[str], rels: list[str]) -> Descriptions:
    """Describe these tables in the session's transaction.

    `directory` must not exist, and its parent must: the schema is written there. The
    copy, where one is needed, has the newest committed state. Raises TrialFailed.
    """
    aliases = dict(_aliases([*nodes, *rels]))
    plain = [name for name in nodes if name not in aliases]
    info = {name: _info(session, name) for name in plain}
    backward = tuple(name for name in rels if _is_backward(session, name, is_odd=name in aliases))
    if not aliases and not backward and not (rels and any(_odd_keys(session, info))):
        info |= {name: _info(session, name) for name in rels}
        ends = {name: _ends(session, name) for name in rels}
        return Descriptions(info, ends, export_schema(session, directory, rels))
    question = {
        "nodes": nodes,
        "rels": [name for name in rels if name not in backward],
        "aliases": {name: alias for name, alias in aliases.items() if name not in backward},
        "backward": backward,
    }
    answer = try_on_copy(
        "kuzugit.engine.describing", "the schema", session.path, directory.parent, question
    )
    return Descriptions(**answer, aliases=aliases, backward=backward)


def _is_backward(session: Session, rel: str, *, is_odd: bool) -> bool:
    start = end = ""
    if not is_odd:  # its ends cannot be asked for
        # Kùzu refuses nodes of any table where two of them have unions of one name.
        start, end = (f":{quoted(table)}" for table in _ends(session, rel)[0][:2])
    pattern = f"({start})-[r:{quoted(rel)}]->({end})"
    reason = session.reason_against(f"MATCH {pattern} WHERE false RETURN 1")
    return reason is not None and "bwd-only" in reason


def _aliases(names: list[str]) -> Iterator[tuple[str, str]]:
    taken = {name.lower() for name in names}
    free = (alias for at in count() if (alias := f"kuzugit_table_{at}") not in taken)
    return ((name, next(free)) for name in names if "." in name or is_cut(name))


def _info(session: Session, table: str) -> Rows:
    return session.rows(f"CALL table_info({text_literal(table)}) RETURN *")


def _ends(session: Session, rel: str) -> Rows:
    return session.rows(f"CALL show_connection({text_literal(rel)}) RETURN *")


def _odd_keys(session: Session, info: Mapping[str, Rows]) -> Iterator[tuple[str, str]]:
    """Yield the tables, by what they are called now, whose key the export cannot say."""
    for table, rows in info.items():
        key = next(row[1] for row in rows if row[4])
        query = f"MATCH (n:{quoted(table)}) WHERE false RETURN n.{key}"
        # Only a word is tried: anything else could be a statement of its own.
        if not key.isidentifier() or session.reason_against(query) is not None:
            yield table, key


def described_copy(database: Path, directory: Path, question: dict[str, Any]) -> dict[str, Any]:
    """Copy the database into `directory`, give plain names there, describe the tables."""
    aliases: dict[str, str] = question["aliases"]
    names = {alias: name for name, alias in aliases.items()}
    copy = copy_database(database, directory)
    with open_database(copy, read_only=False) as session:
        for name in question["backward"]:
            session.run(f"DROP TABLE {quoted(name)}")
        for name, alias in aliases.items():
            session.run(f"ALTER TABLE {quoted(name)} RENAME TO {quoted(alias)}")
        nodes = [aliases.get(name, name) for name in question["nodes"]]
        rels = [aliases.get(name, name) for name in question["rels"]]
        info = {name: _info(session, name) for name in (*nodes, *rels)}
        ends = {name: _ends(session, name) for name in rels}
        for table, key in _odd_keys(session, {name: info[name] for name in nodes}):
            session.run(f"ALTER TABLE {quoted(table)} RENAME {quoted(key)} TO {_KEY}")
        return {
            "info": {names.get(name, name): rows for name, rows in info.items()},
            "ends": {
                names.get(name, name): [[names.get(end, end) for end in row[:2]] for row in rows]
                for name, rows in ends.items()
            },
            "schema": export_schema(session, directory / "schema", rels),
        }


if __name__ == "__main__":
    binding.choose(binding.dialect_named(sys.argv[1]), "the parent process works with it")
    answer = described_copy(Path(sys.argv[2]), Path(sys.argv[3]), json.load(sys.stdin))
    json.dump(answer, sys.stdout)
