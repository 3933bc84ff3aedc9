"""A diff as Markdown (GitHub's), for a comment on a pull request.

Whatever comes out of the data stands in a code span, as JSON, where no mark of Markdown,
no mention and no link means anything. In JSON a backtick and a `|`, which would end the span
or the table's cell, are written as escapes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from kuzugit.cli.render.changes import schema_line, table_name
from kuzugit.cli.render.escape import printable
from kuzugit.cli.render.quantity import count

if TYPE_CHECKING:
    from kuzugit.cli.render.document import Json
    from kuzugit.model.changes import RowCounts
    from kuzugit.model.row_change import Column, Row, RowChange, TableDiff
    from kuzugit.porcelain.diff import Diff

SHOWN_ROWS = 20
"""Rows of a table that are shown where no limit is named."""

SHOWN_SCHEMA_CHANGES = 50

SHOWN_NOTES = 20

MOST = 65_536
"""Characters of all lines together: GitHub takes no longer comment."""

LAST_WORDS = 4_096
"""Characters that are kept for what says how much was left out."""

LONGEST_LINE = 400
"""Characters of a line about the schema or a table that are shown."""

LONGEST = 200
"""Characters of a value's JSON that are shown."""

_RUN = re.compile("`+")
_ENDS = {"`": "\\u0060", "|": "\\u007c"}


@dataclass
class _Room:
    """The characters that a comment still has room for."""

    left: int

    def takes(self, lines: Sequence[str], keep: int = 0) -> bool:
        """Take the room of `lines`, if `keep` characters stay."""
        size = sum(len(line) + 1 for line in lines)
        if size + keep > self.left:
            return False
        self.left -= size
        return True


def markdown_lines(diff: Diff, *, schema: bool = True, data: bool = True) -> Iterator[str]:
    """Yield the lines; nothing where nothing differs.

    A table shows at most SHOWN_ROWS rows, and all lines together have at most MOST
    characters; what is left out is counted.
    """
    room = _Room(MOST - LAST_WORDS)
    heading = [f"### {span(_cut(diff.old.name))} → {span(_cut(diff.new.name))}", ""]
    room.takes(heading)
    for line in _body(diff, room, schema=schema, data=data):
        yield from heading
        heading = []
        yield line


def _body(diff: Diff, room: _Room, *, schema: bool, data: bool) -> Iterator[str]:
    if schema and diff.schema:
        lines = [f"- {span(_cut(schema_line(item)))}" for item in diff.schema]
        shown = lines[:SHOWN_SCHEMA_CHANGES]
        head = [f"**Schema:** {count(len(diff.schema), 'change')}", ""]
        rest = len(lines) - len(shown)
        head += [*shown, *([f"- {rest:,} more"] if rest else []), ""]
        room.takes(head)
        yield from head
    left_out = 0
    for head_of_table in diff.tables if data else ():
        counts = diff.counts(head_of_table)
        lines = _heading(head_of_table, counts)
        if lines and not room.takes(lines):
            left_out += 1
            continue
        yield from lines
        yield from _rows(diff, head_of_table, counts, room)
    if left_out:
        yield f"{count(left_out, 'more table')}"


def _heading(head: TableDiff, counts: RowCounts) -> list[str]:
    if not counts and not head.notes and not head.renamed:
        return []
    lines = [f"**{span(_cut(table_name(head.key)))}:** {_counts(counts)}", ""]
    if head.renamed:
        lines.append(f"- before {span(_cut(table_name(head.old_key)))}")
    lines += [f"- {span(_cut(printable(note)))}" for note in head.notes[:SHOWN_NOTES]]
    if len(head.notes) > SHOWN_NOTES:
        lines.append(f"- {len(head.notes) - SHOWN_NOTES:,} more")
    if head.notes or head.renamed:
        lines.append("")
    return lines


def _rows(diff: Diff, head: TableDiff, counts: RowCounts, room: _Room) -> Iterator[str]:
    total = counts.added + counts.removed + counts.changed
    limit = SHOWN_ROWS if diff.filters.limit is None else diff.filters.limit
    top = ["| | key | what |", "|---|---|---|"]
    shown = 0
    for change in islice(diff.rows(head), limit):
        keys = " → ".join(_values(head.key_columns(change), change.identity))
        row = f"| {change.change.value} | {keys} | {'<br>'.join(_what(head, change))} |"
        if not room.takes([*top, row], keep=LAST_WORDS):
            break
        yield from top
        yield row
        top = []
        shown += 1
    if shown:
        yield ""
    if total - shown:
        # LAST_WORDS are kept for such lines.
        yield f"{total - shown:,} more"
        yield ""


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_LINE else f"{text[:LONGEST_LINE]} ..."


def _what(head: TableDiff, change: RowChange) -> Iterator[str]:
    from kuzugit.model.json_value import json_value

    if change.old is not None and change.new is not None:
        columns = head.new or ()
        for a, b in sorted(head.shared, key=lambda pair: pair[1]):
            column = columns[b]
            if column.name in change.columns:
                old = _value(json_value(column.type, change.old[a]))
                new = _value(json_value(column.type, change.new[b]))
                yield f"{_name(column.name)}: {old} → {new}"
        return
    row, side = (change.old, head.old) if change.new is None else (change.new, head.new)
    at = head.old_key_at if change.new is None else head.new_key_at
    for position, (column, value) in enumerate(zip(side or (), row or (), strict=True)):
        if position not in at:
            yield f"{_name(column.name)}: {_value(json_value(column.type, value))}"


def _values(columns: tuple[Column, ...], row: Row) -> Iterator[str]:
    from kuzugit.model.json_value import json_value

    for column, value in zip(columns, row, strict=True):
        yield _value(json_value(column.type, value))


def _name(name: str) -> str:
    return f"`{name}`" if name.isidentifier() and name.isascii() else _value(name)


def _value(value: Json) -> str:
    text = _json(value)
    if len(text) <= LONGEST:
        return f"`{text}`"
    # The start of a value is shown as a text, so that it stays JSON.
    start = _json(value if isinstance(value, str) else text)[:LONGEST]
    whole = re.sub(r"\\(u[0-9a-fA-F]{0,3})?$", "", start)
    return f'`{whole}"` … ({len(text):,} characters)'


def _json(value: Json) -> str:
    text = json.dumps(value, ensure_ascii=False)
    marks = (
        mark if mark.isprintable() and mark not in _ENDS else _ENDS.get(mark) or _escaped(mark)
        for mark in text
    )
    return "".join(marks)


def _escaped(mark: str) -> str:
    return json.dumps(mark, ensure_ascii=True)[1:-1]


def span(text: str) -> str:
    """Return a code span of any text without ends of lines, for outside of tables."""
    runs = [len(run) for run in _RUN.findall(text)]
    fence = "`" * next(size for size in range(1, len(runs) + 2) if size not in runs)
    # One space on each side is taken off again.
    edge = " " if text[:1] in ("`", " ") or text[-1:] in ("`", " ") else ""
    return f"{fence}{edge}{text}{edge}{fence}"


def _counts(counts: RowCounts) -> str:
    named = ((counts.added, "added"), (counts.removed, "removed"), (counts.changed, "changed"))
    return ", ".join(f"{number:,} {name}" for number, name in named if number) or "no rows"
