"""What changes do to the graph: lines for people, fields for JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kuzugit.cli.render.changes import table_fields, table_name
from kuzugit.cli.render.diff_text import SIGNS, value_text
from kuzugit.cli.render.escape import printable
from kuzugit.cli.render.paint import Paint
from kuzugit.cli.render.quantity import count

if TYPE_CHECKING:
    from kuzugit.cli.render.document import Json
    from kuzugit.model.graph_change import GraphSummary, NodeDegree
    from kuzugit.model.row_change import RowChange, TableDiff
    from kuzugit.porcelain.graph import Graph


def rel_lines(graph: Graph, head: TableDiff, change: RowChange) -> Iterator[str]:
    """Yield a line for each changed rel of a changed node."""
    from kuzugit.model.json_value import json_value

    for rel_head, rel in graph.rels_of(head, change):
        ends = zip(rel_head.key_columns(rel), rel.identity, strict=True)
        keys = [value_text(json_value(column.type, value)) for column, value in ends]
        yield f"    {SIGNS[rel.change]} {table_name(rel.key)} {' -> '.join(keys)}"


def graph_lines(summary: GraphSummary, paint: Paint) -> Iterator[str]:
    """Yield the section of the graph, empty where nothing happened to it."""
    if not summary:
        return
    yield paint.bold("graph")
    if summary.lonely_count:
        yield f"  {count(summary.lonely_count, 'node')} left without any rel:"
        yield from (f"    {_node(node)}" for node in summary.lonely)
        yield from _more(summary.lonely_count, len(summary.lonely))
    if summary.degree_count:
        yield f"  {count(summary.degree_count, 'node')} with another number of rels:"
        for node in summary.degrees:
            yield f"    {_node(node)}: {node.gained - node.lost:+,}"
        yield from _more(summary.degree_count, len(summary.degrees))
    for key, number in summary.lost_ends:
        yield f"  {table_name(key)}: {count(number, 'rel')} went with a node at an end"


def _node(node: NodeDegree) -> str:
    return f"{printable(node.table)} {value_text(node.key)}"


def _more(total: int, shown: int) -> Iterator[str]:
    if total > shown:
        yield f"    ... {total - shown:,} more"


def graph_fields(summary: GraphSummary) -> dict[str, Json]:
    """Return the summary as JSON fields."""
    return {
        "lonely": [_node_fields(node) for node in summary.lonely],
        "lonely_count": summary.lonely_count,
        "degrees": [_node_fields(node) for node in summary.degrees],
        "degree_count": summary.degree_count,
        "lost_ends": [{**table_fields(key), "rels": number} for key, number in summary.lost_ends],
    }


def _node_fields(node: NodeDegree) -> dict[str, Json]:
    return {"table": node.table, "key": node.key, "gained": node.gained, "lost": node.lost}
