"""What came from another store, and what went there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kuzugit.cli.render.escape import printable
from kuzugit.cli.render.quantity import count, size
from kuzugit.cli.render.snapshot import SHORT, snapshot_fields, snapshot_name

if TYPE_CHECKING:
    from kuzugit.cli.render.document import Json
    from kuzugit.porcelain.clone import CloneResult
    from kuzugit.porcelain.pull import PullResult
    from kuzugit.store.receiving import FetchResult
    from kuzugit.store.remotes import Remote
    from kuzugit.store.sending import PushResult

_SHOWN = 20


def fetch_lines(result: FetchResult) -> list[str]:
    """Return what a fetch brought, by name."""
    remote = printable(result.remote)
    if not result.updated and not result.versions:
        return [f"Nothing new in {remote}"]
    snapshots = f"{count(result.snapshots, 'snapshot')} ({size(result.bytes)})"
    lines = [f"Fetched {snapshots if result.snapshots else 'names'} from {remote}"]
    return lines + _names([*result.updated, *result.versions])


def _names(names: Sequence[str]) -> list[str]:
    lines = [f"  {printable(name)}" for name in names[:_SHOWN]]
    rest = len(names) - len(lines)
    return [*lines, f"  and {rest} more"] if rest else lines


def fetch_fields(result: FetchResult) -> dict[str, Json]:
    """Return a fetch as JSON fields; `clashes` are versions of which nothing was taken."""
    return {
        "remote": result.remote,
        "updated": [*result.updated],
        "versions": [*result.versions],
        "clashes": [
            {"version": item.version, "ours": item.ours, "theirs": item.theirs}
            for item in result.clashes
        ],
        "snapshots": result.snapshots,
        "bytes": result.bytes,
    }


def pull_lines(result: PullResult, branch: str | None) -> list[str]:
    """Return what a pull brought, and where branch and database are now."""
    name = printable(branch or "the branch")
    if result.after is None:
        return [f"{printable(result.fetched.remote)} has no snapshots yet"]
    after = snapshot_name(result.after)
    if result.before is not None and result.before.commit == result.after.commit:
        return [f"Already up to date: {name} is at {after}"]
    lines = fetch_lines(result.fetched)
    before = "nothing" if result.before is None else snapshot_name(result.before)
    lines.append(f"Moved {name} from {before} to {after}")
    if result.checkout is not None:
        lines.append(f"The database is at {after} ({count(result.checkout.rows, 'row')})")
    return lines


def pull_fields(result: PullResult) -> dict[str, Json]:
    """Return a pull as JSON fields: those of the fetch, and the branch before and after."""
    return {
        **fetch_fields(result.fetched),
        "before": None if result.before is None else snapshot_fields(result.before),
        "after": None if result.after is None else snapshot_fields(result.after),
        "checked_out": result.checkout is not None,
    }


def push_lines(result: PushResult) -> list[str]:
    """Return what a push brought."""
    remote = printable(result.remote)
    if not result.changed:
        return [f"{remote} has everything already"]
    branch = printable(result.branch)
    before = "nothing" if result.before is None else result.before[:SHORT]
    lines = [f"Pushed to {remote} ({size(result.bytes)})"]
    if result.before != result.after:
        lines.append(f"  {branch}: {before} -> {result.after[:SHORT]}")
    return lines + _names(result.versions)


def push_fields(result: PushResult) -> dict[str, Json]:
    """Return a push as JSON fields; `before` and `after` are the branch there."""
    return {
        "remote": result.remote,
        "branch": result.branch,
        "before": result.before,
        "after": result.after,
        "versions": [*result.versions],
        "bytes": result.bytes,
        "changed": result.changed,
    }


def clone_lines(result: CloneResult) -> list[str]:
    """Return where the clone is, and what helps next."""
    place = printable(str(result.workspace.store.path.parent))
    what = f"{count(result.fetched.snapshots, 'snapshot')} ({size(result.fetched.bytes)})"
    lines = [f"Cloned {what} into {place}"]
    if result.fetched.head is None:
        lines.append("It is empty: the first push fills it")
    elif result.checkout is not None:
        lines.append(
            f"The database is at {snapshot_name(result.checkout.snapshot)} "
            f"({count(result.checkout.rows, 'row')})"
        )
    else:
        branch = printable(result.fetched.head)
        lines.append(f'  (use "kuzugit -C {place} checkout {branch}" to build the database)')
    return lines


def clone_fields(result: CloneResult) -> dict[str, Json]:
    """Return a clone as JSON fields; `head` is the branch of the origin that ours is from."""
    return {
        **fetch_fields(result.fetched),
        "store": str(result.workspace.store.path),
        "database": str(result.workspace.database),
        "head": result.fetched.head,
        "checked_out": result.checkout is not None,
    }


def remote_line(remote: Remote) -> str:
    """Return a remote as `git remote -v` lists it, once."""
    shared = " (shares our versions)" if remote.shares_versions else ""
    return f"{printable(remote.name)}\t{printable(remote.shown_url)}{shared}"


def remote_fields(remote: Remote) -> dict[str, Json]:
    """Return a remote as JSON fields."""
    return {
        "name": remote.name,
        "url": remote.shown_url,
        "shares_versions": remote.shares_versions,
    }
