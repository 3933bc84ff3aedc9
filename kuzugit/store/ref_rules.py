"""What a reference must be so that every store can fetch it: its name, and what it leads to.

Fetch holds what comes against these rules, push what it sends, and a shared store what is
pushed: what one of them takes, the others take.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import pygit2

from kuzugit.model.version import parse_version
from kuzugit.store.history import BRANCHES, TAGS

MAX_NAME_BYTES = 200


def name_fault(name: str) -> str | None:
    """Return why no branch and no tag can have this name, None where one can.

    `name` stands without `refs/heads/` and `refs/tags/`.
    """
    if name in ("HEAD", "current") or any(part.startswith("-") for part in name.split("/")):
        return "the name means something else"
    if not name.isprintable() or not pygit2.reference_is_valid_name(TAGS + name):
        return "Git does not allow this name"
    if len(name.encode()) > MAX_NAME_BYTES:
        return f"it is longer than {MAX_NAME_BYTES} bytes"
    return None


def version_fault(name: str, found: pygit2.Object) -> str | None:
    """Return why the object of the tag `name` makes no version, None where it may be one."""
    if parse_version(name) is None or (isinstance(found, pygit2.Tag) and found.name == name):
        return None
    return "a version is an annotated tag of its own name"


def meet(first: str, second: str) -> bool:
    """Whether two names are one, or one is a directory of the other."""
    return f"{first}/".startswith(f"{second}/") or f"{second}/".startswith(f"{first}/")


def meetings(branches: Collection[str], tags: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield the full names of two references that a fetch would give one name, or nested ones.

    Under a remote's name branches and tags stand side by side. Each pair comes once.
    """
    kinds = dict.fromkeys(tags, TAGS) | dict.fromkeys(branches, BRANCHES)
    for name in sorted(kinds):
        if name in branches and name in tags:
            yield BRANCHES + name, TAGS + name
        parts = name.split("/")
        for count in range(1, len(parts)):
            above = "/".join(parts[:count])
            if above in kinds:
                yield kinds[above] + above, kinds[name] + name
