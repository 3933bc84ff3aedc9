"""The history of one table: the versions in which its rows changed, newest first."""

from __future__ import annotations

from collections.abc import Iterator

from kuzugit.canonical.paths import encoded
from kuzugit.porcelain.log import Entry, entries, span
from kuzugit.porcelain.reading import read_manifest
from kuzugit.porcelain.workspace import Workspace
from kuzugit.store.history import Snapshot, first_parents, is_ancestor
from kuzugit.store.location import Store
from kuzugit.store.objects import id_at


def table_path(table: str, *, is_rel: bool) -> str:
    """Return the directory of all chunks of a table."""
    return f"{'rels' if is_rel else 'nodes'}/{encoded(table)}"


def table_history(workspace: Workspace, table: str, revision: str | None = None) -> Iterator[Entry]:
    """Return the versions, along first parents, in which the rows of `table` changed.

    `revision` is as in `log`. No rows are read. Raises UnknownRevision, UnknownTable.
    """
    start, before = span(workspace, revision)
    if start is None:
        return iter(())
    store = workspace.store
    known = [item.name for item in read_manifest(store, start).catalog.tables]
    if table not in known:
        from kuzugit.porcelain.tables import UnknownTable

        raise UnknownTable(table, known)
    paths = [table_path(table, is_rel=is_rel) for is_rel in (False, True)]
    changed = (
        snapshot
        for snapshot, parent in steps(store, start, before)
        if any(_id(store, snapshot, path) != _id(store, parent, path) for path in paths)
    )
    return entries(workspace, changed)


def steps(
    store: Store, start: Snapshot, before: Snapshot | None
) -> Iterator[tuple[Snapshot, Snapshot | None]]:
    """Yield `start` and each first parent behind it, with its own first parent.

    The root's is None. What `before` has in its history is left out.
    """
    child = None
    for snapshot in first_parents(store, start):
        if child is not None:
            yield child, snapshot
        if before is not None and is_ancestor(store, snapshot, before):
            return
        child = snapshot
    if child is not None:
        yield child, None


def _id(store: Store, snapshot: Snapshot | None, path: str) -> str | None:
    return None if snapshot is None else id_at(store, snapshot.tree, path)
