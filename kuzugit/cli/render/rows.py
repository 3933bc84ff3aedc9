"""Rows of named columns: a table for people, CSV, one JSON document, or JSON Lines.

Each writer takes the columns' names and batches of rows, and yields the output piece by
piece, so that memory does not grow with the number of rows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum
from itertools import chain, islice
from typing import Any, TypeAlias
from unicodedata import combining, east_asian_width

from kuzugit.cli.render.document import FORMAT
from kuzugit.cli.render.escape import printable

Batches: TypeAlias = Iterable[Sequence[Sequence[Any]]]
Writer: TypeAlias = Callable[[Sequence[str], Batches], Iterator[str]]

MEASURED_ROWS = 1000
"""The rows that decide how wide the columns of a table are."""

WIDEST = 60
"""The characters of a cell that a terminal is shown."""

_NULL = "NULL"


def as_text(value: Any) -> str | None:
    """Return a value as a cell shows it: lists and objects as JSON, NULL as None."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


class Format(StrEnum):
    """How rows are written."""

    TEXT = "text"
    CSV = "csv"
    JSON = "json"
    JSONL = "jsonl"


def text_table(
    columns: Sequence[str], batches: Batches, *, widest: int | None = None
) -> Iterator[str]:
    """Yield the lines of a table.

    Columns are as wide as the first rows need; a longer cell further down stands out.
    A cell of more than `widest` characters is cut.
    """
    rows = (
        [_cell(_NULL if value is None else as_text(value) or "", widest) for value in row]
        for batch in batches
        for row in batch
    )
    head = [_cell(name, widest) for name in columns]
    first = list(islice(rows, MEASURED_ROWS))
    widths = [max(map(_width, cells)) for cells in zip(head, *first, strict=True)]
    yield _line(head, widths)
    yield "  ".join("-" * width for width in widths)
    for row in chain(first, rows):
        yield _line(row, widths)


def _cell(text: str, widest: int | None) -> str:
    shown = printable(text)
    return shown if widest is None or len(shown) <= widest else f"{shown[: widest - 1]}…"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (
        cell + " " * (width - _width(cell)) for cell, width in zip(cells, widths, strict=True)
    )
    return "  ".join(padded).rstrip()


def _width(text: str) -> int:
    """Return how many columns of a terminal `text` takes."""
    if text.isascii():
        return len(text)
    return sum(
        0 if combining(mark) else 2 if east_asian_width(mark) in "WF" else 1 for mark in text
    )


def csv_lines(columns: Sequence[str], batches: Batches) -> Iterator[str]:
    """Yield the records of CSV (RFC 4180, but for the ends of lines).

    NULL is nothing at all, an empty text is `""`.
    """
    yield ",".join(map(_field, columns))
    for batch in batches:
        for row in batch:
            cells = map(as_text, row)
            yield ",".join("" if cell is None else _field(cell) for cell in cells)


def _field(text: str) -> str:
    if text and not any(mark in text for mark in '",\r\n') and text == text.strip():
        return text
    return '"' + text.replace('"', '""') + '"'


def json_document(columns: Sequence[str], batches: Batches) -> Iterator[str]:
    """Yield the lines of one JSON document: `columns`, the names, and `rows`, objects."""
    names = _keys(columns)
    yield f'{{"format": {FORMAT}, "columns": {_json(names)}, "rows": ['
    before = None
    for line in _objects(names, batches):
        if before is not None:
            yield f"{before},"
        before = line
    if before is not None:
        yield before
    yield "]}"


def json_lines(columns: Sequence[str], batches: Batches) -> Iterator[str]:
    """Yield a JSON object for each row."""
    return _objects(_keys(columns), batches)


def _objects(names: Sequence[str], batches: Batches) -> Iterator[str]:
    for batch in batches:
        for row in batch:
            yield _json(dict(zip(names, row, strict=True)))


def _json(value: Any) -> str:
    # In ASCII, so that control characters of the data stay in escapes.
    return json.dumps(value, ensure_ascii=True, allow_nan=False)


def _keys(columns: Sequence[str]) -> list[str]:
    """Return the names with a number behind those that stand there already."""
    names: list[str] = []
    for name in columns:
        found, number = name, 0
        while found in names:
            number += 1
            found = f"{name}_{number}"
        names.append(found)
    return names
