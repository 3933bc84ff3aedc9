"""The changes between a few rows of nodes, found in Python.

It says what `kuzugit.diff.matching` says in SQL; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeAlias

from kuzugit.diff.selection import Selection
from kuzugit.model.row_change import Change, Column, Row, RowChange, TableDiff
from kuzugit.model.types import Scalar

RawRow: TypeAlias = tuple[Any, ...]
"""A row as it stands in a chunk: floats as the integers that their bits are."""

Finish: TypeAlias = Callable[[RawRow], Row]

_NANS = {
    Scalar("FLOAT"): (0x7F800000, 0x7FFFFFFF),
    Scalar("DOUBLE"): (0x7FF0000000000000, 0x7FFFFFFFFFFFFFFF),
}
"""The bits of infinity, and all but the sign."""


def has_one_key_each(head: TableDiff, old: Sequence[RawRow], new: Sequence[RawRow]) -> bool:
    """Tell whether no two rows of a side have one key, as every table of nodes promises."""
    for rows, (at,) in ((old, head.old_key_at), (new, head.new_key_at)):
        keys = [row[at] for row in rows]
        if len(set(keys)) != len(keys):
            return False
    return True


def small_changes(
    head: TableDiff,
    old: Sequence[RawRow],
    new: Sequence[RawRow],
    selection: Selection,
    finish: tuple[Finish, Finish],
) -> Iterator[RowChange]:
    """Yield the changes in the order of the key; `finish` makes the rows of either side.

    `head` is of a table of nodes on both sides, with the same key; `selection` has no keys.
    """
    (old_at,), (new_at,) = head.old_key_at, head.new_key_at
    before = {row[old_at]: row for row in old}
    after = {row[new_at]: row for row in new}
    shared = sorted(head.shared, key=lambda pair: pair[1])
    if not head.has_same_columns:
        keys = before.keys() | after.keys()
    else:
        keys = {key for key, row in after.items() if before.get(key) != row}
        keys |= before.keys() - after.keys()
    for key in sorted(keys):
        one, other = before.get(key), after.get(key)
        columns: tuple[str, ...] = ()
        if one is None:
            change = Change.ADDED
        elif other is None:
            change = Change.REMOVED
        else:
            change = Change.CHANGED
            columns = tuple(_differing(head.new or (), shared, one, other))
            if not columns or (selection.columns and selection.columns.isdisjoint(columns)):
                continue
        if selection.changes and change not in selection.changes:
            continue
        row = None if one is None else finish[0](one)
        new_row = None if other is None else finish[1](other)
        identity = row[old_at] if row is not None else (new_row or ())[new_at]
        yield RowChange(head.key, change, (identity,), row, new_row, columns)


def _differing(
    columns: Sequence[Column], shared: Iterable[tuple[int, int]], one: RawRow, other: RawRow
) -> Iterator[str]:
    for a, b in shared:
        if one[a] != other[b] and not _both_nan(columns[b], one[a], other[b]):
            yield columns[b].name


def _both_nan(column: Column, one: Any, other: Any) -> bool:
    if one is None or other is None or column.type not in _NANS:
        return False
    infinity, magnitude = _NANS[column.type]
    return all(value & magnitude > infinity for value in (one, other))
