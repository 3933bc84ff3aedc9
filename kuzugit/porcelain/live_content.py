"""What the live database holds, as one side of a comparison."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kuzugit.model.progress import ProgressCallback
from kuzugit.porcelain.accepting import accepted_losses
from kuzugit.porcelain.content import Content
from kuzugit.porcelain.engine import choose_to_read
from kuzugit.porcelain.keeping import Keeper
from kuzugit.porcelain.live import open_live
from kuzugit.porcelain.take import take_snapshot
from kuzugit.porcelain.workspace import Workspace
from kuzugit.store.history import Snapshot


def live_content(
    workspace: Workspace,
    base: Snapshot | None,
    connection: Any | None,
    room: Path,
    progress: ProgressCallback,
) -> Content:
    """Return what the live database holds; its chunks that `base` has not are below `room`.

    Nothing is written into the store. Raises DatabaseLocked, CannotKeep.
    """
    choose_to_read(workspace)
    store = workspace.store
    taken = room / "live"
    taken.mkdir()
    with (
        Keeper(store, base, taken / "new", write=False, every=True) as keeper,
        open_live(workspace.database, connection) as live,
    ):
        accepted = accepted_losses(base)
        manifest = take_snapshot(live.source, taken, keeper.keep, progress, accepted=accepted)
    return Content(manifest, store, keeper.directory)
