"""A record of CSV (RFC 4180, but for the end of the line)."""

from __future__ import annotations

from collections.abc import Iterable

_SPECIAL = frozenset('",\r\n')


def csv_record(cells: Iterable[str | None]) -> str:
    """Return the record of some texts: NULL is nothing at all, an empty text is `""`."""
    return ",".join("" if cell is None else _field(cell) for cell in cells)


def _field(text: str) -> str:
    if text and _SPECIAL.isdisjoint(text) and text == text.strip():
        return text
    return '"' + text.replace('"', '""') + '"'
