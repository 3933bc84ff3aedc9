"""The data types of a property, parsed from the text that Kùzu prints.

Kùzu names types as `INT64`, `DECIMAL(18, 3)`, `FLOAT[3]`, `STRING[]`,
`STRUCT(a INT64, b STRING[])`, `MAP(STRING, INT64)` and `UNION(a INT64, b STRING)`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class Scalar:
    """A type without parameters, by its upper-case name."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Decimal:
    """A decimal of `precision` digits, `scale` of them after the point."""

    precision: int
    scale: int

    def __str__(self) -> str:
        return f"DECIMAL({self.precision}, {self.scale})"


@dataclass(frozen=True)
class List:
    """A list of any length."""

    element: Type

    def __str__(self) -> str:
        return f"{self.element}[]"


@dataclass(frozen=True)
class Array:
    """A list of exactly `length` elements."""

    element: Type
    length: int

    def __str__(self) -> str:
        return f"{self.element}[{self.length}]"


@dataclass(frozen=True)
class Field:
    """A named member of a struct or a union."""

    name: str
    type: Type

    def __str__(self) -> str:
        return f"{self.name} {self.type}"


@dataclass(frozen=True)
class Struct:
    """Named fields in a fixed order."""

    fields: tuple[Field, ...]

    def __str__(self) -> str:
        return f"STRUCT({', '.join(map(str, self.fields))})"


@dataclass(frozen=True)
class Map:
    """An ordered list of key and value pairs."""

    key: Type
    value: Type

    def __str__(self) -> str:
        return f"MAP({self.key}, {self.value})"


@dataclass(frozen=True)
class Union:
    """One value of one of the named members."""

    members: tuple[Field, ...]

    def __str__(self) -> str:
        return f"UNION({', '.join(map(str, self.members))})"


Type: TypeAlias = Scalar | Decimal | List | Array | Struct | Map | Union

SCALARS = frozenset(
    {
        "BOOL",
        "INT8",
        "INT16",
        "INT32",
        "INT64",
        "INT128",
        "UINT8",
        "UINT16",
        "UINT32",
        "UINT64",
        "FLOAT",
        "DOUBLE",
        "STRING",
        "BLOB",
        "UUID",
        "DATE",
        "TIMESTAMP",
        "TIMESTAMP_TZ",
        "TIMESTAMP_MS",
        "TIMESTAMP_SEC",
        "TIMESTAMP_NS",
        "INTERVAL",
        "SERIAL",
        "JSON",
    }
)


DEEPEST = 64
"""How deep a type may be nested: far more than anybody needs, and no danger to the stack."""


_LENGTH_DIGITS = 9
"""Digits of an array's length: no engine takes more."""


class TypeTextError(ValueError):
    """A type's text that this parser does not know."""


def children(type_: Type) -> tuple[Type, ...]:
    """Return the types that `type_` is directly made of."""
    match type_:
        case List(element) | Array(element, _):
            return (element,)
        case Struct(fields):
            return tuple(field.type for field in fields)
        case Union(members):
            return tuple(member.type for member in members)
        case Map(key, value):
            return (key, value)
        case _:
            return ()


def walk(type_: Type) -> Iterator[Type]:
    """Yield `type_` and every type inside it, outermost first."""
    yield type_
    for child in children(type_):
        yield from walk(child)


def parse_type(text: str) -> Type:
    """Parse a type as Kùzu prints it; raise TypeTextError where it is none."""
    parser = _Parser(text)
    result = parser.type()
    if parser.rest():
        raise TypeTextError(f"unexpected {parser.rest()!r} in type {text!r}")
    return result


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.depth = 0

    def rest(self) -> str:
        return self.text[self.at :].strip()

    def type(self) -> Type:
        outside = self.depth
        self._deeper()
        result = self._base()
        while self._take("["):
            self._deeper()
            length = self._until("]")
            if not length:
                result = List(result)
            elif length.isdecimal() and len(length) <= _LENGTH_DIGITS:
                result = Array(result, int(length))
            else:
                raise TypeTextError(f"bad array length {length!r} in type {self.text!r}")
        self.depth = outside
        return result

    def _deeper(self) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise TypeTextError(f"a type nested more than {DEEPEST} deep")

    def _base(self) -> Type:
        name = self._word().upper()
        if name in ("STRUCT", "UNION"):
            fields = self._fields()
            return Struct(fields) if name == "STRUCT" else Union(fields)
        if name == "MAP":
            self._need("(")
            key = self.type()
            self._need(",")
            value = self.type()
            self._need(")")
            return Map(key, value)
        if name == "DECIMAL":
            self._need("(")
            precision = self._until(",")
            scale = self._until(")")
            if not (precision.isdecimal() and scale.isdecimal()):
                raise TypeTextError(f"bad DECIMAL in type {self.text!r}")
            return Decimal(int(precision), int(scale))
        if name not in SCALARS:
            raise TypeTextError(f"unknown type {name!r} in {self.text!r}")
        return Scalar(name)

    def _fields(self) -> tuple[Field, ...]:
        self._need("(")
        fields = []
        while True:
            fields.append(Field(self._field_name(), self.type()))
            if self._take(")"):
                return tuple(fields)
            self._need(",")

    def _field_name(self) -> str:
        self._skip_spaces()
        if self.text[self.at : self.at + 1] == "`":
            end = self.text.find("`", self.at + 1)
            if end < 0:
                raise TypeTextError(f"unclosed field name in type {self.text!r}")
            name = self.text[self.at : end + 1]
            self.at = end + 1
            return name
        return self._word()

    def _word(self) -> str:
        self._skip_spaces()
        start = self.at
        while self.at < len(self.text) and (
            self.text[self.at].isalnum() or self.text[self.at] == "_"
        ):
            self.at += 1
        if start == self.at:
            raise TypeTextError(f"a name is missing at {start} in type {self.text!r}")
        return self.text[start : self.at]

    def _until(self, end: str) -> str:
        stop = self.text.find(end, self.at)
        if stop < 0:
            raise TypeTextError(f"{end!r} is missing in type {self.text!r}")
        found = self.text[self.at : stop].strip()
        self.at = stop + 1
        return found

    def _need(self, mark: str) -> None:
        if not self._take(mark):
            raise TypeTextError(f"{mark!r} is missing at {self.at} in type {self.text!r}")

    def _take(self, mark: str) -> bool:
        self._skip_spaces()
        if not self.text.startswith(mark, self.at):
            return False
        self.at += len(mark)
        return True

    def _skip_spaces(self) -> None:
        while self.at < len(self.text) and self.text[self.at] == " ":
            self.at += 1
