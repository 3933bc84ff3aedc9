"""The history of one row: each version that changed it, newest first."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import tee
from typing import Any, TypeAlias

from kuzugit.errors import UnknownNameError, UsageError
from kuzugit.model.object_id import ObjectId
from kuzugit.model.snapshot import Manifest, TableKey
from kuzugit.porcelain.log import Entry, entries, span
from kuzugit.porcelain.reading import read_manifest
from kuzugit.porcelain.table_history import steps, table_path
from kuzugit.porcelain.workspace import Workspace
from kuzugit.store.history import Snapshot
from kuzugit.store.location import Store
from kuzugit.store.objects import id_at, read_blob

Row: TypeAlias = dict[str, Any]
"""A row's values by column, as `canonical.wire` has them; a rel's begin with `from` and `to`."""


class RowUnknown(UnknownNameError):
    """No version of a table has a row of the key."""

    def __init__(self, table: str, key: Sequence[str]) -> None:
        self.table = table
        self.key = tuple(key)
        super().__init__(
            f"no version of {table!r} has a row of the key {' -> '.join(key)}",
            hint=f"kuzugit sql current 'FROM \"{table}\" LIMIT 10'",
        )


class KeyMisplaced(UsageError):
    """The key of a node for a rel table, or the ends of a rel for a node table."""

    def __init__(self, table: str, *, is_rel: bool) -> None:
        self.table = table
        wanted = "a rel by its two ends" if is_rel else "a node by its key"
        super().__init__(
            f"{table!r} has {'rels' if is_rel else 'nodes'}: name {wanted}",
            hint="--from A --to B" if is_rel else "--key K",
        )


@dataclass(frozen=True)
class RowEvent:
    """What one version did to a row: `change` is added, removed or changed.

    `old` and `new` are the whole row before and after, None where there is none;
    `columns` are those that changed, of the ones that both have.
    """

    key: TableKey
    change: str
    old: Row | None
    new: Row | None
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class RowVersion:
    """A version that changed a row, and how; of parallel rels several may have changed."""

    entry: Entry
    events: tuple[RowEvent, ...]


def row_history(
    workspace: Workspace, table: str, key: Sequence[str], revision: str | None = None
) -> Iterator[RowVersion]:
    """Yield each version, along first parents, in which the row of `key` changed.

    `key` is the primary key of a node, or those of the two ends of a rel, as text.
    `revision` is as in `log`. Of chunks only those that may hold the row are read, and of
    unchanged tables nothing. Raises UnknownTable, BadKey, KeyMisplaced, and at the end
    RowUnknown where no version had the row.
    """
    start, before = span(workspace, revision)
    if start is None:
        return
    states = _States(workspace.store, table, key)
    states.check(start)
    changes = _changes(workspace.store, states, start, before)
    snapshots, events = tee(changes)
    named = entries(workspace, (snapshot for snapshot, _ in snapshots))
    for entry, (_, found) in zip(named, events, strict=True):
        yield RowVersion(entry, found)
    if before is None and not states.met:
        raise RowUnknown(table, key)


def _changes(
    store: Store, states: _States, start: Snapshot, before: Snapshot | None
) -> Iterator[tuple[Snapshot, tuple[RowEvent, ...]]]:
    for snapshot, parent in steps(store, start, before):
        if states.id(snapshot) == states.id(parent):
            continue
        # In this order: the newer one is known from the step before.
        new = states.of(snapshot)
        events = tuple(_events(states.of(parent), new))
        if events:
            yield snapshot, events


_State: TypeAlias = dict[TableKey, list[Row]]
"""The rows of one key, by the pair that they belong to."""


class _States:
    """The rows of one key in any snapshot."""

    def __init__(self, store: Store, table: str, key: Sequence[str]) -> None:
        # Here, because `log` without a table does without Arrow.
        from kuzugit.canonical.finding import Finder

        self._store = store
        self._table = table
        self._key = tuple(key)
        self._finder = Finder(lambda blob: read_blob(store, blob))
        self._found: dict[ObjectId, _State] = {}
        self.met = False

    def id(self, snapshot: Snapshot | None) -> ObjectId | None:
        """Return what the table's rows are called in a snapshot; equal ids are equal rows."""
        if snapshot is None:
            return None
        return id_at(self._store, snapshot.tree, table_path(self._table, is_rel=len(self._key) > 1))

    def check(self, snapshot: Snapshot) -> None:
        """Raise UnknownTable, KeyMisplaced or BadKey where a snapshot cannot have the row."""
        from kuzugit.canonical.columns import chunk_columns
        from kuzugit.canonical.finding import BadKey, parse_key
        from kuzugit.porcelain.tables import UnknownTable

        catalog = read_manifest(self._store, snapshot).catalog
        found = {item.name: item for item in catalog.tables}
        if self._table not in found:
            raise UnknownTable(self._table, list(found))
        is_rel = found[self._table] in catalog.rels
        if is_rel != (len(self._key) > 1):
            raise KeyMisplaced(self._table, is_rel=is_rel)
        pairs = catalog.rel(self._table).pairs if is_rel else (None,)
        refusals = []
        for pair in pairs:
            try:
                parse_key(self._key, chunk_columns(catalog, TableKey(self._table, pair)))
            except BadKey as error:
                refusals.append(error)
        if len(refusals) == len(pairs) and refusals:
            raise refusals[0]

    def of(self, snapshot: Snapshot | None) -> _State:
        """Return the rows of the key in a snapshot."""
        id = self.id(snapshot)
        if snapshot is None or id is None:
            return {}
        if id not in self._found:
            # The next comparison asks for this one, and for none before it.
            self._found = {id: self._read(read_manifest(self._store, snapshot))}
        self.met = self.met or bool(self._found[id])
        return self._found[id]

    def _read(self, manifest: Manifest) -> _State:
        from kuzugit.canonical.columns import chunk_columns
        from kuzugit.canonical.finding import BadKey, parse_key
        from kuzugit.canonical.sql import wire_rows

        found = {}
        for data in manifest.data:
            if data.key.table != self._table or data.key.is_rel != (len(self._key) > 1):
                continue
            columns = chunk_columns(manifest.catalog, data.key)
            try:
                wanted = parse_key(self._key, columns)
            except BadKey:
                continue  # nodes of another key's type, so the row is none of these
            rows = self._finder.rows(data.chunks, columns, wanted)
            if rows.num_rows:
                names = columns.schema.names
                found[data.key] = [
                    dict(zip(names, row, strict=True)) for row in wire_rows(rows, columns)
                ]
        return found


