"""What changed between two snapshots: in the schema, and how many rows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kuzugit.model.snapshot import TableKey
from kuzugit.model.version import Bump


class Effect(StrEnum):
    """What a schema change does to those who use the schema."""

    BREAKING = "breaking"
    ADDITIVE = "additive"
    NEUTRAL = "neutral"


@dataclass(frozen=True)
class SchemaChange:
    """One change of the catalog.

    `change` is added, removed or changed; `kind` what changed (node table, rel
    table, property, pair, sequence, macro, index, ...); `name` the thing by its
    full name (`Person.age`); `detail` what it was and is, for people.
    """

    change: str
    kind: str
    name: str
    detail: str
    effect: Effect


@dataclass(frozen=True)
class RowCounts:
    """How many rows of a table came, went and changed."""

    added: int = 0
    removed: int = 0
    changed: int = 0

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)

    def __add__(self, other: RowCounts) -> RowCounts:
        return RowCounts(
            self.added + other.added, self.removed + other.removed, self.changed + other.changed
        )


@dataclass(frozen=True)
class Changes:
    """Schema changes, and the row counts of the tables that changed."""

    schema: tuple[SchemaChange, ...] = ()
    rows: tuple[tuple[TableKey, RowCounts], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.schema or self.rows)

    @property
    def bump(self) -> Bump:
        """The part of the version that these changes raise."""
        effects = {change.effect for change in self.schema}
        if Effect.BREAKING in effects:
            return Bump.MAJOR
        return Bump.MINOR if Effect.ADDITIVE in effects else Bump.PATCH
