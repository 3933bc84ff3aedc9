"""The tags and commits that the references lead to, and which of them cannot be read.

Each is read by itself and checked against its name, so that a damaged one is named and
keeps nobody from looking at the others. What `history` reads through libgit2 ends at the
first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from kuzugit.errors import CorruptError, GitError
from kuzugit.model.object_id import ObjectId
from kuzugit.store.history import TAGS
from kuzugit.store.location import Store
from kuzugit.store.objects import read_object
from kuzugit.store.ref_file import read_ref
from kuzugit.store.translate import git_errors

HEAD = "HEAD"

_TAGGED = re.compile(rb"object ([0-9a-f]{40})\n")
_TREE = re.compile(rb"tree [0-9a-f]{40}\n((?:parent [0-9a-f]{40}\n)*)")
_LIMIT = 128 << 20


@dataclass
class Lineage:
    """The sound commits, newest references first, and what is wrong with which object.

    `problems` has the reference or the object that it is about, and what is wrong.
    """

    commits: list[ObjectId] = field(default_factory=list)
    problems: dict[str, str] = field(default_factory=dict)


def lineage(store: Store) -> Lineage:
    """Return what HEAD, the branches, the tags and `current` lead to."""
    return lineage_of(store, [HEAD, *_references(store)])


def lineage_of(store: Store, references: Iterable[str]) -> Lineage:
    """Return what some references, by their full names, lead to."""
    found = Lineage()
    seen: set[str] = set()
    todo: list[tuple[str, str]] = []
    for name in references:
        target = _target(store, name, found)
        if target is not None:
            todo.append((_short(name), target))
    while todo:
        name, id = todo.pop()
        if id not in seen:
            seen.add(id)
            todo += [(after, after) for after in _next(store, name, ObjectId(id), found)]
    return found


def _short(reference: str) -> str:
    """Return the name that people know: a version for its tag."""
    return reference.removeprefix(TAGS)


def _references(store: Store) -> list[str]:
    with git_errors(store.path, "list the references"):
        listed = set(store.git.listall_references())
        # It leaves out a file that holds no reference, which is what is looked for here.
        files = [path for path in (store.path / "refs").rglob("*") if path.is_file()]
    loose = {path.relative_to(store.path).as_posix() for path in files if path.suffix != ".lock"}
    return sorted(listed | loose, reverse=True)


def _target(store: Store, name: str, found: Lineage) -> str | None:
    """Return the object that a reference names; None where it names another, or none."""
    try:
        value = read_ref(store, name)
    except GitError as error:
        found.problems[name] = f"cannot be read: {error.__cause__ or error}"
        return None
    return None if value is None or value.startswith("ref: ") else value


def _next(store: Store, name: str, id: ObjectId, found: Lineage) -> list[str]:
    """Return what the object leads to; what is wrong with it is said of `name`."""
    try:
        kind, data = read_object(store, id, _LIMIT)
    except CorruptError as error:
        reason = f" ({error.__cause__})" if error.__cause__ else ""
        found.problems[name] = f"{error}{reason}"
        return []
    if kind == "tag" and (tagged := _TAGGED.match(data)):
        return [tagged[1].decode()]
    if kind == "commit" and (head := _TREE.match(data)):
        found.commits.append(id)
        # The first parent is looked at first.
        return [line.split()[1].decode() for line in reversed(head[1].splitlines())]
    return []
