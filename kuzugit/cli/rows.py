"""Rows to standard output, in the format that was asked for."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import Any

from kuzugit.cli.invocation import Invocation
from kuzugit.cli.render.escape import printable
from kuzugit.cli.render.rows import (
    WIDEST,
    Batches,
    Format,
    csv_lines,
    json_document,
    json_lines,
    text_table,
)


def write_rows(
    invocation: Invocation,
    format: Format,
    columns: Sequence[str],
    batches: Batches,
    limit: int | None = None,
) -> None:
    """Write the rows, at most `limit`; say on standard error where that left some out."""
    rows = _Limited(batches, limit)
    on_terminal = sys.stdout.isatty()
    with invocation.paged() as write:
        for line in _lines(format, columns, rows, on_terminal):
            write(line)
    if rows.more:
        invocation.remark(f"there are more rows than the {limit} of --limit")


def _lines(
    format: Format, columns: Sequence[str], batches: Batches, on_terminal: bool
) -> Iterator[str]:
    if format is Format.JSON:
        return json_document(columns, batches)
    if format is Format.JSONL:
        return json_lines(columns, batches)
    if not columns:
        return iter(())
    if format is Format.TEXT:
        return text_table(columns, batches, widest=WIDEST if on_terminal else None)
    lines = csv_lines(columns, batches)
    # Into a file as they are; a terminal would obey what stands in the data.
    return map(printable, lines) if on_terminal else lines


class _Limited:
    """The first rows of batches; `more` tells at the end whether one was left."""

    def __init__(self, batches: Batches, limit: int | None) -> None:
        self._batches = batches
        self._limit = limit
        self.more = False

    def __iter__(self) -> Iterator[Sequence[Sequence[Any]]]:
        left = self._limit
        for batch in self._batches:
            if left is not None and len(batch) > left:
                self.more = True
                yield batch[:left]
                return
            if left is not None:
                left -= len(batch)
            yield batch
