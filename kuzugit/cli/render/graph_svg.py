"""The changed part of a graph as a small drawing: inline SVG."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

from kuzugit.cli.render.diff_text import value_text

if TYPE_CHECKING:
    from kuzugit.model.row_change import Row, RowChange, TableDiff
    from kuzugit.porcelain.diff import Diff

MOST_NODES = 40
MOST_RELS = 80
WIDTH, HEIGHT = 900, 520
_LABEL = 16
_DEAF = 5000
"""Changes of a table that are looked at."""

Place = tuple[float, float]


@dataclass
class Drawing:
    """Nodes by (table, key), with what happened to them; rels between two of them.

    `left_out` counts what had no room.
    """

    nodes: dict[tuple[str, str], str] = field(default_factory=dict)
    rels: list[tuple[tuple[str, str], tuple[str, str], str, str]] = field(default_factory=list)
    left_out: int = 0


def drawing(diff: Diff) -> Drawing:
    """Return what a drawing shows: first the rels that changed, with their ends."""
    found = Drawing()
    changes: dict[tuple[str, str], str] = {}
    for head in diff.tables:
        if not head.key.is_rel:
            for change in _some(diff, head):
                changes[head.key.table, _key(head, change, 0)] = change.change.value
    for head in diff.tables:
        if head.key.pair is not None:
            for change in _some(diff, head):
                _take_rel(found, head, change, changes)
    for node, kind in changes.items():
        if node in found.nodes:
            continue
        if len(found.nodes) < MOST_NODES:
            found.nodes[node] = kind
        else:
            found.left_out += 1
    return found


def _some(diff: Diff, head: TableDiff) -> Iterator[RowChange]:
    for number, change in enumerate(diff.rows(head)):
        if number >= _DEAF:
            return
        yield change


def _take_rel(
    found: Drawing, head: TableDiff, change: RowChange, changes: dict[tuple[str, str], str]
) -> None:
    pair = head.key.pair
    assert pair is not None, "a rel has ends"
    ends = ((pair.from_table, _key(head, change, 0)), (pair.to_table, _key(head, change, 1)))
    new = [end for end in dict.fromkeys(ends) if end not in found.nodes]
    if len(found.rels) >= MOST_RELS or len(found.nodes) + len(new) > MOST_NODES:
        found.left_out += 1
        return
    for end in new:
        found.nodes[end] = changes.get(end, "kept")
    found.rels.append((ends[0], ends[1], change.change.value, head.key.table))


def _key(head: TableDiff, change: RowChange, at: int) -> str:
    from kuzugit.model.json_value import json_value

    identity: Row = change.identity
    return value_text(json_value(head.key_columns(change)[at].type, identity[at]))


def svg(found: Drawing) -> str:
    """Return the drawing, empty where there is nothing to draw: nodes stand on an ellipse."""
    if not found.nodes:
        return ""
    places = {
        node: _place(number, len(found.nodes)) for number, node in enumerate(sorted(found.nodes))
    }
    parts = [
        f'<svg class="graph" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'aria-label="The changed part of the graph">'
    ]
    for start, end, kind, table in found.rels:
        parts.append(
            f'<g class="{kind}"><title>{escape(f"{table}: {start[1]} to {end[1]}")}</title>'
            f"{_line(places[start], places[end])}</g>"
        )
    for node, place in places.items():
        parts.append(_node(node, found.nodes[node], place))
    return "".join([*parts, "</svg>"])


def _place(number: int, total: int) -> Place:
    angle = 2 * math.pi * number / total - math.pi / 2
    return WIDTH / 2 + 320 * math.cos(angle), HEIGHT / 2 + 210 * math.sin(angle)


def _line(start: Place, end: Place) -> str:
    (x, y), (u, v) = start, end
    if start == end:
        return f'<path d="M{x:.0f} {y - 7:.0f} c-30 -34 30 -34 0 0"/>'
    length = math.hypot(u - x, v - y)
    # A small head before the circle of the end.
    a, b = u - (u - x) / length * 9, v - (v - y) / length * 9
    dx, dy = (u - x) / length * 8, (v - y) / length * 8
    tip = (
        f"M{a - dx + dy / 2:.1f} {b - dy - dx / 2:.1f} L{a:.1f} {b:.1f} "
        f"L{a - dx - dy / 2:.1f} {b - dy + dx / 2:.1f}"
    )
    return f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{a:.1f}" y2="{b:.1f}"/><path d="{tip}"/>'


def _node(node: tuple[str, str], kind: str, place: Place) -> str:
    table, key = node
    x, y = place
    left = x < WIDTH / 2 - 1
    label = key if len(key) <= _LABEL else f"{key[: _LABEL - 1]}…"
    anchor = "end" if left else "start"
    return (
        f'<g class="{kind}"><title>{escape(f"{table} {key}: {kind}")}</title>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="7"/>'
        f'<text x="{x + (-12 if left else 12):.1f}" y="{y + 4:.1f}" text-anchor="{anchor}">'
        f"{escape(label)}</text></g>"
    )
