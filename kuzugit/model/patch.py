"""A patch: the row changes of some tables, and the catalogs of both sides."""

from __future__ import annotations

from dataclasses import dataclass

from kuzugit.model.catalog import Catalog
from kuzugit.model.row_change import Change, Row
from kuzugit.model.snapshot import TableKey


@dataclass(frozen=True)
class PatchRow:
    """One row that came, went or changed; whole rows, in the stored form.

    `columns` are the positions in the old and in the new row of what changed.
    """

    change: Change
    old: Row | None
    new: Row | None
    columns: tuple[tuple[int, int], ...] = ()

    def reversed(self) -> PatchRow:
        """Return the change that undoes this one."""
        kinds = {Change.ADDED: Change.REMOVED, Change.REMOVED: Change.ADDED}
        columns = tuple((b, a) for a, b in self.columns)
        return PatchRow(kinds.get(self.change, self.change), self.new, self.old, columns)


@dataclass(frozen=True)
class PatchTable:
    """The rows of one table. `old` and `new` are None where a side has no such table.

    `columns` pairs the positions of the old columns with those of the new ones; empty
    where the columns themselves changed: then the rows are all rows of both sides.
    """

    old: TableKey | None
    new: TableKey | None
    columns: tuple[tuple[int, int], ...]
    rows: tuple[PatchRow, ...]

    def reversed(self) -> PatchTable:
        """Return the table that undoes this one."""
        columns = tuple(sorted((b, a) for a, b in self.columns))
        rows = tuple(row.reversed() for row in self.rows)
        return PatchTable(self.new, self.old, columns, rows)


@dataclass(frozen=True)
class Patch:
    """What turns one database into another, as far as it names tables."""

    old: Catalog
    new: Catalog
    tables: tuple[PatchTable, ...]

    def reversed(self) -> Patch:
        """Return the patch that undoes this one."""
        return Patch(self.new, self.old, tuple(table.reversed() for table in self.tables))


EMPTY = Patch(Catalog(), Catalog(), ())
"""What the diff of two equal sides says."""


@dataclass(frozen=True)
class Conflict:
    """Why a patch does not fit: in which table, at which key and column, as JSON texts.

    `key` is empty where it is about the table, `column` where it is about the row.
    """

    table: str
    key: str
    column: str
    why: str

    def __str__(self) -> str:
        place = " ".join(part for part in (self.table, self.key, self.column) if part)
        return f"{place}: {self.why}"
