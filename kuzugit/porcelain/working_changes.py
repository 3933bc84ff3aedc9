"""What the live database holds that a snapshot does not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from kuzugit.model.changes import Changes
from kuzugit.model.progress import ProgressCallback
from kuzugit.porcelain import state
from kuzugit.porcelain.compare import find_changes
from kuzugit.porcelain.keeping import Keeper
from kuzugit.porcelain.live import open_live
from kuzugit.porcelain.reading import read_manifest
from kuzugit.porcelain.take import take_snapshot
from kuzugit.porcelain.workspace import Workspace
from kuzugit.store.history import Snapshot
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
    with _scratch(workspace) as scratch:
        keeper = Keeper(store, base, scratch / "new", write=False)
        with open_live(workspace.database, connection) as live:
            manifest = take_snapshot(live.source, scratch, keeper.keep, progress)
        old = read_manifest(store, base) if base else None
        changes = find_changes(store, old, manifest, keeper.directory, scratch)
        if base and live.fingerprint and manifest == old:
            try:
                state.remember(store.state_path, base.commit, live.fingerprint)
            except OSError:
                # A store that cannot be written to answers the same, only later.
                return changes
    return changes


@contextmanager
def _scratch(workspace: Workspace) -> Iterator[Path]:
    try:
        with workspace.store.scratch() as scratch:
            yield scratch
    except StoreReadOnly:
        with TemporaryDirectory(prefix="kuzugit-") as name:
            yield Path(name)
