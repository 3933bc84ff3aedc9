"""Blobs and trees: what a snapshot is made of, in Git's object database."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping

import pygit2
from pygit2.enums import FileMode, ObjectType

from kuzugit.errors import CorruptError, RefusedError
from kuzugit.model.object_id import ObjectId
from kuzugit.model.snapshot import blob_id as blob_id
from kuzugit.store.location import Store
from kuzugit.store.loose_object import freshen, read_loose, write_loose
from kuzugit.store.packed_object import read_packed
from kuzugit.store.partial import how_to_complete, promised_by
from kuzugit.store.translate import git_errors

MAX_DEPTH = 16
"""How deep a tree may nest. A snapshot's paths have at most five parts."""

MAX_ENTRIES = 500_000
"""How many names a tree may hold: a few small objects can spell out billions of paths."""


MAX_BYTES = 1 << 30
"""How long an object may be that is written or read: a small file can unpack to any length."""

_ENTRY = re.compile(rb"([0-7]{1,7}) ([^\0]*)\0(.{20})", re.DOTALL)
_CONTROLS = frozenset(map(chr, (*range(0x20), *range(0x7F, 0xA0))))
_FILE_MODE = b"100644"
_DIRECTORY_MODE = b"40000"
_MISSING = "missing"


class DamagedObject(CorruptError):
    """The object `id` is missing, cut short, or not what its name says."""

    def __init__(self, store: Store, id: ObjectId, reason: str) -> None:
        hint = f"git --git-dir={store.path} fsck"
        remote = promised_by(store.path) if reason == _MISSING else None
        if remote is not None:
            reason = f"{_MISSING}: the store is a partial clone, which left it out"
            hint = how_to_complete(store.path, remote)
        super().__init__(f"object {id} is {reason}", hint=hint)
        self.id = id


class ObjectTooLong(RefusedError):
    """A file of a snapshot that would be longer than any that is read."""

    def __init__(self, size: int, limit: int) -> None:
        super().__init__(f"a file of {size} bytes does not fit into a snapshot: it takes {limit}")
        self.size = size


