"""What versions did to one row: lines for people, fields for JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kuzugit.cli.render.changes import table_fields, table_name
from kuzugit.cli.render.escape import printable
from kuzugit.cli.render.paint import Paint
from kuzugit.cli.render.snapshot import entry_fields, long_lines, one_line

if TYPE_CHECKING:
    from kuzugit.cli.render.document import Json
    from kuzugit.porcelain.row_history import RowEvent, RowVersion


def version_lines(version: RowVersion, paint: Paint) -> list[str]:
    """Return a version as the log shows it, and below it what it did to the row."""
    lines = long_lines(version.entry, paint)
    for event in version.events:
        lines += ["", *_event_lines(event, paint)]
    return lines


def version_line(version: RowVersion, paint: Paint) -> str:
    """Return a version on one line, with what it did to the row behind it."""
    done = "; ".join(_summary(event) for event in version.events)
    return f"{one_line(version.entry, paint)} [{done}]"


def version_fields(version: RowVersion) -> dict[str, Json]:
    """Return a version and its changes of the row as JSON fields."""
    return {
        **entry_fields(version.entry),
        "changes": [
            {
                **table_fields(event.key),
                "change": event.change,
                "columns": [*event.columns],
                "old": event.old,
                "new": event.new,
            }
            for event in version.events
        ],
    }


def _event_lines(event: RowEvent, paint: Paint) -> list[str]:
    lines = [f"    {event.change} {table_name(event.key)}"]
    old, new = event.old or {}, event.new or {}
    if event.change == "changed":
        for name in event.columns:
            before, after = paint.red(_shown(old[name])), paint.green(_shown(new[name]))
            lines.append(f"      {printable(name)}: {before} -> {after}")
        return lines
    colour = paint.green if event.new is not None else paint.red
    row = event.new if event.new is not None else old
    return [*lines, *(f"      {printable(name)}: {colour(_shown(row[name]))}" for name in row)]


def _summary(event: RowEvent) -> str:
    columns = f" {', '.join(map(printable, event.columns))}" if event.columns else ""
    return f"{event.change}{columns}"


def _shown(value: Any) -> str:
    return printable(json.dumps(value, ensure_ascii=False))
