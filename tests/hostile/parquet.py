"""Parquet that lies: about its rows, its types, its sizes."""

from __future__ import annotations

import io
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from kuzugit.canonical.parquet import encode

ROWS = 20
MANY = 1 << 27
"""Values that take a gigabyte once they are decoded, and some kilobytes before."""


def persons(rows: int = ROWS) -> pa.Table:
    """The persons of the small project, as they stand in its chunk."""
    return pa.table(
        {
            "id": pa.array(range(1, rows + 1), pa.int64()),
            "name": pa.array([f"p{number}" for number in range(1, rows + 1)]),
            "balance": pa.array([10] * rows, pa.int64()),
        }
    )


def written(table: pa.Table, **options: Any) -> bytes:
    """Return Parquet as somebody else's writer makes it."""
    sink = io.BytesIO()
    pq.write_table(table, sink, **options)
    return sink.getvalue()


def other_footer(data: bytes, old: bytes, new: bytes, count: int = 1) -> bytes:
    """Replace bytes of the footer, whose length follows."""
    length = int.from_bytes(data[-8:-4], "little")
    footer = data[-8 - length : -8]
    assert old in footer
    footer = footer.replace(old, new, count)
    return data[: -8 - length] + footer + len(footer).to_bytes(4, "little") + b"PAR1"


def varint(number: int) -> bytes:
    """Return a whole number as Thrift's compact protocol has it."""
    number *= 2
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*found, number])


def constant_bomb() -> bytes:
    """A row group of one value, over and over, behind a dictionary."""
    index = pa.array([0], pa.int32()).take(pa.array([0] * 1024))
    name = pa.DictionaryArray.from_arrays(index, pa.array(["x"]))
    batch = pa.table({"id": pa.array([1] * 1024), "name": name, "balance": pa.array([1] * 1024)})
    table = pa.concat_tables([batch] * (MANY // 4096))
    return written(table.combine_chunks(), compression="none", store_schema=False)


def compressed_bomb() -> bytes:
    """One text of 32 MiB of nothing, compressed."""
    text = pa.array(["\0" * (1 << 25)])
    table = pa.table({"id": pa.array([1]), "name": text, "balance": pa.array([10])})
    return written(table, compression="zstd", use_dictionary=False, store_schema=False)


def giant_page() -> bytes:
    """A page whose header says that it is of 2 GiB."""
    data = bytearray(encode(persons()))
    # PageHeader: field 1 type, field 2 uncompressed size, field 3 compressed size.
    start = data.index(b"\x15\x00\x15")
    size_at = start + 3
    end = size_at
    while data[end] & 0x80:
        end += 1
    second = end + 2
    last = second
    while data[last] & 0x80:
        last += 1
    # In the place of both sizes as many bytes as they have: the largest numbers.
    data[size_at : end + 1] = b"\xff" * (end - size_at) + b"\x7f"
    data[second : last + 1] = b"\xff" * (last - second) + b"\x7f"
    return bytes(data)


def giant_footer() -> bytes:
    """A footer that says that it is of 4 GiB."""
    return encode(persons())[:-8] + b"\xff\xff\xff\xff" + b"PAR1"


def null_bomb() -> bytes:
    """A row group of nothing but NULL in two columns: a few bytes for each billion."""
    rows = 1 << 24
    return written(
        pa.table(
            {
                "id": pa.nulls(rows, pa.int64()),
                "name": pa.nulls(rows, pa.string()),
                "balance": pa.nulls(rows, pa.int64()),
            }
        ),
        compression="none",
        use_dictionary=False,
        row_group_size=rows,
        store_schema=False,
    )


def more_rows_than_there_are() -> bytes:
    """The footer tells of a million rows, of which twenty are there."""
    data = encode(persons())
    return other_footer(data, varint(ROWS), varint(1_000_000), count=-1)


def fewer_rows_in_the_footer() -> bytes:
    """The footer's own count differs from that of its row groups."""
    # FileMetaData's num_rows is its third field, after the schema.
    return other_footer(encode(persons()), b"\x16" + varint(ROWS) + b"\x19", b"\x16\x02\x19")


def beyond_the_end() -> bytes:
    """A column whose pages begin beyond the file."""
    data = encode(persons())
    offset = pq.read_metadata(io.BytesIO(data)).row_group(0).column(1).data_page_offset
    return other_footer(data, b"\x26" + varint(offset), b"\x26" + varint(1 << 40))


def endless_lists() -> bytes:
    """Lists of nothing but NULL: a few bytes for a hundred million of them."""
    nulls = pa.nulls(MANY, pa.bool_())
    lists = pa.ListArray.from_arrays(pa.array([0, MANY], pa.int32()), nulls)
    return written(
        pa.table({"id": lists}), compression="none", use_dictionary=False, store_schema=False
    )


def dictionary_that_the_footer_hides() -> bytes:
    """A page by dictionary, where the footer does not tell of it."""
    data = written(persons(), compression="none", use_dictionary=["name"], store_schema=False)
    column = pq.read_metadata(io.BytesIO(data)).row_group(0).column(1)
    assert column.has_dictionary_page
    # The footer's two offsets: field 9, then field 11. The second gives way to a field
    # that nobody knows.
    old = b"\x26" + varint(column.data_page_offset) + b"\x26"
    old += varint(column.dictionary_page_offset)
    pages = varint(column.dictionary_page_offset)
    new = b"\x26" + pages + b"\xf6" + varint(column.dictionary_page_offset)
    return other_footer(data, old, new)
