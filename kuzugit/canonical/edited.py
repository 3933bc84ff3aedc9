"""Rows that changed where they stand: how many, between two chunks of the same keys.

Plain pages are compared as bytes, and only columns whose pages differ are decoded: where
one value in twenty thousand rows changed, that is one column.
"""

from __future__ import annotations

from itertools import accumulate
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from kuzugit.canonical.columns import Columns
from kuzugit.canonical.plain_form import ChunkUnreadable, data_pages, read_footer
from kuzugit.model.stored import stored_form
from kuzugit.model.types import Scalar, Type, children

_FLOATS = (Scalar("FLOAT"), Scalar("DOUBLE"))

_Page: TypeAlias = tuple[int, int, int]
"""Where it starts, its length, and its number of values."""


def edited_rows(old: bytes, new: bytes, columns: Columns) -> int | None:
    """Return how many rows of a chunk have another value somewhere in `new`.

    Both chunks have these columns. None where that is not all there is to say: where the
    keys are not the same ones in the same order, a nested value differs, or a rel that
    differs stands beside, or may stand beside, another one between the same nodes.
    Values are the same when they read the same: NaN is NaN, and -0.0 is not 0.0.
    Raises ChunkUnreadable.
    """
    if any(columns.types[at] in _FLOATS for at in columns.key):
        return None  # several nodes may have the key NaN
    differing = _differing_columns(old, new, columns)
    if differing is None or any(at in columns.key for at in differing):
        return None
    stored = {at: stored_form(columns.types[at]) for at in differing}
    if not all(isinstance(type_, Scalar) for type_ in stored.values()):
        return None
    before, after = _read(old, [*differing]), _read(new, [*differing])
    edited = None
    for at, one, other in zip(differing, before, after, strict=True):
        differs = _differs(one, other, is_float=stored[at] in _FLOATS)
        edited = differs if edited is None else pc.or_(edited, differs)
    if edited is None:
        return 0
    places = pc.indices_nonzero(edited).to_pylist()
    if len(columns.key) > 1 and not _stand_alone(places, _read(new, [*columns.key])):
        return None
    return len(places)


def _differing_columns(old: bytes, new: bytes, columns: Columns) -> list[int] | None:
    """Return the positions of the columns of which a page differs.

    None where the pages do not hold the same numbers of values, one by one.
    """
    ends = [*accumulate(_leaves(stored_form(type_)) for type_ in columns.types)]
    column_of = [
        at for at, end in enumerate(ends) for _ in range(end - (ends[at - 1] if at else 0))
    ]
    pages = _pages(old), _pages(new)
    if [(leaf, count) for leaf, (_, _, count) in pages[0]] != [
        (leaf, count) for leaf, (_, _, count) in pages[1]
    ]:
        return None
    views = memoryview(old), memoryview(new)
    found = set()
    for (leaf, (start, size, _)), (_, (place, length, _)) in zip(*pages, strict=True):
        if leaf >= len(column_of):
            return None
        if views[0][start : start + size] != views[1][place : place + length]:
            found.add(column_of[leaf])
    return sorted(found)


def _pages(data: bytes) -> list[tuple[int, _Page]]:
    return [(leaf, page) for leaf, pages in data_pages(data, read_footer(data)) for page in pages]


def _leaves(stored: Type) -> int:
    """Return how many columns of Parquet a type takes."""
    return sum(map(_leaves, children(stored))) or 1


def _read(data: bytes, at: list[int]) -> list[pa.Array]:
    try:
        file = pq.ParquetFile(pa.BufferReader(data))
        names = [file.schema_arrow.names[place] for place in at]
        table = file.read(columns=names, use_threads=False)
    except (pa.ArrowException, OSError, IndexError) as error:
        raise ChunkUnreadable(f"it is not readable Parquet: {error}") from error
    return [table.column(name).combine_chunks() for name in names]


def _differs(one: pa.Array, other: pa.Array, *, is_float: bool) -> pa.BooleanArray:
    appeared = pc.xor(one.is_null(), other.is_null())
    if not is_float:
        return pc.or_(appeared, pc.not_equal(one, other).fill_null(False))
    bits = pa.int32() if one.type == pa.float32() else pa.int64()
    unlike = pc.not_equal(one.view(bits), other.view(bits)).fill_null(False)
    both_nan = pc.and_(pc.is_nan(one), pc.is_nan(other)).fill_null(False)
    return pc.or_(appeared, pc.and_not(unlike, both_nan))


def _stand_alone(places: list[int], ends: list[pa.Array]) -> bool:
    """Tell whether no row of `places` has the ends of the row before it, or after it."""
    last = len(ends[0]) - 1
    return not any(
        # What is beside the first and the last row is in another chunk.
        place in (0, last)
        or any(
            all(column[place] == column[beside] for column in ends)
            for beside in (place - 1, place + 1)
        )
        for place in places
    )