def _events(old: _State, new: _State) -> Iterator[RowEvent]:
    for key in sorted({*old, *new}):
        gone, come = _apart(old.get(key, []), new.get(key, []))
        if len(gone) == 1 and len(come) == 1:
            before, after = gone[0], come[0]
            columns = tuple(
                name
                for name in after
                if name in before and _text(before[name]) != _text(after[name])
            )
            yield RowEvent(key, "changed", before, after, columns)
            continue
        yield from (RowEvent(key, "removed", row, None) for row in gone)
        yield from (RowEvent(key, "added", None, row) for row in come)


def _apart(old: list[Row], new: list[Row]) -> tuple[list[Row], list[Row]]:
    """Return the rows that only one side has, over the columns that both have; rows count."""
    shared = [name for name in (new or [{}])[0] if name in (old or [{}])[0]]
    if not (old and new):
        return old, new
    left = [(_text([row[name] for name in shared]), row) for row in old]
    come = []
    for row in new:
        text = _text([row[name] for name in shared])
        at = next((at for at, (known, _) in enumerate(left) if known == text), None)
        if at is None:
            come.append(row)
        else:
            del left[at]
    return [row for _, row in left], come


def _text(value: Any) -> str:
    # As text -0.0 is not 0.0, and 1 is not 1.0.
    return json.dumps(value)
