"""One changed row, and the head of a table whose rows are compared."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from kuzugit.model.snapshot import TableKey
from kuzugit.model.types import Type

Value: TypeAlias = Any
"""A value in the stored form (`model.stored`), dates and times as whole numbers.

A DATE is days, the others are the unit of their column, since 1970 in UTC; a number,
because Python's own classes end at the years 1 and 9999. `model.json_value` makes the
logical value of it, and `canonical.literals.literal` its Cypher.
"""

Row: TypeAlias = tuple[Value, ...]


class Change(StrEnum):
    """What happened to a row."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class Kind(StrEnum):
    """What a row is."""

    NODE = "node"
    REL = "rel"


@dataclass(frozen=True)
class Column:
    """A column of a table's rows by its name and logical type.

    A rel's first two are `from` and `to`; a property of one of these names stands in
    backticks, as in the chunks.
    """

    name: str
    type: Type


@dataclass(frozen=True)
class TableDiff:
    """The head of one compared table: what its rows are, before any of them is read.

    `key` is the table in the new side, or in the old one where the new has none;
    `old_key` what it is called in the old side. `old` and `new` are the columns, None
    where the side has no such table. `shared` pairs the positions (old, new) of the
    columns that are compared, those of the key first. `identity` counts those of the
    key: 1 for nodes, 2 for rels, and 0 where the key itself changed, so that every old
    row is removed and every new one added. `notes` say for people what is not compared.
    `one_of_pairs` tells that the rel table connects other pairs of tables too.
    """

    key: TableKey
    old_key: TableKey
    old: tuple[Column, ...] | None
    new: tuple[Column, ...] | None
    shared: tuple[tuple[int, int], ...]
    identity: int
    old_rows: int
    new_rows: int
    old_key_at: tuple[int, ...]
    new_key_at: tuple[int, ...]
    notes: tuple[str, ...] = ()
    one_of_pairs: bool = False

    @property
    def kind(self) -> Kind:
        """Whether its rows are nodes or rels."""
        return Kind.REL if self.key.is_rel else Kind.NODE

    @property
    def renamed(self) -> bool:
        """Whether the sides call it by different names."""
        return self.key != self.old_key

    @property
    def has_same_columns(self) -> bool:
        """Whether both sides have the same columns at the same places."""
        return len(self.shared) == len(self.old or ()) == len(self.new or ()) and all(
            a == b for a, b in self.shared
        )

    def key_columns(self, change: RowChange) -> tuple[Column, ...]:
        """Return the columns that `change.identity` has values of."""
        columns, at = (
            (self.old, self.old_key_at)
            if change.new is None
            else (
                self.new,
                self.new_key_at,
            )
        )
        return tuple((columns or ())[position] for position in at)


@dataclass(frozen=True)
class RowChange:
    """One row that came, went or changed.

    `identity` is the value of the primary key, or of `from` and `to`. `old` and `new`
    are whole rows, in the order of the columns of the table's head; None where the row
    is not there. `columns` are the new names of those that changed, in their order;
    empty but for changed rows.
    """

    key: TableKey
    change: Change
    identity: Row
    old: Row | None
    new: Row | None
    columns: tuple[str, ...] = ()

    @property
    def kind(self) -> Kind:
        """Whether the row is a node or a rel."""
        return Kind.REL if self.key.is_rel else Kind.NODE
