"""Thrift's compact protocol, as far as Parquet's headers use it, read without trust.

https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
"""

from __future__ import annotations

from typing import TypeAlias

Struct: TypeAlias = "dict[int, Value]"
Value: TypeAlias = "int | float | bytes | bool | list[Value] | Struct"

_TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _STRUCT = 1, 2, 3, 7, 8, 9, 10, 12
_INTEGERS = (4, 5, 6)
_DEEPEST = 16
_LONGEST_VARINT = 10


class ThriftError(ValueError):
    """Bytes that are no struct in the compact protocol."""


def read_struct(data: bytes, at: int) -> tuple[Struct, int]:
    """Return the struct that begins at `at`, by the numbers of its fields, and its end.

    Maps are not known, because Parquet has none. Raises ThriftError.
    """
    reader = _Reader(data, at)
    try:
        return reader.struct(0), reader.at
    except IndexError as error:
        raise ThriftError("it is cut short") from error


class _Reader:
    def __init__(self, data: bytes, at: int) -> None:
        if at < 0:
            raise ThriftError("it begins before the file")
        self.data = data
        self.at = at

    def struct(self, depth: int) -> Struct:
        if depth > _DEEPEST:
            raise ThriftError("it is nested too deep")
        found: Struct = {}
        number = 0
        while head := self.byte():
            delta, kind = head >> 4, head & 0x0F
            number = number + delta if delta else self.integer()
            if number in found:
                raise ThriftError("a field stands twice")
            found[number] = kind == _TRUE if kind in (_TRUE, _FALSE) else self.value(kind, depth)
        return found

    def value(self, kind: int, depth: int) -> Value:
        if kind in _INTEGERS:
            return self.integer()
        if kind == _BINARY:
            return self.take(self.varint())
        if kind == _STRUCT:
            return self.struct(depth + 1)
        if kind in (_LIST, _SET):
            return self.items(depth + 1)
        if kind in (_TRUE, _FALSE, _BYTE):
            return self.byte()
        if kind == _DOUBLE:
            return self.take(8)
        raise ThriftError(f"it has a value of the unknown kind {kind}")

    def items(self, depth: int) -> list[Value]:
        if depth > _DEEPEST:
            raise ThriftError("it is nested too deep")
        head = self.byte()
        kind, size = head & 0x0F, head >> 4
        if size == 0x0F:
            size = self.varint()
        # Each item has a byte at least, so no list is longer than what is left.
        if size > len(self.data) - self.at:
            raise ThriftError("a list is longer than the file")
        return [self.value(kind, depth) for _ in range(size)]

    def integer(self) -> int:
        number = self.varint()
        return (number >> 1) ^ -(number & 1)

    def varint(self) -> int:
        number = 0
        for place in range(_LONGEST_VARINT):
            byte = self.byte()
            number |= (byte & 0x7F) << (7 * place)
            if byte < 0x80:
                return number
        raise ThriftError("a number is too long")

    def byte(self) -> int:
        found = self.data[self.at]
        self.at += 1
        return found

    def take(self, size: int) -> bytes:
        if size > len(self.data) - self.at:
            raise ThriftError("a text is longer than the file")
        self.at += size
        return self.data[self.at - size : self.at]
