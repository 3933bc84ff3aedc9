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
    where it ends here; `current` says whether the live database was made from it;
    `remotes` are names of other stores: `origin/main`, `requirement/v1.2.0`.
    """

    snapshot: Snapshot
    tags: tuple[str, ...]
    branch: str | None
    current: bool
    remotes: tuple[str, ...] = ()


def log(
    workspace: Workspace, revision: str | None = None, *, limit: int | None = None
) -> Iterator[Entry]:
    """Return the snapshots of `revision` and before it, at most `limit`.

    `A..B` leaves out what A has; None is the branch, which is empty before the
    first commit. Raises UnknownRevision, BadRevision.
    """
    start, before = span(workspace, revision)
    if start is None:
        return iter(())
    exclude = [] if before is None else [before]
    return entries(workspace, history.log(workspace.store, start, exclude, limit))


def span(workspace: Workspace, revision: str | None) -> tuple[Snapshot | None, Snapshot | None]:
    """Return where a history begins, at its new end, and what it leaves out.

    As in `log`. Raises UnknownRevision, BadRevision.
    """
    store = workspace.store
    if revision is None:
        return history.branch_tip(store), None
    if ".." in revision:
        before, start = history.parse_range(store, revision)
        return start, before
    return history.resolve(store, revision), None


def entry(workspace: Workspace, snapshot: Snapshot) -> Entry:
    """Return `snapshot` with the names that lead to it."""
    return next(entries(workspace, iter([snapshot])))


def entries(workspace: Workspace, snapshots: Iterator[Snapshot]) -> Iterator[Entry]:
    """Yield each of `snapshots` with the names that lead to it."""
    store = workspace.store
    tags: dict[str, list[str]] = {}
    for tag in history.versions(store):
        tags.setdefault(tag.snapshot.commit, []).append(tag.name)
    # The commits alone: to name their tags would read every tag again.
    current, tip = history.current_target(store), history.tip_commit(store)
    branch = workspace.branch
    remotes = history.remote_names(store)
    for snapshot in snapshots:
        yield Entry(
            snapshot,
            tuple(tags.get(snapshot.commit, ())),
            branch if tip is not None and str(tip.id) == snapshot.commit else None,
            current is not None and str(current.id) == snapshot.commit,
            tuple(remotes.get(snapshot.commit, ())),
        )
