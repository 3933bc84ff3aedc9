"""The history, newest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kuzugit.porcelain.workspace import Workspace
from kuzugit.store import history
from kuzugit.store.history import Snapshot


@dataclass(frozen=True)
class Entry:
    """A snapshot, and the names that lead to it.

    `tags` are in the order of `kuzugit tag`; `branch` is the branch's name
    where it ends here; `current` says whether the live database was made from it.
    """

    snapshot: Snapshot
    tags: tuple[str, ...]
    branch: str | None
    current: bool


def log(
    workspace: Workspace, revision: str | None = None, *, limit: int | None = None
) -> Iterator[Entry]:
    """Return the snapshots of `revision` and before it, at most `limit`.

    `A..B` leaves out what A has; None is the branch, which is empty before the
    first commit. Raises UnknownRevision, BadRevision.
    """
    store = workspace.store
    if revision is None:
        start, exclude = history.branch_tip(store), []
    elif ".." in revision:
        before, start = history.parse_range(store, revision)
        exclude = [before]
    else:
        start, exclude = history.resolve(store, revision), []
    if start is None:
        return iter(())
    return _entries(workspace, history.log(store, start, exclude, limit))


def entry(workspace: Workspace, snapshot: Snapshot) -> Entry:
    """Return `snapshot` with the names that lead to it."""
    return next(_entries(workspace, iter([snapshot])))


def _entries(workspace: Workspace, snapshots: Iterator[Snapshot]) -> Iterator[Entry]:
    store = workspace.store
    tags: dict[str, list[str]] = {}
    for tag in history.versions(store):
        tags.setdefault(tag.snapshot.commit, []).append(tag.name)
    # The commits alone: to name their tags would read every tag again.
    current, tip = history.current_target(store), history.tip_commit(store)
    branch = workspace.branch
    for snapshot in snapshots:
        yield Entry(
            snapshot,
            tuple(tags.get(snapshot.commit, ())),
            branch if tip is not None and str(tip.id) == snapshot.commit else None,
            current is not None and str(current.id) == snapshot.commit,
        )
