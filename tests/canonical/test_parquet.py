"""Chunks as bytes: plain, anonymous, the same for the same rows, and never trusted."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kuzugit.canonical.parquet import (
    CREATED_BY,
    ChunkUnreadable,
    decode,
    decode_all,
    encode,
    footer_rows,
    same_rows,
    writer,
)
from tests.support.damage import DAMAGE, Damage
from tests.support.soak import Soak

SCHEMA = pa.schema(
    [
        pa.field("id", pa.int64()),
        pa.field("odd `name`, \"quoted\" é\n", pa.string()),
        pa.field("bool", pa.bool_()),
        pa.field("float", pa.float32()),
        pa.field("blob", pa.binary()),
        pa.field("day", pa.date32()),
        pa.field("ms", pa.timestamp("ms")),
        pa.field("us", pa.timestamp("us")),
        pa.field("tz", pa.timestamp("us", tz="UTC")),
        pa.field("small", pa.uint8()),
        pa.field("list", pa.list_(pa.field("element", pa.list_(pa.field("element", pa.int8()))))),
        pa.field("struct", pa.struct([("a", pa.int64()), ("b", pa.struct([("c", pa.string())]))])),
    ]
)  # fmt: skip
VALUES: dict[str, list[Any]] = {
    "id": [1, 2, -(1 << 63)],
    'odd `name`, "quoted" é\n': ["", None, "漢字\0"],
    "bool": [True, None, False],
    "float": [-0.0, None, float("inf")],
    "blob": [b"", None, b"\0\xff"],
    "day": [0, None, -(1 << 31)],
    "ms": [0, None, -1],
    "us": [0, None, (1 << 63) - 1],
    "tz": [0, None, 1],
    "small": [0, None, 255],
    "list": [[], None, [[1, None], None, []]],
    "struct": [{"a": 1, "b": {"c": "x"}}, None, {"a": None, "b": None}],
}
TABLE = pa.Table.from_arrays(
    [pa.array(VALUES[field.name], field.type) for field in SCHEMA], schema=SCHEMA
)


def metadata(data: bytes) -> pq.FileMetaData:
    return pq.read_metadata(io.BytesIO(data))


def test_what_is_encoded_is_decoded() -> None:
    decoded = decode(encode(TABLE), SCHEMA)
    assert decoded.equals(TABLE)
    assert encode(decoded) == encode(TABLE)


ROWS = st.lists(
    st.tuples(
        st.integers(-(1 << 63), (1 << 63) - 1),
        st.none() | st.text(),
        st.none() | st.lists(st.none() | st.floats(allow_nan=False)),
        st.none() | st.fixed_dictionaries({"a": st.none() | st.integers(0, 9)}),
    )
)
ANY_SCHEMA = pa.schema(
    [("id", pa.int64()), ("text", pa.string()),
     ("list", pa.list_(pa.field("element", pa.float64()))),
     ("struct", pa.struct([("a", pa.int64())]))]
)  # fmt: skip


@given(ROWS)
def test_any_rows_are_decoded_as_they_were(rows: list[tuple[Any, ...]]) -> None:
    table = pa.Table.from_pylist(
        [dict(zip(ANY_SCHEMA.names, row, strict=True)) for row in rows], schema=ANY_SCHEMA
    )
    data = encode(table)
    assert decode(data, ANY_SCHEMA).to_pylist() == table.to_pylist()
    assert footer_rows(data) == len(rows)


def test_batches_and_slices_leave_no_trace() -> None:
    many = pa.Table.from_batches([*TABLE.slice(0, 1).to_batches(), *TABLE.slice(1).to_batches()])
    longer = pa.concat_tables([TABLE, TABLE, TABLE])
    assert encode(many) == encode(TABLE)
    assert encode(longer.slice(3, 3)) == encode(TABLE)


def test_metadata_of_arrow_leaves_no_trace() -> None:
    assert encode(TABLE.replace_schema_metadata({"pandas": "x"})) == encode(
        TABLE.replace_schema_metadata(None)
    )


def test_pages_are_plain_and_the_footer_says_little() -> None:
    found = metadata(encode(TABLE))
    assert found.created_by == CREATED_BY.decode() == "kuzugit format 1"
    assert found.metadata is None
    assert found.num_row_groups == 1
    group = found.row_group(0)
    for at in range(group.num_columns):
        column = group.column(at)
        assert column.compression == "UNCOMPRESSED"
        assert not column.has_dictionary_page
        assert set(column.encodings) <= {"PLAIN", "RLE"}
        assert column.statistics is None
        assert not column.has_column_index
        assert not column.has_offset_index


def test_no_trace_of_the_writer_s_release() -> None:
    data = encode(TABLE)
    assert pa.__version__.encode() not in data
    assert b"parquet-cpp" not in data
    assert writer() == f"pyarrow {pa.__version__}"


def test_a_value_that_looks_like_the_writer_stays() -> None:
    theirs = io.BytesIO()
    pq.write_table(pa.table({"a": [1]}), theirs)
    created_by = pq.read_metadata(theirs).created_by
    table = pa.table({created_by: [created_by, chr(len(created_by)) + created_by]})
    assert decode(encode(table), table.schema).equals(table)


def test_the_same_bytes_in_another_process() -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from tests.canonical.test_parquet import TABLE, encode\n"
        "sys.stdout.buffer.write(encode(TABLE))"
    )
    words = [sys.executable, "-c", program, str(Path(__file__).parents[2])]
    assert subprocess.run(words, check=True, capture_output=True).stdout == encode(TABLE)


def test_a_group_is_shorter_than_what_arrow_splits_into_pages() -> None:
    table = pa.table({"a": pa.array(range(100_000), pa.int32())})
    assert metadata(encode(table)).num_row_groups == -(-100_000 // 16_384)
    assert metadata(encode(table)).row_group(0).num_rows == 16_384
    assert decode(encode(table), table.schema).equals(table)


# --- what is not trusted


def test_other_columns_are_refused() -> None:
    for schema in (
        pa.schema([pa.field("a", pa.int64())]),
        SCHEMA.set(0, pa.field("ID", pa.int64())),
        SCHEMA.set(0, pa.field("id", pa.int32())),
        pa.schema([SCHEMA.field(1), SCHEMA.field(0), *list(SCHEMA)[2:]]),
    ):
        with pytest.raises(ChunkUnreadable, match="columns"):
            decode(encode(TABLE), schema)


@pytest.mark.parametrize("data", [b"", b"PAR1", b"PAR1PAR1", b"x" * 100, b"PAR1" + b"\xff" * 60])
def test_garbage_is_refused(data: bytes) -> None:
    with pytest.raises(ChunkUnreadable):
        decode(data, SCHEMA)
    with pytest.raises(ChunkUnreadable):
        footer_rows(data)
    with pytest.raises(ChunkUnreadable):
        same_rows(data, encode(TABLE))


def test_every_truncation_is_refused() -> None:
    data = encode(TABLE)
    for length in range(0, len(data), 7):
        with pytest.raises(ChunkUnreadable):
            decode(data[:length], SCHEMA)


def check_damaged(damage: Damage) -> None:
    data = damage.done_to(encode(TABLE))
    try:
        footer_rows(data)
        decode(data, SCHEMA)
    except ChunkUnreadable:
        return


@given(st.integers(0, len(encode(TABLE)) - 1), st.integers(1, 255))
def test_a_changed_byte_is_read_or_refused_and_nothing_else(at: int, change: int) -> None:
    check_damaged(Damage((("flip", at, change),)))


@given(DAMAGE)
def test_a_damaged_chunk_is_read_or_refused_and_nothing_else(damage: Damage) -> None:
    check_damaged(damage)


@pytest.mark.soak
def test_very_many_damaged_chunks_are_read_or_refused(soak: Soak) -> None:
    soak.keep_trying(check_damaged, DAMAGE)


# --- several


def test_chunks_together() -> None:
    parts = [encode(TABLE.slice(at, 1)) for at in range(TABLE.num_rows)]
    assert decode_all(parts, SCHEMA).equals(TABLE)
    assert decode_all([], SCHEMA).equals(SCHEMA.empty_table())


def written(table: pa.Table, **options: Any) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, **options)
    return sink.getvalue()


def test_same_rows_however_written() -> None:
    table = pa.table({"a": [1.5, float("nan"), None], "b": ["x", "", None]})
    other = written(table, compression="zstd", row_group_size=1)
    assert same_rows(encode(table), other)
    assert same_rows(other, encode(table))
    assert not same_rows(encode(table), written(table.slice(1)))
    assert not same_rows(encode(table), written(table.rename_columns(["a", "c"])))
    assert not same_rows(encode(pa.table({"a": [0.0]})), written(pa.table({"a": [-0.0]})))
