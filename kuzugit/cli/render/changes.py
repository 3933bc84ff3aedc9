"""What changed: lines for people, fields for JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kuzugit.cli.render.escape import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kuzugit.cli.render.document import Json
    from kuzugit.model.changes import Changes, RowCounts, SchemaChange
    from kuzugit.model.snapshot import TableKey


def change_lines(changes: Changes) -> list[str]:
    """Return a line for each schema change, then one for each table whose rows changed."""
    return [
        *(schema_line(change) for change in changes.schema),
        *(f"{table_name(key)}: {_counts(counts)}" for key, counts in changes.rows),
    ]


def table_name(key: TableKey) -> str:
    """Return `Person` for a node table, `knows (Person -> Person)` for a pair of a rel."""
    if key.pair is None:
        return printable(key.table)
    return printable(f"{key.table} ({key.pair.from_table} -> {key.pair.to_table})")


def change_fields(changes: Changes) -> dict[str, Json]:
    """Return `changes` as JSON fields: `schema` and `rows`, lists of objects."""
    return {
        "schema": schema_fields(changes.schema),
        "rows": [
            {
                **table_fields(key),
                "added": counts.added,
                "removed": counts.removed,
                "changed": counts.changed,
            }
            for key, counts in changes.rows
        ],
    }


def schema_fields(changes: Sequence[SchemaChange]) -> list[Json]:
    """Return schema changes as JSON objects."""
    return [
        {
            "change": change.change,
            "kind": change.kind,
            "name": change.name,
            "detail": change.detail,
            "effect": str(change.effect),
        }
        for change in changes
    ]


def table_fields(key: TableKey) -> dict[str, Json]:
    """Return which rows `key` means: `table`, `kind`, and for a rel `from` and `to`."""
    if key.pair is None:
        return {"table": key.table, "kind": "node"}
    return {
        "table": key.table,
        "kind": "rel",
        "from": key.pair.from_table,
        "to": key.pair.to_table,
    }


def schema_line(change: SchemaChange) -> str:
    """Return a schema change in one line; breaking ones say so."""
    detail = f": {change.detail}" if change.detail else ""
    mark = " (breaking)" if change.effect == "breaking" else ""
    return printable(f"{change.change} {change.kind} {change.name}{detail}{mark}")


def _counts(counts: RowCounts) -> str:
    named = (
        (counts.added, "added"),
        (counts.removed, "removed"),
        (counts.changed, "changed"),
    )
    return ", ".join(f"{number:,} {name}" for number, name in named if number)
