"""Which chunks of a table are compared with which: a little of the table at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from kuzugit.model.row_change import Row, TableDiff
from kuzugit.model.snapshot import Chunk, TableData
from kuzugit.model.types import Scalar

WINDOW_BYTES = 8 << 20
"""A window ends at the first common boundary after so many bytes of both sides."""


@dataclass(frozen=True)
class Window:
    """Chunks of both sides whose rows have no key in common with another window's."""

    old: tuple[Chunk, ...]
    new: tuple[Chunk, ...]


class Ends(Protocol):
    """Tells the key of the first and of the last row of a chunk."""

    def __call__(self, chunk: Chunk, *, old: bool) -> tuple[Row, Row]:
        """Read a chunk of the old side, or of the new one."""


def windows(head: TableDiff, old: TableData, new: TableData, ends: Ends) -> Iterator[Window]:
    """Yield the chunks that differ, in the order of keys; equal ones are left out.

    Rows are sorted by key, and a chunk is named after its first key: where both sides have
    a chunk of one name, what comes before it on one side meets only what comes before it
    on the other. Where several rows may have one key, `ends` says whether it does.
    """
    if head.identity == 0:
        # Another key: equal bytes mean other rows, so none cancel.
        yield from (Window((chunk,), ()) for chunk in old.chunks)
        yield from (Window((), (chunk,)) for chunk in new.chunks)
        return
    old_only, new_only = chunks_only_in(old, new), chunks_only_in(new, old)
    if not old_only or not new_only:
        yield from (Window((chunk,), ()) for chunk in old_only)
        yield from (Window((), (chunk,)) for chunk in new_only)
    else:
        yield from _aligned(old, new, old_only, new_only, None if has_unique_keys(head) else ends)


def chunks_only_in(data: TableData, other: TableData) -> list[Chunk]:
    """Return the chunks of `data` that `other` has not, or has fewer times.

    Equal chunks stand several times in a table with long runs of equal rels.
    """
    known = Counter(chunk.blob for chunk in other.chunks)
    found = []
    for chunk in data.chunks:
        known[chunk.blob] -= 1
        if known[chunk.blob] < 0:
            found.append(chunk)
    return found


def has_unique_keys(head: TableDiff) -> bool:
    """Tell whether no two rows of a side have one key."""
    if head.key.is_rel or head.new is None:
        return False
    type_ = head.new[head.new_key_at[0]].type
    # NaN is a key that several nodes may have.
    return type_ not in (Scalar("FLOAT"), Scalar("DOUBLE"))


def _aligned(
    old: TableData,
    new: TableData,
    old_only: list[Chunk],
    new_only: list[Chunk],
    ends: Ends | None,
) -> Iterator[Window]:
    names = ({chunk.name for chunk in old_only}, {chunk.name for chunk in new_only})
    before: list[Chunk] = []
    after: list[Chunk] = []
    last: tuple[Chunk, Chunk] | None = None
    for old_part, new_part in _between_common_names(old.chunks, new.chunks):
        long = sum(chunk.size for chunk in (*before, *after)) >= WINDOW_BYTES
        if long and (ends is None or (last and _is_apart(last, (old_part, new_part), ends))):
            yield Window(tuple(before), tuple(after))
            before, after = [], []
        before += [chunk for chunk in old_part if chunk.name in names[0]]
        after += [chunk for chunk in new_part if chunk.name in names[1]]
        last = (old_part[-1], new_part[-1])
    if before or after:
        yield Window(tuple(before), tuple(after))


def _is_apart(
    last: tuple[Chunk, Chunk],
    parts: tuple[tuple[Chunk, ...], tuple[Chunk, ...]],
    ends: Ends,
) -> bool:
    """Tell whether the parts begin with one key, which no row before them has.

    A chunk that is very long ends wherever it stands, even between equal keys.
    """
    firsts = [ends(part[0], old=side == 0)[0] for side, part in enumerate(parts)]
    lasts = [ends(chunk, old=side == 0)[1] for side, chunk in enumerate(last)]
    return _is_same(*firsts) and not any(_is_same(key, firsts[0]) for key in lasts)


def _is_same(one: Row, other: Row) -> bool:
    # NaN is not equal to itself.
    return all(a == b or (a != a and b != b) for a, b in zip(one, other, strict=True))


def _between_common_names(
    old: tuple[Chunk, ...], new: tuple[Chunk, ...]
) -> Iterator[tuple[tuple[Chunk, ...], tuple[Chunk, ...]]]:
    places = {chunk.name: at for at, chunk in enumerate(new)}
    old_start = new_start = 0
    for at, chunk in enumerate(old):
        place = places.get(chunk.name, -1)
        # A name with a number stands for a hash that came before, so not for one place.
        if place > new_start and at and "-" not in chunk.name:
            yield old[old_start:at], new[new_start:place]
            old_start, new_start = at, place
    yield old[old_start:], new[new_start:]
