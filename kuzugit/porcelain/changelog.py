"""The changelog of a history: what each version did to the schema and to the rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kuzugit.diff.schema import compare_catalogs
from kuzugit.model.catalog import Catalog
from kuzugit.model.changes import SchemaChange
from kuzugit.model.object_id import ObjectId
from kuzugit.porcelain.log import Entry, log
from kuzugit.porcelain.reading import read_manifest
from kuzugit.porcelain.workspace import Workspace
from kuzugit.store.history import snapshot_at, versions
from kuzugit.store.location import Store

_ROWS = "Rows:"


@dataclass(frozen=True)
class Release:
    """One version: its snapshot, what changed in the schema since its first parent, and the rows.

    `rows` are lines of its tag's message, such as `Person: 3 added, 1 changed`; none where
    somebody wrote another message.
    """

    entry: Entry
    name: str
    schema: tuple[SchemaChange, ...]
    rows: tuple[str, ...]


def changelog(workspace: Workspace, revision: str | None = None) -> Iterator[Release]:
    """Yield the versions of `revision` (as in `log`), newest first. No rows are read.

    Snapshots without any tag are named by their commit. Raises UnknownRevision,
    SnapshotCorrupt.
    """
    store = workspace.store
    messages = {tag.name: tag.message for tag in versions(store)}
    catalogs: dict[str, Catalog] = {}
    for entry in log(workspace, revision):
        snapshot = entry.snapshot
        old = _catalog(store, snapshot.parents[0], catalogs) if snapshot.parents else None
        changes = compare_catalogs(old, _catalog(store, snapshot.commit, catalogs))
        rows = next(filter(None, (_rows(messages[tag]) for tag in entry.tags)), ())
        name = snapshot.version or snapshot.commit[:7]
        yield Release(entry, name, changes, rows)


def _catalog(store: Store, commit: str, known: dict[str, Catalog]) -> Catalog:
    if commit not in known:
        known[commit] = read_manifest(store, snapshot_at(store, ObjectId(commit))).catalog
    return known[commit]


def _rows(message: str) -> tuple[str, ...]:
    """Return the items of the section of rows, as `diff.changelog` writes it."""
    items: list[str] = []
    lines = iter(message.splitlines())
    for line in lines:
        if line == _ROWS:
            break
    for line in lines:
        if line.startswith("- "):
            items.append(line[2:])
        elif line.startswith("  ") and items:
            items[-1] += f" {line.strip()}"
        else:
            break
    return tuple(items)
