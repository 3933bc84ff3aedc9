"""Versions that two stores gave to different content."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pygit2

from kuzugit.errors import RefusedError
from kuzugit.model.object_id import ObjectId
from kuzugit.store import history
from kuzugit.store.history import TAGS
from kuzugit.store.location import Store
from kuzugit.store.ref_file import read_ref
from kuzugit.store.translate import git_errors


@dataclass(frozen=True)
class Clash:
    """A version that both sides have, of different content: `ours` and `theirs` are commits.

    Nothing of ours was overwritten.
    """

    version: str
    ours: ObjectId
    theirs: ObjectId


class VersionClash(RefusedError):
    """Versions that both stores gave to different content; nothing was overwritten.

    `fetched` tells that the remote's versions are here under its name.
    """

    def __init__(self, remote: str, clashes: Sequence[Clash], *, fetched: bool = True) -> None:
        names = ", ".join(clash.version for clash in clashes)
        first = clashes[0].version
        super().__init__(
            f"{names}: {remote!r} has another content under this version; nothing was overwritten",
            hint=("" if fetched else f"kuzugit fetch {remote} brings theirs; ")
            + f"kuzugit diff {first} {remote}/{first} shows both; "
            f"kuzugit tag --rename {first} NEW gives ours another name",
        )
        self.remote = remote
        self.clashes = tuple(clashes)


def refuse_clashes(remote: str, clashes: Sequence[Clash]) -> None:
    """Raise VersionClash where there are any."""
    if clashes:
        raise VersionClash(remote, clashes)


def clash_between(store: Store, name: str, ours: ObjectId, theirs: ObjectId) -> Clash | None:
    """Return the clash of two tags of one name, None where both are of one content.

    One whose object is missing here is taken for another content.
    """
    with git_errors(store.path, f"read the version {name}"):
        try:
            mine = store.git[pygit2.Oid(hex=ours)].peel(pygit2.Commit)
            other = store.git[pygit2.Oid(hex=theirs)].peel(pygit2.Commit)
        except (KeyError, ValueError, pygit2.GitError):
            return Clash(name, ours, theirs)
    if mine.tree_id == other.tree_id:
        return None
    return Clash(name, ObjectId(str(mine.id)), ObjectId(str(other.id)))


def new_and_clashing(
    store: Store, tags: Mapping[str, ObjectId]
) -> tuple[dict[str, ObjectId], list[Clash]]:
    """Return those of another store's `tags` that we lack, and those that clash with ours."""
    names = set(history.tag_names(store))
    new: dict[str, ObjectId] = {}
    clashes = []
    for name, value in tags.items():
        ours = read_ref(store, TAGS + name) if name in names else None
        if ours is None:
            if not _stands_in_the_way(name, names):
                new[name] = value
        elif ours != value:
            clash = clash_between(store, name, ObjectId(ours), value)
            if clash is not None:
                clashes.append(clash)
    return new, clashes


def _stands_in_the_way(name: str, names: set[str]) -> bool:
    parts = name.split("/")
    above = {"/".join(parts[:count]) for count in range(1, len(parts))}
    return bool(above & names) or any(existing.startswith(f"{name}/") for existing in names)
