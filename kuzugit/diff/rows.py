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
from duckdb.sqltypes import DuckDBPyType

from kuzugit.errors import CorruptError, EngineError
from kuzugit.model.catalog import NodeTable, Property, RelTable
from kuzugit.model.changes import RowCounts

REL_KEY_WIDTH = 2
"""A chunk of a rel table begins with the columns `from` and `to`."""


class UnreadableChunksError(CorruptError):
    """The chunks of `table` are not the Parquet files that its catalog promises."""

    def __init__(self, table: str, reason: str) -> None:
        super().__init__(
            f"cannot read the chunks of table {table!r}: {reason}", hint="kuzugit verify"
        )
        self.table = table


class ComparisonMemoryError(EngineError):
    """Comparing the rows of `table` took more memory or disk than allowed."""

    def __init__(self, table: str) -> None:
        super().__init__(
            f"comparing the rows of table {table!r} needs more memory or temporary disk space",
            hint="free some disk space or allow more memory, then run the command again",
        )
        self.table = table


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
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": threads,
        "memory_limit": memory_limit,
        "temp_directory": str(temp_directory),
        "preserve_insertion_order": False,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    try:
        with duckdb.connect(":memory:", config=config) as connection:
            old = _open_side(connection, old_table or table, old_files)
            new = _open_side(connection, table, new_files)
            return _count(connection, old, new)
    except duckdb.OutOfMemoryException as error:
        raise ComparisonMemoryError(table.name) from error
    except duckdb.Error as error:
        raise UnreadableChunksError(table.name, "not readable as Parquet") from error


@dataclass(frozen=True)
class _Side:
    """One snapshot's files and the types of their columns; no types without files."""

    table: NodeTable | RelTable
    files: list[str]
    types: tuple[DuckDBPyType, ...]

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
    names = [_literal_path(file) for file in files]
    if not names:
        return _Side(table, names, ())
    types = tuple(connection.from_parquet(names).types)
    expected = len(table.properties) + (REL_KEY_WIDTH if isinstance(table, RelTable) else 0)
    if len(types) != expected:
        raise UnreadableChunksError(table.name, f"{len(types)} columns, not {expected}")
    return _Side(table, names, types)


def _literal_path(path: Path) -> str:
    # DuckDB takes every path for a glob; a set of one character stands for itself.
    return "".join(f"[{mark}]" if mark in "*?[" else mark for mark in str(path))


def _count(connection: duckdb.DuckDBPyConnection, old: _Side, new: _Side) -> RowCounts:
    if not old.files or not new.files or _key_form(old) != _key_form(new):
        return RowCounts(added=_count_rows(connection, new), removed=_count_rows(connection, old))
    keys = ", ".join(f"k{at}" for at in range(len(new.key)))
    old_rows = _select(old, new, files="old_files", number=-1)
    new_rows = _select(new, old, files="new_files", number=1)
    parameters = {"old_files": old.files, "new_files": new.files}
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
    keys = [(f"k{at}", position) for at, position in enumerate(side.key)]
    values = [(f"v{at}", side.position(item)) for at, item in enumerate(_shared(side, other))]
    columns = [f"c{position} AS {name}" for name, position in keys + values]
    for name, position in keys + values:
        signs = _zero_signs(f"c{position}", side.types[position])
        if signs is not None:
            columns.append(f"{signs} AS s_{name}")
    aliases = ", ".join(f"c{position}" for position in range(len(side.types)))
    return (
        f"SELECT {', '.join(columns)}, {number} AS side FROM read_parquet(${files}) AS t({aliases})"
    )


def _shared(side: _Side, other: _Side) -> list[Property]:
    """Return the properties of both sides but a node's key, in an order that both agree on."""
    theirs = {(item.name, item.type) for item in other.table.properties}
    shared = [item for item in side.table.properties if (item.name, item.type) in theirs]
    if isinstance(side.table, NodeTable):
        shared.remove(side.table.key)
    return sorted(shared, key=lambda item: item.name)


def _zero_signs(value: str, type_: DuckDBPyType, depth: int = 0) -> str | None:
    """Return the expression of which zeros in `value` are -0.0, None where there are no floats.

    DuckDB takes -0.0 and 0.0 for one value, also inside lists and structs. Beside
    an equal value equal signs mean the same row.
    """
    if type_.id in ("float", "double"):
        return f"({value} = 0 AND signbit({value}))"
    if type_.id in ("list", "array"):
        return _signs_of_list(value, _members(type_)[0], depth)
    if type_.id == "struct":
        members = [
            _zero_signs(f"struct_extract_at({value}, {at})", member, depth)
            for at, member in enumerate(_members(type_), start=1)
        ]
    elif type_.id == "map":
        members = [
            _signs_of_list(f"{function}({value})", member, depth)
            for function, member in zip(("map_keys", "map_values"), _members(type_), strict=True)
        ]
    else:
        return None
    signs = [member for member in members if member is not None]
    return f"row({', '.join(signs)})" if signs else None


def _members(type_: DuckDBPyType) -> list[DuckDBPyType]:
    # The children of an array are its element and a number, its size.
    return [child for _, child in type_.children if isinstance(child, DuckDBPyType)]


def _signs_of_list(value: str, element: DuckDBPyType, depth: int) -> str | None:
    name = f"x{depth}"
    signs = _zero_signs(name, element, depth + 1)
    return None if signs is None else f"list_transform({value}, lambda {name}: {signs})"
