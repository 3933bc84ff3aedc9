"""The hash that chunk boundaries and names hang on must never change: it is the format."""

from __future__ import annotations

import struct
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kuzugit.canonical.hashing import key_hashes, row_sizes

MASK = (1 << 64) - 1


def mix(state: int, word: int) -> int:
    """Mix a word into a hash: the finalizer of splitmix64."""
    state = ((state ^ word) + 0x9E3779B97F4A7C15) & MASK
    state = ((state ^ state >> 30) * 0xBF58476D1CE4E5B9) & MASK
    state = ((state ^ state >> 27) * 0x94D049BB133111EB) & MASK
    return state ^ state >> 31


def word_of(value: Any) -> int:
    """Return the word that one value is taken as."""
    match value:
        case str():
            return word_of(value.encode())
        case bytes():
            found = len(value)
            for at in range(0, len(value), 8):
                found = mix(found, int.from_bytes(value[at : at + 8], "little"))
            return found
        case float():
            return struct.unpack("<Q", struct.pack("<d", value))[0]  # type: ignore[no-any-return]
        case bool() | int():
            return value & MASK
        case datetime():
            passed = value.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)
            return (passed.days * 86_400_000_000 + passed.seconds * 1_000_000
                    + passed.microseconds) & MASK  # fmt: skip
        case date():
            return (value - date(1970, 1, 1)).days & MASK
    raise AssertionError(value)


def scalar_hash(*values: Any) -> int:
    """Hash one row's values, one after the other: an implementation apart."""
    found = 0
    for value in values:
        found = mix(found, word_of(value))
    return found


FIXED: list[tuple[pa.DataType, Any, int]] = [
    (pa.int64(), 0, 0xE220A8397B1DCDAF),
    (pa.int64(), 1, 0x910A2DEC89025CC1),
    (pa.int64(), -1, 0xE4D971771B652C20),
    (pa.int8(), -1, 0xE4D971771B652C20),
    (pa.uint64(), MASK, 0xE4D971771B652C20),
    (pa.string(), "", 0xE220A8397B1DCDAF),
]


@pytest.mark.parametrize(("type_", "value", "expected"), FIXED)
def test_a_hash_is_this_for_ever(type_: pa.DataType, value: Any, expected: int) -> None:
    assert hashed([pa.array([value], type_)]) == [expected]


def hashed(columns: list[pa.Array]) -> list[int]:
    return [int(item) for item in key_hashes(columns)]


VECTORS = {
    "int64": pa.array([0, 1, -1, 1 << 62, -(1 << 63), (1 << 63) - 1], pa.int64()),
    "int16": pa.array([0, -32768, 32767], pa.int16()),
    "uint32": pa.array([0, 4294967295], pa.uint32()),
    "uint64": pa.array([0, MASK], pa.uint64()),
    "bool": pa.array([True, False]),
    "float": pa.array([0.0, -0.0, 1.5, float("inf")], pa.float32()),
    "double": pa.array([0.0, -0.0, 0.1, 5e-324, float("-inf")], pa.float64()),
    "date": pa.array([date(1970, 1, 1), date(1, 1, 1), date(9999, 12, 31)], pa.date32()),
    "timestamp": pa.array(
        [datetime(1969, 12, 31, 23, 59, 59, 999999), datetime(2024, 5, 1, 1, 2, 3)],
        pa.timestamp("us"),
    ),
    "timestamp_tz": pa.array([datetime(2024, 5, 1, tzinfo=UTC)], pa.timestamp("us", tz="UTC")),
    "string": pa.array(
        ["", "a", "1234567", "12345678", "123456789", "x" * 15, "x" * 16, "x" * 17, "x" * 100,
         "é", "漢字🦆", "e\u0301", "\0", "\0\0", "a\0"]
    ),
    "binary": pa.array([b"", b"\0", b"\xff" * 8, b"\xff" * 9, bytes(range(256))], pa.binary()),
}  # fmt: skip


@pytest.mark.parametrize("name", VECTORS)
def test_agrees_with_the_implementation_apart(name: str) -> None:
    column = VECTORS[name]
    expected = [scalar_hash(value) for value in column.to_pylist()]
    assert hashed([column]) == expected
    assert len(set(expected)) == len(expected)


def test_the_hashes_together_are_this_for_ever() -> None:
    # One number for all vectors, so that neither implementation drifts with the other.
    found = 0
    for name in sorted(VECTORS):
        for value in hashed([VECTORS[name]]):
            found = mix(found, value)
    assert found == TOGETHER


TOGETHER = 12076967875824589055


