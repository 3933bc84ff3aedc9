"""Packing: many objects in one file, each version of a chunk as what it differs by.

The `git` program does it. Nothing here takes an object away that could still be named, so
commits, fetches and readers go on meanwhile: a pack is removed only after another one that
holds the same objects is in its place, and what no reference reaches becomes a file of its
own. `prune` alone takes away, under the store lock.

Two orders, measured on 1 M nodes and 4 M rels after a commit of 500 edited rows:

- *Onto the new*, Git's own: the newest version of a chunk is whole, the older ones are
  deltas of their successor. Small for any number of versions; but each chunk that changed
  is compressed again (3.2 s).
- *Onto the old*: what was whole stays whole and is copied, what came is a delta of that
  (1.2 s). The deltas grow with the distance. So it is done only until the packs are an
  eighth longer than after the last packing onto the new.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from kuzugit.atomic import FileLock, step, write_atomically
from kuzugit.errors import UsageError
from kuzugit.store.location import Store
from kuzugit.store.maintenance import GitProgramFailed, run_git
from kuzugit.store.sizes import packed_bytes
from kuzugit.store.translate import git_errors

DEFAULT_GRACE = "1.day.ago"
"""What nobody names stays for so long: a push or a plain `git commit-tree` may be about to."""

_LIGHT = ("-c", "pack.compression=1")
_SEARCH = ("--window=10", "--window-memory=2m")
"""How many other objects each is compared with: of chunks of a mebibyte the next one or two,
where the same chunk's other version stands; of small ones ten."""

_REPACK = ("repack", "-A", "-d", "-l", "-q", "--no-write-bitmap-index")
_GROWTH = 8
_DEAD_SECONDS = 24 * 3600
"""A pack that was not written to for so long has nobody who finishes it."""


class BadDate(UsageError):
    """Words that are no date to Git."""

    def __init__(self, text: str) -> None:
        super().__init__(f"{text!r} is no date", hint="kuzugit gc --prune 2.weeks.ago")
        self.text = text


@dataclass(frozen=True)
class Collector:
    """The right to pack the store. Only one at a time has it."""

    store: Store
    lock: FileLock

    def git(self, *arguments: str, text: str | None = None) -> str:
        """Run git, which holds the lock on even when this process is killed."""
        done = run_git(self.store, *arguments, text=text, holds=(self.lock.fileno(),))
        if done.returncode:
            raise GitProgramFailed(arguments, done.returncode, done.stdout + done.stderr)
        return done.stdout


@contextmanager
def collecting(store: Store, timeout: float = 0.0) -> Iterator[Collector]:
    """Keep other processes from packing this store; raise LockHeld after `timeout` seconds.

    Commits do not wait for it.
    """
    lock = FileLock(store.path / "kuzugit" / "gc.lock", timeout)
    with git_errors(store.path, "lock the packs"):
        lock.path.parent.mkdir(exist_ok=True)
        lock.__enter__()
    try:
        yield Collector(store, lock)
    finally:
        lock.__exit__(None, None, None)


def pack(collector: Collector, *, aggressive: bool = False) -> None:
    """Put all objects that a reference reaches into one pack. Steps, and what a kill leaves:

    1. Onto the old: a pack of all objects beside those that are there. A kill leaves a part
       of it, which the next `prune` removes, or a pack too many, which the next packing
       removes.
    2. Git makes one pack of all, which here is a copy, and removes the others and the
       files of single objects. A kill leaves objects twice.
    3. The size is written down. Without it the next packing is onto the new.

    `aggressive` forgets what was found before, searches for longer and compresses better.
    Raises GitProgramMissing, GitProgramFailed, GitFailed.
    """
    if aggressive:
        collector.git(*_REPACK, "-F", "--window=10")
        _note(collector.store)
    elif _may_grow(collector.store):
        _pack_onto_the_old(collector)
        step("gc:packed-beside")
        collector.git(*_LIGHT, *_REPACK, *_SEARCH)
    else:
        collector.git(*_LIGHT, *_REPACK, *_SEARCH)
        step("gc:packed")
        _note(collector.store)
    # It keeps the old packs open, and would go on to find in them what is gone.
    collector.store.git.free()
    step("gc:repacked")


_DATE = "kuzugit.date"
"""A setting that is there for the question alone; Git names it where it has no date."""


def check_date(store: Store, text: str) -> None:
    """Raise BadDate unless `text` is a date in Git's words.

    Raises GitProgramMissing and GitProgramFailed too.
    """
    words = ("-c", f"{_DATE}={text}", "config", "--type=expiry-date", "--get", _DATE)
    done = run_git(store, *words)
    if done.returncode and _DATE in done.stderr:
        raise BadDate(text)
    if done.returncode:
        raise GitProgramFailed(words, done.returncode, done.stdout + done.stderr)


def prune(collector: Collector, expire: str = DEFAULT_GRACE) -> None:
    """Remove what no reference reaches and is older than `expire`, in Git's words for a date.

    The store lock is held, so no commit of kuzugit's is between its first object and its
    reference; for a push, or plain Git, there is `expire`. A kill leaves some of it. Raises
    LockHeld and as `pack`.
    """
    with collector.store.lock():
        collector.git("prune", f"--expire={expire}")
        _sweep_packs(collector.store)
    step("gc:pruned")


def _sweep_packs(store: Store) -> None:
    """Remove packs that a killed git has half made, or half removed.

    `git prune` does not know of them.
    """
    place = store.path / "objects" / "pack"
    with git_errors(store.path, "remove what a killed git has left"):
        for path in (*place.glob(".tmp-*"), *filter(_is_half, place.glob("pack-*"))):
            with suppress(FileNotFoundError):
                if time.time() - path.stat().st_mtime > _DEAD_SECONDS:
                    path.unlink()


def _is_half(path: Path) -> bool:
    return not all(path.with_suffix(end).exists() for end in (".pack", ".idx"))


def _pack_onto_the_old(collector: Collector) -> None:
    # Oldest first: of two versions that are as long Git makes the later one the delta.
    listed = collector.git("rev-list", "--objects", "--all").splitlines()
    place = collector.store.path / "objects" / "pack" / "pack"
    names = "".join(f"{line}\n" for line in reversed(listed))
    collector.git(*_LIGHT, "pack-objects", "-q", "--local", *_SEARCH, str(place), text=names)


def _may_grow(store: Store) -> bool:
    packed = packed_bytes(store)
    try:
        base = int(_notes(store).read_bytes())
    except (OSError, ValueError):
        return False  # a note and no more: without it the packing takes longer
    return 0 < packed <= base + base // _GROWTH


def _note(store: Store) -> None:
    with git_errors(store.path, "write down the size of the packs"):
        write_atomically(_notes(store), b"%d\n" % packed_bytes(store))


def _notes(store: Store) -> Path:
    return store.path / "kuzugit" / "packed"
