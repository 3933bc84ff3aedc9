"""Which chunks of a table are compared with which: a little of the table at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kuzugit.model.row_change import TableDiff
from kuzugit.model.snapshot import Chunk, TableData
from kuzugit.model.types import Scalar
from kuzugit.porcelain.compare import chunks_only_in

WINDOW_BYTES = 32 << 20
"""A window ends at the first common boundary after so many bytes of both sides."""


@dataclass(frozen=True)
class Window:
    """Chunks of both sides whose rows have no key in common with another window's."""

    old: tuple[Chunk, ...]
    new: tuple[Chunk, ...]


def windows(head: TableDiff, old: TableData, new: TableData) -> Iterator[Window]:
    """Yield the chunks that differ, in the order of keys; equal ones are left out.

    Rows are sorted by key, and a chunk is named after its first key: where both sides have
    a chunk of one name, what comes before it on one side meets only what comes before it
    on the other. That holds where no two rows have one key; rels are one window.
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
    elif _has_unique_keys(head):
        yield from _aligned(old, new, old_only, new_only)
    else:
        yield Window(tuple(old_only), tuple(new_only))


def _has_unique_keys(head: TableDiff) -> bool:
    if head.key.is_rel or head.new is None:
        return False
    type_ = head.new[head.new_key_at[0]].type
    # NaN is a key that several nodes may have.
    return type_ not in (Scalar("FLOAT"), Scalar("DOUBLE"))


def _aligned(
    old: TableData, new: TableData, old_only: list[Chunk], new_only: list[Chunk]
) -> Iterator[Window]:
    names = ({chunk.name for chunk in old_only}, {chunk.name for chunk in new_only})
    before: list[Chunk] = []
    after: list[Chunk] = []
    for old_part, new_part in _between_common_names(old.chunks, new.chunks):
        if sum(chunk.size for chunk in (*before, *after)) >= WINDOW_BYTES:
            yield Window(tuple(before), tuple(after))
            before, after = [], []
        before += [chunk for chunk in old_part if chunk.name in names[0]]
        after += [chunk for chunk in new_part if chunk.name in names[1]]
    if before or after:
        yield Window(tuple(before), tuple(after))


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
