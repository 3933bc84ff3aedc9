"""From the stored form back to the logical value: by COPY, by a staging table, by literals.

Measured on Kùzu 0.11.3 over random values with NULL at every level: COPY gives back what
its Parquet reader infers and what a cast of text makes; what needs an expression is right
in `COPY ... FROM (MATCH ...)` over a table of plain columns, and nowhere else; inside
lists neither is right for some types, and only literals are.
"""

from __future__ import annotations

from enum import Enum

from kuzugit.model.catalog import Catalog, Property
from kuzugit.model.loss import Loss
from kuzugit.model.stored import is_native
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


class Way(Enum):
    """How a property is restored; the later one is needed by fewer types."""

    COPY = 1
    STAGING = 2
    LITERAL = 3


def way_of(type_: Type) -> Way:
    """Return the simplest way that restores every value of a property of this type."""
    if _is_copied(type_, root=True):
        return Way.COPY
    return Way.STAGING if _is_staged(type_) else Way.LITERAL


def why_not_restored(type_: Type, *, by_literals: bool = False) -> str | None:
    """Return why no way restores a property of this type, None where one does.

    `by_literals` tells that its table is made by literals whatever this property needs.
    """
    for part in walk(type_):
        if isinstance(part, Union) and _holds_union(*children(part)):
            return "Kùzu cannot load a union inside a union"
    if (by_literals or way_of(type_) is Way.LITERAL) and _casts_union(type_):
        # A CAST, which the literal needs around it, makes the first member of a NULL one.
        return "Kùzu turns a NULL union inside such a type into its first member"
    if way_of(type_) is Way.LITERAL and _maps_to_json(type_):
        return "Kùzu loses the JSON in a struct that a map holds"
    return None


def _maps_to_json(type_: Type) -> bool:
    return any(
        isinstance(part, Map)
        and any(isinstance(inner, Struct) for inner in walk(part))
        and any(inner == Scalar("JSON") for inner in walk(part))
        for part in walk(type_)
    )


def unrestorable(catalog: Catalog) -> list[Loss]:
    """Return the properties that no way restores."""
    by_literals = _made_by_literals(catalog)
    return [
        Loss(f"{table.name}.{item.name}", str(item.type), reason)
        for table in catalog.tables
        for item in table.properties
        if (reason := why_not_restored(item.type, by_literals=table.name in by_literals))
    ]


def _made_by_literals(catalog: Catalog) -> set[str]:
    """Return the tables that may be made by literals: a rel needs its nodes before it."""
    nodes = {
        table.name
        for table in catalog.nodes
        if _needs_literals(table.properties)
        or (isinstance(table.key.type, Decimal) and _needs_more_than_copy(table.properties))
    }
    rels = {
        rel.name
        for rel in catalog.rels
        if _needs_literals(rel.properties)
        or any({pair.from_table, pair.to_table} & nodes for pair in rel.pairs)
    }
    return nodes | rels


def _needs_literals(properties: tuple[Property, ...]) -> bool:
    return any(way_of(item.type) is Way.LITERAL for item in properties)


def _needs_more_than_copy(properties: tuple[Property, ...]) -> bool:
    return any(way_of(item.type) is not Way.COPY for item in properties)


def _holds_union(*types: Type) -> bool:
    return any(isinstance(part, Union) for type_ in types for part in walk(type_))


def _casts_union(type_: Type) -> bool:
    """Tell whether the literal has a CAST around a union."""
    match type_:
        case Struct(fields):
            return any(_casts_union(item.type) for item in fields)
        case Union():
            return False
        case _:
            return _holds_union(type_)


def staging_type(type_: Type) -> str:
    """Return the type of the staging column that COPY fills with the stored form.

    `type_` is a property's own type.
    """
    return str(type_) if is_native(type_) else _staging_type(type_)


def staging_expression(type_: Type, value: str) -> str:
    """Return the Cypher that makes the logical value from the staging column `value`."""
    return value if is_native(type_) else _expression(type_, value)


