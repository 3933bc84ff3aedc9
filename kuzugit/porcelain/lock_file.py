"""`kuzugit.lock`: which version of the graph belongs to this state of the code.

A small file beside the store, for the application's repository to track. Where it exists, a
commit writes it; hooks compare it with `current` after the code was changed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from kuzugit.atomic import write_atomically
from kuzugit.errors import CorruptError
from kuzugit.model.object_id import ObjectId
from kuzugit.store.history import Snapshot
from kuzugit.store.location import Store

NAME = "kuzugit.lock"
FORMAT = 1
_LONGEST = 1 << 16


class LockFileUnreadable(CorruptError):
    """`kuzugit.lock` is not as kuzugit writes it: after a merge with conflicts, say."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path} cannot be read: {reason}", hint=f"git checkout -- {path}")
        self.path = path


@dataclass(frozen=True)
class Locked:
    """What the file names: a snapshot, its tree and its version; all None before the first."""

    version: str | None
    commit: ObjectId | None
    tree: ObjectId | None


def lock_path(store: Store) -> Path:
    """Return where the file of a store is; it need not exist."""
    return store.path.parent / NAME


def read_lock(store: Store) -> Locked | None:
    """Return what the file names, None where there is none; raise LockFileUnreadable."""
    path = lock_path(store)
    try:
        with path.open("rb") as file:
            value = json.loads(file.read(_LONGEST))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise LockFileUnreadable(path, str(error)) from error
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise LockFileUnreadable(path, f"its format is not {FORMAT}")
    found = [value.get(key) for key in ("version", "commit", "tree")]
    if not all(item is None or isinstance(item, str) for item in found):
        raise LockFileUnreadable(path, "its values are no texts")
    version, commit, tree = found
    return Locked(version, commit and ObjectId(commit), tree and ObjectId(tree))


def write_lock(store: Store, snapshot: Snapshot | None) -> None:
    """Let the file name `snapshot`; raise OSError."""
    write_atomically(lock_path(store), _text(snapshot))


def names(store: Store, snapshot: Snapshot | None) -> bool:
    """Whether there is a file, and it is as `write_lock` makes it of `snapshot`."""
    try:
        return lock_path(store).read_bytes() == _text(snapshot)
    except OSError:
        return False


def follow(store: Store, snapshot: Snapshot) -> tuple[str, ...]:
    """Let the file name `snapshot`, where there is a file; return what kept it from that.

    Call it under the store lock.
    """
    path = lock_path(store)
    try:
        if path.is_file() and not names(store, snapshot):
            write_lock(store, snapshot)
    except OSError as error:
        return (f"{path} could not be written: {error}",)
    return ()


def _text(snapshot: Snapshot | None) -> bytes:
    fields = {
        "format": FORMAT,
        "version": snapshot and snapshot.version,
        "commit": snapshot and snapshot.commit,
        "tree": snapshot and snapshot.tree,
    }
    return f"{json.dumps(fields, indent=1, sort_keys=True)}\n".encode("ascii")
