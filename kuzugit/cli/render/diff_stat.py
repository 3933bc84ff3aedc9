"""A diff in numbers: a line for each table, as `git diff --stat` has one for each file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kuzugit.cli.render.changes import schema_line, table_name
from kuzugit.cli.render.paint import Paint
from kuzugit.cli.render.quantity import count
from kuzugit.model.changes import RowCounts

if TYPE_CHECKING:
    from kuzugit.porcelain.diff import Diff

_BAR = 20


def stat_lines(diff: Diff, paint: Paint) -> Iterator[str]:
    """Yield name, number and a bar for each table whose rows differ, then the totals."""
    found = _counted(diff)
    if not found:
        return
    width = max(len(name) for name, _ in found)
    most = max(_total(counts) for _, counts in found)
    digits = len(f"{most:,}")
    for name, counts in found:
        yield f" {name:<{width}} | {_total(counts):>{digits},} {_bar(counts, most, paint)}"
    yield f" {_totals_line(found)}"


def summary_lines(diff: Diff, paint: Paint) -> Iterator[str]:
    """Yield the changes of the schema, then the counts of each table in words."""
    yield from (schema_line(change) for change in diff.schema)
    found = _counted(diff)
    yield from (f"{name}: {_words(counts)}" for name, counts in found)
    if found:
        yield paint.bold(_totals_line(found))


def name_lines(diff: Diff) -> Iterator[str]:
    """Yield the name of each table that differs, in its rows or its columns."""
    for head in diff.tables:
        if head.notes or head.renamed or any(True for _ in diff.rows(head)):
            yield table_name(head.key)


def _counted(diff: Diff) -> list[tuple[str, RowCounts]]:
    found = [(table_name(head.key), diff.counts(head)) for head in diff.tables]
    return [(name, counts) for name, counts in found if counts]


def _total(counts: RowCounts) -> int:
    return counts.added + counts.removed + counts.changed


def _bar(counts: RowCounts, most: int, paint: Paint) -> str:
    scale = min(1.0, _BAR / most)

    def part(number: int, sign: str) -> str:
        return sign * (max(1, round(number * scale)) if number else 0)

    return (
        paint.green(part(counts.added, "+"))
        + paint.red(part(counts.removed, "-"))
        + paint.yellow(part(counts.changed, "~"))
    )


def _totals_line(found: list[tuple[str, RowCounts]]) -> str:
    total = sum((counts for _, counts in found), RowCounts())
    return f"{count(len(found), 'table')}, {_words(total)}"


def _words(counts: RowCounts) -> str:
    named = ((counts.added, "added"), (counts.removed, "removed"), (counts.changed, "changed"))
    return ", ".join(f"{number:,} {name}" for number, name in named if number)
