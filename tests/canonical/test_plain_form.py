"""What is in a chunk is looked at before it is decoded: a bomb is refused while it is small."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kuzugit.canonical import parquet as reader
from kuzugit.canonical.checking import ChunkChecker
from kuzugit.canonical.columns import Columns
from kuzugit.canonical.parquet import check_columns, decode, encode
from kuzugit.canonical.plain_form import GROUP_ROWS, ChunkUnreadable, check_plain
from kuzugit.canonical.thrift import ThriftError, read_struct
from kuzugit.errors import CorruptError
from kuzugit.model.snapshot import Chunk, blob_id
from kuzugit.model.types import Scalar
from tests.hostile import parquet
from tests.hostile.parquet import persons, written

SMALL = persons()
DATA = encode(SMALL)
COLUMNS = Columns(SMALL.schema, (Scalar("INT64"), Scalar("STRING"), Scalar("INT64")), (0,), (0,))


@pytest.mark.parametrize("rows", [0, 1, GROUP_ROWS, GROUP_ROWS + 1, 3 * GROUP_ROWS])
def test_what_we_write_is_plain(rows: int) -> None:
    assert check_plain(encode(persons(rows))) == rows


def test_nested_columns_have_more_values_than_rows() -> None:
    lists = pa.array([[1, None], [], None, list(range(100))] * 100)
    structs = pa.array([{"a": True, "b": None}, None] * 200)
    assert check_plain(encode(pa.table({"lists": lists, "structs": structs}))) == 400


@pytest.mark.parametrize(
    "make",
    [
        parquet.compressed_bomb,
        parquet.constant_bomb,
        parquet.null_bomb,
        parquet.giant_page,
        parquet.giant_footer,
        parquet.beyond_the_end,
        parquet.more_rows_than_there_are,
        parquet.fewer_rows_in_the_footer,
        parquet.endless_lists,
        parquet.dictionary_that_the_footer_hides,
        lambda: written(SMALL, compression="snappy"),
        lambda: written(SMALL, compression="none", use_dictionary=True),
        lambda: written(SMALL, compression="none", use_dictionary=False, data_page_version="2.0"),
        lambda: b"",
        lambda: b"PAR1" * 3,
    ],
)
def test_what_others_write_is_refused_before_it_is_decoded(
    make: Callable[[], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    def decoded(data: bytes) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr(reader, "_read", decoded)
    data = make()
    with pytest.raises(ChunkUnreadable):
        check_plain(data)
    with pytest.raises(ChunkUnreadable):
        decode(data, SMALL.schema)


def test_the_columns_are_told_by_the_footer() -> None:
    check_columns(DATA, SMALL.schema)
    for other in (SMALL.schema.remove(1), SMALL.schema.set(2, pa.field("balance", pa.int32()))):
        with pytest.raises(ChunkUnreadable, match="columns"):
            check_columns(DATA, other)
    with pytest.raises(ChunkUnreadable):
        check_columns(b"x" * 50, SMALL.schema)


def verified(data: bytes) -> list[str]:
    chunk = Chunk("start", 20, len(data), blob_id(data))
    try:
        return list(ChunkChecker(COLUMNS).problems(chunk, data))
    except CorruptError as error:
        return [str(error)]


def test_the_checker_takes_what_is_right() -> None:
    assert verified(DATA) == []


EDITS = st.lists(
    st.tuples(st.integers(0, len(DATA) - 1), st.binary(max_size=6), st.integers(0, 6)), max_size=5
)


@given(EDITS)
def test_any_edit_is_read_or_refused_and_nothing_else(edits: list[tuple[int, bytes, int]]) -> None:
    data = DATA
    for at, new, removed in edits:
        data = data[:at] + new + data[at + removed :]
    # Bytes that nothing reads may be anything; their id, which is checked first, tells.
    if not verified(data):
        assert decode(data, SMALL.schema).num_rows == SMALL.num_rows


@given(st.binary(max_size=200), st.integers(-3, 210))
def test_any_bytes_are_a_struct_or_none(data: bytes, at: int) -> None:
    try:
        _, end = read_struct(data, at)
    except ThriftError:
        return
    assert at < end <= len(data)


@given(st.binary(max_size=300))
def test_any_footer_is_read_or_refused(footer: bytes) -> None:
    data = DATA[:500] + footer + len(footer).to_bytes(4, "little") + b"PAR1"
    assert verified(data) or data == DATA


def test_a_deep_struct_is_refused() -> None:
    with pytest.raises(ThriftError, match="deep"):
        read_struct(b"\x1c" * 10_000, 0)
    with pytest.raises(ThriftError, match="deep"):
        read_struct(b"\x19" * 10_000, 0)


def test_a_long_list_of_nothing_is_refused() -> None:
    with pytest.raises(ThriftError, match="longer"):
        read_struct(b"\x19\xfc\xff\xff\xff\xff\x0f\x00", 0)