def _staging_type(type_: Type) -> str:
    if _is_copied(type_):
        return "INT64" if type_ == Scalar("SERIAL") else str(type_)
    match type_:
        case Scalar("INTERVAL"):
            return "STRUCT(months INT32, days INT32, micros INT64)"
        case Scalar("JSON"):
            return "STRUCT(json JSON)"
        case List(Decimal()) | Array(Decimal(), _):
            return "STRING[]"
        case Map(key, value):
            return f"STRUCT(keys {_staging_type(List(key))}, values {_staging_type(List(value))})"
        case Struct(fields):
            return _struct_of(fields)
        case Union(members):
            return _struct_of((Field("tag", Scalar("UINT16")), *members))
        case _:
            raise ValueError(f"{type_} is not staged")


def _expression(type_: Type, value: str) -> str:
    if _is_copied(type_):
        return value
    match type_:
        case Scalar("INTERVAL"):
            months, days, micros = (f"{value}.{part}" for part in ("months", "days", "micros"))
            return f"to_months({months}) + to_days({days}) + to_microseconds({micros})"
        case Scalar("JSON"):
            return f"{value}.json"
        case List(Decimal() as element):
            return f"list_transform({value}, x -> CAST(x AS {element}))"
        case Array(Decimal() as element, _):
            return f"CAST(list_transform({value}, x -> CAST(x AS {element})) AS {type_})"
        case Map(key, item):
            keys = _expression(List(key), f"{value}.keys")
            values = _expression(List(item), f"{value}.values")
            return _unless_null(value, f"map({keys}, {values})")
        case Struct(fields):
            parts = (
                f"{item.name}: {_expression(item.type, f'{value}.{item.name}')}" for item in fields
            )
            return _unless_null(value, f"{{{', '.join(parts)}}}")
        case Union(members):
            return _union_expression(type_, members, value)
        case _:
            raise ValueError(f"{type_} is not staged")


def _union_expression(type_: Type, members: tuple[Field, ...], value: str) -> str:
    cases = " ".join(
        f"WHEN {value}.tag = {at} THEN CAST(union_value({item.name} := "
        f"{_expression(item.type, f'{value}.{item.name}')}) AS {type_})"
        for at, item in enumerate(members)
    )
    return f"CASE {cases} END"


def _unless_null(value: str, expression: str) -> str:
    return f"CASE WHEN {value} IS NULL THEN NULL ELSE {expression} END"


def _struct_of(fields: tuple[Field, ...]) -> str:
    return f"STRUCT({', '.join(f'{item.name} {_staging_type(item.type)}' for item in fields)})"


def _is_copied(type_: Type, *, root: bool = False) -> bool:
    """Tell whether COPY turns the stored form into the value by itself.

    `root` is a property's own type. Below one that is not native, maps and unions
    are stored as structs, so COPY gives none back.
    """
    match type_:
        case _ if root and is_native(type_):
            return True
        case Scalar(name):
            return name not in ("INTERVAL", "JSON")
        case Decimal():
            return True
        case List(element) | Array(element, _):
            return _is_copied_in_list(element)
        case Struct(fields):
            return all(_is_copied(item.type) for item in fields)
        case _:
            return False


def _is_copied_in_list(type_: Type) -> bool:
    match type_:
        case Scalar(name):
            return name not in ("INTERVAL", "JSON")
        case List(element) | Array(element, _):
            return _is_copied_in_list(element)
        case Struct():
            # Where a struct is NULL, the reader casts the empty text that it left behind.
            return not any(_is_text_cast(part) for part in walk(type_)) and all(
                _is_copied_in_list(item.type) for item in type_.fields
            )
        case _:
            return False


def _is_text_cast(type_: Type) -> bool:
    return isinstance(type_, Decimal) or (
        isinstance(type_, Scalar) and type_.name in ("INT128", "UUID", "INTERVAL", "JSON")
    )


def _is_staged(type_: Type) -> bool:
    """Tell whether an expression over a staging column gives the value."""
    if _is_copied(type_):
        return True
    match type_:
        case Scalar("INTERVAL" | "JSON"):
            return True
        case List(Decimal()) | Array(Decimal(), _):
            return True
        case Map(key, value):
            return all(_is_staged_in_map(part) for part in (key, value))
        case Struct(fields):
            return all(_is_staged(item.type) for item in fields)
        case Union(members):
            # A computed union of a single member gives rows the values of others.
            return len(members) > 1 and all(_is_staged(item.type) for item in members)
        case _:
            return False


def _is_staged_in_map(type_: Type) -> bool:
    return _is_copied_in_list(type_) or isinstance(type_, Decimal)
