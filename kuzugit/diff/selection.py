"""Which changes of a table are wanted."""

from __future__ import annotations

from dataclasses import dataclass

from kuzugit.model.row_change import Change


@dataclass(frozen=True)
class Selection:
    """Which changes are wanted; empty means all.

    `keys` are texts of a primary key. For rels they name an end, or both as `A->B`.
    `columns` are new names: a changed row must differ in one of them.
    """

    changes: frozenset[Change] = frozenset()
    keys: tuple[str, ...] = ()
    columns: frozenset[str] = frozenset()


ALL = Selection()
