"""Which tables and properties of the old side bear other names in the new one."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from kuzugit.diff.heads import END_COLUMNS, table_heads
from kuzugit.diff.renames import (
    paired_by_equality,
    rename_changes,
    renamed_catalog,
    renamed_tables,
)
from kuzugit.diff.schema import compare_catalogs
from kuzugit.model.changes import SchemaChange
from kuzugit.model.renames import Renames
from kuzugit.model.row_change import TableDiff
from kuzugit.model.snapshot import Manifest
from kuzugit.porcelain.content import Content

Names: TypeAlias = "set[tuple[str, str]]"


def find_renames(old: Content, new: Content, room: Path) -> Renames:
    """Return the renames that the content proves.

    Tables: by the ids of their chunks. Properties: chunks are read only of tables in which
    properties of one type both came and went.
    """
    renames = renamed_tables(old.manifest, new.manifest)
    found = _with_properties(renames, old, new, room)
    # Where the key has another name, rows are told apart only once that is known.
    return _with_properties(found, old, new, room) if found.properties else found


def schema_changes(
    old: Manifest | None, new: Manifest, renames: Renames
) -> tuple[SchemaChange, ...]:
    """Return what changed in the schema: first what has another name, then the rest."""
    before = None if old is None else renamed_catalog(old.catalog, renames)
    return (*rename_changes(renames), *compare_catalogs(before, new.catalog))


def _with_properties(renames: Renames, old: Content, new: Content, room: Path) -> Renames:
    properties = list(renames.properties)
    candidates = [item for item in renames.candidates if item.kind != "property"]
    by_table: dict[tuple[bool, str], list[TableDiff]] = {}
    for head in table_heads(old.manifest, new.manifest, renames):
        if head.old is not None and head.new is not None:
            by_table.setdefault((head.key.is_rel, head.key.table), []).append(head)
    for (_, table), heads in by_table.items():
        gone, come = _only_in_one(heads[0])
        equal = _equal_in_all(heads, gone, come, old, new, room)
        pairs, undecided = paired_by_equality("property", gone, come, sorted(equal))
        properties += [(table, a, b) for a, b in pairs]
        candidates += [
            replace(
                item,
                old=tuple(f"{table}.{name}" for name in item.old),
                new=tuple(f"{table}.{name}" for name in item.new),
            )
            for item in undecided
        ]
    return replace(renames, properties=tuple(properties), candidates=tuple(candidates))


def _only_in_one(head: TableDiff) -> tuple[list[str], list[str]]:
    """Return the properties of one side that the other has not, under no name known yet."""
    ends = END_COLUMNS if head.key.is_rel else 0
    before = [column.name for column in head.old or ()]
    after = [column.name for column in head.new or ()]
    known = {before[a] for a, _ in head.shared}, {after[b] for _, b in head.shared}
    return (
        [name for name in before[ends:] if name not in after and name not in known[0]],
        [name for name in after[ends:] if name not in before and name not in known[1]],
    )


def _equal_in_all(
    heads: list[TableDiff], gone: list[str], come: list[str], old: Content, new: Content, room: Path
) -> Names:
    """Return the names of equal columns; those of a rel table are equal under every pair."""
    found: Names | None = None
    for head in heads:
        names = {
            (a.name, b.name): (at, to)
            for at, a in enumerate(head.old or ())
            for to, b in enumerate(head.new or ())
            if a.name in gone and b.name in come and a.type == b.type
        }
        if not head.identity:
            # Another key: rows cannot be told from one another, unless it is the key's name.
            key = (*head.old_key_at, *head.new_key_at)
            names = {pair: at for pair, at in names.items() if at == key}
        if names and head.old_rows and head.new_rows:
            equal = _equal_names(head, names, old, new, room)
            found = equal if found is None else found & equal
    return found or set()


def _equal_names(
    head: TableDiff,
    names: dict[tuple[str, str], tuple[int, int]],
    old: Content,
    new: Content,
    room: Path,
) -> Names:
    # Here, because DuckDB takes time to import, and is seldom needed.
    from kuzugit.diff.evidence import equal_columns

    with ExitStack() as stack:
        files = [
            stack.enter_context(
                side.chunks(key, side.manifest.table(key).chunks, room / "renames" / name)
            )
            for side, key, name in ((old, head.old_key, "old"), (new, head.key, "new"))
        ]
        equal = equal_columns(head, files[0], files[1], list(names.values()), room)
    return {pair for pair, at in names.items() if at in equal}
