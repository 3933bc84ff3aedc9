from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from kuzugit.canonical.columns import Columns, arrow_type
from kuzugit.canonical.finding import BadKey, Finder, parse_key
from kuzugit.canonical.parquet import encode
from kuzugit.model.object_id import ObjectId
from kuzugit.model.snapshot import Chunk, blob_id
from kuzugit.model.types import parse_type


class Chunks:
    """Chunks of one or two key columns and a number, and how often each was read."""

    def __init__(self, rows: list[tuple[Any, ...]], types: list[str], size: int = 3) -> None:
        parsed = tuple(parse_type(text) for text in types)
        schema = pa.schema([(f"c{at}", arrow_type(type_)) for at, type_ in enumerate(parsed)])
        keys = tuple(range(len(types) - 1)) or (0,)
        self.columns = Columns(schema, parsed, keys, keys)
        self.read: list[ObjectId] = []
        self._data: dict[ObjectId, bytes] = {}
        self.chunks = []
        for at in range(0, len(rows), size):
            part = rows[at : at + size]
            columns = zip(zip(*part, strict=True), schema, strict=True)
            table = pa.table(
                [_array(list(values), field.type) for values, field in columns], schema=schema
            )
            data = encode(table)
            id = blob_id(data)
            self._data[id] = data
            self.chunks.append(Chunk(f"{at:016x}", len(part), len(data), id))

    def blob(self, id: ObjectId) -> bytes:
        self.read.append(id)
        return self._data[id]

    def found(self, *texts: str) -> list[tuple[Any, ...]]:
        rows = Finder(self.blob).rows(self.chunks, self.columns, parse_key(texts, self.columns))
        return list(zip(*(column.to_pylist() for column in rows.columns), strict=True))


def _array(values: list[Any], form: pa.DataType) -> pa.Array:
    raw = pa.int64() if pa.types.is_timestamp(form) else form
    return pa.array(values, pa.int32() if pa.types.is_date32(form) else raw).cast(form)


def test_every_key_is_found_and_no_other() -> None:
    chunks = Chunks([(number, number) for number in range(0, 100, 2)], ["INT64", "INT64"])
    for number in range(-1, 101):
        wanted = [(number, number)] if number in range(0, 100, 2) else []
        assert chunks.found(str(number)) == wanted


def test_few_chunks_are_read() -> None:
    chunks = Chunks([(number, 0) for number in range(3000)], ["INT64", "INT64"])
    assert len(chunks.chunks) == 1000
    chunks.found("1234")
    assert len(chunks.read) <= 12


def test_what_is_known_of_a_chunk_is_not_read_again() -> None:
    chunks = Chunks([(number, 0) for number in range(3000)], ["INT64", "INT64"])
    finder = Finder(chunks.blob)
    key = parse_key(["1234"], chunks.columns)
    finder.rows(chunks.chunks, chunks.columns, key)
    before = len(chunks.read)
    finder.rows(chunks.chunks, chunks.columns, key)
    assert len(chunks.read) == before


def test_a_key_that_runs_over_several_chunks() -> None:
    rows = [(1, 1, 0), *((2, 5, number) for number in range(7)), (2, 6, 0), (3, 0, 0)]
    chunks = Chunks(rows, ["INT64", "INT64", "INT64"])
    assert chunks.found("2", "5") == rows[1:8]
    assert chunks.found("2", "4") == []
    assert chunks.found("3", "0") == [(3, 0, 0)]


KEYS = {
    "STRING": (["", "B", "a", "é", "🦆"], ["", "B", "a", "é", "🦆"]),
    "INT128": (["-5", "10", "9"], ["-5", "10", "9"]),
    "UUID": (
        ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "b0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"],
        ["A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", "b0eebc999c0b4ef8bb6d6bb9bd380a11"],
    ),
    "DECIMAL(5, 2)": (["-0.01", "1.00", "10.50"], ["-.01", "1", "10.5"]),
    "DATE": ([-719162, 0, 18262], ["0001-01-01", "1970-01-01", "2020-01-01"]),
    "TIMESTAMP": ([-1, 0], ["1969-12-31 23:59:59.999999", "1970-01-01T00:00:00"]),
    "TIMESTAMP_TZ": ([0, 3_600_000_000], ["1970-01-01 00:00:00", "1970-01-01 02:00:00+01:00"]),
    "TIMESTAMP_SEC": ([0, 1000], ["1970-01-01", "1970-01-01 00:00:01"]),
    "DOUBLE": (
        [float("-inf"), -0.0, 0.1, float("inf"), float("nan")],
        ["-inf", "0", "0.1", "inf", "nan"],
    ),
    "FLOAT": ([0.5, 1.5], ["0.5", "1.5"]),
    "BLOB": ([b"", b"\x00", b"\xff"], ["0x", "0x00", "ff"]),
    "UINT64": ([0, 2**64 - 1], ["0", "18446744073709551615"]),
}
"""Stored keys in their order, and what a user may type for them."""


@pytest.mark.parametrize("type_", KEYS)
def test_keys_of_every_type(type_: str) -> None:
    stored, typed = KEYS[type_]
    chunks = Chunks(
        [(value, at) for at, value in enumerate(stored)],  # type: ignore[misc, var-annotated]
        [type_, "INT64"],
        size=1,
    )
    for at, text in enumerate(typed):
        assert [row[1] for row in chunks.found(text)] == [at]


@pytest.mark.parametrize(
    ("type_", "text"),
    [
        ("INT64", "x"),
        ("INT8", "1000"),
        ("UUID", "a0"),
        ("DECIMAL(5, 2)", "one"),
        ("DATE", "2020-13-01"),
        ("BLOB", "0xz"),
        ("DOUBLE", ""),
    ],
)
def test_a_text_that_is_no_key(type_: str, text: str) -> None:
    with pytest.raises(BadKey):
        Chunks([(None, 0)], [type_, "INT64"]).found(text)


def test_no_chunks() -> None:
    assert Chunks([], ["INT64", "INT64"]).found("1") == []
