"""Statements that make a row in a scratch copy of a database, whatever rows it has.

Only what the row gets by itself is looked at, so its key and its ends may be any.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from kuzugit.engine.probe import Job, Step
from kuzugit.model.catalog import Catalog, NodeTable, RelTable
from kuzugit.model.cypher import quoted
from kuzugit.model.types import Decimal, Scalar, Type

_MOST_KEYS = 250
_FEW_KEYS = 5
_STRIDE = 7919
"""A prime, for the keys that people give stand one beside the other."""


def new_row(catalog: Catalog, table: str, names: Sequence[str], values: str) -> Job:
    """Return the steps that end in a new row `x` of `table`, of which they return `values`.

    The properties `names` get their values by themselves. The steps may delete whatever
    else there is: rels of a rel table, nodes of a node table with the rel tables that touch
    it. So the rel tables are asked first.
    """
    rel = next((item for item in catalog.rels if item.name == table), None)
    if rel is not None:
        return _rel(catalog, rel, values)
    return [_node(catalog, catalog.node(table), names, values)]


def _rel(catalog: Catalog, rel: RelTable, values: str) -> Job:
    pair = rel.pairs[0]
    create = (
        f"MATCH (a:{quoted(pair.from_table)}) WITH a LIMIT 1 "
        f"MATCH (b:{quoted(pair.to_table)}) WITH a, b LIMIT 1 "
        f"CREATE (a)-[x:{quoted(rel.name)}]->(b) RETURN {values}"
    )
    # Table by table: Kùzu refuses nodes of any table where two have unions of one name.
    name = quoted(rel.name)
    clear = [
        f"MATCH (:{quoted(of.from_table)})-[r:{name}]->(:{quoted(of.to_table)}) DELETE r"
        for of in rel.pairs
    ]
    ends = dict.fromkeys((pair.from_table, pair.to_table))
    return [
        *(_end(catalog.node(end)) for end in ends),
        *([[text]] for text in clear),
        [[create]],
    ]


def _end(table: NodeTable) -> Step:
    there = f"MATCH (x:{quoted(table.name)}) RETURN 1 LIMIT 1"
    return [*([text] for text in _creations(table, (), "1")), [there]]


def _node(catalog: Catalog, table: NodeTable, names: Sequence[str], values: str) -> Step:
    creations = list(_creations(table, names, values))
    # Where every key is taken, they are given up. What keeps a node from being deleted is
    # a rel table of one direction.
    touching = [
        f"DROP TABLE IF EXISTS {quoted(rel.name)}"
        for rel in catalog.rels
        if any(table.name in (pair.from_table, pair.to_table) for pair in rel.pairs)
    ]
    alone = [*touching, f"MATCH (n:{quoted(table.name)}) DELETE n", creations[0]]
    return [*([text] for text in creations), alone]


def _creations(table: NodeTable, names: Sequence[str], values: str) -> Iterator[str]:
    first, *others = _keys(table)
    # In this order: Kùzu has crashed after hundreds of rows that it refused.
    for given in (first, *_keys_beside(table, names), *others):
        row = ", ".join(f"{quoted(name)}: {text}" for name, text in given.items())
        yield f"CREATE (x:{quoted(table.name)} {{{row}}}) RETURN {values}"


def _keys(table: NodeTable) -> Iterator[dict[str, str]]:
    if table.key.type == Scalar("SERIAL"):
        yield {}
        return
    for number in range(1, _MOST_KEYS):
        yield {table.primary_key: _key(table.key.type, number)}


def _keys_beside(table: NodeTable, names: Sequence[str]) -> Iterator[dict[str, str]]:
    """Yield keys with a value of another property.

    Once a property before the key was dropped, Kùzu takes one after it for the key, and
    fails where that has no value; at one of another type it may crash.
    """
    type_ = Scalar("INT64") if table.key.type == Scalar("SERIAL") else table.key.type
    for item in table.properties[table.properties.index(table.key) + 1 :]:
        if item.type == type_ and item.name not in names:
            for number, own in enumerate(islice(_keys(table), _FEW_KEYS), start=1):
                yield own | {item.name: _key(type_, number)}


def _key(type_: Type, number: int) -> str:
    if isinstance(type_, Decimal):
        return f"CAST('{_decimal(type_, number)}' AS {type_})"
    match str(type_):
        case "STRING":
            return f"'kuzugit-{number * _STRIDE}'"
        case "BLOB":
            return f"BLOB('kuzugit-{number * _STRIDE}')"
        case "UUID":
            return f"CAST('c0ffee00-0000-4000-8000-{number * _STRIDE:012x}' AS UUID)"
        case "DATE" | "TIMESTAMP" | "TIMESTAMP_TZ" | "TIMESTAMP_MS" | "TIMESTAMP_SEC":
            return f"CAST('{9000 + number}-07-09' AS {type_})"
        case "TIMESTAMP_NS":
            # It ends in 2262.
            return f"CAST('{2000 + number}-07-09 07:09:19.007919007' AS {type_})"
        case "INT8" | "UINT8":
            return f"CAST({number % 127} AS {type_})"
        case "INT16" | "UINT16":
            return f"CAST({32767 - number * 7} AS {type_})"
        case _:
            return f"CAST({2147483647 - number * _STRIDE} AS {type_})"


def _decimal(type_: Decimal, number: int) -> str:
    every = 10**type_.precision
    digits = str((every - 1 - number * min(_STRIDE, every // _MOST_KEYS + 1)) % every)
    whole, part = type_.precision - type_.scale, digits.rjust(type_.precision, "0")
    return f"{part[:whole] or '0'}.{part[whole:] or '0'}"
