"""What the defaults of a database's properties evaluate to.

table_info prints defaults without signs and parentheses, so their text proves
nothing. A copy of the database is asked to create a row.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

import kuzu

from tests.support.graphs import open_database
from tests.support.readers import literal, make_reader, parse, query, quote

ACCIDENTAL = re.compile(r"rand|uuid|current_|now\(", re.IGNORECASE)
"""A default that gives another value each time is not evaluated."""

KEYS = {
    "BLOB": "BLOB('\\\\x{n:02X}\\\\x{n:02X}')",
    "DATE": "date('1234-05-06') + {n}",
    "UUID": "uuid('00000000-0000-4000-8000-0000000000{n:02x}')",
    "STRING": "'no such key {n}'",
    "SERIAL": "",
}
"""How to write the n-th key to try; numbers are cast, timestamps are days."""


def evaluate_defaults(
    path: Path, tables: dict[str, list[list[Any]]], keys: dict[str, tuple[str, str]]
) -> dict[str, list[str]]:
    """Return the values of a new row's defaults, by table, for the tables that have any.

    `tables` are the properties of each table: name, type, default, ...; `keys` are the
    key of each node table and its type.
    """
    wanted = {name: found for name in sorted(tables) if (found := _with_defaults(tables[name]))}
    if not wanted:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        for file in (path, path.with_name(f"{path.name}.wal")):
            if file.exists():
                shutil.copy(file, folder)
        with open_database(Path(folder, path.name)) as connection:
            return {
                name: _evaluate(connection, name, columns, keys) for name, columns in wanted.items()
            }


def _with_defaults(columns: list[list[Any]]) -> list[tuple[str, str]]:
    return [
        (name, kind)
        for name, kind, default, *_ in columns
        if default not in ("NULL", "") and not ACCIDENTAL.search(default)
    ]


def _evaluate(
    connection: kuzu.Connection,
    table: str,
    columns: list[tuple[str, str]],
    keys: dict[str, tuple[str, str]],
) -> list[str]:
    readers = [make_reader(parse(type_), f"x.{quote(name)}") for name, type_ in columns]
    expressions = [item for reader in readers for item in reader.expressions]
    named = ", ".join(f"{item} AS e{at}" for at, item in enumerate(expressions))
    values = iter(_create(connection, table, named, keys))
    return [repr(reader.build([next(values) for _ in reader.expressions])) for reader in readers]


def _create(
    connection: kuzu.Connection,
    table: str,
    named: str,
    keys: dict[str, tuple[str, str]],
) -> list[Any]:
    for number in range(1, 60):
        if table in keys:
            pattern = f"(x:{quote(table)} {_key(keys[table], number)})"
        else:
            start, end, *_ = query(connection, f"CALL show_connection({literal(table)}) RETURN *")[
                0
            ]
            pattern = (
                f"(a:{quote(start)} {_key(keys[start], number)})-[x:{quote(table)}]->"
                f"(b:{quote(end)} {_key(keys[end], number + 60)})"
            )
        try:
            return query(connection, f"CREATE {pattern} RETURN {named}")[0]
        except RuntimeError as error:
            if "duplicated primary key" not in str(error):
                raise
    raise AssertionError(f"no unused key found to evaluate the defaults of {table}")


def _key(key: tuple[str, str], number: int) -> str:
    name, kind = key
    form = KEYS.get(kind, f"CAST('{{n}}' AS {kind})")
    if kind.startswith("TIMESTAMP"):
        form = f"CAST(date('1234-05-06') + {{n}} AS {kind})"
    value = form.format(n=number)
    return f"{{{quote(name)}: {value}}}" if value else ""
