"""Whether two Kùzu databases are the same.

Compared are the catalog (tables, types, keys, defaults and what they evaluate to,
comments, pairs and their order, multiplicity, storage direction, sequences and
their state, macros as Kùzu understands them, indexes) and the rows as multisets.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.support.content import Content, Rows, read_content

SHOWN_ROWS = 5


def assert_same_database(a: Path, b: Path) -> None:
    """Fail with the list of differences unless `a` and `b` hold the same."""
    found = differences(a, b)
    assert not found, "\n".join(["the databases differ:", *found])


def differences(a: Path, b: Path) -> list[str]:
    """Return what differs between two databases, one line each; nobody may write to them."""
    return compare_contents(read_content(a), read_content(b))


def compare_contents(a: Content, b: Content) -> list[str]:
    """Return what differs between two contents, one line each."""
    lines = [
        f"{name}: {_show(a.facts.get(name))} != {_show(b.facts.get(name))}"
        for name in sorted({*a.facts, *b.facts})
        if a.facts.get(name) != b.facts.get(name)
    ]
    for table in sorted({*a.rows, *b.rows}):
        before, after = a.rows.get(table, Rows()), b.rows.get(table, Rows())
        lines += _row_lines(table, "first", before - after)
        lines += _row_lines(table, "second", after - before)
    return lines


def _row_lines(table: str, side: str, rows: Rows) -> list[str]:
    shown = [
        f"rows of {table}: {number} x {_show(row)} only in the {side}"
        for row, number in sorted(rows.items())[:SHOWN_ROWS]
    ]
    rest = len(rows) - len(shown)
    return shown + ([f"rows of {table}: {rest} more only in the {side}"] if rest > 0 else [])


def _show(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 500 else f"{text[:500]}… ({len(text)} characters)"
