"""Names of snapshots: their list, and one more for a snapshot that exists."""

from __future__ import annotations

from kuzugit.porcelain.workspace import Workspace
from kuzugit.store import history, refs
from kuzugit.store.history import VersionTag
from kuzugit.store.signature import Signature, configured_signature


def tags(workspace: Workspace) -> list[VersionTag]:
    """Return every tag: versions in their order, then the other names."""
    return history.versions(workspace.store)


def create_tag(
    workspace: Workspace,
    name: str,
    revision: str = "current",
    *,
    message: str,
    tagger: Signature | None = None,
) -> VersionTag:
    """Make the annotated tag `name` of a snapshot and return it.

    `tagger` is who Git's configuration names where it is None. A tag is never
    moved or removed: others may have built on it. Raises UnknownRevision,
    TagExists, BadTagName, NoAuthor, StoreReadOnly.
    """
    store = workspace.store
    snapshot = history.resolve(store, revision)
    refs.create_tag(
        store,
        snapshot,
        name=name,
        message=message,
        tagger=tagger or configured_signature(store),
    )
    return next(tag for tag in tags(workspace) if tag.name == name)


def revision_names(workspace: Workspace) -> list[str]:
    """Return the names that a user may want to type: current, the branch, the tags."""
    branch = workspace.branch
    return ["current", *([branch] if branch else []), *history.tag_names(workspace.store)]
