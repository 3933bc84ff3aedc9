"""What a table or property of the old side is called in the new one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kuzugit.model.catalog import Pair
from kuzugit.model.snapshot import TableKey


@dataclass(frozen=True)
class Candidates:
    """Things whose content is the same, so that nobody can say which became which.

    `kind` is node table, rel table or property; `old` and `new` are full names.
    """

    kind: str
    old: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True)
class Renames:
    """Tables as (old name, new name); properties as (new table, old name, new name)."""

    nodes: tuple[tuple[str, str], ...] = ()
    rels: tuple[tuple[str, str], ...] = ()
    properties: tuple[tuple[str, str, str], ...] = ()
    candidates: tuple[Candidates, ...] = ()

    def node(self, old: str) -> str:
        """Return the new name of a node table."""
        return dict(self.nodes).get(old, old)

    def rel(self, old: str) -> str:
        """Return the new name of a rel table."""
        return dict(self.rels).get(old, old)

    def property(self, new_table: str, old: str) -> str:
        """Return the new name of a property."""
        names: dict[Any, str] = {(table, a): b for table, a, b in self.properties}
        return names.get((new_table, old), old)

    def key(self, old: TableKey) -> TableKey:
        """Return what the rows under `old` are under in the new side."""
        if old.pair is None:
            return TableKey(self.node(old.table))
        pair = Pair(self.node(old.pair.from_table), self.node(old.pair.to_table))
        return TableKey(self.rel(old.table), pair)


NONE = Renames()
