"""What has arrived in a quarantine: the commits that are new, and what names them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pygit2
from pygit2.enums import ObjectType, SortMode

from kuzugit.errors import CorruptError
from kuzugit.model.object_id import ObjectId
from kuzugit.store import history
from kuzugit.store.advertisement import Advertised, HostileReference, check_names, own_branch
from kuzugit.store.history import Snapshot
from kuzugit.store.location import Store
from kuzugit.store.objects import MAX_BYTES
from kuzugit.store.quarantine import ends_of_history, known_objects
from kuzugit.store.ref_rules import version_fault
from kuzugit.store.translate import git_errors

INCOMING = "refs/incoming/"
LIMITS = {
    ObjectType.COMMIT: 1 << 24,
    ObjectType.TAG: 1 << 24,
    ObjectType.TREE: 1 << 26,
    ObjectType.BLOB: MAX_BYTES,
}
"""How many bytes an object may have that comes from elsewhere."""

_MAX_TAGS_ON_TAGS = 8


class ObjectTooLong(CorruptError):
    """An object of another store that is longer than any of a snapshot."""

    def __init__(self, remote: str, id: str, kind: ObjectType, size: int) -> None:
        what = kind.name.lower()
        super().__init__(
            f"{remote!r} sent a {what} of {size} bytes, {id}; {LIMITS[kind]} are taken at most",
            hint="nothing of it was kept",
        )
        self.size = size


def check_lengths(objects: Path, remote: str) -> None:
    """Look at the length of each object that arrived in `objects`, whatever leads to it.

    Nothing is unpacked. Raises ObjectTooLong.
    """
    with git_errors(objects, "read what was received"):
        # What arrived alone, without the store's objects behind it.
        found = pygit2.Odb()
        found.add_backend(pygit2.OdbBackendPack(str(objects)), 1)
        found.add_backend(pygit2.OdbBackendLoose(str(objects), -1, False), 2)
        headers = [(id, *found.read_header(id)) for id in found]
    for id, number, size in headers:
        kind = ObjectType(number)
        if size > LIMITS[kind]:
            raise ObjectTooLong(remote, str(id), kind, size)


def arrived_references(arrived: Store, remote: str, there: Advertised) -> Advertised:
    """Return what came: that of the moment of the fetch, not that which was told before.

    Raises HostileReference, NamesCollide: between the two others may have pushed.
    """
    prefix = len(INCOMING)
    with git_errors(arrived.path, "read what was received"):
        found = {
            reference.name[prefix:]: ObjectId(str(reference.target))
            for reference in arrived.git.references.iterator()
            if reference.name.startswith(INCOMING)
        }
    if not found:
        return there
    branches = {n.removeprefix("heads/"): v for n, v in found.items() if n.startswith("heads/")}
    tags = {n.removeprefix("tags/"): v for n, v in found.items() if n.startswith("tags/")}
    came = Advertised(branches, tags, own_branch(there.head, branches))
    check_names(remote, came)
    return came


def new_snapshots(
    arrived: Store, store: Store, remote: str, found: Advertised
) -> tuple[Snapshot, ...]:
    """Return the commits that arrived, oldest first, after a look at what names them."""
    if ends_of_history(arrived) - ends_of_history(store):
        raise HostileReference(remote, "HEAD", "a part of its history is missing there")
    tips = [_commit(arrived, remote, f"heads/{n}", v) for n, v in found.branches.items()]
    tips += [_tagged(arrived, remote, name, value) for name, value in found.tags.items()]
    known = [pygit2.Oid(hex=id) for id in known_objects(store)]
    walker = arrived.git.walk(None, SortMode.TOPOLOGICAL | SortMode.REVERSE)
    for tip in tips:
        walker.push(tip)
    for id in known:
        _hide(arrived, walker, id)
    return tuple(_walked(arrived, remote, walker))


def _hide(arrived: Store, walker: pygit2.Walker, id: pygit2.Oid) -> None:
    with git_errors(arrived.path, f"read the object {id}"):
        try:
            commit = arrived.git[id].peel(pygit2.Commit)
        except (KeyError, ValueError, pygit2.GitError):
            return  # a broken reference of ours leads to nothing that could be known
        walker.hide(commit.id)


def _walked(arrived: Store, remote: str, walker: pygit2.Walker) -> Iterator[Snapshot]:
    while True:
        with git_errors(arrived.path, "read the history"):
            try:
                commit = next(walker, None)
            except (KeyError, ValueError, pygit2.GitError) as error:
                raise HostileReference(
                    remote, "HEAD", f"its history cannot be read: {error}"
                ) from error
        if commit is None:
            return
        yield history.read_commit(commit)


def _commit(arrived: Store, remote: str, name: str, value: str) -> pygit2.Oid:
    found = _object(arrived, remote, name, value)
    if not isinstance(found, pygit2.Commit):
        raise HostileReference(remote, name, f"it leads to a {found.type_str}, not to a snapshot")
    return found.id


def _tagged(arrived: Store, remote: str, name: str, value: str) -> pygit2.Oid:
    found = _object(arrived, remote, f"tags/{name}", value)
    fault = version_fault(name, found)
    if fault is not None:
        raise HostileReference(remote, name, fault)
    for _ in range(_MAX_TAGS_ON_TAGS):
        if not isinstance(found, pygit2.Tag):
            break
        found = _object(arrived, remote, f"tags/{name}", str(found.target))
    return _commit(arrived, remote, f"tags/{name}", str(found.id))


def _object(arrived: Store, remote: str, name: str, value: str) -> pygit2.Object:
    id = pygit2.Oid(hex=value)
    with git_errors(arrived.path, f"read the object {id}"):
        try:
            return arrived.git[id]
        except (KeyError, ValueError, pygit2.GitError) as error:
            raise HostileReference(remote, name, f"object {value} cannot be read") from error
