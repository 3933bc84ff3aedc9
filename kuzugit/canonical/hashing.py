"""A stable hash of keys, and the size of rows, for whole columns at a time.

It is part of the format (docs/format.md): DuckDB's and Arrow's own hashes may change
between releases. Integers are mixed as in splitmix64 (Steele, Lea and Flood, 2014);
texts are taken in words of eight bytes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Hashes = npt.NDArray[np.uint64]
Sizes = npt.NDArray[np.int64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


def key_hashes(columns: Sequence[pa.Array]) -> Hashes:
    """Return a 64-bit hash of each row's values; no value may be NULL."""
    hashes = np.zeros(len(columns[0]), dtype=np.uint64)
    for column in columns:
        hashes = _combine(hashes, _words(column))
    return hashes


def row_sizes(columns: Sequence[pa.Array]) -> Sizes:
    """Return about how many bytes each row takes in a chunk; at least 1."""
    sizes = np.ones(len(columns[0]), dtype=np.int64)
    for column in columns:
        sizes += _sizes(column)
    return sizes


def _combine(hashes: Hashes, values: Hashes) -> Hashes:
    mixed = (hashes ^ values) + _GOLDEN
    mixed ^= mixed >> np.uint64(30)
    mixed *= _FIRST
    mixed ^= mixed >> np.uint64(27)
    mixed *= _SECOND
    mixed ^= mixed >> np.uint64(31)
    return mixed


def _words(column: pa.Array) -> Hashes:
    type_ = column.type
    if pa.types.is_string(type_) or pa.types.is_binary(type_):
        return _text_hashes(column)
    if pa.types.is_floating(type_):
        return _numbers(column.cast(pa.float64()))
    if pa.types.is_temporal(type_):
        column = column.view(pa.int32() if type_.bit_width == 32 else pa.int64())
    if pa.types.is_uint64(column.type):
        return _numbers(column)
    return _numbers(column.cast(pa.int64()))


def _numbers(column: pa.Array) -> Hashes:
    values: Hashes = np.frombuffer(column.buffers()[1], dtype="<u8")
    return values[column.offset : column.offset + len(column)]


def _text_hashes(column: pa.Array) -> Hashes:
    starts = _offsets(column)
    lengths = np.diff(starts)
    starts = starts[:-1]
    data = column.buffers()[2]
    padded = np.zeros((data.size if data else 0) + 8, dtype=np.uint8)
    if data:
        padded[: data.size] = np.frombuffer(data, dtype=np.uint8)
    words: Hashes = np.ndarray(len(padded) - 7, dtype="<u8", buffer=padded, strides=(1,))
    hashes: Hashes = lengths.astype(np.uint64)
    rows = np.flatnonzero(lengths)
    at = 0
    while len(rows):
        word = words[starts[rows] + at]
        left = np.minimum(lengths[rows] - at, 8).astype(np.uint64)
        # Bytes after the text's end belong to its neighbour: shift them out and back.
        shift = (np.uint64(8) - left) << np.uint64(3)
        hashes[rows] = _combine(hashes[rows], (word << shift) >> shift)
        at += 8
        rows = rows[lengths[rows] > at]
    return hashes


def _offsets(column: pa.Array) -> npt.NDArray[np.int64]:
    offsets = np.frombuffer(column.buffers()[1], dtype=np.int32)
    return offsets[column.offset : column.offset + len(column) + 1].astype(np.int64)


def _sizes(column: pa.Array) -> Sizes | int:
    type_ = column.type
    if pa.types.is_string(type_) or pa.types.is_binary(type_):
        return np.diff(_offsets(column)) + 4
    if pa.types.is_list(type_) or pa.types.is_map(type_):
        return _list_sizes(column)
    if pa.types.is_struct(type_):
        parts = [_sizes(column.field(at)) for at in range(type_.num_fields)]
        return np.zeros(len(column), dtype=np.int64) + sum(parts)
    return max(1, int(type_.bit_width) // 8)


def _list_sizes(column: pa.Array) -> Sizes:
    offsets = _offsets(column)
    children = [column.keys, column.items] if pa.types.is_map(column.type) else [column.values]
    total = np.zeros(len(children[0]) + 1, dtype=np.int64)
    for child in children:
        total[1:] += _sizes(child)
    np.cumsum(total, out=total)
    return total[offsets[1:]] - total[offsets[:-1]] + 4
