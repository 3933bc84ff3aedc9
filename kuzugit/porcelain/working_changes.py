"""What the live database holds that a snapshot does not."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from kuzugit.atomic import LockHeld
from kuzugit.engine.fingerprint import Fingerprint
from kuzugit.model.changes import Changes
from kuzugit.model.progress import ProgressCallback
from kuzugit.porcelain import state
from kuzugit.porcelain.accepting import accepted_losses
from kuzugit.porcelain.compare import find_changes
from kuzugit.porcelain.engine import choose_to_read
from kuzugit.porcelain.keeping import Keeper
from kuzugit.porcelain.live import open_live
from kuzugit.porcelain.reading import read_manifest
from kuzugit.porcelain.scratch import scratch
from kuzugit.porcelain.take import take_snapshot
from kuzugit.porcelain.workspace import Workspace
from kuzugit.store.history import Snapshot
from kuzugit.store.location import Store
from kuzugit.store.translate import StoreReadOnly


def working_changes(
    workspace: Workspace,
    base: Snapshot | None,
    connection: Any | None,
    progress: ProgressCallback,
) -> Changes:
    """Return what the live database has changed since `base`; None: since nothing.

    Where it has changed nothing, that is remembered, so that the next question is
    answered without opening the database. Raises DatabaseLocked, CannotKeep.
    """
    store = workspace.store
    choose_to_read(workspace)
    with scratch(store) as room:
        with (
            Keeper(store, base, room / "new", write=False, every=base is not None) as keeper,
            open_live(workspace.database, connection) as live,
        ):
            manifest = take_snapshot(
                live.source, room, keeper.keep, progress, accepted=accepted_losses(base)
            )
        old = read_manifest(store, base) if base else None
        changes = find_changes(store, old, manifest, keeper.directory, room)
        if base and live.fingerprint and manifest == old:
            _remember(store, base, live.fingerprint)
    return changes


def _remember(store: Store, base: Snapshot, fingerprint: Fingerprint) -> None:
    # Under the lock, because a checkout that is under way has written its intent there.
    with suppress(LockHeld, StoreReadOnly), store.lock(timeout=0):
        state.note(store.state_path, base.commit, fingerprint)
