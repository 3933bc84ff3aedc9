"""The columns of a chunk: their names, logical types and Arrow types."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from kuzugit.errors import UnsupportedError
from kuzugit.model.catalog import Catalog
from kuzugit.model.snapshot import TableKey
from kuzugit.model.stored import stored_form
from kuzugit.model.types import Array, List, Map, Scalar, Struct, Type

_ARROW: dict[str, pa.DataType] = {
    "BOOL": pa.bool_(),
    "INT8": pa.int8(),
    "INT16": pa.int16(),
    "INT32": pa.int32(),
    "INT64": pa.int64(),
    "UINT8": pa.uint8(),
    "UINT16": pa.uint16(),
    "UINT32": pa.uint32(),
    "UINT64": pa.uint64(),
    "FLOAT": pa.float32(),
    "DOUBLE": pa.float64(),
    "STRING": pa.string(),
    "BLOB": pa.binary(),
    "DATE": pa.date32(),
    "TIMESTAMP": pa.timestamp("us"),
    "TIMESTAMP_MS": pa.timestamp("ms"),
    "TIMESTAMP_TZ": pa.timestamp("us", tz="UTC"),
}


class TypeUnsupported(UnsupportedError):
    """A type that this release does not keep in chunks; a later one may."""

    def __init__(self, type_: Type) -> None:
        self.type = type_
        super().__init__(
            f"this release cannot read values of type {type_}",
            hint="pip install --upgrade kuzugit",
        )


@dataclass(frozen=True)
class Columns:
    """The columns of one table's chunks, by position.

    `key` are those of the key, whose hash decides where a chunk begins; `order` are
    those that the rows are ordered by, in that order.
    """

    schema: pa.Schema
    types: tuple[Type, ...]
    key: tuple[int, ...]
    order: tuple[int, ...]


def chunk_columns(catalog: Catalog, key: TableKey) -> Columns:
    """Return the columns of the chunks under `key`.

    Nodes: the properties as the catalog has them. Rels: `from`, `to`, the properties.
    Raises TypeUnsupported.
    """
    if key.pair is None:
        table = catalog.node(key.table)
        names = [item.name for item in table.properties]
        at = names.index(table.primary_key)
        schema = _schema(names, [item.type for item in table.properties])
        return Columns(schema, tuple(item.type for item in table.properties), (at,), (at,))
    rel = catalog.rel(key.table)
    types = [
        catalog.node(key.pair.from_table).key.type,
        catalog.node(key.pair.to_table).key.type,
        *(item.type for item in rel.properties),
    ]
    names = ["from", "to", *(_apart(item.name) for item in rel.properties)]
    return Columns(_schema(names, types), tuple(types), (0, 1), tuple(range(len(types))))


def _apart(name: str) -> str:
    # Beside the two ends; no property has a backtick in its name.
    return f"`{name}`" if name.lower() in ("from", "to") else name


def _schema(names: list[str], types: list[Type]) -> pa.Schema:
    return pa.schema(
        [pa.field(name, arrow_type(type_)) for name, type_ in zip(names, types, strict=True)]
    )


def arrow_type(type_: Type) -> pa.DataType:
    """Return the Arrow type of the stored form of `type_`."""
    return _arrow(stored_form(type_))


def _arrow(stored: Type) -> pa.DataType:
    match stored:
        case Scalar(name) if name in _ARROW:
            return _ARROW[name]
        case List(element) | Array(element, _):
            return pa.list_(pa.field("element", _arrow(element)))
        case Struct(fields):
            return pa.struct([pa.field(item.name, _arrow(item.type)) for item in fields])
        case Map(key, value):
            return pa.map_(_arrow(key), _arrow(value))
        case _:
            raise TypeUnsupported(stored)