class HostileTree(CorruptError):
    """A tree that no snapshot can have: `path` says where, `reason` why."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"refused tree entry {path!r}: {reason}", hint="kuzugit verify")
        self.path = path


def has_object(store: Store, id: ObjectId) -> bool:
    """Whether the store has the object `id`, of any kind. Its bytes are not checked."""
    with git_errors(store.path, f"look for object {id}"):
        return pygit2.Oid(hex=id) in store.git.odb


def write_blob(store: Store, data: bytes | memoryview, limit: int = MAX_BYTES) -> ObjectId:
    """Keep `data` as a blob and return its name; what is there already costs a hash only.

    Several threads may call it at once. Raises StoreReadOnly, GitFailed (out of
    disk, ...), ObjectTooLong.
    """
    if memoryview(data).nbytes > limit:
        raise ObjectTooLong(memoryview(data).nbytes, limit)
    id = blob_id(data)
    objects = store.path / "objects"
    with git_errors(store.path, "write an object"):
        if not freshen(objects, id) and pygit2.Oid(hex=id) not in store.git.odb:
            write_loose(objects, id, b"blob %d\0" % memoryview(data).nbytes, data)
    return id


def write_tree(store: Store, entries: Mapping[str, ObjectId]) -> ObjectId:
    """Write the tree of `entries` (path -> blob) and return its name.

    Paths are relative, with `/` between their parts; every blob must exist.
    Raises HostileTree for a path that list_tree would refuse.
    """
    root: _Node = {}
    for path, id in entries.items():
        *parents, name = path.split("/")
        directory = root
        for parent in parents:
            below = directory.setdefault(_checked(path, parent.encode()), {})
            if isinstance(below, str):
                raise HostileTree(path, "a file is where its directory should be")
            directory = below
        if _checked(path, name.encode()) in directory:
            raise HostileTree(path, "two entries have this name")
        directory[name] = id
    return _write_node(store, root)


_Node = dict[str, "ObjectId | _Node"]


def _write_node(store: Store, node: _Node) -> ObjectId:
    below = {
        name: _write_node(store, item) for name, item in node.items() if isinstance(item, dict)
    }
    with git_errors(store.path, "write a tree"):
        builder = store.git.TreeBuilder()
        for name, item in node.items():
            if isinstance(item, str):
                builder.insert(name, pygit2.Oid(hex=item), FileMode.BLOB)
            else:
                builder.insert(name, pygit2.Oid(hex=below[name]), FileMode.TREE)
        return ObjectId(str(builder.write()))


def read_blob(store: Store, id: ObjectId, limit: int = MAX_BYTES) -> bytes:
    """Return the bytes of the blob `id`, checked against its name; raise DamagedObject.

    One of more than `limit` bytes is not unpacked.
    """
    return _read(store, id, "blob", limit)


def read_object(store: Store, id: ObjectId, limit: int = MAX_BYTES) -> tuple[str, bytes]:
    """Return (kind, bytes) of any object, checked against its name; raise DamagedObject.

    The kind is "commit", "tree", "blob" or "tag". What is longer than `limit` is not
    unpacked.
    """
    try:
        loose = read_loose(store.path / "objects", id, limit)
        if loose is not None:
            return loose
        packed = read_packed(store.path / "objects", id, limit)
        if packed is not None:
            return packed
        _, size = store.git.odb.read_header(pygit2.Oid(hex=id))
        if size > limit:
            raise ValueError(f"it has {size} bytes, more than {limit}")
        kind, data = store.git.odb.read(pygit2.Oid(hex=id))
    except KeyError as error:
        raise DamagedObject(store, id, _MISSING) from error
    except (pygit2.GitError, ValueError, OSError) as error:
        raise DamagedObject(store, id, "damaged") from error
    return ObjectType(kind).name.lower(), data


def _read(store: Store, id: ObjectId, wanted: str, limit: int = MAX_BYTES) -> bytes:
    kind, data = read_object(store, id, limit)
    if kind != wanted:
        raise DamagedObject(store, id, f"a {kind}, not a {wanted}")
    return data


def id_at(store: Store, tree: ObjectId, path: str) -> ObjectId | None:
    """Return the name of what stands at `path` in `tree`, None where nothing does.

    Nothing below is read or checked: two equal names are all that it can tell.
    """
    with git_errors(store.path, "read a tree"):
        try:
            return ObjectId(str(store.git[pygit2.Oid(hex=tree)].peel(pygit2.Tree)[path].id))
        except KeyError:
            return None


def list_tree(store: Store, tree: ObjectId) -> dict[str, ObjectId]:
    """Return every file of `tree`: path -> blob, in Git's order. Blobs are not read.

    A tree may come from anywhere, so what no snapshot has is refused by
    HostileTree: symbolic links, submodules, executables, names that are empty,
    `.`, `..`, `.git`, that hold `/`, a backslash or a control character, that
    are no UTF-8 or stand there twice, and trees too deep or too large. Raises
    DamagedObject.
    """
    return dict(_files(store, tree, "", itertools.count(1)))


def _files(
    store: Store, tree: ObjectId, prefix: str, counter: Iterator[int]
) -> Iterator[tuple[str, ObjectId]]:
    if prefix.count("/") > MAX_DEPTH:
        raise HostileTree(prefix, f"directories nest deeper than {MAX_DEPTH}")
    names: set[bytes] = set()
    for mode, raw_name, id in _entries(store, tree):
        path = prefix + _checked(prefix, raw_name)
        if raw_name in names:
            raise HostileTree(path, "two entries have this name")
        names.add(raw_name)
        if next(counter) > MAX_ENTRIES:
            raise HostileTree(path, f"the tree has more than {MAX_ENTRIES} entries")
        if mode == _DIRECTORY_MODE:
            yield from _files(store, id, path + "/", counter)
        elif mode == _FILE_MODE:
            yield path, id
        else:
            raise HostileTree(path, f"its mode is {mode.decode()}, not 100644")


def _entries(store: Store, tree: ObjectId) -> Iterator[tuple[bytes, bytes, ObjectId]]:
    """Yield (mode, name, object) as they stand in the tree's own bytes.

    libgit2's parsed form is not used: it turns odd modes into the nearest usual
    one, so an executable could pass for a plain file.
    """
    data = _read(store, tree, "tree")
    at = 0
    while at < len(data):
        entry = _ENTRY.match(data, at)
        if entry is None:
            raise DamagedObject(store, tree, "not a well-formed tree")
        yield entry[1], entry[2], ObjectId(entry[3].hex())
        at = entry.end()


def _checked(path: str, raw: bytes) -> str:
    try:
        name = raw.decode()
    except UnicodeDecodeError as error:
        raise HostileTree(f"{path}{raw!r}", "its name is not UTF-8") from error
    if name in ("", ".", "..") or name.lower() == ".git":
        raise HostileTree(path + name, f"the name {name!r} is not allowed")
    if any(mark in "/\\" or mark in _CONTROLS for mark in name):
        raise HostileTree(path + name, "a name holds a slash, a backslash or a control character")
    return name
