"""A changelog in the form of Keep a Changelog: Markdown for people, fields for JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kuzugit.cli.render.changes import change_fields
from kuzugit.cli.render.escape import printable
from kuzugit.cli.render.snapshot import entry_fields, moment
from kuzugit.model.changes import Changes, Effect

if TYPE_CHECKING:
    from kuzugit.cli.render.document import Json
    from kuzugit.model.changes import SchemaChange
    from kuzugit.porcelain.changelog import Release

HEAD = """# Changelog

The form is that of [Keep a Changelog](https://keepachangelog.com/en/1.1.0/): a dropped or
changed part of the schema raises the major version, an added one the minor version, rows
alone the patch."""

_SECTIONS = {"Added": ("added",), "Changed": ("renamed", "changed"), "Removed": ("removed",)}
_LONGEST_DETAIL = 300
_MARKS = re.compile(r"([\\`*\[\]<&|~#])|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")


def release_lines(release: Release) -> list[str]:
    """Return a version as lines of Markdown: heading, message, then what changed."""
    snapshot = release.entry.snapshot
    version = release.name.removeprefix("v")
    lines = [f"## [{markdown(version)}] - {moment(snapshot):%Y-%m-%d}"]
    for text in (snapshot.subject, *snapshot.body.split("\n\n")):
        if text.strip():
            lines += ["", _paragraph(text)]
    others = [tag for tag in release.entry.tags if tag != release.name]
    if others:
        lines += ["", markdown(f"Also tagged {', '.join(others)}.")]
    for title, changes in _SECTIONS.items():
        items = [_item(item) for item in release.schema if item.change in changes]
        if title == "Changed":
            items += [f"- Rows of {markdown(row)}" for row in release.rows]
        if items:
            lines += ["", f"### {title}", "", *items]
    return lines


def release_fields(release: Release) -> dict[str, Json]:
    """Return a version as JSON fields; `rows` are lines for people."""
    return {
        **entry_fields(release.entry),
        "name": release.name,
        "schema": change_fields(Changes(schema=release.schema))["schema"],
        "rows": [*release.rows],
    }


def markdown(text: str) -> str:
    """Return `text` as one line that Markdown shows as it is."""
    return _MARKS.sub(lambda mark: f"\\{mark[0]}", printable(text))


def _paragraph(text: str) -> str:
    shown = "\n".join(markdown(line) for line in _lines(text))
    # What begins a list, a heading or a quotation elsewhere is text here.
    return re.sub(r"^(\s*)([-+=]|\d+[.)])", r"\1\\\2", shown, flags=re.MULTILINE)


def _lines(text: str) -> Iterator[str]:
    return (line.strip() for line in text.splitlines() if line.strip())


def _item(change: SchemaChange) -> str:
    detail = change.detail
    if len(detail) > _LONGEST_DETAIL:
        detail = f"{detail[:_LONGEST_DETAIL]} ..."
    mark = "**Breaking:** " if change.effect is Effect.BREAKING else ""
    renamed = "renamed " if change.change == "renamed" else ""
    name = f"{mark}{renamed}{change.kind} {markdown(change.name)}"
    return f"- {name}: {markdown(detail)}" if detail else f"- {name}"
