"""What is compared with what, and which of its changes are wanted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kuzugit.model.object_id import ObjectId
from kuzugit.store.history import Snapshot


@dataclass(frozen=True)
class Side:
    """One of the two states: a snapshot, the live database, or nothing.

    `snapshot` is None where it is the live database, whose path is `database`; where both are
    None it is what was before the first snapshot.
    """

    snapshot: Snapshot | None
    database: Path | None = None

    @property
    def tree(self) -> ObjectId | None:
        """The tree's id, None for the live database."""
        return None if self.snapshot is None else self.snapshot.tree

    @property
    def name(self) -> str:
        """The snapshot's name, or the path of the live database."""
        if self.snapshot is None:
            return "nothing" if self.database is None else str(self.database)
        return self.snapshot.name


@dataclass(frozen=True)
class Filters:
    """Which tables and rows are wanted; empty means all.

    `tables` are names or globs. `keys` are primary keys as text; for rels an end, or both
    as `A->B`. `types` are of added, removed, changed. `columns`: a changed row must differ
    in one of them. `where` is SQL over the columns `old_<name>` and `new_<name>`. `limit`
    is of the rows of each table.
    """

    tables: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    where: str | None = None
    limit: int | None = None

    @property
    def by_name(self) -> bool:
        """Whether they name things that may not be there."""
        return bool(self.tables or self.keys or self.columns or self.where)

    @property
    def on_rows(self) -> bool:
        """Whether some rows are left out, whatever their table."""
        return bool(self.keys or self.types or self.columns or self.where)
