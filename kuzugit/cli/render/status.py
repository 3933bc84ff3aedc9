"""Where the live database stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kuzugit.cli.render.changes import change_fields, change_lines
from kuzugit.cli.render.escape import printable
from kuzugit.cli.render.paint import Paint
from kuzugit.cli.render.quantity import count
from kuzugit.cli.render.snapshot import snapshot_fields, snapshot_name

if TYPE_CHECKING:
    from kuzugit.cli.render.document import Json
    from kuzugit.porcelain.status import Status


def status_lines(status: Status, paint: Paint) -> list[str]:
    """Return where the database stands, what changed since, and what helps."""
    branch = "No branch" if status.branch is None else f"On branch {printable(status.branch)}"
    lines = [branch, *_position(status), *_upstream(status)]
    if not status.exists:
        return [*lines, printable(f"There is no database at {status.database}")]
    changes = change_lines(status.changes)
    if changes:
        since = f" since {snapshot_name(status.current)}" if status.current else ""
        lines += [f"Changes{since}:", '  (use "kuzugit commit -m MSG" to keep them)']
        lines += [f"    {paint.red(line)}" for line in changes]
    elif status.current is not None:
        lines.append("nothing to commit, the database is unchanged")
    return lines


def _position(status: Status) -> list[str]:
    if status.current is None:
        if status.tip is None:
            return ["No snapshots yet"]
        return [f"No current snapshot; the branch is at {snapshot_name(status.tip)}"]
    lines = [f"Current: {snapshot_name(status.current)}"]
    if status.behind and status.tip is not None:
        snapshots = count(status.behind, "snapshot")
        lines.append(f"Behind the branch, at {snapshot_name(status.tip)}, by {snapshots}")
    if status.ahead:
        lines.append(f"Ahead of the branch by {count(status.ahead, 'snapshot')}")
    return lines


def _upstream(status: Status) -> list[str]:
    """Return how the branch stands to that of another store, and what helps."""
    if status.upstream is None:
        return []
    name = printable(status.upstream.name)
    ahead, behind = status.upstream.ahead, status.upstream.behind
    if ahead and behind:
        remote = name.partition("/")[0]
        return [
            f"Diverged from {name}: {count(ahead, 'snapshot')} of ours, {behind} of theirs",
            f'  (use "kuzugit sync {remote}" to bring theirs into ours)',
        ]
    if ahead:
        return [f'Ahead of {name} by {count(ahead, "snapshot")} (use "kuzugit push")']
    if behind:
        return [f'Behind {name} by {count(behind, "snapshot")} (use "kuzugit pull")']
    return [f"Up to date with {name}"]


def status_fields(status: Status) -> dict[str, Json]:
    """Return the status as JSON fields.

    `untouched` says that the database file is, byte for byte, the one that
    `current` was made from or as; it was then not opened.
    """
    return {
        "branch": status.branch,
        "database": str(status.database),
        "current": None if status.current is None else snapshot_fields(status.current),
        "tip": None if status.tip is None else snapshot_fields(status.tip),
        "ahead": status.ahead,
        "behind": status.behind,
        "upstream": None
        if status.upstream is None
        else {
            "name": status.upstream.name,
            "ahead": status.upstream.ahead,
            "behind": status.upstream.behind,
        },
        "exists": status.exists,
        "clean": status.exists and not status.changes,
        "untouched": status.untouched,
        "changes": change_fields(status.changes),
    }
