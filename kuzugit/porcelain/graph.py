"""The changes as a graph sees them: the rels that came and went with a node."""

from __future__ import annotations

import json
import pickle
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from typing import Any

from kuzugit.canonical.columns import chunk_columns
from kuzugit.diff.ends import keys_with_rels
from kuzugit.model.graph_change import GraphSummary, NodeDegree
from kuzugit.model.json_value import json_value
from kuzugit.model.row_change import Change, RowChange, TableDiff
from kuzugit.model.types import Type
from kuzugit.porcelain.comparison import Comparison

SHOWN = 20
"""Nodes of a summary that are named."""

_BATCH = 100_000

_TABLES = """
CREATE TABLE rels(head INTEGER, change TEXT, row BLOB);
CREATE TABLE ends(node TEXT, key TEXT, value BLOB, rel INTEGER, gained INTEGER, lost INTEGER);
CREATE TABLE gone(node TEXT, key TEXT, PRIMARY KEY (node, key)) WITHOUT ROWID;
"""
_INDEX = """
CREATE INDEX ends_by_node ON ends(node, key);
CREATE INDEX ends_by_rel ON ends(rel);
"""
_DEGREES = """
SELECT node, key, sum(gained), sum(lost) FROM ends GROUP BY node, key
HAVING sum(gained) <> sum(lost)
ORDER BY abs(sum(gained) - sum(lost)) DESC, node, key LIMIT ?
"""
_DEGREE_COUNT = """
SELECT count(*) FROM
(SELECT 1 FROM ends GROUP BY node, key HAVING sum(gained) <> sum(lost))
"""
_LOST = """
SELECT head, count(*) FROM rels WHERE change = 'removed' AND EXISTS (
    SELECT 1 FROM ends JOIN gone USING (node, key) WHERE ends.rel = rels.rowid
) GROUP BY head ORDER BY head
"""
_MAY_BE_LONELY = """
SELECT node, key, value, sum(gained), sum(lost) FROM ends
WHERE NOT EXISTS (SELECT 1 FROM gone WHERE gone.node = ends.node AND gone.key = ends.key)
GROUP BY node, key HAVING sum(lost) > sum(gained) ORDER BY node, key
"""


@dataclass(frozen=True)
class Graph:
    """The changed rels by the nodes at their ends, in a file of the comparison's room."""

    comparison: Comparison
    heads: tuple[TableDiff, ...]
    index: sqlite3.Connection

    def rels_of(self, head: TableDiff, change: RowChange) -> Iterator[tuple[TableDiff, RowChange]]:
        """Yield the changed rels that begin or end at a changed node."""
        (column,) = head.key_columns(change)
        found = self.index.execute(
            "SELECT DISTINCT rels.rowid, rels.head, rels.row FROM ends JOIN rels "
            "ON ends.rel = rels.rowid WHERE node = ? AND key = ? ORDER BY rels.rowid",
            (_node_name(self.comparison, head), _key_text(column.type, change.identity[0])),
        )
        for _, number, row in found:
            yield self.heads[number], pickle.loads(row)

    def summary(self) -> GraphSummary:
        """Return what happened to the graph. It may read rel tables that did not change."""
        degrees = tuple(
            NodeDegree(node, json.loads(key), gained, lost)
            for node, key, gained, lost in self.index.execute(_DEGREES, (SHOWN,))
        )
        lonely = [node for batch in self._lonely() for node in batch]
        lost = tuple((self.heads[number].key, count) for number, count in self.index.execute(_LOST))
        (number,) = self.index.execute(_DEGREE_COUNT).fetchone()
        return GraphSummary(tuple(lonely[:SHOWN]), len(lonely), degrees, number, lost)

    def _lonely(self) -> Iterator[list[NodeDegree]]:
        found = self.index.execute(_MAY_BE_LONELY)
        while rows := found.fetchmany(_BATCH):
            for node in sorted({row[0] for row in rows}):
                asked = [row for row in rows if row[0] == node]
                held = self._with_rels(node, [pickle.loads(row[2]) for row in asked])
                yield [
                    NodeDegree(node, json.loads(key), gained, lost)
                    for at, (_, key, _, gained, lost) in enumerate(asked)
                    if at not in held
                ]

    def _with_rels(self, node: str, keys: list[Any]) -> set[int]:
        """Return the indexes of the keys whose nodes have a rel in the new side."""
        new = self.comparison.new
        held: set[int] = set()
        for data in new.manifest.data:
            if data.key.pair is None:
                continue
            schema = chunk_columns(new.manifest.catalog, data.key).schema
            ends = (data.key.pair.from_table, data.key.pair.to_table)
            for position, table in enumerate(ends):
                if table != node or len(held) == len(keys):
                    continue
                room = self.comparison.room
                with new.chunks(data.key, data.chunks, room / "degrees") as files:
                    held |= keys_with_rels(data.key.table, files, schema, position, keys, room)
        return held


@contextmanager
def open_graph(comparison: Comparison) -> Iterator[Graph]:
    """Yield the graph of a comparison: every changed rel is read once, and kept on disk."""
    path = comparison.room / "graph.sqlite"
    path.unlink(missing_ok=True)
    with ExitStack() as stack:
        index = stack.enter_context(closing(sqlite3.connect(path)))
        stack.callback(path.unlink, missing_ok=True)
        index.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + _TABLES)
        for number, head in enumerate(comparison.heads):
            if head.key.is_rel:
                _add_rels(index, comparison, number, head)
            else:
                _add_gone(index, comparison, head)
        index.executescript(_INDEX)
        yield Graph(comparison, comparison.heads, index)


def _add_rels(
    index: sqlite3.Connection, comparison: Comparison, number: int, head: TableDiff
) -> None:
    pair = comparison.renames.key(head.old_key).pair if head.new is None else head.key.pair
    assert pair is not None, "a rel table has pairs"
    for change in comparison.every_row(head):
        row = index.execute(
            "INSERT INTO rels VALUES (?, ?, ?)", (number, str(change.change), pickle.dumps(change))
        ).lastrowid
        degree = (int(change.change is Change.ADDED), int(change.change is Change.REMOVED))
        ends = zip(
            (pair.from_table, pair.to_table),
            head.key_columns(change),
            change.identity,
            strict=True,
        )
        for table, column, value in ends:
            text = _key_text(column.type, value)
            index.execute(
                "INSERT INTO ends VALUES (?, ?, ?, ?, ?, ?)",
                (table, text, pickle.dumps(value), row, *degree),
            )


def _add_gone(index: sqlite3.Connection, comparison: Comparison, head: TableDiff) -> None:
    name = _node_name(comparison, head)
    for change in comparison.every_row(head):
        if change.change is Change.REMOVED:
            (column,) = head.key_columns(change)
            text = _key_text(column.type, change.identity[0])
            index.execute("INSERT OR IGNORE INTO gone VALUES (?, ?)", (name, text))


def _node_name(comparison: Comparison, head: TableDiff) -> str:
    return comparison.renames.node(head.old_key.table) if head.new is None else head.key.table


def _key_text(type_: Type, value: Any) -> str:
    return json.dumps(json_value(type_, value))
