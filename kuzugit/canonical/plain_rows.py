"""The rows of a chunk of simple columns, read without Arrow.

To import Arrow and DuckDB takes longer than to compare two chunks of a mebibyte. The plain
form needs neither: pages follow one another, and a value is its bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any, TypeAlias

from kuzugit.canonical.plain_form import ChunkUnreadable, data_pages, read_footer, schema_fields
from kuzugit.model.stored import stored_form
from kuzugit.model.types import Scalar, Type

RawRow: TypeAlias = tuple[Any, ...]
"""The values of a row as they stand in a chunk: texts as UTF-8, floats as the integers that
their bits are, so that NaN equals NaN and 0.0 does not equal -0.0."""

_BOOLEAN, _INT32, _INT64, _FLOAT, _DOUBLE, _BYTES = 0, 1, 2, 4, 5, 6

_FORMS: dict[str, tuple[int, str]] = {
    "BOOL": (_BOOLEAN, ""),
    **dict.fromkeys(("INT8", "INT16", "INT32", "DATE"), (_INT32, "i")),
    **dict.fromkeys(("UINT8", "UINT16", "UINT32"), (_INT32, "I")),
    **dict.fromkeys(("INT64", "TIMESTAMP", "TIMESTAMP_MS", "TIMESTAMP_TZ"), (_INT64, "q")),
    "UINT64": (_INT64, "Q"),
    "FLOAT": (_FLOAT, "I"),
    "DOUBLE": (_DOUBLE, "Q"),
    **dict.fromkeys(("STRING", "BLOB"), (_BYTES, "")),
}
"""Parquet's physical type and the code of `struct`, by the name of the stored type."""

_BITS = [tuple(bool(byte >> at & 1) for at in range(8)) for byte in range(256)]


def are_simple(types: Sequence[Type]) -> bool:
    """Tell whether chunks of columns of these logical types can be read here."""
    return all(
        isinstance(stored, Scalar) and stored.name in _FORMS for stored in map(stored_form, types)
    )


Known: TypeAlias = "dict[tuple[tuple[int, str], bool, bytes], list[Any]]"
"""Pages that were read before, and their values."""


def raw_rows(data: bytes, types: Sequence[Type], known: Known | None = None) -> list[RawRow]:
    """Return the rows of a chunk that passed `check_plain`; its columns are of simple `types`.

    Where two chunks differ in a few columns, the pages of the others are the same bytes, and
    `known` spares reading them twice. Raises ChunkUnreadable where it is not of these types.
    """
    known = {} if known is None else known
    forms = [_FORMS[_stored_name(type_)] for type_ in types]
    footer = read_footer(data)
    fields = schema_fields(footer)
    if [field.physical for field in fields] != [physical for physical, _ in forms]:
        raise ChunkUnreadable("its columns are not those of its table")
    found: list[list[list[Any]]] = [[] for _ in forms]
    for at, pages in data_pages(data, footer):
        for start, size, count in pages:
            key = (forms[at], fields[at].optional, data[start : start + size])
            values = known.get(key)
            if values is None or len(values) != count:
                values = known[key] = _values(key[2], count, forms[at], optional=key[1])
            found[at].append(values)
    columns = [list(chain.from_iterable(parts)) for parts in found]
    if len({len(column) for column in columns}) > 1:
        raise ChunkUnreadable("its columns have different numbers of rows")
    return list(zip(*columns, strict=True))


def finisher(types: Sequence[Type]) -> Callable[[RawRow], tuple[Any, ...]]:
    """Return what makes a row as `model.row_change.Row` has it of a raw one.

    It raises ChunkUnreadable.
    """
    special = [
        (at, _FINISHERS[name])
        for at, name in enumerate(map(_stored_name, types))
        if name in _FINISHERS
    ]

    def finish(row: RawRow) -> tuple[Any, ...]:
        values = list(row)
        for at, make in special:
            if values[at] is not None:
                values[at] = make(values[at])
        return tuple(values)

    return finish


def _text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ChunkUnreadable("a text in it is no UTF-8") from error


def _double(bits: int) -> float:
    return float(struct.unpack("<d", struct.pack("<Q", bits))[0])


def _float(bits: int) -> float:
    return float(struct.unpack("<f", struct.pack("<I", bits))[0])


_FINISHERS: dict[str, Callable[[Any], Any]] = {
    "STRING": _text,
    "DOUBLE": _double,
    "FLOAT": _float,
}


def _stored_name(type_: Type) -> str:
    stored = stored_form(type_)
    assert isinstance(stored, Scalar), "asked by `are_simple` before"
    return stored.name


def _values(page: bytes, count: int, form: tuple[int, str], *, optional: bool) -> list[Any]:
    """Return the values of a page, None where there is none."""
    start, defined = _defined(page, count) if optional else (0, None)
    number = count if defined is None else sum(defined)
    try:
        values = _decoded(page, start, number, form)
    except (struct.error, IndexError) as error:
        raise ChunkUnreadable("a page of it is cut short") from error
    if defined is None:
        return values
    rest = iter(values)
    return [next(rest) if there else None for there in defined]


def _decoded(page: bytes, start: int, count: int, form: tuple[int, str]) -> list[Any]:
    physical, code = form
    if physical == _BYTES:
        return _texts(page, start, count)
    if physical == _BOOLEAN:
        bits = list(chain.from_iterable(_BITS[byte] for byte in page[start:]))
        if len(bits) < count:
            raise ChunkUnreadable("a page of it is cut short")
        return bits[:count]
    return list(struct.unpack_from(f"<{count}{code}", page, start))


def _texts(page: bytes, at: int, count: int) -> list[bytes]:
    size_at = struct.Struct("<I").unpack_from
    found = []
    for _ in range(count):
        start = at + 4
        at = start + size_at(page, at)[0]
        found.append(page[start:at])
    if at > len(page):
        raise ChunkUnreadable("a page of it is cut short")
    return found


def _defined(page: bytes, count: int) -> tuple[int, list[bool] | None]:
    """Return where the values begin, and which rows have one; None: all."""
    end = 4 + int.from_bytes(page[:4], "little")
    at = 4
    found: list[bool] = []
    while at < end and len(found) < count:
        head, at = _varint(page, at, end)
        if head & 1:
            size = head >> 1
            for byte in page[at : min(at + size, end)]:
                found.extend(_BITS[byte])
            at += size
        else:
            run = min(head >> 1, count - len(found))
            found.extend([bool(page[at : at + 1] == b"\x01")] * run)
            at += 1
    if len(found) < count or end > len(page):
        raise ChunkUnreadable("a page of it is cut short")
    del found[count:]
    return end, None if all(found) else found


def _varint(page: bytes, at: int, end: int) -> tuple[int, int]:
    number = shift = 0
    while at < end:
        byte = page[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, at
        shift += 7
    raise ChunkUnreadable("a page of it is cut short")
