"""The stored form: which plain type a chunk keeps a property's values in.

Kùzu's Parquet reader and writer are wrong for some types, so a chunk holds those
in another type that is exact and that COPY turns back (docs/format.md). The
logical type stays in the manifest.
"""

from __future__ import annotations

from kuzugit.model.types import (
    Array,
    Decimal,
    Field,
    List,
    Map,
    Scalar,
    Struct,
    Type,
    Union,
    children,
    walk,
)

_AS_TEXT = frozenset({"INT128", "UUID"})
_RENAMED = {
    "SERIAL": "INT64",
    # Parquet has no second, and Kùzu's reader takes nanoseconds for integers.
    "TIMESTAMP_SEC": "TIMESTAMP_MS",
    "TIMESTAMP_NS": "TIMESTAMP",
}
_NATIVE = frozenset(
    {
        *("BOOL", "INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64"),
        *("FLOAT", "DOUBLE", "STRING", "BLOB", "DATE", "TIMESTAMP"),
    }
)


def is_native(type_: Type) -> bool:
    """Tell whether Kùzu's Parquet reader gives this very type, without a cast."""
    parts = list(walk(type_))
    kinds = {type(part) for part in parts}
    # To make a union takes a cast, and no cast reaches into a map, or into a union again.
    if Union in kinds and (Map in kinds or _has_union_inside(parts)):
        return False
    return all(
        isinstance(part, List | Struct | Map | Union)
        or (isinstance(part, Scalar) and part.name in _NATIVE)
        for part in parts
    )


def _has_union_inside(parts: list[Type]) -> bool:
    return any(
        isinstance(inner, Union)
        for part in parts
        if isinstance(part, Union)
        for child in children(part)
        for inner in walk(child)
    )


def stored_form(type_: Type) -> Type:
    """Return the plain type whose values stand in the chunk for those of `type_`.

    Integers of 128 bits, decimals and UUIDs are text; arrays are lists; an INTERVAL is
    a struct of months, days and micros; JSON a struct of its text; a UNION a struct of
    the member's number and the members. A MAP stays one in a type that Kùzu's reader
    gives as it is; elsewhere it is a struct of keys and values, two lists.
    """
    return _stored(type_, plain_maps=is_native(type_))


def _stored(type_: Type, *, plain_maps: bool) -> Type:
    def inner(part: Type) -> Type:
        return _stored(part, plain_maps=plain_maps)

    match type_:
        case Scalar("INTERVAL"):
            return _struct(months=Scalar("INT32"), days=Scalar("INT32"), micros=Scalar("INT64"))
        case Scalar("JSON"):
            return _struct(json=Scalar("STRING"))
        case Scalar(name) if name in _AS_TEXT:
            return Scalar("STRING")
        case Scalar(name):
            return Scalar(_RENAMED.get(name, name))
        case Decimal():
            return Scalar("STRING")
        case List(element) | Array(element, _):
            return List(inner(element))
        case Struct(fields):
            return Struct(tuple(Field(item.name, inner(item.type)) for item in fields))
        case Map(key, value) if plain_maps:
            return Map(inner(key), inner(value))
        case Map(key, value):
            return _struct(keys=List(inner(key)), values=List(inner(value)))
        case Union(members):
            values = tuple(Field(item.name, inner(item.type)) for item in members)
            return Struct((Field("tag", Scalar("UINT16")), *values))


def _struct(**fields: Type) -> Struct:
    return Struct(tuple(Field(name, type_) for name, type_ in fields.items()))
