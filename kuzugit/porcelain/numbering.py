"""Which version a new snapshot gets."""

from __future__ import annotations

from kuzugit.errors import UsageError
from kuzugit.model.version import FIRST, Bump, Version, parse_version
from kuzugit.store.history import Snapshot, tag_names
from kuzugit.store.location import Store
from kuzugit.store.refs import TagExists, check_tag_name


class MalformedVersion(UsageError):
    """A tag that begins like a version and is none."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        super().__init__(
            f"{tag!r} looks like a version and is none: versions are vMAJOR.MINOR.PATCH",
            hint="--tag v1.2.3, or a name that does not begin with v and a digit",
        )


def check_new_tag(store: Store, tag: str) -> None:
    """Raise unless `tag` can be given to a new snapshot.

    Raises MalformedVersion, BadTagName, TagExists.
    """
    check_form(tag)
    check_tag_name(store, tag)


def check_form(tag: str) -> None:
    """Raise MalformedVersion where `tag` begins like a version and is none."""
    looks_like_version = tag[:1] in ("v", "V") and tag[1:2].isdigit()
    if looks_like_version and parse_version(tag) is None:
        raise MalformedVersion(tag)


def next_version(store: Store, parent: Snapshot | None, found: Bump, asked: Bump | None) -> Version:
    """Return the version after the highest that the store has.

    `found` is what the changes raise; `asked` overrides it. A store without versions
    begins with v0.1.0.
    """
    versions = [version for name in tag_names(store) if (version := parse_version(name))]
    if not versions:
        return FIRST
    return max(versions).bumped(asked or found)


__all__ = ["MalformedVersion", "TagExists", "check_new_tag", "next_version"]
