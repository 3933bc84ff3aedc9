"""The lossless way of every type out of Kùzu.

Kùzu's Parquet writer is exact for simple types and wrong for others (measured on
0.11.3): a NULL struct shifts the values of the rows after it, INT128 goes through
DOUBLE, decimals are refused. So a property is read as one or more simple columns, and
an expression of DuckDB puts them together into the stored form.
"""

from __future__ import annotations

from collections.abc import Callable

from kuzugit.engine.query import RawQuery
from kuzugit.model.cypher import text_literal
from kuzugit.model.stored import is_native
from kuzugit.model.types import (
    SCALARS,
    Array,
    Decimal,
    Field,
    List,
    Map,
    Scalar,
    Struct,
    Type,
    Union,
    walk,
)

_MINIMA = {"INT8": 7, "INT16": 15, "INT32": 31, "INT64": 63}
_TIMES = frozenset({"DATE", "TIMESTAMP", "TIMESTAMP_TZ", "TIMESTAMP_MS", "TIMESTAMP_SEC"})

SIMPLE = SCALARS - {"INT128", "INTERVAL", "JSON", "SERIAL", "TIMESTAMP_NS"}
"""Types that Kùzu writes to Parquet exactly, alone and in lists and arrays."""


def why_not_kept(type_: Type) -> str | None:
    """Return why a property of this type cannot be kept, None where it can."""
    for part in walk(type_):
        if isinstance(part, Struct) and not _are_plain(part.fields):
            return "its fields have names that kuzugit cannot ask for"
        if isinstance(part, Union) and not _are_plain((*part.members, Field("tag", part))):
            return "its members have names that kuzugit cannot ask for"
    return None


def _are_plain(fields: tuple[Field, ...]) -> bool:
    names = [item.name.lower() for item in fields]
    return len(set(names)) == len(names) and not any("`" in name for name in names)


def _is_simple(type_: Type) -> bool:
    return all(
        isinstance(part, List | Array) or (isinstance(part, Scalar) and part.name in SIMPLE)
        for part in walk(type_)
    )


def read_property(raw: RawQuery, expression: str, type_: Type) -> str:
    """Add the columns that `expression` of this type is read by.

    Returns the DuckDB expression over them that gives the stored form.
    """
    return _read(raw, expression, type_, plain_maps=is_native(type_))


def _read(raw: RawQuery, expression: str, type_: Type, *, plain_maps: bool) -> str:
    match type_:
        case Scalar():
            return _scalar(raw, expression, type_)
        case Decimal():
            return _decimal_text(raw.add(f"CAST({expression} AS STRING)"))
        case Struct(fields):
            return _struct(raw, expression, fields, plain_maps)
        case Union(members):
            return _union(raw, expression, members, plain_maps)
        case List(element) | Array(element, _):
            if _is_simple(type_):
                column = raw.add(expression)
                flat, leaf = _flat(column, type_)
                found = f"list_min({flat})"
                raw.perishable += _perishable(found, leaf)
                raw.least += _least(found, leaf)
                if leaf in ("FLOAT", "DOUBLE"):
                    # DuckDB takes NaN for the greatest value.
                    raw.nan.append(f"isnan(list_max({flat}))")
                return _list(column, type_)
            return _list_apart(raw, expression, element, plain_maps)
        case Map():
            return _map(raw, expression, type_, plain_maps)


def _scalar(raw: RawQuery, expression: str, type_: Scalar) -> str:
    match type_.name:
        case "INT128":
            column = raw.add(f"CAST({expression} AS STRING)")
            raw.least.append(f"{column} = '{-(1 << 127)}'")
            return column
        case "SERIAL":
            # Kùzu writes a SERIAL column to Parquet with a type that nobody reads.
            return raw.add(f"CAST({expression} AS INT64)")
        case "FLOAT" | "DOUBLE" as name:
            column = raw.add(expression)
            raw.nan.append(f"isnan({column})")
            # One NaN for all: their bits differ by how they were made.
            return f"CASE WHEN isnan({column}) THEN 'nan'::{name} ELSE {column} END"
        case "INTERVAL":
            return _interval(raw, expression)
        case "JSON":
            column = raw.add(f"CAST({expression} AS STRING)")
            return f"CASE WHEN {column} IS NULL THEN NULL ELSE struct_pack(json := {column}) END"
        case "TIMESTAMP_NS":
            whole = f"{expression} = CAST(CAST({expression} AS TIMESTAMP) AS TIMESTAMP_NS)"
            raw.perishable.append(f"NOT {raw.add(whole)}")
            return raw.add(expression)
        case name:
            column = raw.add(expression)
            raw.perishable += _perishable(column, name)
            raw.least += _least(column, name)
            return f"{column}::VARCHAR" if name == "UUID" else column


