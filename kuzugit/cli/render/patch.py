"""Why a patch does not fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kuzugit.cli.render.escape import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kuzugit.cli.render.document import Json
    from kuzugit.model.patch import Conflict

SHOWN = 50


def conflict_lines(conflicts: Sequence[Conflict]) -> list[str]:
    """Return a line for each conflict, at most SHOWN."""
    lines = [printable(f"  conflict: {conflict}") for conflict in conflicts[:SHOWN]]
    rest = len(conflicts) - len(lines)
    return [*lines, f"  and {rest:,} more"] if rest else lines


def conflict_fields(conflict: Conflict) -> dict[str, Json]:
    """Return a conflict as JSON fields; null for what it is not about."""
    return {
        "table": conflict.table or None,
        "key": conflict.key or None,
        "column": conflict.column or None,
        "why": conflict.why,
    }
