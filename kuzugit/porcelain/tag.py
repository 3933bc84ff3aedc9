"""Names of snapshots: their list, and one more for a snapshot that exists."""

from __future__ import annotations

from kuzugit.porcelain.numbering import check_form
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


def rename_tag(
    workspace: Workspace, old: str, new: str, *, tagger: Signature | None = None
) -> VersionTag:
    """Give the tag `old`, which no other store has, the name `new`; return it.

    The way out where another store gave the same version to other content. Raises
    UnknownRevision, TagShared, TagExists, BadTagName, MalformedVersion, NoAuthor.
    """
    store = workspace.store
    found = next((tag for tag in tags(workspace) if tag.name == old), None)
    if found is None:
        raise history.UnknownRevision(old, "there is no such tag")
    check_form(new)
    refs.rename_tag(store, found, new, tagger or configured_signature(store))
    return next(tag for tag in tags(workspace) if tag.name == new)


def revision_names(workspace: Workspace) -> list[str]:
    """Return the names to type: current, the branch, the tags, what was fetched."""
    branch = workspace.branch
    own = ["current", *([branch] if branch else []), *history.tag_names(workspace.store)]
    return own + history.fetched_names(workspace.store)
