"""Fetch: the snapshots of another store, under its name."""

from __future__ import annotations

from kuzugit.model.progress import ProgressCallback, ignore_progress
from kuzugit.porcelain.workspace import Workspace
from kuzugit.store.receiving import Check, FetchResult, Received
from kuzugit.store.receiving import fetch as bring
from kuzugit.store.remotes import remote, usual_remote


def fetch(
    workspace: Workspace,
    name: str | None = None,
    *,
    prompt: bool = False,
    progress: ProgressCallback = ignore_progress,
) -> FetchResult:
    """Bring what the remote `name` has, by default origin or the only one.

    Its branch `main` is then `<name>/main`, its version `v1.2.0` is `<name>/v1.2.0`; of a
    remote that shares our versions, those that we lack are ours. Each new snapshot is
    checked before any is visible. `prompt` lets Git and ssh ask on the terminal. Clashes
    are told in the result: there nothing of ours was overwritten. Raises UnknownRemote, and
    what `store.receiving.fetch` and `porcelain.admission.admit` raise.
    """
    store = workspace.store
    chosen = usual_remote(store) if name is None else remote(store, name)
    return bring(store, chosen, checked(progress), progress=progress, prompt=prompt)


def checked(progress: ProgressCallback) -> Check:
    """Return what looks at the snapshots that a fetch brings."""

    def check(received: Received) -> None:
        if received.new:
            # Here, because Arrow and DuckDB take time to import.
            from kuzugit.porcelain.admission import admit

            admit(received, progress)

    return check
