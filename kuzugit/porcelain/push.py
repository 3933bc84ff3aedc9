"""Push: our snapshots into another store."""

from __future__ import annotations

from kuzugit.model.progress import ProgressCallback, ignore_progress
from kuzugit.porcelain.workspace import Workspace
from kuzugit.store.remotes import remote, usual_remote
from kuzugit.store.sending import PushResult
from kuzugit.store.sending import push as send


def push(
    workspace: Workspace,
    name: str | None = None,
    *,
    tags: bool = True,
    prompt: bool = False,
    progress: ProgressCallback = ignore_progress,
) -> PushResult:
    """Bring the branch and the tags to the remote `name`, by default origin or the only one.

    All of it or nothing. Raises UnknownRemote, and what `store.sending.push` raises.
    """
    store = workspace.store
    chosen = usual_remote(store) if name is None else remote(store, name)
    return send(store, chosen, tags=tags, progress=progress, prompt=prompt)
