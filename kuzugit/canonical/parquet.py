"""Chunks as bytes: Parquet with plain pages, the same for the same rows.

No dictionary, no compression, no statistics, no schema of the writer's: Git's own
compression sees the rows, and an edited row changes a few bytes. What the writer says
of itself is replaced (decision 0004).
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq

from kuzugit.canonical.plain_form import GROUP_ROWS, check_plain
from kuzugit.canonical.plain_form import ChunkUnreadable as ChunkUnreadable

Table: TypeAlias = pa.Table
"""Rows in memory, as the floors above know them."""

CREATED_BY = b"kuzugit format 1"
_MAGIC = b"PAR1"
_TAIL = 8


def encode(table: pa.Table) -> bytes:
    """Return the rows as the bytes of a chunk."""
    sink = pa.BufferOutputStream()
    pq.write_table(
        table,
        sink,
        row_group_size=GROUP_ROWS,
        version="2.6",
        data_page_version="1.0",
        compression="none",
        use_dictionary=False,
        write_statistics=False,
        store_schema=False,
    )
    return _anonymous(sink.getvalue().to_pybytes())


def decode(data: bytes, schema: pa.Schema) -> pa.Table:
    """Return the rows of a chunk; raise ChunkUnreadable where it is not of `schema`.

    Only the plain form is decoded, so memory grows with the bytes given.
    """
    check_plain(data)
    table = _read(data)
    if not _same_form(table.schema, schema):
        raise ChunkUnreadable("its columns are not those of its table")
    return table


def check_columns(data: bytes, schema: pa.Schema) -> None:
    """Raise ChunkUnreadable where a chunk's columns are not those of `schema`.

    Its footer alone is read.
    """
    try:
        found = pq.read_schema(io.BytesIO(data))
    except (pa.ArrowException, OSError, ValueError) as error:
        raise ChunkUnreadable(f"it is not readable Parquet: {error}") from error
    if not _same_form(found, schema):
        raise ChunkUnreadable("its columns are not those of its table")


def decode_all(chunks: Iterable[bytes], schema: pa.Schema) -> pa.Table:
    """Return the rows of several chunks as one table; an empty one of `schema` for none."""
    tables = [decode(data, schema) for data in chunks]
    return pa.concat_tables(tables) if tables else schema.empty_table()


def same_rows(data: bytes, other: bytes) -> bool:
    """Tell whether two chunks hold the same columns and rows, however written.

    Raises ChunkUnreadable.
    """
    first, second = _read(data), _read(other)
    # As bytes: as a value NaN is not equal to itself, and 0.0 is equal to -0.0.
    return bool(first.schema.equals(second.schema)) and encode(first) == encode(second)


def writer() -> str:
    """Return the name and release of the library that writes the chunks."""
    return f"pyarrow {pa.__version__}"


def footer_rows(data: bytes) -> int:
    """Return the number of rows that a chunk's footer tells."""
    try:
        return int(pq.ParquetFile(io.BytesIO(data)).metadata.num_rows)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise ChunkUnreadable(f"it is not readable Parquet: {error}") from error


def _read(data: bytes) -> pa.Table:
    try:
        return pq.ParquetFile(io.BytesIO(data)).read()
    except (pa.ArrowException, OSError, ValueError) as error:
        raise ChunkUnreadable(f"it is not readable Parquet: {error}") from error


def _same_form(found: pa.Schema, wanted: pa.Schema) -> bool:
    return found.names == wanted.names and all(
        a.type == b.type for a, b in zip(found, wanted, strict=True)
    )


def _anonymous(data: bytes) -> bytes:
    """Put CREATED_BY in the place of the writer's name and release.

    The footer is Thrift's compact protocol: a text is its length, then its bytes.
    """
    length = int.from_bytes(data[-_TAIL:-4], "little")
    footer = data[-_TAIL - length : -_TAIL]
    writer = pq.read_metadata(io.BytesIO(data)).created_by.encode()
    old = bytes([len(writer)]) + writer
    at = footer.rfind(old)
    if at < 0 or len(writer) > 127:
        raise AssertionError(f"no writer's name in the footer of a chunk: {writer!r}")
    new = bytes([len(CREATED_BY)]) + CREATED_BY
    footer = footer[:at] + new + footer[at + len(old) :]
    return b"".join([data[: -_TAIL - length], footer, len(footer).to_bytes(4, "little"), _MAGIC])
