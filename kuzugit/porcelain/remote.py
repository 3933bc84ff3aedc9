"""The stores that this one knows by name: added, listed, renamed, forgotten."""

from __future__ import annotations

from pathlib import Path

from kuzugit.porcelain.workspace import Workspace
from kuzugit.store import remotes as known
from kuzugit.store.remotes import ORIGIN, Remote


def remotes(workspace: Workspace) -> list[Remote]:
    """Return every remote, by name."""
    return known.remotes(workspace.store)


def add_remote(
    workspace: Workspace,
    name: str,
    url: str,
    *,
    directory: Path = Path(),
    shares_versions: bool | None = None,
) -> Remote:
    """Remember the store at `url` as `name`; a relative path is taken from `directory`.

    `shares_versions` tells that it has the same history as this store, so that its versions
    are ours too; without it that is so for `origin`. Nothing is fetched, and a password in
    the URL is not kept. Raises BadRemoteName, BadUrl, RemoteExists, NameInUse.
    """
    shares = name == ORIGIN if shares_versions is None else shares_versions
    return known.add_remote(workspace.store, name, url, directory=directory, shares_versions=shares)


def set_remote_url(
    workspace: Workspace, name: str, url: str, *, directory: Path = Path()
) -> Remote:
    """Let the remote `name` be at `url`; raise UnknownRemote, BadUrl."""
    return known.set_url(workspace.store, name, url, directory=directory)


def rename_remote(workspace: Workspace, old: str, new: str) -> Remote:
    """Call a remote, and what was fetched from it, by another name.

    Raises UnknownRemote, BadRemoteName, RemoteExists, NameInUse.
    """
    return known.rename_remote(workspace.store, old, new)


def remove_remote(workspace: Workspace, name: str) -> None:
    """Forget a remote and what was fetched under its name; raise UnknownRemote."""
    known.remove_remote(workspace.store, name)
