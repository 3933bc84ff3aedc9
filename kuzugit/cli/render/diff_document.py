"""A diff as one JSON document, written line by line: it may be larger than memory."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kuzugit.cli.render.changes import schema_fields, table_fields
from kuzugit.cli.render.document import FORMAT
from kuzugit.cli.render.row_change import change_object
from kuzugit.cli.render.snapshot import snapshot_fields

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kuzugit.cli.render.document import Json
    from kuzugit.model.changes import RowCounts
    from kuzugit.model.row_change import Column, TableDiff
    from kuzugit.porcelain.diff import Diff
    from kuzugit.porcelain.sides import Filters, Side


def document_lines(
    diff: Diff,
    *,
    schema: bool = True,
    data: bool = True,
    rows: bool = True,
    graph: dict[str, Json] | None = None,
    totals: Counter[str] | None = None,
) -> Iterator[str]:
    """Yield the lines of the document. `rows` False leaves out the rows, not their counts.

    The changes of rows are added to `totals` as they are counted.
    """
    yield "{" + ",\n".join(
        f"{json.dumps(name)}: {json.dumps(value)}" for name, value in _head(diff, schema).items()
    )
    yield ', "tables": ['
    totals = Counter[str]() if totals is None else totals
    for number, head in enumerate(diff.tables if data else ()):
        yield from _table(diff, head, totals, rows=rows, first=number == 0)
    yield f'], "counts": {json.dumps(_counts(totals))}, "graph": {json.dumps(graph)}' + "}"


def _head(diff: Diff, schema: bool) -> dict[str, Json]:
    return {
        "format": FORMAT,
        "old": side_fields(diff.old),
        "new": side_fields(diff.new),
        "same": diff.same,
        "filters": _filter_fields(diff.filters),
        "schema": schema_fields(diff.schema) if schema else [],
        "rename_candidates": [
            {"kind": item.kind, "old": [*item.old], "new": [*item.new]}
            for item in (diff.candidates if schema else ())
        ],
    }


def side_fields(side: Side) -> dict[str, Json]:
    """Return a side as JSON fields: those of its snapshot, null for the live database."""
    database = None if side.database is None else str(side.database)
    if side.snapshot is None:
        return {"commit": None, "version": None, "tree": None, "database": database}
    return {**snapshot_fields(side.snapshot), "database": database}


def _filter_fields(filters: Filters) -> dict[str, Json]:
    return {
        "tables": [*filters.tables],
        "keys": [*filters.keys],
        "types": [*filters.types],
        "columns": [*filters.columns],
        "where": filters.where,
        "limit": filters.limit,
    }


def _table(
    diff: Diff, head: TableDiff, totals: Counter[str], *, rows: bool, first: bool
) -> Iterator[str]:
    fields = json.dumps(head_fields(head))
    yield ("" if first else ",") + fields[:-1] + ', "changes": ['
    found = Counter[str]()
    if rows:
        for number, change in enumerate(diff.rows(head)):
            found[str(change.change)] += 1
            yield ("" if number == 0 else ",") + json.dumps(change_object(head, change))
    if not rows or diff.filters.limit is not None:
        found = _counter(diff.counts(head))
    totals.update(found)
    yield f'], "counts": {json.dumps(_counts(found))}' + "}"


def _counter(counts: RowCounts) -> Counter[str]:
    return Counter(added=counts.added, removed=counts.removed, changed=counts.changed)


def _counts(found: Counter[str]) -> dict[str, int]:
    return {name: found[name] for name in ("added", "removed", "changed")}


def head_fields(head: TableDiff) -> dict[str, Json]:
    """Return the head of a table as JSON fields."""
    return {
        **table_fields(head.key),
        "renamed_from": table_fields(head.old_key) if head.renamed else None,
        "old_columns": _columns(head.old),
        "new_columns": _columns(head.new),
        "old_rows": head.old_rows,
        "new_rows": head.new_rows,
        "notes": [*head.notes],
    }


def _columns(columns: Sequence[Column] | None) -> Json:
    if columns is None:
        return None
    return [{"name": column.name, "type": str(column.type)} for column in columns]
