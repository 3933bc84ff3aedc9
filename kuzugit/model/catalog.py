"""What a database defines: tables, properties, sequences, macros, indexes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from kuzugit.model.cypher import quoted, text_literal
from kuzugit.model.types import Type


class Multiplicity(StrEnum):
    """How many rels of a table a node may have on each side."""

    MANY_MANY = "MANY_MANY"
    MANY_ONE = "MANY_ONE"
    ONE_MANY = "ONE_MANY"
    ONE_ONE = "ONE_ONE"


class StorageDirection(StrEnum):
    """Which adjacency lists a rel table keeps."""

    BOTH = "both"
    FORWARD = "fwd"


@dataclass(frozen=True)
class Property:
    """A column of a table. `default` is a Cypher expression, or None for NULL."""

    name: str
    type: Type
    default: str | None = None


@dataclass(frozen=True)
class NodeTable:
    """A node table; `primary_key` names one of its properties."""

    name: str
    properties: tuple[Property, ...]
    primary_key: str
    comment: str = ""

    @property
    def key(self) -> Property:
        """The property that is the primary key."""
        return next(item for item in self.properties if item.name == self.primary_key)


@dataclass(frozen=True, order=True)
class Pair:
    """The two node tables that a rel table, or a part of it, connects."""

    from_table: str
    to_table: str


@dataclass(frozen=True)
class RelTable:
    """A rel table; `pairs` in the order in which they were declared."""

    name: str
    properties: tuple[Property, ...]
    pairs: tuple[Pair, ...]
    multiplicity: Multiplicity = Multiplicity.MANY_MANY
    comment: str = ""
    storage_direction: StorageDirection = StorageDirection.BOTH


@dataclass(frozen=True)
class Sequence:
    """A sequence. `current` is the value last given out, None when never used."""

    name: str
    start: int
    increment: int
    minimum: int
    maximum: int
    cycle: bool
    current: int | None


@dataclass(frozen=True)
class Parameter:
    """A parameter of a macro; `default` is a constant, None where the caller must give it."""

    name: str
    default: str | None = None


@dataclass(frozen=True)
class Macro:
    """A scalar macro; `body` is an expression with its own parentheses and signs."""

    name: str
    parameters: tuple[Parameter, ...]
    body: str

    @property
    def definition(self) -> str:
        """What stands after CREATE MACRO."""
        listed = (
            item.name if item.default is None else f"{item.name} := {item.default}"
            for item in self.parameters
        )
        return f"{quoted(self.name)}({', '.join(listed)}) AS {self.body}"


class IndexKind(StrEnum):
    """What an index is for; its value is what Kùzu calls it."""

    FULL_TEXT = "FTS"
    VECTOR = "HNSW"


@dataclass(frozen=True)
class Index:
    """An index over properties of a node table, made after the data.

    `options` are by name, sorted; a text is one of a FULL_TEXT index or the metric of a
    VECTOR one, the others are numbers as Kùzu prints them.
    """

    table: str
    name: str
    kind: IndexKind
    properties: tuple[str, ...]
    options: tuple[tuple[str, str], ...] = ()

    @property
    def definition(self) -> str:
        """The CALL that makes it."""
        what = {IndexKind.FULL_TEXT: "FTS", IndexKind.VECTOR: "VECTOR"}[self.kind]
        properties = ", ".join(map(text_literal, self.properties))
        one = self.kind is IndexKind.VECTOR
        arguments = [
            text_literal(self.table),
            text_literal(self.name),
            properties if one else f"[{properties}]",
            *(
                f"{name} := {value if one and name != 'metric' else text_literal(value)}"
                for name, value in self.options
            ),
        ]
        return f"CALL CREATE_{what}_INDEX({', '.join(arguments)})"


@dataclass(frozen=True)
class Catalog:
    """A whole catalog, each kind sorted by name (properties keep their order)."""

    nodes: tuple[NodeTable, ...] = ()
    rels: tuple[RelTable, ...] = ()
    sequences: tuple[Sequence, ...] = ()
    macros: tuple[Macro, ...] = ()
    indexes: tuple[Index, ...] = ()

    @property
    def tables(self) -> tuple[NodeTable | RelTable, ...]:
        """Every table, node tables first."""
        return (*self.nodes, *self.rels)

    def node(self, name: str) -> NodeTable:
        """Return the node table `name`; raise KeyError where there is none."""
        return _named(self.nodes, name)

    def rel(self, name: str) -> RelTable:
        """Return the rel table `name`; raise KeyError where there is none."""
        return _named(self.rels, name)


_Table = TypeVar("_Table", NodeTable, RelTable)


def _named(tables: tuple[_Table, ...], name: str) -> _Table:
    for table in tables:
        if table.name == name:
            return table
    raise KeyError(name)