def _interval(raw: RawQuery, expression: str) -> str:
    # Kùzu's writer drops what is below a millisecond, and refuses negative ones.
    names = ("year", "month", "day", "hour", "minute", "microsecond")
    year, month, day, hour, minute, micro = (
        raw.add(f"date_part('{name}', {expression})") for name in names
    )
    is_null = raw.add(f"({expression}) IS NULL")
    return (
        f"CASE WHEN {is_null} THEN NULL ELSE struct_pack("
        f"months := ({year} * 12 + {month})::INTEGER, days := {day}::INTEGER, "
        f"micros := ({hour} * 60 + {minute}) * 60000000 + {micro}) END"
    )


def _perishable(value: str, name: str) -> list[str]:
    """Return the conditions under which Kùzu destroys a value, however it is built."""
    if name in _TIMES:
        # DuckDB's -infinity is the least value but one.
        form = {"DATE": "DATE", "TIMESTAMP_TZ": "TIMESTAMPTZ"}.get(name, "TIMESTAMP")
        return [f"{value} < '-infinity'::{form}"]
    return []


def _least(value: str, name: str) -> list[str]:
    """Return the conditions under which Kùzu's compression destroys a value.

    It turns the least integer of a type into 0 at a checkpoint, unless larger ones are
    stored beside it, and fails at the least one of 128 bits, which is what the nil UUID
    is stored as.
    """
    if name in _MINIMA:
        return [f"{value} = {-(1 << _MINIMA[name])}"]
    if name == "UUID":
        return [f"{value} = '00000000-0000-0000-0000-000000000000'::UUID"]
    return []


def _flat(column: str, type_: Type) -> tuple[str, str]:
    """Return the DuckDB expression of all elements as one list, and the name of their type."""
    leaf = next(part for part in walk(type_) if isinstance(part, Scalar))
    depth = sum(isinstance(part, List | Array) for part in walk(type_))
    return "flatten(" * (depth - 1) + column + ")" * (depth - 1), leaf.name


def _in_map(value: str, type_: Type, conditions: Callable[[str, str], list[str]]) -> list[str]:
    """Return the conditions of every scalar in a map, in its lists and in its maps."""
    match type_:
        case Map(key, item):
            return [
                *_in_map(f"map_keys({value})", List(key), conditions),
                *_in_map(f"map_values({value})", List(item), conditions),
            ]
        case List(element) | Array(element, _):
            each = f"x{len(value)}"
            return [
                f"list_bool_or(list_transform({value}, lambda {each}: {text}))"
                for text in _in_map(each, element, conditions)
            ]
        case Scalar(name):
            return conditions(value, name)
        case _:
            return []


def _decimal_text(column: str) -> str:
    # CAST(-0.01 AS STRING) gives `0.-1`: the sign stands where a zero should.
    misplaced = f"'-' || replace({column}, '-', '0')"
    return f"CASE WHEN strpos({column}, '-') > 1 THEN {misplaced} ELSE {column} END"


def _struct(raw: RawQuery, expression: str, fields: tuple[Field, ...], plain_maps: bool) -> str:
    is_null = raw.add(f"({expression}) IS NULL")
    members = ", ".join(
        f"{_identifier(item.name)} := "
        + _read(raw, _field(raw, expression, item), item.type, plain_maps=plain_maps)
        for item in fields
    )
    return f"CASE WHEN {is_null} THEN NULL ELSE struct_pack({members}) END"


def _field(raw: RawQuery, expression: str, item: Field) -> str:
    value = f"struct_extract({expression}, {text_literal(item.name)})"
    if not raw.indexes:
        return value
    # The fields of a NULL struct from a list hold garbage, which no file of texts takes.
    return f"CASE WHEN ({expression}) IS NULL THEN NULL ELSE {value} END"