@pytest.mark.parametrize("name", VECTORS)
def test_a_slice_has_the_hashes_of_its_rows(name: str) -> None:
    column = VECTORS[name]
    whole = hashed([column])
    for start in range(len(column)):
        for stop in range(start, len(column) + 1):
            assert hashed([column.slice(start, stop - start)]) == whole[start:stop]


def test_the_order_of_a_key_s_parts_counts() -> None:
    one, two = pa.array([1, 2]), pa.array([2, 1])
    assert hashed([one, two]) == [scalar_hash(1, 2), scalar_hash(2, 1)]


ROWS = st.lists(st.tuples(st.text(), st.binary(max_size=40), st.integers(-(1 << 63), (1 << 63) - 1),
                          st.floats(allow_nan=False)), min_size=1, max_size=20)  # fmt: skip


@given(ROWS, st.data())
def test_any_rows_agree_with_the_implementation_apart(
    rows: list[tuple[str, bytes, int, float]], data: st.DataObject
) -> None:
    types = (pa.string(), pa.binary(), pa.int64(), pa.float64())
    columns = [
        pa.array(values, type_)
        for values, type_ in zip(zip(*rows, strict=True), types, strict=True)
    ]
    start = data.draw(st.integers(0, len(rows) - 1))
    expected = [scalar_hash(*row) for row in rows]
    assert hashed([column.slice(start) for column in columns]) == expected[start:]


def test_hashes_are_spread() -> None:
    # Neighbours as keys are: of 64 equal parts each gets its share.
    for column in (pa.array(range(64_000)), pa.array([f"Person/{n}" for n in range(64_000)])):
        counts = np.bincount((key_hashes([column]) >> np.uint64(58)).astype(int), minlength=64)
        assert counts.min() > 850
        assert counts.max() < 1150


def size_of(value: Any, type_: pa.DataType) -> int:
    """Return the bytes of one value, as the format counts them: an implementation apart."""
    if pa.types.is_string(type_) or pa.types.is_binary(type_):
        raw = b"" if value is None else value.encode() if isinstance(value, str) else value
        return len(raw) + 4
    if pa.types.is_map(type_):
        return 4 + sum(
            size_of(k, type_.key_type) + size_of(v, type_.item_type) for k, v in value or []
        )
    if pa.types.is_list(type_):
        return 4 + sum(size_of(item, type_.value_type) for item in value or [])
    if pa.types.is_struct(type_):
        fields = [type_.field(at) for at in range(type_.num_fields)]
        return sum(size_of((value or {}).get(f.name), f.type) for f in fields)
    return max(1, int(type_.bit_width) // 8)


SIZED: list[tuple[pa.DataType, list[Any]]] = [
    (pa.bool_(), [True, None]),
    (pa.int8(), [1, None]),
    (pa.int64(), [1, None]),
    (pa.date32(), [None, date(2020, 1, 1)]),
    (pa.timestamp("us", tz="UTC"), [None]),
    (pa.string(), ["", None, "é", "12345"]),
    (pa.binary(), [b"", None, b"\0\0"]),
    (pa.list_(pa.int64()), [[], None, [1, None, 3]]),
    (pa.list_(pa.string()), [[], None, ["a", None, ""], ["long" * 10]]),
    (pa.list_(pa.list_(pa.float32())), [[[]], None, [None, [1.0]], [[1.0, 2.0], [3.0]]]),
    (pa.struct([("a", pa.int64()), ("b", pa.string())]),
     [{"a": 1, "b": "xyz"}, None, {"a": None, "b": None}]),
    (pa.struct([("a", pa.list_(pa.struct([("b", pa.string())])))]),
     [{"a": [{"b": "x"}, None]}, None, {"a": None}, {"a": []}]),
    (pa.map_(pa.string(), pa.int64()), [[("a", 1), ("bc", None)], [], None]),
    (pa.list_(pa.struct([("a", pa.list_(pa.int16()))])), [[{"a": [1, 2]}, {"a": None}], None]),
]  # fmt: skip


@pytest.mark.parametrize(("type_", "values"), SIZED)
def test_a_row_s_size_is_this_for_ever(type_: pa.DataType, values: list[Any]) -> None:
    values = values * 3
    column = pa.array(values, type_)
    expected = [1 + size_of(value, type_) for value in values]
    assert row_sizes([column]).tolist() == expected
    for start in range(len(values)):
        for stop in range(start, len(values) + 1):
            found = row_sizes([column.slice(start, stop - start)]).tolist()
            assert found == expected[start:stop], (start, stop)


def test_a_row_s_size_is_that_of_all_its_columns() -> None:
    columns = [pa.array([1, 2]), pa.array(["", "abc"])]
    assert row_sizes(columns).tolist() == [13, 16]
