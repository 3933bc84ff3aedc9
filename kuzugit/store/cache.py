"""Directories that can be made again: kept under a key, the least used removed first.

An entry is a directory, whole or not there: it is made beside and renamed into its place.
Whoever uses one holds a shared lock on it, and only what nobody holds is removed.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pygit2

from kuzugit import atomic
from kuzugit.errors import GitError
from kuzugit.store.location import Store
from kuzugit.store.scratch import try_hold
from kuzugit.store.translate import git_errors

DEFAULT_SIZE = 2 << 30
SETTING = "kuzugit.cacheSize"
_GONE = "gone-"


class BadCacheSize(GitError):
    """The setting of the cache's size is no number of bytes."""

    def __init__(self, store: Store, value: str) -> None:
        self.value = value
        super().__init__(
            f"{SETTING} is {value!r}, and not a size such as 500m or 2g",
            hint=f"git --git-dir={store.path} config {SETTING} 2g",
        )


def cache_size(store: Store) -> int:
    """Return how many bytes the cache may hold; raise BadCacheSize."""
    with git_errors(store.path, "read the configuration"):
        if SETTING not in store.git.config:
            return DEFAULT_SIZE
        value = store.git.config[SETTING] or ""
    try:
        return int(pygit2.Config.parse_int(value))
    except (ValueError, pygit2.GitError) as error:
        raise BadCacheSize(store, value) from error


@contextmanager
def cached(store: Store, key: str, make: Callable[[Path], None]) -> Iterator[Path]:
    """Give the directory under `key`; where there is none, `make` fills a new one.

    `key` is a file name that does not begin with "gone-". The directory stays until the
    end of the block, whatever else is removed. Then the least used
    entries are removed until the rest is within `cache_size`. Killed at any instant, a
    process leaves entries that are whole, and scratch that the next one removes. Two
    that miss the same key both make it; one of the two stays.
    """
    root = store.path / "kuzugit" / "cache"
    with git_errors(store.path, "make the cache"):
        root.mkdir(parents=True, exist_ok=True)
    limit = cache_size(store)
    descriptor = _held(store, root / key, make)
    try:
        yield root / key
    finally:
        os.close(descriptor)
        evict(root, limit)


def _held(store: Store, place: Path, make: Callable[[Path], None]) -> int:
    while True:
        descriptor = try_hold(place, fcntl.LOCK_SH)
        if descriptor is not None:
            os.utime(place)
            return descriptor
        with store.scratch() as scratch:
            beside = scratch / "entry"
            beside.mkdir()
            make(beside)
            with git_errors(store.path, "keep an entry of the cache"):
                atomic.fsync_directory(beside)
                atomic.step("cache:built")
                _rename(beside, place)


def _rename(beside: Path, place: Path) -> None:
    try:
        beside.rename(place)
    except OSError as error:
        # Another process was first, and its entry is as good.
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise
    atomic.fsync_directory(place.parent)


def evict(root: Path, limit: int) -> None:
    """Remove the entries that were not used for longest, until `limit` bytes are left.

    What is in use stays, so more may be left.
    """
    for place in root.glob(f"{_GONE}*"):
        _remove(place, place)
    entries = sorted(_entries(root))
    total = sum(size for _, size, _ in entries)
    for _, size, place in entries:
        if total <= limit:
            return
        # Renamed first: what stands under a key is whole, also when this is killed half-way.
        if _remove(place, root / f"{_GONE}{place.name}-{os.urandom(4).hex()}"):
            total -= size


def _entries(root: Path) -> Iterator[tuple[int, int, Path]]:
    for place in root.iterdir():
        try:
            size = sum(item.stat().st_size for item in place.iterdir())
            yield place.stat().st_mtime_ns, size, place
        except (FileNotFoundError, NotADirectoryError):
            continue  # another process has removed it by now, or it is none of ours


def _remove(place: Path, gone: Path) -> bool:
    descriptor = try_hold(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
    if descriptor is None:
        return False
    try:
        place.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)
    finally:
        os.close(descriptor)
    return True
