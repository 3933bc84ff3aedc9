"""A diff as Cypher: a script that turns the old side into the new one, in plain Kùzu."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from kuzugit.canonical.alter import Alteration, Names, alteration
from kuzugit.canonical.row_statements import (
    create_row,
    delete_all_rels,
    delete_node,
    delete_rels,
    set_values,
)
from kuzugit.errors import SchemaError
from kuzugit.model.catalog import Catalog, IndexKind, StorageDirection
from kuzugit.model.least import holds_least
from kuzugit.model.row_change import Change, Column, Row, RowChange, TableDiff, Value
from kuzugit.model.snapshot import TableKey
from kuzugit.model.types import Type, children
from kuzugit.porcelain.diff import Diff
from kuzugit.porcelain.take import table_label

ENDS = 2
"""The columns of a rel that name its ends, which stand first."""


class NotAllSaid(SchemaError):
    """The script leaves something out, for which Kùzu has no statement."""

    def __init__(self, unsaid: tuple[str, ...]) -> None:
        self.unsaid = unsaid
        super().__init__(
            f"the script does not say everything: {'; '.join(unsaid)}",
            hint="kuzugit checkout REV --to PATH builds the new side",
        )


@dataclass
class Script:
    """The script of a diff. `unsaid` is complete when all `lines` have been read."""

    diff: Diff
    schema: bool = True
    data: bool = True
    unsaid: list[str] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """Yield the script, a statement a line unless a text has ends of lines.

        The rows are changed in one transaction. Rels are deleted before the nodes and made
        after them; where a pair of nodes lost one of its rels, or one of several changed,
        all of them are made anew.
        What cannot be said is a comment.
        """
        if self.diff.same:
            return
        old, new = self.diff.manifests()
        plan = alteration(self._part(old.catalog), self._part(new.catalog), self._names())
        if self.schema:
            yield from plan.before
            if plan.before:
                # Kùzu crashes at a checkpoint after a column was dropped, added and set.
                yield "CHECKPOINT;"
            yield from self._comments(plan.unsaid)
        if self.data:
            yield from self._in_transaction(_Rows(self, plan, new.catalog).statements())
        if self.schema:
            yield from plan.after

    def _part(self, catalog: Catalog) -> Catalog:
        """Return what the filter of tables leaves of a catalog."""
        if not self.diff.filters.tables:
            return catalog
        heads = self.diff.tables
        names = {key.table for head in heads for key in (head.old_key, head.key)}
        return Catalog(
            nodes=tuple(table for table in catalog.nodes if table.name in names),
            rels=tuple(table for table in catalog.rels if table.name in names),
            indexes=tuple(index for index in catalog.indexes if index.table in names),
        )

    def say_not(self, reason: str) -> Iterator[str]:
        """Yield the comment for what cannot be said, and remember it."""
        yield from self._comments([reason])

    def _comments(self, reasons: list[str]) -> Iterator[str]:
        for reason in reasons:
            self.unsaid.append(reason)
            yield f"// cannot be said: {' '.join(reason.split())}"

    def _in_transaction(self, statements: Iterator[str]) -> Iterator[str]:
        begun = False
        for statement in statements:
            if not begun:
                yield "BEGIN TRANSACTION;"
                begun = True
            yield statement
        if begun:
            yield "COMMIT;"

    def _names(self) -> Names:
        tables, properties = [], []
        for head in self.diff.tables:
            if head.old is None or head.new is None:
                continue
            pair = (head.old_key.table, head.key.table)
            if pair[0] != pair[1] and pair not in tables:
                tables.append(pair)
            ends = 2 if head.key.is_rel else 0
            for a, b in head.shared:
                before, after = head.old[a].name.strip("`"), head.new[b].name.strip("`")
                entry = (head.key.table, before, after)
                if min(a, b) >= ends and before != after and entry not in properties:
                    properties.append(entry)
        return Names(tuple(tables), tuple(properties))


@dataclass
class _Rows:
    """The statements of the rows, in the order in which they can run."""

    script: Script
    plan: Alteration
    catalog: Catalog
    _anew: dict[TableKey, dict[str, Row]] = field(default_factory=dict)

    def statements(self) -> Iterator[str]:
        heads = [head for head in self.script.diff.tables if head.new is not None]
        wanted = [head for head in heads if not self._is_lost(head)]
        for head in heads:
            if self._is_lost(head):
                yield from self.script.say_not(f"the rows of {table_label(head.key)}")
        nodes = [head for head in wanted if not head.key.is_rel]
        rels = [head for head in wanted if head.key.is_rel]
        for head in rels:
            yield from self._deleted_rels(head)
        for head in nodes:
            yield from self._deleted_nodes(head)
        for head in nodes:
            yield from self._kept_nodes(head)
        for head in nodes:
            yield from self._created(head)
        for head in rels:
            yield from self._created_rels(head)

    def _is_lost(self, head: TableDiff) -> bool:
        ends = (head.key.pair.from_table, head.key.pair.to_table) if head.key.pair else ()
        return not self.plan.lost.isdisjoint((head.key.table, *ends))

    def _deleted_rels(self, head: TableDiff) -> Iterator[str]:
        if self._is_made_anew(head):
            if head.old_rows:
                yield delete_all_rels(head.key)
            return
        for identity in self._pairs_made_anew(head).values():
            yield delete_rels(self.catalog, head.key, identity)

    def _deleted_nodes(self, head: TableDiff) -> Iterator[str]:
        bound = any(
            rel.storage_direction is StorageDirection.FORWARD
            and any(head.key.table == pair.to_table for pair in rel.pairs)
            for rel in self.catalog.rels
        )
        for change in self._changes(head, Change.REMOVED):
            if bound:
                yield from self.script.say_not(
                    f"a {head.key.table} that goes: Kùzu deletes no node that the rels of one "
                    "direction may end at"
                )
            else:
                yield delete_node(self.catalog, head.key, change.identity)

    def _kept_nodes(self, head: TableDiff) -> Iterator[str]:
        for change in self._changes(head, Change.CHANGED):
            yield from self._set(head, change)
        added = set(self.plan.added.get(head.key.table, ()))
        if not added or head.old is None:
            return
        created = {repr(change.identity) for change in self._changes(head, Change.ADDED)}
        for row in self.script.diff.new_rows(head):
            identity = tuple(row[at] for at in head.new_key_at)
            if repr(identity) not in created:
                names = self._to_set(head, row, added)
                change = RowChange(head.key, Change.CHANGED, identity, None, row, names)
                yield from self._set(head, change)

    def _to_set(self, head: TableDiff, row: Row, added: set[str]) -> tuple[str, ...]:
        """Return the new properties whose value a row has not got by itself."""
        properties = self.catalog.node(head.key.table).properties
        empty = {item.name for item in properties if item.default is None}
        return tuple(
            column.name
            for column, value in zip(head.new or (), row, strict=True)
            if column.name in added and not (value is None and column.name in empty)
        )

    def _set(self, head: TableDiff, change: RowChange) -> Iterator[str]:
        values = []
        for column, value in zip(head.new or (), change.new or (), strict=True):
            if column.name not in change.columns:
                continue
            why = self._why_not_set(head, column) or _why_destroyed(column, value)
            if why is None:
                values.append((column, value))
            else:
                yield from self.script.say_not(f"{column.name} of a {head.key.table}: {why}")
        if values:
            yield set_values(self.catalog, head.key, change.identity, values)

    def _why_not_set(self, head: TableDiff, column: Column) -> str | None:
        if column.name in self._vectors(head):
            return "Kùzu sets no property that has or had a vector index"
        return _why_not_said(column)

    def _created(self, head: TableDiff) -> Iterator[str]:
        for change in self._changes(head, Change.ADDED):
            yield from self._row(head, change.new or ())

    def _row(self, head: TableDiff, row: Row) -> Iterator[str]:
        columns, values = [], []
        for at, (column, value) in enumerate(zip(head.new or (), row, strict=True)):
            why = None if value is None else _why_not_said(column)
            if not (head.key.is_rel and at < ENDS):
                why = why or _why_destroyed(column, value)
            if why is not None and at in head.new_key_at:
                yield from self.script.say_not(f"a {head.key.table}: {column.name}: {why}")
                return
            if why is None:
                columns.append(column)
                values.append(value)
            else:
                yield from self.script.say_not(f"{column.name} of a {head.key.table}: {why}")
        yield create_row(self.catalog, head.key, columns, tuple(values))

    def _created_rels(self, head: TableDiff) -> Iterator[str]:
        if self._is_made_anew(head):
            for row in self.script.diff.new_rows(head):
                yield from self._row(head, row)
            return
        anew = self._pairs_made_anew(head)
        for row in self.script.diff.new_rows(head) if anew else ():
            if repr(row[:ENDS]) in anew:
                yield from self._row(head, row)
        for change in self.script.diff.rows(head):
            if repr(change.identity) in anew:
                continue
            if change.change is Change.CHANGED:
                yield from self._set(head, change)
            else:
                yield from self._row(head, change.new or ())

    def _pairs_made_anew(self, head: TableDiff) -> dict[str, Row]:
        """Return the ends between which no statement names the rels that went or changed."""
        if head.key not in self._anew:
            changed = {
                repr(change.identity): change.identity
                for change in self._changes(head, Change.CHANGED)
            }
            rows = self.script.diff.rows_near_changes(head) if changed else ()
            times = Counter(ends for row in rows if (ends := repr(row[:ENDS])) in changed)
            self._anew[head.key] = {
                repr(change.identity): change.identity
                for change in self._changes(head, Change.REMOVED)
            } | {ends: identity for ends, identity in changed.items() if times[ends] > 1}
        return self._anew[head.key]

    def _is_made_anew(self, head: TableDiff) -> bool:
        return head.old is not None and (head.key.table in self.plan.added or head.identity == 0)

    def _vectors(self, head: TableDiff) -> set[str]:
        old, _ = self.script.diff.manifests()
        names = {(head.old or ())[a].name: (head.new or ())[b].name for a, b in head.shared}
        return {
            names.get(name, name)
            for index in old.catalog.indexes
            if index.table == head.old_key.table and index.kind is IndexKind.VECTOR
            for name in index.properties
        }

    def _changes(self, head: TableDiff, change: Change) -> Iterator[RowChange]:
        return (found for found in self.script.diff.rows(head) if found.change is change)


def _why_destroyed(column: Column, value: Value) -> str | None:
    if not holds_least(column.type, value):
        return None
    return f"Kùzu turns the least value of {column.type} into another, or fails at it"


def _why_not_said(column: Column) -> str | None:
    if _is_said(column.type):
        return None
    return f"literals of type {column.type} are not reliable in Kùzu"


def _is_said(type_: Type) -> bool:
    """Tell whether a literal is right in CREATE and in SET, measured: nothing nested twice is."""
    return not any(children(inner) for inner in children(type_))
