"""Versions that another store gave to snapshots which are ours now."""

from __future__ import annotations

import pygit2

from kuzugit.model.object_id import ObjectId
from kuzugit.store.clashes import Clash, new_and_clashing
from kuzugit.store.history import REMOTES, TAGS, Snapshot
from kuzugit.store.location import Store
from kuzugit.store.packed_refs import write_packed
from kuzugit.store.remotes import tracking_refs
from kuzugit.store.translate import git_errors


def take_versions(
    store: Store, remote: str, tip: Snapshot
) -> tuple[tuple[str, ...], tuple[Clash, ...]]:
    """Make the versions of `tip`, and of what it comes from, ours as `remote` has them.

    Return those that were new, and those that we gave to another content, which stay. Only
    annotated tags are versions: what else is fetched is a branch. They appear in one step.
    Raises LockHeld, RefLocked, StoreReadOnly, GitFailed.
    """
    prefix = f"{REMOTES}{remote}/"
    with store.lock():
        tags = {
            name.removeprefix(prefix): ObjectId(value)
            for name, value in tracking_refs(store, remote).items()
            if not value.startswith("ref: ") and _is_version_of(store, value, tip)
        }
        new, clashes = new_and_clashing(store, tags)
        if new:
            write_packed(store, {TAGS + name: value for name, value in new.items()})
    return tuple(sorted(new)), tuple(clashes)


def _is_version_of(store: Store, value: str, tip: Snapshot) -> bool:
    with git_errors(store.path, "read the versions"):
        tag = store.git[pygit2.Oid(hex=value)]
        if not isinstance(tag, pygit2.Tag):
            return False
        commit, end = tag.peel(pygit2.Commit).id, pygit2.Oid(hex=tip.commit)
        return commit == end or store.git.descendant_of(end, commit)
