"""Whether the bytes of a chunk are plain Parquet, looked at before anybody decodes them.

A few bytes of Parquet can spell out gigabytes: by compression, by a dictionary, by
counts that nothing stands behind. And the engine's reader, which trusts its input, is
not to be given a file whose footer and pages disagree. So each page's header is read,
and what is not in the form that `canonical.parquet.encode` writes is refused. Values are
not looked at: any bytes are some values.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kuzugit.canonical.thrift import Struct, ThriftError, Value, read_struct
from kuzugit.errors import CorruptError

GROUP_ROWS = 1 << 14
"""Rows of a row group: fewer than the 20,000 after which Arrow 23 and later begin a new
page, so that every release writes the same pages."""

MAX_NULLS = 1 << 26
"""Values that a chunk may have beyond eight for each of its bytes: a list of NULLs takes
no bytes at all."""

_MAGIC = b"PAR1"
_TAIL = 8
_PLAIN, _RLE = 0, 3
_DATA_PAGE = 0
_UNCOMPRESSED = 0

# The numbers of the fields in parquet.thrift.
_SCHEMA, _ROWS, _GROUPS = 2, 3, 4
_FIELD_PHYSICAL, _FIELD_REPETITION, _FIELD_CHILDREN = 1, 3, 5
_GROUP_COLUMNS, _GROUP_ROWS = 1, 3
_COLUMN_FILE, _COLUMN_DATA = 1, 3
_CODEC, _VALUES, _UNPACKED, _PACKED, _FIRST_PAGE, _DICTIONARY = 4, 5, 6, 7, 9, 11
_PAGE_KIND, _PAGE_UNPACKED, _PAGE_PACKED, _PAGE_DATA = 1, 2, 3, 5
_PAGE_VALUES, _PAGE_ENCODING, _PAGE_DEFINITION, _PAGE_REPETITION = 1, 2, 3, 4


class ChunkUnreadable(CorruptError):
    """A chunk is not the Parquet that its manifest promises."""


def check_plain(data: bytes) -> int:
    """Return the number of rows of a chunk; raise ChunkUnreadable where it is not plain.

    Plain are: one file, row groups of at most GROUP_ROWS rows, no dictionary, no
    compression, pages that follow each other inside the file and hold as many values as
    the footer says.
    """
    try:
        return _check(data)
    except ThriftError as error:
        raise ChunkUnreadable(f"it is not readable Parquet: {error}") from error


@dataclass(frozen=True)
class PlainField:
    """A column at the top of a chunk's schema; `physical` is None where it has others inside."""

    physical: int | None
    optional: bool


def read_footer(data: bytes) -> Struct:
    """Return the footer of a chunk; raise ChunkUnreadable where it has none."""
    try:
        return _footer(data)[0]
    except ThriftError as error:
        raise ChunkUnreadable(f"it is not readable Parquet: {error}") from error


def schema_fields(footer: Struct) -> list[PlainField]:
    """Return the columns of a chunk whose columns hold no others; none where some do."""
    found = []
    root, *fields = map(_struct, _list(footer, _SCHEMA)) if _SCHEMA in footer else [{}]
    if root.get(_FIELD_CHILDREN) != len(fields):
        return []
    for field in fields:
        repetition, physical = field.get(_FIELD_REPETITION), field.get(_FIELD_PHYSICAL)
        simple = repetition in (0, 1) and _FIELD_CHILDREN not in field
        found.append(
            PlainField(physical if simple and isinstance(physical, int) else None, repetition == 1)
        )
    return found


def data_pages(data: bytes, footer: Struct) -> Iterator[tuple[int, list[tuple[int, int, int]]]]:
    """Yield for each column of each row group of a chunk that passed `check_plain`:

    its number, and (start, length, number of values) of each page, without its header.
    """
    for group in map(_struct, _list(footer, _GROUPS)):
        columns = _list(group, _GROUP_COLUMNS) if _number(group, _GROUP_ROWS) else []
        for at, column in enumerate(columns):
            about = _struct(_struct(column).get(_COLUMN_DATA))
            first, size = _number(about, _FIRST_PAGE), _number(about, _PACKED)
            yield at, list(_pages(data, first, first + size))


def _footer(data: bytes) -> tuple[Struct, int]:
    """Return the footer and where it starts."""
    length = int.from_bytes(data[-_TAIL:-4], "little")
    start = len(data) - _TAIL - length
    if data[:4] != _MAGIC or data[-4:] != _MAGIC or start < len(_MAGIC):
        raise ChunkUnreadable("it is not readable Parquet: it has no footer")
    return read_struct(data[start:-_TAIL], 0)[0], start


def _check(data: bytes) -> int:
    footer, start = _footer(data)
    rows, values = 0, 0
    for group in map(_struct, _list(footer, _GROUPS)):
        found = _number(group, _GROUP_ROWS)
        if not 0 <= found <= GROUP_ROWS:
            raise ChunkUnreadable(f"it has a row group of {found} rows")
        rows += found
        # Where there are no rows, there are no pages to be anywhere.
        columns = _list(group, _GROUP_COLUMNS) if found else []
        values += sum(_check_column(data, start, _struct(item), found) for item in columns)
    if values > 8 * len(data) + MAX_NULLS:
        raise ChunkUnreadable(f"it spells out {values} values")
    if rows != _number(footer, _ROWS):
        raise ChunkUnreadable("its row groups do not have the rows that its footer tells")
    return rows


def _check_column(data: bytes, end: int, column: Struct, rows: int) -> int:
    if _COLUMN_FILE in column:
        raise ChunkUnreadable("a column of it is in another file")
    about = _struct(column.get(_COLUMN_DATA))
    if _number(about, _CODEC) != _UNCOMPRESSED or _DICTIONARY in about:
        raise ChunkUnreadable("it is compressed")
    first, size, values = (_number(about, at) for at in (_FIRST_PAGE, _PACKED, _VALUES))
    if not len(_MAGIC) <= first <= first + size <= end or size != _number(about, _UNPACKED):
        raise ChunkUnreadable("a column of it is not where its footer says")
    if values < rows or sum(count for *_, count in _pages(data, first, first + size)) != values:
        raise ChunkUnreadable("its pages do not have the values that its footer tells")
    return values


def _pages(data: bytes, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Yield where each page's content starts, its length, and its number of values."""
    while at < end:
        header, at = read_struct(data, at)
        size = _number(header, _PAGE_PACKED)
        about = _struct(header.get(_PAGE_DATA))
        if _number(header, _PAGE_KIND) != _DATA_PAGE or size != _number(header, _PAGE_UNPACKED):
            raise ChunkUnreadable("it has a page that is not plain")
        encodings = [
            _number(about, field) for field in (_PAGE_ENCODING, _PAGE_DEFINITION, _PAGE_REPETITION)
        ]
        if encodings != [_PLAIN, _RLE, _RLE]:
            raise ChunkUnreadable("it has a page that is not plain")
        values = _number(about, _PAGE_VALUES)
        at += size
        if size < 0 or values < 0 or at > end:
            raise ChunkUnreadable("it has a page that reaches beyond its column")
        yield at - size, size, values


def _struct(value: Value | None) -> Struct:
    if not isinstance(value, dict):
        raise ThriftError("a header is missing")
    return value


def _list(struct: Struct, field: int) -> list[Value]:
    value = struct.get(field, [])
    if not isinstance(value, list):
        raise ThriftError("a list is missing")
    return value


def _number(struct: Struct, field: int) -> int:
    value = struct.get(field)
    if not isinstance(value, int):
        raise ThriftError("a number is missing")
    return value
