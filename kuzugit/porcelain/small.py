"""Tables of which little differs: their changes, found without Arrow and DuckDB."""

from __future__ import annotations

from collections.abc import Iterator

from kuzugit.canonical.plain_rows import Known, RawRow, are_simple, finisher, raw_rows
from kuzugit.diff.selection import Selection
from kuzugit.diff.small import has_one_key_each, small_changes
from kuzugit.model.row_change import Column, RowChange, TableDiff
from kuzugit.model.snapshot import Chunk, TableKey
from kuzugit.model.types import Type
from kuzugit.porcelain.content import Content
from kuzugit.porcelain.windows import chunks_only_in, has_unique_keys

SMALL_BYTES = 8 << 20
"""Of chunks that differ, both sides together. DuckDB needs a quarter of a second to start, and
is faster from about here."""


def small_table_changes(
    head: TableDiff, old: Content, new: Content, selection: Selection
) -> Iterator[RowChange] | None:
    """Return the changes of a table of nodes as `Matcher` finds them, None where it must.

    That is: where many bytes differ, where a column is a list, a struct or a map, where the
    key changed or is a float, where keys are chosen by their text.
    """
    if selection.keys or head.identity != 1 or not has_unique_keys(head):
        return None
    if head.old is None or head.new is None or not are_simple(_types(head.old + head.new)):
        return None
    before, after = old.manifest.table(head.old_key), new.manifest.table(head.key)
    chunks = chunks_only_in(before, after), chunks_only_in(after, before)
    if sum(chunk.size for side in chunks for chunk in side) > SMALL_BYTES:
        return None
    known: Known = {}
    rows = (
        _rows(old, head.old_key, chunks[0], head.old, known),
        _rows(new, head.key, chunks[1], head.new, known),
    )
    if not has_one_key_each(head, *rows):
        return None
    finish = finisher(_types(head.old)), finisher(_types(head.new))
    return small_changes(head, *rows, selection, finish)


def _types(columns: tuple[Column, ...]) -> tuple[Type, ...]:
    return tuple(column.type for column in columns)


def _rows(
    side: Content,
    key: TableKey,
    chunks: list[Chunk],
    columns: tuple[Column, ...],
    known: Known,
) -> list[RawRow]:
    types = _types(columns)
    return [row for chunk in chunks for row in raw_rows(side.read(key, chunk), types, known)]
