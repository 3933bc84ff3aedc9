"""How many bytes the store's objects take, and where."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kuzugit.model.object_id import ObjectId
from kuzugit.store.location import Store
from kuzugit.store.maintenance import GitProgramFailed, has_git, run_git
from kuzugit.store.translate import git_errors


@dataclass(frozen=True)
class StoreSize:
    """Objects with a file of their own, packs (with their indexes), the cache of databases."""

    loose: int
    loose_bytes: int
    packs: int
    packed_bytes: int
    cache_bytes: int

    @property
    def bytes(self) -> int:
        """All of it."""
        return self.loose_bytes + self.packed_bytes + self.cache_bytes


def measure(store: Store) -> StoreSize:
    """Look at every file; none is read. What goes away meanwhile is not counted."""
    with git_errors(store.path, "look at the objects"):
        loose = list(_loose(store))
        packs = list(_packs(store))
        cache = list(_below(store.path / "kuzugit" / "cache"))
    return StoreSize(
        len(loose),
        sum(loose),
        len(_whole_packs(name for name, _ in packs)),
        sum(size for _, size in packs),
        sum(cache),
    )


def _whole_packs(names: Iterable[str]) -> set[str]:
    """Return the packs that have their index, and their own name: a killed git leaves others."""
    ends: dict[str, set[str]] = {".pack": set(), ".idx": set()}
    for stem, end in map(os.path.splitext, names):
        if stem.startswith("pack-"):
            ends.get(end, set()).add(stem)
    return ends[".pack"] & ends[".idx"]


def packed_bytes(store: Store) -> int:
    """Return how long all packs are together."""
    with git_errors(store.path, "look at the packs"):
        return sum(size for _, size in _packs(store))


def longest_pack_and_others(store: Store) -> tuple[int, int]:
    """Return how long the longest pack is, with its index, and all the others together."""
    with git_errors(store.path, "look at the packs"):
        packs: dict[str, int] = {}
        for name, size in _packs(store):
            stem = name.partition(".")[0]
            packs[stem] = packs.get(stem, 0) + size
    longest = max(packs.values(), default=0)
    return longest, sum(packs.values()) - longest


def loose_bytes_exceed(store: Store, limit: int) -> bool:
    """Whether the files of single objects are longer than `limit`; it looks no further."""
    with git_errors(store.path, "look at the objects"):
        total = 0
        for size in _loose(store):
            total += size
            if total > limit:
                return True
    return False


def disk_sizes(store: Store, ids: Sequence[ObjectId]) -> dict[ObjectId, int] | None:
    """Return how many bytes each object takes where it is: in a file of its own or in a pack.

    What the store has not is left out. None where there is no git program to ask. Raises
    GitProgramFailed.
    """
    if not has_git():
        return None
    words = ("cat-file", "--batch-check=%(objectname) %(objectsize:disk)")
    done = run_git(store, *words, text="".join(f"{id}\n" for id in ids))
    if done.returncode:
        raise GitProgramFailed(words, done.returncode, done.stdout + done.stderr)
    found = (line.split(" ") for line in done.stdout.splitlines())
    return {ObjectId(id): int(size) for id, size in found if size.isdigit()}


def _loose(store: Store) -> Iterator[int]:
    for directory in _entries(store.path / "objects"):
        if len(directory.name) == 2:
            for file in _entries(Path(directory.path)):
                if len(file.name) == 38:
                    yield from _size(file)


def _packs(store: Store) -> Iterator[tuple[str, int]]:
    for file in _entries(store.path / "objects" / "pack"):
        for size in _size(file):
            yield file.name, size


def _below(directory: Path) -> Iterator[int]:
    for entry in _entries(directory):
        if entry.is_dir(follow_symlinks=False):
            yield from _below(Path(entry.path))
        else:
            yield from _size(entry)


def _entries(directory: Path) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(directory) as entries:
            yield from entries
    except (FileNotFoundError, NotADirectoryError):
        return


def _size(entry: os.DirEntry[str]) -> Iterator[int]:
    try:
        yield entry.stat(follow_symlinks=False).st_size
    except FileNotFoundError:
        return
