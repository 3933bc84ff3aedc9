"""The rows of one key, out of ordered chunks, of which few are read."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Sequence
from contextlib import suppress
from decimal import Decimal as Number
from decimal import InvalidOperation
from typing import Any, TypeAlias
from uuid import UUID

import pyarrow as pa
import pyarrow.compute as pc

from kuzugit.canonical.columns import Columns, arrow_type
from kuzugit.canonical.parquet import decode
from kuzugit.errors import UsageError
from kuzugit.model.object_id import ObjectId
from kuzugit.model.snapshot import Chunk
from kuzugit.model.times import TIMES, days_of, micros_of
from kuzugit.model.types import Decimal, Scalar, Type

Key: TypeAlias = tuple[pa.Scalar, ...]
"""The values of a key's columns in the stored form."""

Place: TypeAlias = tuple[tuple[Any, ...], ...]
"""A key as something that compares as the rows are ordered."""


class BadKey(UsageError):
    """A text that is no value of the key's type."""

    def __init__(self, text: str, type_: Type) -> None:
        self.text = text
        self.type = type_
        super().__init__(
            f"{text!r} is no key of type {type_}",
            hint="write it plainly: --key 42, --key 2024-05-31, --key 0xff; of a rel 'A->B'",
        )


def parse_key(texts: Sequence[str], columns: Columns) -> Key:
    """Return the key that `texts` spell, one for each key column; raise BadKey.

    Dates and times are ISO 8601, those with a zone in UTC where none is named; a BLOB is
    `0x` and hexadecimal digits.
    """
    types = (columns.types[at] for at in columns.key)
    return tuple(_parsed(text, type_) for text, type_ in zip(texts, types, strict=True))


def check_keys(texts: Sequence[str], types: Sequence[Type]) -> None:
    """Raise BadKey for a text that is no key of any of `types`, nor `A->B` of two of them."""
    for text in texts:
        parts = text.split("->")
        pairs = (("->".join(parts[:at]), "->".join(parts[at:])) for at in range(1, len(parts)))
        if types and not (
            _is_key(text, types)
            or any(_is_key(start, types) and _is_key(end, types) for start, end in pairs)
        ):
            raise BadKey(text, types[0])


def _is_key(text: str, types: Sequence[Type]) -> bool:
    for type_ in types:
        with suppress(BadKey):
            _parsed(text, type_)
            return True
    return False


def _parsed(text: str, type_: Type) -> pa.Scalar:
    try:
        return pa.scalar(_stored(text, type_)).cast(arrow_type(type_))
    except (ValueError, InvalidOperation, pa.ArrowException) as error:
        raise BadKey(text, type_) from error


def _stored(text: str, type_: Type) -> str | bytes | pa.Scalar:
    match type_:
        case Scalar("INT128"):
            return str(int(text))
        case Scalar("UUID"):
            return str(UUID(text))
        case Decimal(_, scale):
            return f"{Number(text).quantize(Number(1).scaleb(-scale)):f}"
        case Scalar("BLOB"):
            return bytes.fromhex(text.removeprefix("0x"))
        case Scalar("DATE") if (days := days_of(text)) is not None:
            return pa.scalar(days, pa.int32())
        case Scalar(name) if name in TIMES and (micros := micros_of(text)) is not None:
            return pa.scalar(micros, pa.timestamp("us"))
        case Scalar("TIMESTAMP_TZ") if not _has_zone(text):
            return f"{text}+00:00"
        case _:
            return text


def _has_zone(text: str) -> bool:
    return text.endswith(("Z", "z")) or any(mark in text[10:] for mark in "+-")


class Finder:
    """Finds rows by key; what it has learnt of a chunk holds for every snapshot that has it."""

    def __init__(self, read: Callable[[ObjectId], bytes]) -> None:
        self._read = read
        self._bounds: dict[ObjectId, tuple[Place, Place]] = {}
        self._last: tuple[ObjectId, pa.Table] | None = None

    def rows(self, chunks: Sequence[Chunk], columns: Columns, key: Key) -> pa.Table:
        """Return the rows of `key`, in their order.

        Reads the chunks that may hold them, and of the others as many as halving takes.
        """
        found = [
            _matching(self._table(chunk, columns), columns, key)
            for chunk in self.chunks(chunks, columns, key)
        ]
        return pa.concat_tables(found) if found else columns.schema.empty_table()

    def chunks(self, chunks: Sequence[Chunk], columns: Columns, key: Key) -> list[Chunk]:
        """Return the chunks that may hold rows of `key`: most often one or none."""
        wanted = tuple(map(_place, key))
        at = bisect_left(chunks, wanted, key=lambda chunk: self._of(chunk, columns)[1])
        found = []
        while at < len(chunks) and self._of(chunks[at], columns)[0] <= wanted:
            found.append(chunks[at])
            at += 1
        return found

    def _of(self, chunk: Chunk, columns: Columns) -> tuple[Place, Place]:
        """Return the places of a chunk's first and last row."""
        if chunk.blob not in self._bounds:
            table = self._table(chunk, columns)
            first, last = (
                tuple(_place(table.column(at)[row]) for at in columns.key)
                for row in (0, table.num_rows - 1)
            )
            self._bounds[chunk.blob] = first, last
        return self._bounds[chunk.blob]

    def _table(self, chunk: Chunk, columns: Columns) -> pa.Table:
        if self._last is None or self._last[0] != chunk.blob:
            self._last = chunk.blob, decode(self._read(chunk.blob), columns.schema)
        return self._last[1]


def _place(value: pa.Scalar) -> tuple[Any, ...]:
    if not value.is_valid:
        return (0,)
    if pa.types.is_temporal(value.type):
        width = pa.int32() if pa.types.is_date32(value.type) else pa.int64()
        return (1, value.cast(width).as_py())
    plain = value.as_py()
    if isinstance(plain, str):
        return (1, plain.encode())
    if isinstance(plain, float) and math.isnan(plain):
        return (2,)
    return (1, plain)


def _matching(table: pa.Table, columns: Columns, key: Key) -> pa.Table:
    for at, value in zip(columns.key, key, strict=True):
        column = table.column(at)
        nan = pa.types.is_floating(value.type) and math.isnan(value.as_py())
        table = table.filter(pc.is_nan(column) if nan else pc.equal(column, value))
    return table
