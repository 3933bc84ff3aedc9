"""A diff as one HTML file that needs nothing else: summary, schema, drawing, tables.

The rows stand in JSON, which the page's own script shows as text. No other script can
run: the policy in the head names the hash of that one, and nothing is loaded.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from html import escape
from importlib.resources import files
from itertools import islice
from typing import TYPE_CHECKING, Any

from kuzugit.cli.render.changes import table_name
from kuzugit.cli.render.diff_text import value_text
from kuzugit.cli.render.escape import printable
from kuzugit.cli.render.graph_svg import drawing, svg

if TYPE_CHECKING:
    from kuzugit.model.changes import SchemaChange
    from kuzugit.model.row_change import RowChange, TableDiff
    from kuzugit.porcelain.diff import Diff

SHOWN_ROWS = 5000
"""Rows of a table that the file holds where no limit is named."""


def html_lines(diff: Diff, *, schema: bool = True, data: bool = True) -> Iterator[str]:
    """Yield the lines of the file; there is one also where nothing differs."""
    style, script = _asset("diff.css"), _asset("diff.js")
    title = printable(f"{diff.old.name} → {diff.new.name}")
    yield "<!doctype html>"
    yield '<html lang="en"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_policy(style, script)}">'
    yield f"<title>{escape(title)}</title>"
    yield f"<style>{style}</style></head><body>"
    yield f'<header><p class="quiet">kuzugit diff</p><h1>{escape(title)}</h1>'
    yield f"{_summary(diff)}</header><main>"
    if schema and diff.schema:
        yield '<h2>Schema</h2><ul class="plain">'
        for change in diff.schema:
            kind = escape(change.change)
            yield (
                f'<li><span class="{kind}">{escape(_schema_text(change))}</span>'
                f'<span class="effect {change.effect}">{change.effect}</span></li>'
            )
        yield "</ul>"
    if data and not diff.same:
        yield from _graph(diff)
        yield '<h2>Rows</h2><nav aria-label="Tables"></nav><section id="table"></section>'
        yield "<noscript><p>The rows are shown by a script, which is switched off.</p></noscript>"
        for head in diff.tables:
            yield from _table(diff, head)
    yield f"</main><script>{script}</script></body></html>"


def _asset(name: str) -> str:
    return (files("kuzugit.cli.render") / "page" / name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    return f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'"


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _summary(diff: Diff) -> str:
    if diff.same:
        return "<p>Both sides hold the same.</p>"
    totals = {"added": 0, "removed": 0, "changed": 0}
    for head in diff.tables:
        counts = diff.counts(head)
        for name in totals:
            totals[name] += getattr(counts, name)
    words = (f'<span class="{name}">{number:,} {name}</span>' for name, number in totals.items())
    return f"<p>Rows: {', '.join(words)}. Changes of the schema: {len(diff.schema):,}.</p>"


def _schema_text(change: SchemaChange) -> str:
    detail = f": {change.detail}" if change.detail else ""
    return printable(f"{change.change} {change.kind} {change.name}{detail}")


def _graph(diff: Diff) -> Iterator[str]:
    found = drawing(diff)
    if not found.nodes:
        return
    yield "<h2>The changed part of the graph</h2>"
    yield f'<div class="wide">{svg(found)}</div>'
    more = f" {found.left_out:,} more had no room." if found.left_out else ""
    yield (
        '<p class="quiet"><span class="added">added</span>, <span class="removed">removed</span>, '
        f'<span class="changed">changed</span>, grey: unchanged end of a rel.{more}</p>'
    )


def _table(diff: Diff, head: TableDiff) -> Iterator[str]:
    counts = diff.counts(head)
    limit = SHOWN_ROWS if diff.filters.limit is None else diff.filters.limit
    notes = [printable(note) for note in head.notes]
    if head.renamed:
        notes.insert(0, f"before: {table_name(head.old_key)}")
    fields = {
        "name": table_name(head.key),
        "notes": notes,
        "counts": {name: getattr(counts, name) for name in ("added", "removed", "changed")},
        "more": max(0, counts.added + counts.removed + counts.changed - limit),
    }
    yield f'<script type="application/json" class="table">{_json(fields)[:-1]}, "rows": ['
    for number, change in enumerate(islice(diff.rows(head), limit)):
        yield ("," if number else "") + _json(_row(head, change))
    yield "]}</script>"


def _row(head: TableDiff, change: RowChange) -> list[Any]:
    from kuzugit.model.json_value import json_value

    keys = (
        value_text(json_value(column.type, value))
        for column, value in zip(head.key_columns(change), change.identity, strict=True)
    )
    return [change.change.value, " → ".join(keys), [*_cells(head, change)]]


def _cells(head: TableDiff, change: RowChange) -> Iterator[list[str | None]]:
    from kuzugit.model.json_value import json_value

    if change.old is not None and change.new is not None:
        for a, b in sorted(head.shared, key=lambda pair: pair[1]):
            column = (head.new or ())[b]
            if column.name in change.columns:
                sides = (change.old[a], change.new[b])
                texts = [value_text(json_value(column.type, value)) for value in sides]
                yield [printable(column.name), *texts]
        return
    old = change.new is None
    row, columns = (change.old, head.old) if old else (change.new, head.new)
    at = head.old_key_at if old else head.new_key_at
    for position, (column, value) in enumerate(zip(columns or (), row or (), strict=True)):
        if position not in at:
            text = value_text(json_value(column.type, value))
            yield [printable(column.name), text if old else None, None if old else text]


def _json(value: Any) -> str:
    """Return JSON that cannot end the element it stands in."""
    text = json.dumps(value, ensure_ascii=True)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
