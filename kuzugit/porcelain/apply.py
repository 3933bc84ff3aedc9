"""Apply: the live database changed by a patch, or left as it is."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from kuzugit import atomic
from kuzugit.canonical.columns import chunk_columns
from kuzugit.canonical.encoding import encode_chunks
from kuzugit.canonical.parquet import Table, decode
from kuzugit.diff.heads import columns_of
from kuzugit.diff.merging import Merging
from kuzugit.engine.fingerprint import stat_database
from kuzugit.errors import RefusedError
from kuzugit.model.catalog import Catalog
from kuzugit.model.json_value import json_value
from kuzugit.model.least import holds_least
from kuzugit.model.patch import Conflict, Patch, PatchTable
from kuzugit.model.progress import Progress, ProgressCallback, ignore_progress
from kuzugit.model.row_change import Change, Column, Row
from kuzugit.model.snapshot import Chunk, Manifest, TableData, TableKey, table_keys
from kuzugit.porcelain.content import Content, read_scratch
from kuzugit.porcelain.engine import choose_to_build
from kuzugit.porcelain.keeping import Keeper
from kuzugit.porcelain.live import finish_checkpoint, open_live
from kuzugit.porcelain.rebuilding import build_exactly_from
from kuzugit.porcelain.swap import (
    check_replaceable,
    new_file_beside,
    replace_database,
    settle,
)
from kuzugit.porcelain.take import table_label, take_snapshot
from kuzugit.porcelain.workspace import Workspace
from kuzugit.store.objects import write_blob

MOST_CONFLICTS = 10_000
"""Conflicts that are collected; a patch that fits so badly is for another database."""


class PatchConflicts(RefusedError):
    """The patch does not fit the database; nothing was changed."""

    def __init__(self, conflicts: tuple[Conflict, ...]) -> None:
        self.conflicts = conflicts
        more = f" and {len(conflicts) - 1:,} more" if len(conflicts) > 1 else ""
        super().__init__(
            f"the patch does not fit the database, which is as it was: {conflicts[0]}{more}",
            hint="kuzugit diff A B shows what the patch is about",
        )


@dataclass(frozen=True)
class ApplyResult:
    """What was applied: how many rows came, went and changed; `database` is the file."""

    database: Path
    added: int
    removed: int
    changed: int


def apply(
    workspace: Workspace,
    patch: Patch,
    *,
    check: bool = False,
    progress: ProgressCallback = ignore_progress,
) -> ApplyResult:
    """Change the live database as `patch` says; with `check`, only see whether it would fit.

    A row must be as the patch says in what the patch changes of it, and may differ in the
    rest; a row that goes must be as the patch says altogether. Steps, and what a crash
    after each leaves behind:

    1. The live database is read, and merged with the patch; new chunks are written into
       the store, where nothing names them. Objects that Git's gc removes.
    2. The new database is built beside the live one. A file that the next checkout or apply
       removes.
    3. It is renamed over the live one. THE COMMIT POINT.

    `current` stays: the change is one that no snapshot has, until the next commit. Raises
    PatchConflicts, DatabaseInUse, CannotKeep, CannotWrite, NotHeldExactly: then nothing has
    changed.
    """
    store, database = workspace.store, workspace.database
    choose_to_build(workspace)
    with store.lock(), store.scratch() as room:
        check_replaceable(database)
        finish_checkpoint(database)
        found = stat_database(database)
        content = _live(workspace, room, progress)
        merge = _Merge(content, patch, room, progress)
        manifest = merge.run()
        if merge.conflicts:
            raise PatchConflicts(tuple(merge.conflicts))
        if not check and manifest != content.manifest:
            with new_file_beside(database) as path:
                build_exactly_from(store, manifest, path, progress)
                atomic.step("apply:built")
                replace_database(path, database, settle(database, found))
    counts = [row.change for table in patch.tables for row in table.rows]
    return ApplyResult(database, *(counts.count(kind) for kind in Change))


def _live(workspace: Workspace, room: Path, progress: ProgressCallback) -> Content:
    taken = room / "live"
    taken.mkdir()
    with (
        Keeper(workspace.store, None, taken / "new") as keeper,
        open_live(workspace.database, None) as live,
    ):
        manifest = take_snapshot(live.source, taken, keeper.keep, progress)
    return Content(manifest, workspace.store)


def _brings_least(catalog: Catalog, key: TableKey, table: PatchTable) -> bool:
    types = [column.type for column in columns_of(catalog, key)]
    return any(
        holds_least(type_, value)
        for row in table.rows
        if row.new is not None
        for type_, value in zip(types, row.new, strict=True)
    )


_Item = TypeVar("_Item")


@dataclass
class _Merge:
    """The live content and a patch, on the way to the content that is wanted."""

    live: Content
    patch: Patch
    room: Path
    progress: ProgressCallback
    conflicts: list[Conflict] = field(default_factory=list)

    def run(self) -> Manifest:
        """Return the manifest that is wanted, its chunks in the store; collect conflicts."""
        catalog = self._catalog()
        self._check_columns(catalog)
        if self.conflicts:
            return self.live.manifest
        self._check_ends(catalog)
        by_key = {table.new: table for table in self.patch.tables if table.new is not None}
        for table in self.patch.tables:
            if table.new is None and table.old is not None:
                self._check_gone(table)
        data = tuple(self._data(catalog, key, by_key.get(key)) for key in table_keys(catalog))
        return Manifest(catalog, data)

    def _catalog(self) -> Catalog:
        live, old, new = self.live.manifest.catalog, self.patch.old, self.patch.new
        return Catalog(
            nodes=self._merged("table", live.nodes, old.nodes, new.nodes),
            rels=self._merged("table", live.rels, old.rels, new.rels),
            sequences=self._merged("sequence", live.sequences, old.sequences, new.sequences),
            macros=self._merged("macro", live.macros, old.macros, new.macros),
            indexes=self._merged("index", live.indexes, old.indexes, new.indexes),
        )

    def _merged(
        self,
        kind: str,
        live: tuple[_Item, ...],
        old: tuple[_Item, ...],
        new: tuple[_Item, ...],
    ) -> tuple[_Item, ...]:
        """Return the things of one kind after the patch; each changes as a whole."""
        found, before, after = _by_name(live), _by_name(old), _by_name(new)
        for name in sorted({*before, *after}):
            if before.get(name) == after.get(name):
                continue
            if found.get(name) != before.get(name):
                label = f"{kind} {'.'.join(name)}"
                self._say(Conflict(label, "", "", "is not defined as the patch says"))
            elif name in after:
                found[name] = after[name]
            else:
                del found[name]
        return tuple(found[name] for name in sorted(found))

    def _check_columns(self, catalog: Catalog) -> None:
        live = self.live.manifest.catalog
        for table in self.patch.tables:
            for key, has, says in (
                (table.old, live, self.patch.old),
                (table.new, catalog, self.patch.new),
            ):
                if key is None:
                    continue
                if key not in table_keys(has):
                    self._say(Conflict(table_label(key), "", "", "there is no such table"))
                elif columns_of(has, key) != columns_of(says, key):
                    why = "its columns are not those that the patch names"
                    self._say(Conflict(table_label(key), "", "", why))
        patched = {key for table in self.patch.tables for key in (table.old, table.new)}
        for key in table_keys(catalog):
            if key in patched or key not in table_keys(live):
                continue
            if columns_of(live, key) != columns_of(catalog, key):
                why = "its columns change, and the patch does not name its rows"
                self._say(Conflict(table_label(key), "", "", why))
        for key in set(table_keys(live)) - set(table_keys(catalog)) - patched:
            if self.live.manifest.table(key).rows:
                why = "it goes, and the patch does not name its rows"
                self._say(Conflict(table_label(key), "", "", why))

    def _check_gone(self, table: PatchTable) -> None:
        assert table.old is not None, "a table that goes was there"
        merging = self._merging(table, table.old, table.old, self.live.manifest.catalog)
        for _ in merging.merged(self._tables(table.old)):
            pass

    def _data(self, catalog: Catalog, key: TableKey, table: PatchTable | None) -> TableData:
        if table is None:
            return self.live.manifest.table(key)
        self.progress(Progress("merging", table_label(key)))
        merging = self._merging(table, table.old or key, key, catalog)
        path = self.room / "merged.parquet"
        names = [f"c{at}" for at in range(len(columns_of(catalog, key)))]
        merging.write(path, self._tables(table.old) if table.old else iter(()), names)
        spill = self.room / "spill"
        spill.mkdir(exist_ok=True)
        source = "read_parquet('" + str(path).replace("'", "''") + "')"
        chunks = []
        if not self.conflicts:
            for chunk in encode_chunks(source, names, catalog, key, spill):
                write_blob(self.live.store, chunk.data)
                chunks.append(Chunk(chunk.name, chunk.rows, len(chunk.data), chunk.blob))
        path.unlink()
        before = table.old is not None and self.live.manifest.table(table.old).least
        return TableData(key, tuple(chunks), least=before or _brings_least(catalog, key, table))

    def _merging(
        self, table: PatchTable, old: TableKey, new: TableKey, catalog: Catalog
    ) -> Merging:
        live = self.live.manifest.catalog
        columns = columns_of(catalog, new)
        old_at = chunk_columns(live if table.old else catalog, old).key
        new_at = chunk_columns(catalog, new).key
        owner = columns_of(live if table.old else catalog, old)
        label = table_label(new)

        def report(identity: Row, column: str, why: str) -> None:
            shown = _shown([owner[at] for at in old_at], identity)
            self._say(Conflict(label, shown, column, why))

        schema = chunk_columns(catalog, new).schema
        return Merging(table, old_at, new_at, [item.name for item in columns], schema, report)

    def _tables(self, key: TableKey) -> Iterator[Table]:
        schema = chunk_columns(self.live.manifest.catalog, key).schema
        for chunk in self.live.manifest.table(key).chunks:
            with self.live.chunks(key, [chunk], self.room / "chunk") as files:
                yield decode(read_scratch(files[0]), schema)

    def _check_ends(self, catalog: Catalog) -> None:
        """Say which rels would lose an end, and which new ones have none."""
        gone, come = self._node_keys(catalog)
        renamed = {
            table.new: table.old
            for table in self.patch.tables
            if table.new is not None and table.old is not None
        }
        whole = {table.new for table in self.patch.tables if not table.columns}
        wanted: dict[str, dict[str, tuple[TableKey, Row]]] = {}
        for key in table_keys(catalog):
            if key.pair is None:
                continue
            ends = (key.pair.from_table, key.pair.to_table)
            lost = self._lost_rels(key)
            if key not in whole and any(gone.get(name) for name in ends):
                for row in self._rows(renamed.get(key, key)):
                    if repr(row) in lost:
                        lost.remove(repr(row))
                        continue
                    for name, value in zip(ends, row, strict=False):
                        if repr((value,)) in gone.get(name, ()):
                            self._dangling(catalog, key, row[:2], f"its {name} goes")
            for row in self._new_rels(key):
                for name, value in zip(ends, row, strict=False):
                    if repr((value,)) not in come.get(name, ()):
                        wanted.setdefault(name, {})[repr((value,))] = (key, row[:2])
        for name, missing in wanted.items():
            key = TableKey(name)
            at = chunk_columns(catalog, key).key[0]
            source = renamed.get(key, key)
            if key not in whole and source in table_keys(self.live.manifest.catalog):
                for row in self._rows(source):
                    text = repr((row[at],))
                    if text not in gone.get(name, ()):
                        missing.pop(text, None)
            for rel, identity in missing.values():
                self._dangling(catalog, rel, identity, f"there is no such {name}")

    def _dangling(self, catalog: Catalog, key: TableKey, ends: Row, why: str) -> None:
        shown = _shown(columns_of(catalog, key)[:2], ends)
        self._say(Conflict(table_label(key), shown, "", why))

    def _node_keys(self, catalog: Catalog) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
        """Return the keys of nodes that go, and of those that come or change, by table."""
        gone: dict[str, set[str]] = {}
        come: dict[str, set[str]] = {}
        for table in self.patch.tables:
            if table.new is None or table.new.is_rel:
                continue
            name = table.new.table
            new_at = chunk_columns(catalog, table.new).key[0]
            old_at = {b: a for a, b in table.columns}.get(new_at, new_at)
            gone[name] = {
                repr((row.old[old_at],))
                for row in table.rows
                if row.old is not None and row.new is None and table.columns
            }
            come[name] = {repr((row.new[new_at],)) for row in table.rows if row.new is not None}
            gone[name] -= come[name]
        return gone, come

    def _lost_rels(self, key: TableKey) -> list[str]:
        return [
            repr(row.old)
            for table in self.patch.tables
            if table.new == key
            for row in table.rows
            if row.old is not None
        ]

    def _new_rels(self, key: TableKey) -> Iterator[Row]:
        for table in self.patch.tables:
            if table.new == key:
                yield from (row.new for row in table.rows if row.new is not None)

    def _rows(self, key: TableKey) -> Iterator[Row]:
        from kuzugit.diff.chunk_rows import chunk_rows

        if key in table_keys(self.live.manifest.catalog):
            for table in self._tables(key):
                yield from chunk_rows(table)

    def _say(self, conflict: Conflict) -> None:
        if len(self.conflicts) < MOST_CONFLICTS:
            self.conflicts.append(conflict)


def _by_name(items: Iterable[_Item]) -> dict[tuple[str, ...], _Item]:
    return {_name(item): item for item in items}


def _name(item: Any) -> tuple[str, ...]:
    return (item.table, item.name) if hasattr(item, "table") else (item.name,)


def _shown(columns: Iterable[Column], identity: Row) -> str:
    values = (
        json.dumps(json_value(column.type, value), ensure_ascii=True)
        for column, value in zip(columns, identity, strict=False)
    )
    return " -> ".join(values)
