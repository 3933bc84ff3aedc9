"""What versions take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from kuzugit.cli.render.escape import printable
from kuzugit.cli.render.gc import size_fields
from kuzugit.cli.render.quantity import size
from kuzugit.cli.render.snapshot import snapshot_name

if TYPE_CHECKING:
    from kuzugit.cli.render.document import Json
    from kuzugit.porcelain.du import Usage, VersionUsage

_NOT_KNOWN = "-"


def version_lines(found: Usage) -> Iterator[str]:
    """Yield a line for each version, and what the whole store takes."""
    rows = [
        (snapshot_name(item.snapshot), size(item.size), size(item.added), _disk(item.disk))
        for item in found.versions
    ]
    yield from _table(("version", "rows", "added", "added on disk"), rows)
    yield f"The store: {size(found.store.bytes)}"


def table_lines(found: VersionUsage) -> Iterator[str]:
    """Yield a line for each table of one version, and their sum."""
    rows = [
        (printable(item.table), size(item.size), size(item.added), _disk(item.disk))
        for item in found.tables
    ]
    total = (snapshot_name(found.snapshot), size(found.size), size(found.added), _disk(found.disk))
    yield from _table(("table", "rows", "added", "added on disk"), [*rows, total])


def _disk(number: int | None) -> str:
    return _NOT_KNOWN if number is None else size(number)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    for row in (head, *rows):
        first, *others = row
        cells = [text.rjust(width) for text, width in zip(others, widths[1:], strict=True)]
        yield "  ".join([first.ljust(widths[0]), *cells])


def usage_fields(found: Usage) -> dict[str, Json]:
    """Return it as JSON fields, all in bytes."""
    return {
        "store": size_fields(found.store),
        "versions": [
            {
                "version": item.snapshot.version,
                "commit": item.snapshot.commit,
                "bytes": item.size,
                "added_bytes": item.added,
                "added_disk_bytes": item.disk,
                "tables": [
                    {
                        "table": table.table,
                        "rows": table.rows,
                        "bytes": table.size,
                        "added_bytes": table.added,
                        "added_disk_bytes": table.disk,
                    }
                    for table in item.tables
                ],
            }
            for item in found.versions
        ],
    }
