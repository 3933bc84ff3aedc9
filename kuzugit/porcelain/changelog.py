"""The changelog of a history: what each version did to the schema and to the rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kuzugit.model.catalog import Catalog
from kuzugit.model.changes import SchemaChange
from kuzugit.model.object_id import ObjectId
from kuzugit.model.snapshot import Manifest
from kuzugit.porcelain.content import Content
from kuzugit.porcelain.log import Entry, log
from kuzugit.porcelain.reading import read_manifest
from kuzugit.porcelain.renaming import find_renames, schema_changes
from kuzugit.porcelain.scratch import scratch
from kuzugit.porcelain.workspace import Workspace
from kuzugit.store.history import remote_versions, snapshot_at, versions
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
    """Yield the versions of `revision` (as in `log`), newest first.

    Rows are read only of tables in which properties of one type both came and went, to see
    whether one has another name. Snapshots without any tag are named by their commit. Raises
    UnknownRevision, SnapshotCorrupt.
    """
    store = workspace.store
    messages = {tag.name: tag.message for tag in (*versions(store), *remote_versions(store))}
    known: tuple[str, Manifest] | None = None
    with scratch(store) as room:
        for entry in log(workspace, revision):
            snapshot = entry.snapshot
            # The parent of the one before is, in a line, this one.
            new = known[1] if known and known[0] == snapshot.commit else None
            new = new or read_manifest(store, snapshot)
            known = None
            if snapshot.parents:
                parent = snapshot_at(store, ObjectId(snapshot.parents[0]))
                known = (parent.commit, read_manifest(store, parent))
            old = known[1] if known else None
            names = (*entry.tags, *entry.remotes)
            rows = next(filter(None, (_rows(messages.get(tag, "")) for tag in names)), ())
            yield Release(entry, snapshot.name, _schema(store, old, new, room), rows)


def _schema(
    store: Store, old: Manifest | None, new: Manifest, room: Path
) -> tuple[SchemaChange, ...]:
    before = Content(old or Manifest(Catalog(), ()), store)
    return schema_changes(old, new, find_renames(before, Content(new, store), room))


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
