"""Many references at once: one file, replaced in one step.

Git keeps each reference as a file of its own, or all of them as lines of `packed-refs`. A
file of its own wins over a line. So references that have none appear together, when the
file of lines is renamed into its place: what a fetch brings is visible as a whole or not
at all, and a thousand versions cost one flush.
"""

from __future__ import annotations

from collections.abc import Mapping, Set

import pygit2

from kuzugit import atomic
from kuzugit.model.object_id import ObjectId
from kuzugit.store.location import Store
from kuzugit.store.ref_file import PACKED, locked, replace
from kuzugit.store.translate import git_errors

_HEADER = b"# pack-refs with: peeled fully-peeled sorted \n"


def write_packed(
    store: Store, values: Mapping[str, ObjectId], drop: Set[str] = frozenset()
) -> None:
    """Set the references `values` (full name -> object) and remove those in `drop`, at once.

    Call it under the store lock. Steps, and what a crash after each leaves behind:

    1. The new lines are written beside. Nothing.
    2. They are renamed over the old ones. THE COMMIT POINT for every reference that has no
       file of its own.
    3. The files of `values` and `drop` are removed: those that plain Git has written. A
       crash leaves some with their old value, which the next call removes.

    Names and objects are those of the caller, who has checked them. Raises RefLocked,
    StoreReadOnly, GitFailed.
    """
    with locked(store, PACKED) as lock, git_errors(store.path, "write the references"):
        path = store.path / PACKED
        lines = _lines(path.read_bytes() if path.exists() else b"")
        for name in drop:
            lines.pop(name.encode(), None)
        lines |= {name.encode(): (id.encode(), None) for name, id in values.items()}
        text = _HEADER + b"".join(_line(store, name, *lines[name]) for name in sorted(lines))
        replace(store, PACKED, lock, text)
        atomic.step("refs:packed")
        for name in (*values, *drop):
            _remove_file(store, name)


def _lines(text: bytes) -> dict[bytes, tuple[bytes, bytes | None]]:
    """Return name -> (object, the line on what its tag peels to; None: not known)."""
    found: dict[bytes, tuple[bytes, bytes | None]] = {}
    whole = b" fully-peeled " in text.partition(b"\n")[0]
    name = b""
    for line in text.splitlines():
        if line.startswith(b"^"):
            found[name] = (found[name][0], line + b"\n")
        elif not line.startswith(b"#"):
            id, _, name = line.partition(b" ")
            found[name] = (id, b"" if whole else None)
    return found


def _line(store: Store, name: bytes, id: bytes, peeled: bytes | None) -> bytes:
    return b"%s %s\n%s" % (id, name, _peeled(store, id) if peeled is None else peeled)


def _peeled(store: Store, id: bytes) -> bytes:
    try:
        found = store.git[pygit2.Oid(hex=id.decode())]
        if isinstance(found, pygit2.Tag):
            return b"^%s\n" % str(found.peel(None).id).encode()
    except (KeyError, pygit2.GitError):
        pass  # a reference that was broken before stays what it is
    return b""


def _remove_file(store: Store, name: str) -> None:
    path = store.path / name
    if path.is_file():
        path.unlink()
        atomic.fsync_directory(path.parent)
