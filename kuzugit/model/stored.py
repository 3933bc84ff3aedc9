"""The stored form: which plain type a chunk keeps a property's values in.

Kùzu's Parquet reader and writer are wrong for some types, so a chunk holds those
in another type that is exact and that COPY turns back (docs/format.md). The
logical type stays in the manifest.
"""

from __future__ import annotations

from kuzugit.model.types import Array, Decimal, Field, List, Map, Scalar, Struct, Type, Union

_AS_TEXT = frozenset({"INT128", "UUID"})
_RENAMED = {
    "SERIAL": "INT64",
    # Parquet has no second, and Kùzu's reader takes nanoseconds for integers.
    "TIMESTAMP_SEC": "TIMESTAMP_MS",
    "TIMESTAMP_NS": "TIMESTAMP",
}


def stored_form(type_: Type) -> Type:
    """Return the plain type whose values stand in the chunk for those of `type_`.

    Integers of 128 bits, decimals and UUIDs are text; arrays are lists.
    """
    match type_:
        case Scalar(name) if name in _AS_TEXT:
            return Scalar("STRING")
        case Scalar(name):
            return Scalar(_RENAMED.get(name, name))
        case Decimal():
            return Scalar("STRING")
        case List(element) | Array(element, _):
            return List(stored_form(element))
        case Struct(fields):
            return Struct(tuple(Field(item.name, stored_form(item.type)) for item in fields))
        case Map(key, value):
            return Map(stored_form(key), stored_form(value))
        case Union(members):
            return Union(tuple(Field(item.name, stored_form(item.type)) for item in members))
