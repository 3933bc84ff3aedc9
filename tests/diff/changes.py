"""Row changes by hand: what the stream must say, in plain Python."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from kuzugit.diff.selection import ALL, Selection
from kuzugit.diff.stream import Matcher, Schemas, row_changes
from kuzugit.model.catalog import Pair
from kuzugit.model.row_change import Column, RowChange, TableDiff
from kuzugit.model.snapshot import TableKey
from kuzugit.model.types import parse_type
from tests.diff.parquet import Row, write_chunks

Columns = Sequence[tuple[str, str, pa.DataType]]
"""Name, Kùzu's type, Arrow's type."""

Plain = tuple[str, str, str, str, tuple[str, ...]]
"""A change whose values are told by repr(): it tells all apart, and takes NaN for one."""


def head_of(old: Columns, new: Columns, *, rel: bool = False) -> TableDiff:
    """Return the head of a table whose columns of one name and type are shared, keys first."""
    key = TableKey("T", Pair("A", "A") if rel else None)
    width = 2 if rel else 1
    names = [(name, type_) for name, type_, _ in old]
    shared = [
        (names.index((name, type_)), at)
        for at, (name, type_, _) in enumerate(new)
        if (name, type_) in names
    ]
    at = tuple(range(width))
    sides = [tuple(Column(name, parse_type(type_)) for name, type_, _ in s) for s in (old, new)]
    return TableDiff(key, key, sides[0], sides[1], tuple(shared), width, 0, 0, at, at)


def find(
    folder: Path,
    head: TableDiff,
    columns: tuple[Columns, Columns],
    old: Sequence[Row],
    new: Sequence[Row],
    selection: Selection = ALL,
) -> list[RowChange]:
    """Write both sides as chunks and return what the stream says of them."""
    arrows = [[(name, arrow) for name, _, arrow in side] for side in columns]
    files = [
        write_chunks(folder / name, rows, arrow, size)
        for name, rows, arrow, size in (("old", old, arrows[0], 3), ("new", new, arrows[1], 2))
    ]
    schemas = Schemas(pa.schema(arrows[0]), pa.schema(arrows[1]))
    with Matcher(folder / "spill") as matcher:
        batches = matcher.batches(head, schemas, files[0], files[1], selection)
        return list(row_changes(head, batches))


def plain(changes: Sequence[RowChange]) -> list[Plain]:
    return [(str(c.change), repr(c.identity), repr(c.old), repr(c.new), c.columns) for c in changes]


def expected(head: TableDiff, old: Sequence[Row], new: Sequence[Row]) -> list[Plain]:
    """Return the changes between sides of the same columns, in no order."""
    gone, come = _less(old, new), _less(new, old)
    width = head.identity
    by_key: dict[str, tuple[list[Row], list[Row]]] = defaultdict(lambda: ([], []))
    for side, rows in enumerate((gone, come)):
        for row in rows:
            by_key[repr(row[:width])][side].append(row)
    return sorted(line for sides in by_key.values() for line in _of_one_key(head, *sides))


def _of_one_key(head: TableDiff, gone: list[Row], come: list[Row]) -> Iterator[Plain]:
    width = head.identity
    if len(gone) == len(come) == 1:
        names = [column.name for column in head.new or ()]
        differing = tuple(
            name for name, a, b in zip(names, gone[0], come[0], strict=True) if repr(a) != repr(b)
        )
        yield ("changed", repr(come[0][:width]), repr(gone[0]), repr(come[0]), differing)
        return
    for row in gone:
        yield ("removed", repr(row[:width]), repr(row), "None", ())
    for row in come:
        yield ("added", repr(row[:width]), "None", repr(row), ())


def _less(rows: Sequence[Row], others: Sequence[Row]) -> list[Row]:
    left: list[Any] = [repr(row) for row in others]
    found = []
    for row in rows:
        if repr(row) in left:
            left.remove(repr(row))
        else:
            found.append(row)
    return found
