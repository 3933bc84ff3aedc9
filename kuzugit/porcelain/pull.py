"""Pull: the branch, and the live database with it, go on to what another store has."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kuzugit import atomic
from kuzugit.errors import RefusedError
from kuzugit.model.progress import ProgressCallback, ignore_progress
from kuzugit.porcelain.fetch import fetch
from kuzugit.porcelain.status import status
from kuzugit.porcelain.workspace import Workspace
from kuzugit.store.history import (
    BRANCHES,
    REMOTES,
    Snapshot,
    UnknownRevision,
    branch_tip,
    count_between,
    current_target,
    is_ancestor,
    merge_base,
    resolve,
)
from kuzugit.store.receiving import FetchResult
from kuzugit.store.refs import current_branch, fast_forward
from kuzugit.store.version_names import take_versions

if TYPE_CHECKING:
    from kuzugit.porcelain.checkout import CheckoutResult


class HistoriesDiverged(RefusedError):
    """Both sides have snapshots that the other lacks: `ahead` are ours, `behind` theirs."""

    def __init__(self, remote: str, branch: str, ahead: int, behind: int) -> None:
        super().__init__(
            f"{branch} and {remote}/{branch} have diverged: "
            f"{ahead} of ours are not there, {behind} of theirs are not here",
            hint=f"kuzugit sync {remote} brings their changes into ours, then kuzugit push",
        )
        self.remote = remote
        self.ahead = ahead
        self.behind = behind


class OtherHistory(RefusedError):
    """The remote's history has nothing in common with ours."""

    def __init__(self, remote: str, branch: str) -> None:
        super().__init__(
            f"{remote}/{branch} has no snapshot in common with our {branch}",
            hint=f"kuzugit sync {remote} takes over its data",
        )
        self.remote = remote


class UnsavedBeforePull(RefusedError):
    """The live database holds changes that no snapshot has, so the branch cannot go on.

    Committed on top of what came, they would take that back: the database never had it.
    """

    def __init__(self, remote: str) -> None:
        super().__init__(
            f"the database holds changes that no snapshot has; what {remote!r} has is fetched",
            hint=f"kuzugit commit -m MSG, then kuzugit sync {remote}",
        )
        self.remote = remote


@dataclass(frozen=True)
class PullResult:
    """What a pull did.

    `before` and `after` are the ends of our branch. `checkout` is None where the live
    database stayed as it was: nothing was new, it was not wanted, or the database was not
    at the end of the branch.
    """

    fetched: FetchResult
    before: Snapshot | None
    after: Snapshot | None
    checkout: CheckoutResult | None


def pull(
    workspace: Workspace,
    name: str | None = None,
    *,
    checkout: bool = True,
    prompt: bool = False,
    progress: ProgressCallback = ignore_progress,
) -> PullResult:
    """Fetch, and let the branch go on to where the remote's is.

    Steps, and what a crash after each leaves behind:

    1. As in `fetch`. What that leaves.
    2. Changes of the live database that no snapshot has are refused. With `checkout`, and
       where it is that of the branch's end, it becomes that of the new end. The database is
       ahead of the branch, as status says, and the same command goes on.
    3. The versions of what came are ours, as every snapshot of the branch has one; those
       that clash are told in the result. Versions of snapshots that are not yet ours.
    4. The branch moves. THE COMMIT POINT.

    Raises HistoriesDiverged, OtherHistory, UnsavedBeforePull, UnknownRevision (the remote
    has no branch of this name), and what `fetch` and `checkout` raise.
    """
    store = workspace.store
    fetched = fetch(workspace, name, prompt=prompt, progress=progress)
    branch = current_branch(store).removeprefix(BRANCHES)
    before = branch_tip(store)
    if fetched.head is None:
        return PullResult(fetched, before, before, None)
    theirs = _theirs(workspace, fetched, branch)
    if before is not None and is_ancestor(store, theirs, before):
        return PullResult(_with_versions(workspace, fetched, theirs), before, before, None)
    if before is not None and not is_ancestor(store, before, theirs):
        _refuse(workspace, fetched.remote, branch, before, theirs)
    done = None
    if checkout and _is_at_the_end(workspace, before, theirs):
        done = _move(workspace, theirs, fetched.remote, progress)
    else:
        _check_saved(workspace, fetched.remote, progress)
    atomic.step("pull:checked-out")
    fetched = _with_versions(workspace, fetched, theirs)
    atomic.step("pull:versions-taken")
    fast_forward(store, None if before is None else before.commit, theirs.commit)
    return PullResult(fetched, before, resolve(store, theirs.commit), done)


def _with_versions(workspace: Workspace, fetched: FetchResult, theirs: Snapshot) -> FetchResult:
    new, found = take_versions(workspace.store, fetched.remote, theirs)
    known = {clash.version for clash in fetched.clashes}
    clashes = (clash for clash in found if clash.version not in known)
    return replace(
        fetched,
        versions=(*fetched.versions, *new),
        clashes=(*fetched.clashes, *clashes),
    )


def _theirs(workspace: Workspace, fetched: FetchResult, branch: str) -> Snapshot:
    try:
        return resolve(workspace.store, f"{REMOTES}{fetched.remote}/{branch}")
    except UnknownRevision as error:
        reason = f"the remote has no branch {branch!r}; its own is {fetched.head!r}"
        raise UnknownRevision(f"{fetched.remote}/{branch}", reason) from error


def _refuse(
    workspace: Workspace, remote: str, branch: str, ours: Snapshot, theirs: Snapshot
) -> None:
    if merge_base(workspace.store, ours, theirs) is None:
        raise OtherHistory(remote, branch)
    ahead, behind = count_between(workspace.store, ours, theirs)
    raise HistoriesDiverged(remote, branch, ahead, behind)


def _is_at_the_end(workspace: Workspace, before: Snapshot | None, theirs: Snapshot) -> bool:
    """Whether the live database is to go along.

    One that was rolled back stays where it was put, and one that was never there is not
    built.
    """
    now = current_target(workspace.store)
    if now is None:
        return False
    ends = {theirs.commit} if before is None else {before.commit, theirs.commit}
    return str(now.id) in ends


def _check_saved(workspace: Workspace, remote: str, progress: ProgressCallback) -> None:
    if status(workspace, progress=progress).changes:
        raise UnsavedBeforePull(remote)


def _move(
    workspace: Workspace, theirs: Snapshot, remote: str, progress: ProgressCallback
) -> CheckoutResult:
    # Here, because the engine takes time to import.
    from kuzugit.porcelain.checkout import UnsavedChanges
    from kuzugit.porcelain.checkout import checkout as run

    try:
        return run(workspace, theirs.commit, progress=progress)
    except UnsavedChanges as error:
        raise UnsavedBeforePull(remote) from error