def _union(raw: RawQuery, expression: str, members: tuple[Field, ...], plain_maps: bool) -> str:
    is_null = raw.add(f"({expression}) IS NULL")
    tag = raw.add(f"union_tag({expression})")
    numbers = " ".join(
        f"WHEN {tag} = {_text(item.name)} THEN {at}" for at, item in enumerate(members)
    )
    values = ", ".join(
        f"{_identifier(item.name)} := CASE WHEN {tag} = {_text(item.name)} THEN "
        + _read(
            raw,
            _member(expression, item),
            item.type,
            plain_maps=plain_maps,
        )
        + " END"
        for item in members
    )
    return (
        f"CASE WHEN {is_null} THEN NULL ELSE "
        f"struct_pack(tag := (CASE {numbers} END)::USMALLINT, {values}) END"
    )


def _member(expression: str, item: Field) -> str:
    # The members that the tag does not name may hold garbage, which no file of texts takes.
    name = text_literal(item.name)
    value = f"union_extract({expression}, {name})"
    return f"CASE WHEN union_tag({expression}) = {name} THEN {value} END"


def _list_apart(raw: RawQuery, expression: str, element: Type, plain_maps: bool) -> str:
    is_null = raw.add(f"({expression}) IS NULL")
    inner, index = raw.take_apart(f"size({expression})")
    value = _read(inner, f"list_extract({expression}, {index})", element, plain_maps=plain_maps)
    return f"CASE WHEN {is_null} THEN NULL ELSE coalesce({raw.put_together(inner, value)}, []) END"


def _map(raw: RawQuery, expression: str, type_: Map, plain_maps: bool) -> str:
    if plain_maps and _is_exact_map(type_):
        column = raw.add(expression)
        raw.perishable.append(_has_double_keys(f"map_keys({column})"))
        raw.perishable += _in_map(column, type_, _perishable)
        raw.least += _in_map(column, type_, _least)
        return column
    is_null = raw.add(f"({expression}) IS NULL")
    inner, index = raw.take_apart(f"cardinality({expression})")
    # map_values() gives 0 for NULL; element_at() does not.
    key = f"list_extract(map_keys({expression}), {index})"
    value = f"list_extract(element_at({expression}, {key}), 1)"
    entry = (
        f"struct_pack(key := {_read(inner, key, type_.key, plain_maps=plain_maps)}, "
        f"value := {_read(inner, value, type_.value, plain_maps=plain_maps)})"
    )
    entries = f"coalesce({raw.put_together(inner, entry)}, [])"
    keys = f"list_transform({entries}, lambda x: x.key)"
    double = inner.add(f"size(element_at({expression}, {key}))")
    inner.perishable.append(f"{double} > 1")
    if plain_maps:
        return f"CASE WHEN {is_null} THEN NULL ELSE map_from_entries({entries}) END"
    values = f"list_transform({entries}, lambda x: x.value)"
    return f"CASE WHEN {is_null} THEN NULL ELSE struct_pack(keys := {keys}, values := {values}) END"


def _is_exact_map(type_: Map) -> bool:
    # A NULL struct shifts values here too, and NaN wants a hand of its own.
    return all(
        isinstance(part, List | Map)
        or (isinstance(part, Scalar) and part.name not in ("FLOAT", "DOUBLE"))
        for part in walk(type_)
    )


def _has_double_keys(keys: str) -> str:
    return f"len({keys}) <> len(list_distinct({keys}))"


def _text(name: str) -> str:
    return "'" + name.replace("'", "''") + "'"


def _list(column: str, type_: Type) -> str:
    leaf = next(part for part in walk(type_) if isinstance(part, Scalar))
    if leaf.name == "UUID":
        depth = sum(isinstance(part, List | Array) for part in walk(type_))
        return f"{column}::VARCHAR{'[]' * depth}"
    if leaf.name in ("FLOAT", "DOUBLE"):
        return _same_nans(column, type_)
    return column


def _same_nans(column: str, type_: Type) -> str:
    if isinstance(type_, List | Array):
        variable = f"x{len(column)}"
        inner = _same_nans(variable, type_.element)
        return f"list_transform({column}, lambda {variable}: {inner})"
    return f"CASE WHEN isnan({column}) THEN 'nan'::{type_} ELSE {column} END"


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
