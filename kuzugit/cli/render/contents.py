"""What a snapshot holds: its tables with their rows, and how many bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kuzugit.cli.render.changes import table_fields, table_name
from kuzugit.cli.render.escape import printable_lines
from kuzugit.cli.render.paint import Paint
from kuzugit.cli.render.quantity import count, size
from kuzugit.cli.render.snapshot import entry_fields, long_lines

if TYPE_CHECKING:
    from kuzugit.cli.render.document import Json
    from kuzugit.model.snapshot import TableData
    from kuzugit.porcelain.show import Shown


def shown_lines(shown: Shown, paint: Paint) -> list[str]:
    """Return a snapshot for people: as in the log, then the changelog entry, then the tables."""
    lines = long_lines(shown.entry, paint)
    if shown.changelog.strip():
        lines += ["", *printable_lines(shown.changelog.strip("\n"))]
    return [*lines, "", *(_table_line(data) for data in shown.manifest.data)]


def _table_line(data: TableData) -> str:
    counts = f"{count(data.rows, 'row')} in {count(len(data.chunks), 'chunk')}"
    return f"{table_name(data.key)}: {counts}, {size(_bytes(data))}"


def shown_fields(shown: Shown) -> dict[str, Json]:
    """Return a snapshot as JSON fields."""
    return {
        **entry_fields(shown.entry),
        "changelog": shown.changelog,
        "tables": [
            {
                **table_fields(data.key),
                "rows": data.rows,
                "chunks": len(data.chunks),
                "bytes": _bytes(data),
            }
            for data in shown.manifest.data
        ],
    }


def _bytes(data: TableData) -> int:
    return sum(chunk.size for chunk in data.chunks)
