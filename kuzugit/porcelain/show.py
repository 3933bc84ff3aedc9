"""One snapshot: its commit, its changelog entry, and what it holds."""

from __future__ import annotations

from dataclasses import dataclass

from kuzugit.model.snapshot import Manifest
from kuzugit.porcelain.log import Entry, entry
from kuzugit.porcelain.reading import read_manifest
from kuzugit.porcelain.workspace import Workspace
from kuzugit.store import history


@dataclass(frozen=True)
class Shown:
    """`changelog` is the message of the version's tag, empty where there is no such tag."""

    entry: Entry
    changelog: str
    manifest: Manifest


def show(workspace: Workspace, revision: str) -> Shown:
    """Return what `revision` holds; no rows are read.

    Raises UnknownRevision, SnapshotCorrupt, ManifestInvalid, DamagedObject.
    """
    store = workspace.store
    snapshot = history.resolve(store, revision)
    known = history.versions if snapshot.version else history.remote_versions
    tag = next((tag for tag in known(store) if tag.name == snapshot.name), None)
    manifest = read_manifest(store, snapshot)
    return Shown(entry(workspace, snapshot), tag.message if tag else "", manifest)
