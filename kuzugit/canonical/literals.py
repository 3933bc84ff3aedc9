"""Rows as Cypher literals: the way that is right for every type, a statement a row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from kuzugit.canonical.columns import Columns
from kuzugit.model.catalog import Catalog
from kuzugit.model.cypher import quoted, text_literal
from kuzugit.model.snapshot import TableKey
from kuzugit.model.types import Array, Decimal, Field, List, Map, Scalar, Struct, Type, Union

_BATCH = 1000


def create_statements(
    catalog: Catalog, key: TableKey, columns: Columns, rows: pa.Table
) -> Iterator[str]:
    """Yield a CREATE statement for each row of a chunk."""
    if key.pair is None:
        names = [item.name for item in catalog.node(key.table).properties]
        for values in _literal_rows(columns, rows):
            yield f"CREATE (:{quoted(key.table)} {_assignments(names, values)})"
        return
    start, end = catalog.node(key.pair.from_table), catalog.node(key.pair.to_table)
    names = [item.name for item in catalog.rel(key.table).properties]
    for from_key, to_key, *values in _literal_rows(columns, rows):
        yield (
            f"MATCH (a:{quoted(start.name)} {{{quoted(start.primary_key)}: {from_key}}}), "
            f"(b:{quoted(end.name)} {{{quoted(end.primary_key)}: {to_key}}}) "
            f"CREATE (a)-[:{quoted(key.table)} {_assignments(names, values)}]->(b)"
        )


def _assignments(names: list[str], values: list[str]) -> str:
    pairs = ", ".join(f"{quoted(name)}: {text}" for name, text in zip(names, values, strict=True))
    return f"{{{pairs}}}"


def _literal_rows(columns: Columns, rows: pa.Table) -> Iterator[list[str]]:
    for batch in rows.to_batches(_BATCH):
        lists = [
            [literal(type_, value) for value in numbers_for_times(column).to_pylist()]
            for type_, column in zip(columns.types, batch.columns, strict=True)
        ]
        yield from (list(values) for values in zip(*lists, strict=True))


def literal(type_: Type, value: Any) -> str:
    """Return the literal of a value in the stored form, times as whole numbers."""
    if value is None:
        return "NULL" if type_ == Scalar("SERIAL") else f"CAST(NULL AS {type_})"
    match type_:
        case Scalar(name):
            return _scalar(name, value)
        case Decimal():
            return f"CAST('{value}' AS {type_})"
        case List(element):
            return f"CAST([{', '.join(literal(element, item) for item in value)}] AS {type_})"
        case Array(element, _):
            # By way of a list: a list of nothing but NULL is one of INT64, which not
            # every type of array can be cast from.
            return f"CAST({literal(List(element), value)} AS {type_})"
        case Struct(fields):
            parts = (f"{item.name}: {literal(item.type, value[item.name])}" for item in fields)
            # Each part has its type, so no CAST is needed, and it would harm a NULL union.
            return f"{{{', '.join(parts)}}}"
        case Map(key, item):
            return _map(type_, key, item, value)
        case Union(members):
            return _union(type_, members, value)


def _map(type_: Type, key: Type, item: Type, value: Any) -> str:
    if isinstance(value, dict):
        keys, values = value["keys"], value["values"]
    else:
        keys, values = [pair[0] for pair in value], [pair[1] for pair in value]
    texts = (literal(List(key), keys), literal(List(item), values))
    return f"CAST(map({', '.join(texts)}) AS {type_})"


def _union(type_: Type, members: tuple[Field, ...], value: dict[str, Any]) -> str:
    member = members[value["tag"]]
    text = literal(member.type, value[member.name])
    return f"CAST(union_value({member.name} := {text}) AS {type_})"


def _scalar(name: str, value: Any) -> str:
    match name:
        case "STRING":
            return text_literal(value)
        case "BLOB":
            return "BLOB('" + "".join(f"\\\\x{byte:02X}" for byte in value) + "')"
        case "DATE":
            return f"CAST(date('1970-01-01') + to_days({value}) AS DATE)"
        case "TIMESTAMP_MS" | "TIMESTAMP_SEC":
            return _timestamp(name, value * 1000)
        case "TIMESTAMP" | "TIMESTAMP_TZ" | "TIMESTAMP_NS":
            return _timestamp(name, value)
        case "INTERVAL":
            months, days, micros = value["months"], value["days"], value["micros"]
            return f"(to_months({months}) + to_days({days}) + to_microseconds({micros}))"
        case "JSON":
            return f"CAST({text_literal(value['json'])} AS JSON)"
        case "SERIAL":
            return str(value)
        case _:
            return f"CAST('{value}' AS {name})"


def _timestamp(name: str, micros: int) -> str:
    return f"CAST(timestamp('1970-01-01') + to_microseconds({micros}) AS {name})"


def numbers_for_times(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the column with whole numbers for dates and times.

    Python knows the years 1 to 9999 alone.
    """
    return column.cast(_without_times(column.type))


def _without_times(type_: pa.DataType) -> pa.DataType:
    if pa.types.is_date32(type_):
        return pa.int32()
    if pa.types.is_timestamp(type_):
        return pa.int64()
    if pa.types.is_list(type_):
        return pa.list_(pa.field("element", _without_times(type_.value_type)))
    if pa.types.is_struct(type_):
        return pa.struct([pa.field(item.name, _without_times(item.type)) for item in type_])
    if pa.types.is_map(type_):
        return pa.map_(_without_times(type_.key_type), _without_times(type_.item_type))
    return type_
