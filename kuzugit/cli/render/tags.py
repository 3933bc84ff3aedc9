"""Tags: names for people, fields for JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kuzugit.cli.render.escape import printable

if TYPE_CHECKING:
    from kuzugit.cli.render.document import Json
    from kuzugit.store.history import VersionTag


def tag_line(tag: VersionTag) -> str:
    """Return the name alone, as `git tag` lists it."""
    return printable(tag.name)


def tag_fields(tag: VersionTag) -> dict[str, Json]:
    """Return a tag as JSON fields; `version` says whether the name is a version."""
    return {
        "name": tag.name,
        "version": tag.version is not None,
        "commit": tag.snapshot.commit,
        "message": tag.message,
    }
