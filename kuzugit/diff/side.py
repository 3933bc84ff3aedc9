"""One snapshot's chunks of a table, as DuckDB reads them, and how their rows compare."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
from duckdb.sqltypes import DuckDBPyType

from kuzugit.errors import CorruptError, EngineError

Types = tuple[DuckDBPyType, ...]

_FULL = ("Out of Memory Error", "duckdb_temp")
"""Said when memory and disk are used up; the second begins the names of DuckDB's own files."""


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


def connect(
    memory_limit: str, temp_directory: Path, threads: int, *, ordered: bool = False
) -> duckdb.DuckDBPyConnection:
    """Return a connection that spills to `temp_directory`, and loads no extension.

    `memory_limit` is a size as DuckDB writes it (`1GiB`). `ordered` keeps the rows of
    files in their order.
    """
    return duckdb.connect(
        ":memory:",
        config={
            "threads": threads,
            "memory_limit": memory_limit,
            "temp_directory": str(temp_directory),
            "preserve_insertion_order": ordered,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        },
    )


@contextmanager
def chunk_errors(table: str) -> Iterator[None]:
    """Translate what DuckDB says about the chunks of `table`."""
    try:
        yield
    except (duckdb.Error, OSError) as error:  # the second is what Arrow makes of the first
        if any(sign in str(error) for sign in _FULL):
            raise ComparisonMemoryError(table) from error
        raise UnreadableChunksError(table, "not readable as Parquet") from error


def literal_paths(files: Sequence[Path]) -> list[str]:
    """Return paths that DuckDB takes for themselves."""
    # It takes every path for a glob; a set of one character stands for itself.
    return ["".join(f"[{mark}]" if mark in "*?[" else mark for mark in str(file)) for file in files]


def column_types(
    connection: duckdb.DuckDBPyConnection, table: str, files: Sequence[Path], expected: int
) -> Types:
    """Return the types of the files' columns; raise UnreadableChunksError for another number."""
    types = tuple(connection.from_parquet(literal_paths(files)).types)
    if len(types) != expected:
        raise UnreadableChunksError(table, f"{len(types)} columns, not {expected}")
    return types


def zero_signs(value: str, type_: DuckDBPyType, depth: int = 0) -> str | None:
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
            zero_signs(f"struct_extract_at({value}, {at})", member, depth)
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
    signs = zero_signs(name, element, depth + 1)
    return None if signs is None else f"list_transform({value}, lambda {name}: {signs})"
