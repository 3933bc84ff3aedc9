"""A version's changelog entry: the message of its annotated tag."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from textwrap import wrap

from kuzugit.model.changes import Changes, Effect, RowCounts, SchemaChange
from kuzugit.model.snapshot import TableKey

WIDTH = 99
"""Longer lines are broken where they have spaces."""

LONGEST_DETAIL = 600
"""More characters than that of a change's detail are cut off; the catalog has them."""

_GROUPS: tuple[tuple[str, Callable[[SchemaChange], bool]], ...] = (
    ("Breaking", lambda change: change.effect is Effect.BREAKING),
    ("Added", lambda change: change.effect is not Effect.BREAKING and change.change == "added"),
    ("Changed", lambda change: change.effect is not Effect.BREAKING and change.change != "added"),
)


def changelog_text(version: str, changes: Changes, message: str) -> str:
    """Return the entry of `version`: its commit's subject, then what changed.

    Plain text that ends with a newline, the same for the same arguments. Control
    characters are escaped; lines stay below 100 columns where they have spaces.
    """
    subject = next((line.strip() for line in message.splitlines() if line.strip()), "")
    head = f"{version}: {printable(subject)}" if subject else version
    sections = [head, *_sections(changes)]
    return "\n\n".join(sections) + "\n"


def printable(text: str) -> str:
    """Return `text` on one line, with control and other invisible characters escaped."""
    return "".join(
        mark if mark.isprintable() else mark.encode("unicode_escape").decode("ascii")
        for mark in text
    )


def _sections(changes: Changes) -> Iterator[str]:
    for title, belongs in _GROUPS:
        found = [change for change in changes.schema if belongs(change)]
        if found:
            yield _section(title, map(_schema_line, found))
    if changes.rows:
        ordered = sorted(changes.rows, key=lambda item: _row_order(item[0]))
        yield _section("Rows", (_row_line(key, counts) for key, counts in ordered))
    if not changes:
        yield "Nothing changed."


def _section(title: str, lines: Iterable[str]) -> str:
    items = (
        "\n".join(
            wrap(
                line,
                WIDTH,
                initial_indent="- ",
                subsequent_indent="  ",
                break_long_words=False,
                break_on_hyphens=False,
            )
        )
        for line in lines
    )
    return "\n".join([f"{title}:", *items])


def _schema_line(change: SchemaChange) -> str:
    detail = printable(change.detail)
    if len(detail) > LONGEST_DETAIL:
        detail = f"{detail[:LONGEST_DETAIL]} ..."
    line = f"{change.change} {change.kind} {printable(change.name)}"
    return f"{line}: {detail}" if detail else line


def _row_order(key: TableKey) -> tuple[bool, str, str, str]:
    if key.pair is None:
        return (False, key.table, "", "")
    return (True, key.table, key.pair.from_table, key.pair.to_table)


def _row_line(key: TableKey, counts: RowCounts) -> str:
    name = printable(key.table)
    if key.pair is not None:
        name += f" ({printable(key.pair.from_table)} -> {printable(key.pair.to_table)})"
    numbers = (
        f"{number:,} {what}"
        for number, what in (
            (counts.added, "added"),
            (counts.removed, "removed"),
            (counts.changed, "changed"),
        )
        if number
    )
    return f"{name}: {', '.join(numbers) or 'none'}"
