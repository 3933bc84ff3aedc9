"""Status: where the live database stands."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kuzugit.model.changes import Changes
from kuzugit.model.progress import ProgressCallback, ignore_progress
from kuzugit.porcelain import state
from kuzugit.porcelain.workspace import Workspace
from kuzugit.store.history import (
    REMOTES,
    Snapshot,
    branch_tip,
    count_between,
    merge_base,
    resolve,
)
from kuzugit.store.ref_file import read_ref
from kuzugit.store.refs import current
from kuzugit.store.remotes import ORIGIN, remotes


@dataclass(frozen=True)
class Upstream:
    """The branch against that of another store, as it was at the last fetch or push.

    `name` is `origin/main`; `ahead` counts the snapshots that only we have, `behind` those
    that only it has.
    """

    name: str
    ahead: int
    behind: int


@dataclass(frozen=True)
class Status:
    """Where the live database stands.

    `current` is the snapshot that it was last committed as or made from. `ahead` and
    `behind` count the snapshots that current has and the branch's tip has not, and
    the other way round. `untouched` tells that the file's bytes were known, so that
    nothing was opened. `exists` is False where there is no live database. `upstream` is
    the branch of origin, or of the only remote; None where it is not known.
    """

    current: Snapshot | None
    branch: str | None
    tip: Snapshot | None
    ahead: int
    behind: int
    database: Path
    changes: Changes
    untouched: bool
    exists: bool = True
    upstream: Upstream | None = None


def status(
    workspace: Workspace,
    *,
    connection: Any | None = None,
    progress: ProgressCallback = ignore_progress,
) -> Status:
    """Compare the live database with current. Nothing in the store or the database moves.

    A file whose bytes are known is not opened. Raises DatabaseLocked, CannotKeep.
    """
    store = workspace.store
    now, tip = current(store), branch_tip(store)
    ahead, behind = count_between(store, now, tip) if now and tip else (0, 0)
    known = None
    if connection is None and now is not None:
        known = state.snapshot_of_file(store.state_path, workspace.database)
    untouched = known is not None and now is not None and known == now.commit
    exists = workspace.database.exists()
    changes = Changes()
    if exists and not untouched:
        # Here, because the engine takes longer to import than all that is above.
        from kuzugit.porcelain.working_changes import working_changes

        changes = working_changes(workspace, now, connection, progress)
    return Status(
        now,
        workspace.branch,
        tip,
        ahead,
        behind,
        workspace.database,
        changes,
        untouched,
        exists,
        _upstream(workspace, tip),
    )


def _upstream(workspace: Workspace, tip: Snapshot | None) -> Upstream | None:
    store, known = workspace.store, remotes(workspace.store)
    if tip is None or not known:
        return None
    chosen = known[0].name if len(known) == 1 else ORIGIN
    name = f"{chosen}/{workspace.branch}"
    if read_ref(store, REMOTES + name) is None:
        return None
    theirs = resolve(store, REMOTES + name)
    if merge_base(store, tip, theirs) is None:
        # Another graph, to sync from: its history is never ours.
        return None
    return Upstream(name, *count_between(store, tip, theirs))
