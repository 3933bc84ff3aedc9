"""A row change as JSON. docs/json.md says the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kuzugit.cli.render.changes import table_fields

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kuzugit.cli.render.document import Json
    from kuzugit.model.row_change import Column, Row, RowChange, TableDiff
    from kuzugit.porcelain.diff import Diff


def change_object(head: TableDiff, change: RowChange) -> dict[str, Json]:
    """Return a change as the JSON object of `--format jsonl`.

    Rels of a table of several pairs also say their `pair`.
    """
    fields: dict[str, Json] = {"table": change.key.table, "kind": str(change.kind)}
    if head.one_of_pairs:
        ends = table_fields(change.key)
        fields["pair"] = {"from": ends["from"], "to": ends["to"]}
    return {
        **fields,
        "change": str(change.change),
        "key": row_object(head.key_columns(change), change.identity),
        "old": None if change.old is None else row_object(head.old or (), change.old),
        "new": None if change.new is None else row_object(head.new or (), change.new),
        "columns": [*change.columns],
    }


def row_object(columns: Sequence[Column], row: Row) -> dict[str, Json]:
    """Return a row as an object of its logical values."""
    from kuzugit.model.json_value import json_value

    return {
        column.name: json_value(column.type, value)
        for column, value in zip(columns, row, strict=True)
    }


def json_lines(diff: Diff) -> Iterator[str]:
    """Yield a line for each row change of all tables. The schema is not among them."""
    for head in diff.tables:
        for change in diff.rows(head):
            yield json.dumps(change_object(head, change), ensure_ascii=True)
