"""What `checkout` did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kuzugit.cli.render.escape import printable
from kuzugit.cli.render.quantity import count
from kuzugit.cli.render.snapshot import snapshot_fields, snapshot_name

if TYPE_CHECKING:
    from kuzugit.cli.render.document import Json
    from kuzugit.porcelain.checkout import CheckoutResult


def restoration_lines(result: CheckoutResult, *, live: bool) -> list[str]:
    """Return what was saved or kept aside, then what is where now."""
    lines = []
    if result.saved is not None:
        lines.append(f"Saved the changes as {snapshot_name(result.saved)}")
    if result.kept_aside is not None:
        lines.append(printable(f"Kept the old database as {result.kept_aside}"))
    what = f"{snapshot_name(result.snapshot)} ({count(result.rows, 'row')})"
    if live:
        lines.append(f"The database is at {what}")
    else:
        lines.append(f"Built {what} in {printable(str(result.database))}")
    return lines


def restoration_fields(result: CheckoutResult) -> dict[str, Json]:
    """Return the result as JSON fields."""
    return {
        "snapshot": snapshot_fields(result.snapshot),
        "database": str(result.database),
        "kept_aside": None if result.kept_aside is None else str(result.kept_aside),
        "saved": None if result.saved is None else snapshot_fields(result.saved),
        "rows": result.rows,
        "warnings": [*result.warnings],
    }
