"""What `commit` and `import` did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kuzugit.cli.render.changes import change_fields, change_lines
from kuzugit.cli.render.escape import printable
from kuzugit.cli.render.gc import gc_fields
from kuzugit.cli.render.snapshot import SHORT, snapshot_fields, snapshot_name

if TYPE_CHECKING:
    from kuzugit.cli.render.document import Json
    from kuzugit.porcelain.commit import CommitResult


def committed_lines(result: CommitResult, branch: str | None, *, dry_run: bool) -> list[str]:
    """Return the line of the snapshot, as after `git commit`, and a line for each change."""
    changes = [f" {line}" for line in change_lines(result.changes)]
    if result.created and result.snapshot is not None:
        snapshot = result.snapshot
        names = [branch or "HEAD", snapshot_name(snapshot), snapshot.commit[:SHORT]]
        return [printable(f"[{' '.join(names)}] {snapshot.subject}"), *changes]
    if dry_run and result.version is not None:
        return [printable(f"would commit {result.version}"), *changes]
    if result.snapshot is None:
        return ["nothing to commit"]
    return [f"nothing to commit, the database is at {snapshot_name(result.snapshot)}"]


def committed_fields(result: CommitResult) -> dict[str, Json]:
    """Return the result as JSON fields; `created` is false where nothing was written."""
    return {
        "created": result.created,
        "version": result.version,
        "snapshot": None if result.snapshot is None else snapshot_fields(result.snapshot),
        "changes": change_fields(result.changes),
        "added_bytes": result.added,
        "warnings": [*result.warnings],
        "collected": None if result.collected is None else gc_fields(result.collected),
    }
