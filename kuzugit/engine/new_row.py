"""Statements that make a row in a scratch copy of a database, whatever rows it has.

Only what the row gets by itself is looked at, so its key and its ends may be any.
"""

from __future__ import annotations

from collections.abc import Iterator

from kuzugit.engine.probe import Job, Step
from kuzugit.model.catalog import Catalog, NodeTable, RelTable
from kuzugit.model.cypher import quoted
from kuzugit.model.types import Decimal, Scalar

_MOST_KEYS = 250
_STRIDE = 7919
"""A prime, for the keys that people give stand one beside the other."""


def new_row(catalog: Catalog, table: str, values: str) -> Job:
    """Return the steps that end in a new row `x` of `table`, of which they return `values`.

    They may delete whatever else there is: rels of a rel table, nodes of a node table with
    the rel tables that touch it. So the rel tables are asked first.
    """
    rel = next((item for item in catalog.rels if item.name == table), None)
    return (
        [_node(catalog, catalog.node(table), values)] if rel is None else _rel(catalog, rel, values)
    )


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
    return [*([text] for text in _creations(table, "1")), [there]]


def _node(catalog: Catalog, table: NodeTable, values: str) -> Step:
    creations = list(_creations(table, values))
    # Where every key is taken, they are given up. What keeps a node from being deleted is
    # a rel table of one direction.
    touching = [
        f"DROP TABLE IF EXISTS {quoted(rel.name)}"
        for rel in catalog.rels
        if any(table.name in (pair.from_table, pair.to_table) for pair in rel.pairs)
    ]
    alone = [*touching, f"MATCH (n:{quoted(table.name)}) DELETE n", creations[0]]
    return [*([text] for text in creations), alone]


def _creations(table: NodeTable, values: str) -> Iterator[str]:
    for assignment in _assignments(table):
        yield f"CREATE (x:{quoted(table.name)} {assignment}) RETURN {values}"


def _assignments(table: NodeTable) -> Iterator[str]:
    if table.key.type == Scalar("SERIAL"):
        yield ""
        return
    for number in range(1, _MOST_KEYS):
        yield f"{{{quoted(table.primary_key)}: {_key(table, number)}}}"


def _key(table: NodeTable, number: int) -> str:
    type_ = table.key.type
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
