"""A diff for people: the schema, then each table's rows, a sign at the edge of each."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from kuzugit.cli.render.changes import schema_line, table_name
from kuzugit.cli.render.escape import printable
from kuzugit.cli.render.paint import Paint
from kuzugit.cli.render.quantity import count
from kuzugit.model.json_value import json_value
from kuzugit.model.member_change import member_changes

if TYPE_CHECKING:
    from kuzugit.cli.render.document import Json
    from kuzugit.model.renames import Candidates
    from kuzugit.model.row_change import RowChange, TableDiff
    from kuzugit.porcelain.diff import Diff

WIDTH = 80
"""Lines are broken between values to stay within so many columns; a value never is."""

SIGNS = {"added": "+", "removed": "-", "changed": "~"}
_INDENT = "    "
_JSON = json.JSONEncoder(ensure_ascii=False).encode
_PLAIN_NAME = re.compile(r"[^\W\d]\w*")


Beside = Callable[["TableDiff", "RowChange"], Iterator[str]]
"""What is said under a changed node."""


def text_lines(
    diff: Diff,
    paint: Paint,
    *,
    schema: bool = True,
    data: bool = True,
    beside: Beside | None = None,
) -> Iterator[str]:
    """Yield the lines of a diff; nothing where nothing differs."""
    heading = [paint.bold(printable(f"diff {diff.old.name} {diff.new.name}"))]
    for line in _body(diff, paint, beside, schema=schema, data=data):
        yield from heading
        heading = []
        yield line


def _body(
    diff: Diff, paint: Paint, beside: Beside | None, *, schema: bool, data: bool
) -> Iterator[str]:
    if schema:
        yield from schema_lines(diff, paint)
    for head in diff.tables if data else ():
        yield from table_lines(diff, head, paint, beside)


def schema_lines(diff: Diff, paint: Paint) -> Iterator[str]:
    """Yield the section of the schema, empty where nothing of it changed."""
    if diff.schema or diff.candidates:
        yield paint.bold("schema")
    for change in diff.schema:
        colour = {"added": paint.green, "removed": paint.red}.get(change.change, paint.yellow)
        yield f"  {colour(schema_line(change))}"
    for item in diff.candidates:
        yield f"  {_candidate_line(item)}"


def _candidate_line(item: Candidates) -> str:
    return printable(
        f"renamed, or not: {item.kind} {' or '.join(item.old)} has the content of "
        f"{' and of '.join(item.new)}"
    )


def table_lines(
    diff: Diff, head: TableDiff, paint: Paint, beside: Beside | None = None
) -> Iterator[str]:
    """Yield the lines of one table, empty where no row of it differs and nothing is noted."""
    heading = [paint.bold(_heading(head)), *(f"  ({printable(note)})" for note in head.notes)]
    if head.notes or head.renamed:
        yield from heading
        heading = []
    shown = 0
    for change in diff.rows(head):
        shown += 1
        yield from heading
        heading = []
        yield from row_lines(head, change, paint)
        if beside is not None and not head.key.is_rel:
            yield from beside(head, change)
    if diff.filters.limit is not None and shown == diff.filters.limit:
        counts = diff.counts(head)
        more = counts.added + counts.removed + counts.changed - shown
        if more:
            yield from heading
            yield f"  ... {count(more, 'more change')}"


def _heading(head: TableDiff) -> str:
    name = table_name(head.key)
    return f"{name}, before {table_name(head.old_key)}" if head.renamed else name


def row_lines(head: TableDiff, change: RowChange, paint: Paint) -> Iterator[str]:
    """Yield a row: its sign and key, then its values or what changed of them."""
    colour = {"+": paint.green, "-": paint.red, "~": paint.yellow}[SIGNS[change.change]]
    columns = head.key_columns(change)
    keys = [
        value_text(json_value(column.type, value))
        for column, value in zip(columns, change.identity, strict=True)
    ]
    yield colour(f"{SIGNS[change.change]} {' -> '.join(keys)}")
    items = _changed(head, change) if change.change == "changed" else _whole(head, change)
    yield from (colour(line) for line in _wrapped(items))


def _whole(head: TableDiff, change: RowChange) -> Iterator[str]:
    if change.new is None:
        row, columns, at = change.old or (), head.old or (), head.old_key_at
    else:
        row, columns, at = change.new, head.new or (), head.new_key_at
    for position, (column, value) in enumerate(zip(columns, row, strict=True)):
        if position not in at:
            yield f"{name_text(column.name)}: {value_text(json_value(column.type, value))}"


def _changed(head: TableDiff, change: RowChange) -> Iterator[str]:
    old, new, columns = change.old or (), change.new or (), head.new or ()
    for a, b in _in_new_order(head.shared):
        column = columns[b]
        if column.name not in change.columns:
            continue
        for item in member_changes(column.type, old[a], new[b]):
            name = f"{name_text(column.name)}{printable(item.path)}"
            if item.change == "changed":
                yield f"{name}: {value_text(item.old)} -> {value_text(item.new)}"
            else:
                value = item.new if item.change == "added" else item.old
                yield f"{name}: {SIGNS[item.change]} {value_text(value)}"


@lru_cache(maxsize=64)
def _in_new_order(shared: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
    return tuple(sorted(shared, key=lambda pair: pair[1]))


@lru_cache(maxsize=1024)
def name_text(name: str) -> str:
    """Return a column's name, in backticks where it is no plain word."""
    if _PLAIN_NAME.fullmatch(name) or name.startswith("`"):
        return printable(name)
    return f"`{printable(name)}`"


def value_text(value: Json) -> str:
    """Return a value as JSON that a terminal shows and does not obey."""
    text = _JSON(value)
    if text.isprintable():
        return text
    return "".join(mark if mark.isprintable() else _escaped(mark) for mark in text)


def _escaped(mark: str) -> str:
    return json.dumps(mark, ensure_ascii=True)[1:-1]


def _wrapped(items: Iterable[str]) -> Iterator[str]:
    line = ""
    for item in items:
        if line and len(_INDENT) + len(line) + 2 + len(item) >= WIDTH:
            yield f"{_INDENT}{line},"
            line = ""
        line = f"{line}, {item}" if line else item
    if line:
        yield f"{_INDENT}{line}"
