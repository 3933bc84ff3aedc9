"""One reference, written as Git's files backend writes it: lock file, check, rename.

libgit2's own setters are not used for two reasons. They do not compare with an
old value of the caller's choice under the lock. And a process that is killed
inside one leaves `<ref>.lock`, which nobody can tell from the lock of a Git that
is still at work, so the reference could never be written again without repair.
Here the lock file is a hard link to `kuzugit/ref-lock`: only kuzugit writes that,
and only under the store lock, so the next holder of the store lock knows whose
the left-over is. Plain Git honours the lock file meanwhile, as we honour its.

Call everything here under the store lock. Reflogs are not written (a bare
repository keeps none unless told to). The file system must have hard links.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kuzugit import atomic
from kuzugit.errors import LockedError
from kuzugit.store.location import Store
from kuzugit.store.translate import git_errors

_WAIT_SECONDS = 1.0
_POLL_SECONDS = 0.01
PACKED = "packed-refs"
"""The file in which Git keeps references that have no file of their own."""


class RefLocked(LockedError):
    """Another Git program holds the lock file `path` of a reference."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"another Git program holds {path}",
            hint=f"wait for it; if none is running: rm {path}",
        )
        self.path = path


class RefMoved(LockedError):
    """The reference `name` is not what it was: `found` is its value, None where it is missing."""

    def __init__(self, name: str, found: str | None) -> None:
        super().__init__(
            f"{name} has moved: it is {found or 'missing'} now", hint="run the command again"
        )
        self.name = name
        self.found = found


def read_ref(store: Store, name: str) -> str | None:
    """Return a reference's own value: 40 hexadecimal digits, `ref: <name>`, or None."""
    with git_errors(store.path, f"read {name}"):
        found = store.git.references.get(name)
    if found is None:
        return None
    return f"ref: {found.target}" if isinstance(found.target, str) else str(found.target)


def write_ref(store: Store, name: str, value: str) -> None:
    """Set the reference `name` to `value` (form as read_ref), whatever it was.

    Raises RefLocked, StoreReadOnly, GitFailed.
    """
    with locked(store, name) as lock:
        replace(store, name, lock, f"{value}\n".encode())


def swap_ref(store: Store, name: str, old: str | None, new: str) -> None:
    """Set the reference `name` to `new` if it is `old` (None: missing), else raise RefMoved.

    The comparison is made under Git's lock of the reference, so a `git push`
    into the store cannot come between. Raises also as write_ref.
    """
    with locked(store, name) as lock:
        found = read_ref(store, name)
        if found != old:
            raise RefMoved(name, found)
        replace(store, name, lock, f"{new}\n".encode())


def delete_ref(store: Store, name: str) -> None:
    """Remove the reference `name`, which only kuzugit writes; a missing one is no error.

    The lock is that of the packed references: a `git pack-refs` that has read
    the reference before would bring it back after. A crash leaves the reference
    or not. Raises as write_ref.
    """
    with locked(store, PACKED) as lock, git_errors(store.path, f"remove {name}"):
        path = store.path / name
        if path.exists():
            path.unlink()
            atomic.fsync_directory(path.parent)
        packed = store.path / PACKED
        before = packed.read_bytes() if packed.exists() else b""
        after = _without(before, name)
        if after != before:
            replace(store, PACKED, lock, after)


def _without(packed: bytes, name: str) -> bytes:
    """Return the text of packed-refs without `name` and the line on what its tag peels to."""
    kept, dropping = [], False
    for line in packed.splitlines(keepends=True):
        if not line.startswith(b"^"):
            dropping = line.rstrip(b"\n").endswith(b" " + name.encode())
        if not dropping:
            kept.append(line)
    return b"".join(kept)


def remove_dead_lock(store: Store) -> None:
    """Remove the lock file that a killed kuzugit has left, and only that."""
    ours, target = _lock_files(store)
    with git_errors(store.path, "remove the lock file of a dead process"):
        if not ours.exists():
            return
        lock = store.path / f"{target.read_text()}.lock"
        if lock.exists() and lock.samefile(ours):
            lock.unlink()
        ours.unlink()


def _lock_files(store: Store) -> tuple[Path, Path]:
    """Return the file whose link is the lock, and the file that names the locked reference."""
    directory = store.path / "kuzugit"
    return directory / "ref-lock", directory / "ref-locked"


@contextmanager
def locked(store: Store, name: str) -> Iterator[Path]:
    """Hold Git's lock of the reference `name`, an empty file to be renamed over it."""
    remove_dead_lock(store)
    ours, target = _lock_files(store)
    lock = store.path / f"{name}.lock"
    with git_errors(store.path, f"write {name}"):
        ours.parent.mkdir(exist_ok=True)
        target.write_text(name)
        atomic.fsync_file(target)
        # A new file each time: the last one lives on as the reference itself.
        ours.touch(exist_ok=False)
    try:
        with git_errors(store.path, f"write {name}"):
            _link(ours, lock)
        atomic.step("ref:locked")
        yield lock
    finally:
        with git_errors(store.path, f"write {name}"):
            if lock.exists() and lock.samefile(ours):
                lock.unlink()
            ours.unlink()


def _link(ours: Path, lock: Path) -> None:
    deadline = time.monotonic() + _WAIT_SECONDS
    while True:
        # In the loop: `git pack-refs` removes directories that it has emptied.
        lock.parent.mkdir(parents=True, exist_ok=True)
        try:
            lock.hardlink_to(ours)
            return
        except (FileExistsError, FileNotFoundError) as error:
            if time.monotonic() >= deadline:
                raise RefLocked(lock) from error
        time.sleep(_POLL_SECONDS)


def replace(store: Store, name: str, lock: Path, content: bytes) -> None:
    """Put `content` in the place of the reference, or of the packed ones, that `lock` holds."""
    path = store.path / name
    with git_errors(store.path, f"write {name}"):
        lock.write_bytes(content)
        atomic.fsync_file(lock)
        lock.replace(path)
        atomic.fsync_directory(path.parent)
