"""Chunks read without Arrow hold what Arrow reads in them."""

from __future__ import annotations

import math
from contextlib import suppress
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kuzugit.canonical.columns import arrow_type
from kuzugit.canonical.parquet import encode
from kuzugit.canonical.plain_form import GROUP_ROWS, ChunkUnreadable, check_plain
from kuzugit.canonical.plain_rows import are_simple, finisher, raw_rows
from kuzugit.diff.chunk_rows import chunk_rows
from kuzugit.model.types import Type, parse_type

SIMPLE = {
    "BOOL": st.booleans(),
    "INT8": st.integers(-(2**7), 2**7 - 1),
    "INT16": st.integers(-(2**15), 2**15 - 1),
    "INT32": st.integers(-(2**31), 2**31 - 1),
    "INT64": st.integers(-(2**63), 2**63 - 1),
    "UINT8": st.integers(0, 2**8 - 1),
    "UINT16": st.integers(0, 2**16 - 1),
    "UINT32": st.integers(0, 2**32 - 1),
    "UINT64": st.integers(0, 2**64 - 1),
    "SERIAL": st.integers(0, 2**63 - 1),
    "FLOAT": st.floats(width=32),
    "DOUBLE": st.floats(),
    "STRING": st.text(max_size=5),
    "UUID": st.text(max_size=5),
    "INT128": st.text(max_size=5),
    "DECIMAL(18, 3)": st.text(max_size=5),
    "BLOB": st.binary(max_size=5),
    "DATE": st.integers(-(2**31), 2**31 - 1),
    "TIMESTAMP": st.integers(-(2**63), 2**63 - 1),
    "TIMESTAMP_MS": st.integers(-(2**63), 2**63 - 1),
    "TIMESTAMP_NS": st.integers(-(2**63), 2**63 - 1),
    "TIMESTAMP_SEC": st.integers(-(2**63), 2**63 - 1),
    "TIMESTAMP_TZ": st.integers(-(2**63), 2**63 - 1),
}
TYPES = tuple(map(parse_type, SIMPLE))


def table(types: tuple[Type, ...], rows: list[tuple[Any, ...]]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(types)
    arrays = []
    for values, type_ in zip(columns, types, strict=True):
        arrow = arrow_type(type_)
        integer = {pa.date32(): pa.int32()}.get(arrow, pa.int64())
        times = pa.types.is_temporal(arrow)
        arrays.append(pa.array(values, integer).cast(arrow) if times else pa.array(values, arrow))
    return pa.Table.from_arrays(arrays, [f"c{at}" for at in range(len(types))])


def read(data: bytes, types: tuple[Type, ...]) -> list[tuple[Any, ...]]:
    assert check_plain(data) >= 0
    return list(map(finisher(types), raw_rows(data, types)))


def test_every_simple_type_and_no_other() -> None:
    assert are_simple(TYPES)
    for name in ("INT64[]", "STRUCT(a INT64)", "MAP(STRING, INT64)", "INTERVAL", "JSON"):
        assert not are_simple((parse_type(name),))


@given(st.lists(st.tuples(*(st.none() | values for values in SIMPLE.values())), max_size=9))
def test_it_reads_what_arrow_reads(rows: list[tuple[Any, ...]]) -> None:
    found = table(TYPES, rows)
    assert repr(read(encode(found), TYPES)) == repr(list(chunk_rows(found)))


@pytest.mark.parametrize("rows", [0, 1, GROUP_ROWS, 2 * GROUP_ROWS + 7])
@pytest.mark.parametrize("every", [1, 3, 1000])
def test_many_rows(rows: int, every: int) -> None:
    types = (parse_type("INT64"), parse_type("STRING"), parse_type("BOOL"), parse_type("DOUBLE"))
    wanted = [
        (at, None if at % every else f"text {at}", bool(at % 7), math.nan if at % 2 else None)
        for at in range(rows)
    ]
    assert repr(read(encode(table(types, wanted)), types)) == repr(wanted)


def test_bits_tell_floats_apart() -> None:
    types = (parse_type("DOUBLE"),)
    raw = raw_rows(encode(table(types, [(0.0,), (-0.0,), (math.nan,), (math.nan,)])), types)
    assert raw[0] != raw[1]
    assert raw[2] == raw[3]


def test_another_type_is_no_answer() -> None:
    data = encode(pa.table({"c0": pa.array([1, 2])}))
    for names in (("STRING",), ("INT64", "INT64"), ("INT32",)):
        with pytest.raises(ChunkUnreadable, match="columns"):
            raw_rows(data, tuple(map(parse_type, names)))
    nested = encode(pa.table({"c0": pa.array([{"a": 1}])}))
    with pytest.raises(ChunkUnreadable, match="columns"):
        raw_rows(nested, (parse_type("INT64"),))


@given(st.data())
def test_a_flipped_byte_is_an_error_or_another_value(data: st.DataObject) -> None:
    types = (parse_type("INT64"), parse_type("STRING"), parse_type("BOOL"))
    good = encode(table(types, [(1, "one", True), (None, "two", None), (3, None, False)]))
    at = data.draw(st.integers(0, len(good) - 1))
    bad = bytearray(good)
    bad[at] ^= data.draw(st.integers(1, 255))
    with suppress(ChunkUnreadable):
        assert len(read(bytes(bad), types)) == 3
