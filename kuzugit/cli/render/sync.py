"""What a sync did, or would do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kuzugit.cli.render.changes import change_fields, change_lines
from kuzugit.cli.render.escape import printable
from kuzugit.cli.render.gc import gc_fields
from kuzugit.cli.render.snapshot import SHORT, snapshot_fields, snapshot_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kuzugit.cli.render.document import Json
    from kuzugit.model.merge import MergeConflict
    from kuzugit.porcelain.sync import SyncConflicts, SyncResult

SHOWN = 50
LONGEST = 60


def sync_lines(result: SyncResult, branch: str | None, *, dry_run: bool) -> list[str]:
    """Return what came from the source."""
    source = printable(f"{result.source} {result.source_version or ''}".strip())
    changes = [f" {line}" for line in change_lines(result.changes)]
    saved = []
    if result.saved is not None:
        saved = [printable(f"Saved the changes here as {snapshot_name(result.saved)}")]
    if result.created and result.snapshot is not None:
        snapshot = result.snapshot
        names = [branch or "HEAD", snapshot_name(snapshot), snapshot.commit[:SHORT]]
        return [*saved, printable(f"[{' '.join(names)}] {snapshot.subject}"), *changes]
    if dry_run and result.version is not None and result.snapshot is None:
        return [printable(f"would take over {source} as {result.version}"), *changes]
    return [*saved, f"Nothing new in {source}"]


def sync_fields(result: SyncResult) -> dict[str, Json]:
    """Return the result as JSON fields; `created` is false where nothing was written."""
    return {
        "created": result.created,
        "source": result.source,
        "source_version": result.source_version,
        "version": result.version,
        "snapshot": None if result.snapshot is None else snapshot_fields(result.snapshot),
        "changes": change_fields(result.changes),
        "saved": None if result.saved is None else snapshot_fields(result.saved),
        "collected": None if result.collected is None else gc_fields(result.collected),
        "warnings": [*result.warnings],
    }


def conflict_lines(conflicts: Sequence[MergeConflict]) -> list[str]:
    """Return a line for each conflict, with the values of both sides, at most SHOWN."""
    lines = [_line(conflict) for conflict in conflicts[:SHOWN]]
    rest = len(conflicts) - len(lines)
    return [*lines, f"  and {rest:,} more"] if rest else lines


def _line(conflict: MergeConflict) -> str:
    text = f"  conflict: {conflict}"
    if conflict.theirs is not None or conflict.ours is not None:
        text += f" (theirs {_value(conflict.theirs)}, ours {_value(conflict.ours)})"
    return printable(text)


def _value(value: Json) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def conflicts_fields(error: SyncConflicts) -> dict[str, Json]:
    """Return the conflicts, and the snapshot that `--save` made before them, as JSON fields."""
    return {
        "conflicts": [_conflict_fields(item) for item in error.conflicts],
        "saved": None if error.saved is None else snapshot_fields(error.saved),
    }


def _conflict_fields(conflict: MergeConflict) -> dict[str, Json]:
    """Return a conflict as JSON fields; `key` is empty for what is no row."""
    return {
        "table": conflict.table,
        "key": [*conflict.key],
        "column": conflict.column or None,
        "why": conflict.why,
        "base": conflict.base,
        "theirs": conflict.theirs,
        "ours": conflict.ours,
        "settleable": conflict.settleable,
    }
