"""How many rows differ between the chunks of two snapshots of one table.

Rows are compared as multisets, so nothing depends on where a chunk begins: a row
that moved to another chunk cancels out. What is left is counted by key: a key
with exactly one row left on each side is a changed row, anything else was added
or removed. DuckDB does it all, and spills to `temp_directory`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from kuzugit.diff.side import (
    Types,
    chunk_errors,
    column_types,
    connect,
    literal_paths,
    zero_signs,
)
from kuzugit.model.catalog import NodeTable, Property, RelTable
from kuzugit.model.changes import RowCounts

REL_KEY_WIDTH = 2
"""A chunk of a rel table begins with the columns `from` and `to`."""


def count_changes(
    table: NodeTable | RelTable,
    old_files: Sequence[Path],
    new_files: Sequence[Path],
    *,
    old_table: NodeTable | RelTable | None = None,
    memory_limit: str,
    temp_directory: Path,
    threads: int = 2,
) -> RowCounts:
    """Count the rows that differ between `old_files` and `new_files`.

    The files are chunks of one node table or of one pair of a rel table: those
    that only one of the snapshots has. `table` is the table as the new files
    have it, `old_table` as the old ones do (None: the same). Where the property
    lists differ, the properties of the same name and type are compared; where
    the key does, every old row is removed and every new one added.

    Values are the same when they read the same: NaN is NaN whatever its bits,
    but -0.0 is not 0.0. `memory_limit` is a size as DuckDB writes it (`1GiB`); what
    does not fit goes to `temp_directory`.

    Raises UnreadableChunksError, ComparisonMemoryError.
    """
    if not old_files and not new_files:
        return RowCounts()
    with chunk_errors(table.name), connect(memory_limit, temp_directory, threads) as connection:
        old = _open_side(connection, old_table or table, old_files)
        new = _open_side(connection, table, new_files)
        return _count(connection, old, new)


@dataclass(frozen=True)
class _Side:
    """One snapshot's files and the types of their columns; no types without files."""

    table: NodeTable | RelTable
    files: list[str]
    types: Types

    @property
    def key(self) -> tuple[int, ...]:
        """The positions of the key's columns."""
        if isinstance(self.table, RelTable):
            return tuple(range(REL_KEY_WIDTH))
        return (self.table.properties.index(self.table.key),)

    def position(self, property_: Property) -> int:
        """The position of a property's column."""
        offset = REL_KEY_WIDTH if isinstance(self.table, RelTable) else 0
        return offset + self.table.properties.index(property_)


def _open_side(
    connection: duckdb.DuckDBPyConnection, table: NodeTable | RelTable, files: Sequence[Path]
) -> _Side:
    if not files:
        return _Side(table, [], ())
    expected = len(table.properties) + (REL_KEY_WIDTH if isinstance(table, RelTable) else 0)
    types = column_types(connection, table.name, files, expected)
    return _Side(table, literal_paths(files), types)


def _count(connection: duckdb.DuckDBPyConnection, old: _Side, new: _Side) -> RowCounts:
    if not old.files or not new.files or _key_form(old) != _key_form(new):
        return RowCounts(added=_count_rows(connection, new), removed=_count_rows(connection, old))
    keys = ", ".join(f"k{at}" for at in range(len(new.key)))
    old_rows = _select(old, new, files="old_files", number=-1)
    new_rows = _select(new, old, files="new_files", number=1)
    parameters = {"old_files": old.files, "new_files": new.files}
    if isinstance(new.table, NodeTable) and new.types[new.key[0]].id not in ("float", "double"):
        # No two nodes have one key: a join is a third of the work.
        names = [name for name, _ in _named_columns(new, old) if name != "k0"]
        differs = " OR ".join(f"o.{name} IS DISTINCT FROM n.{name}" for name in names)
        query = _COUNT_BY_KEY.format(old=old_rows, new=new_rows, differs=differs or "false")
    else:
        query = _COUNT.format(keys=keys, rows=f"{old_rows} UNION ALL {new_rows}")
    added, removed, changed = connection.execute(query, parameters).fetchall()[0]
    return RowCounts(int(added), int(removed), int(changed))


_COUNT = """
WITH differing AS (
    SELECT * EXCLUDE (side), sum(side) AS net FROM ({rows}) GROUP BY ALL HAVING net <> 0
), by_key AS (
    SELECT
        coalesce(sum(net) FILTER (net > 0), 0) AS added,
        coalesce(-sum(net) FILTER (net < 0), 0) AS removed,
        added = 1 AND removed = 1 AS changed
    FROM differing GROUP BY {keys}
)
SELECT
    coalesce(sum(added) FILTER (NOT changed), 0),
    coalesce(sum(removed) FILTER (NOT changed), 0),
    count(*) FILTER (changed)
FROM by_key
"""


_COUNT_BY_KEY = """
SELECT
    count(*) FILTER (o.side IS NULL),
    count(*) FILTER (n.side IS NULL),
    count(*) FILTER (o.side IS NOT NULL AND n.side IS NOT NULL AND ({differs}))
FROM ({old}) o FULL JOIN ({new}) n ON o.k0 = n.k0
"""


def _key_form(side: _Side) -> tuple[object, ...]:
    stored = tuple(side.types[at] for at in side.key)
    if isinstance(side.table, NodeTable):
        return (side.table.key.name, side.table.key.type, stored)
    return stored


def _count_rows(connection: duckdb.DuckDBPyConnection, side: _Side) -> int:
    if not side.files:
        return 0
    query = "SELECT count(*) FROM read_parquet($files)"
    return int(connection.execute(query, {"files": side.files}).fetchall()[0][0])


def _select(side: _Side, other: _Side, *, files: str, number: int) -> str:
    """Return the query of one side's rows: keys k0.., values v0.., signs s_.., side.

    Columns go by position: two of them may bear one name (a rel property `from`),
    or names that DuckDB takes for one (`a` and `A`).
    """
    columns = [f"{text} AS {name}" for name, text in _named_columns(side, other)]
    aliases = ", ".join(f"c{position}" for position in range(len(side.types)))
    return (
        f"SELECT {', '.join(columns)}, {number} AS side FROM read_parquet(${files}) AS t({aliases})"
    )


def _named_columns(side: _Side, other: _Side) -> list[tuple[str, str]]:
    """Return the compared columns by name, with what DuckDB calls them."""
    keys = [(f"k{at}", position) for at, position in enumerate(side.key)]
    values = [(f"v{at}", side.position(item)) for at, item in enumerate(_shared(side, other))]
    columns = [(name, f"c{position}") for name, position in keys + values]
    for name, position in keys + values:
        signs = zero_signs(f"c{position}", side.types[position])
        if signs is not None:
            columns.append((f"s_{name}", signs))
    return columns


def _shared(side: _Side, other: _Side) -> list[Property]:
    """Return the properties of both sides but a node's key, in an order that both agree on."""
    theirs = {(item.name, item.type) for item in other.table.properties}
    shared = [item for item in side.table.properties if (item.name, item.type) in theirs]
    if isinstance(side.table, NodeTable):
        shared.remove(side.table.key)
    return sorted(shared, key=lambda item: item.name)
