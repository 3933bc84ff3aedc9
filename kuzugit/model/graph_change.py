"""What the changes of rows do to the graph: to nodes and their rels."""

from __future__ import annotations

from dataclasses import dataclass

from kuzugit.model.json_value import Json
from kuzugit.model.snapshot import TableKey


@dataclass(frozen=True)
class NodeDegree:
    """A node by table and primary key, and how many ends of rels it gained and lost.

    A rel from a node to itself has two ends there.
    """

    table: str
    key: Json
    gained: int
    lost: int


@dataclass(frozen=True)
class GraphSummary:
    """`lonely` are nodes that had rels and have none now; `degrees` those whose number of
    rels changed, the largest change first; `lost_ends` the rel tables of which rels went
    together with a node at one of their ends, and how many. The two lists of nodes have
    the first ones only; the numbers beside them count all.
    """

    lonely: tuple[NodeDegree, ...]
    lonely_count: int
    degrees: tuple[NodeDegree, ...]
    degree_count: int
    lost_ends: tuple[tuple[TableKey, int], ...]

    def __bool__(self) -> bool:
        return bool(self.lonely_count or self.degree_count or self.lost_ends)
