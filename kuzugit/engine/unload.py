"""Rows out of an open database: one raw Parquet file a table, in constant memory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kuzugit.engine.session import Session
from kuzugit.engine.types import RawColumns, read_property
from kuzugit.model.catalog import Catalog, NodeTable, RelTable
from kuzugit.model.cypher import quoted, text_literal
from kuzugit.model.loss import Loss
from kuzugit.model.snapshot import TableKey
from kuzugit.model.types import Scalar


@dataclass(frozen=True)
class Perishable:
    """A loss, and the DuckDB condition that is true of a row that suffers it."""

    condition: str
    loss: Loss


@dataclass(frozen=True)
class RawRows:
    """The rows under `key`, unordered, in `file`.

    `columns` are DuckDB expressions over the file's columns, one for each column of a
    chunk and in its order, that give the stored form. The rows can be kept unless one
    of `perishable` is true of one of them.
    """

    key: TableKey
    file: Path
    columns: tuple[str, ...]
    perishable: tuple[Perishable, ...]


def unload(session: Session, catalog: Catalog, key: TableKey, file: Path) -> RawRows:
    """Write the rows under `key` to `file`, which must not exist."""
    raw = RawColumns()
    if key.pair is None:
        table = catalog.node(key.table)
        pattern = f"(n:{quoted(table.name)})"
        columns, perishable = _properties(raw, "n", table)
        perishable += _nan_keys(table, columns)
    else:
        rel = catalog.rel(key.table)
        start, end = catalog.node(key.pair.from_table), catalog.node(key.pair.to_table)
        pattern = f"(a:{quoted(start.name)})-[r:{quoted(rel.name)}]->(b:{quoted(end.name)})"
        ends = [
            read_property(raw, f"a.{quoted(start.primary_key)}", start.key.type),
            read_property(raw, f"b.{quoted(end.primary_key)}", end.key.type),
        ]
        columns, perishable = _properties(raw, "r", rel)
        columns = [*ends, *columns]
    session.run(
        f"COPY (MATCH {pattern} RETURN {raw.projection()}) TO {text_literal(str(file))} "
        "(compression='snappy')"
    )
    return RawRows(key, file, tuple(columns), tuple(perishable))


def _properties(
    raw: RawColumns, variable: str, table: NodeTable | RelTable
) -> tuple[list[str], list[Perishable]]:
    columns: list[str] = []
    perishable: list[Perishable] = []
    for item in table.properties:
        before = len(raw.perishable)
        columns.append(read_property(raw, f"{variable}.{quoted(item.name)}", item.type))
        why = "it holds the least value of its type, which Kùzu turns into 0 or fails to store"
        loss = Loss(f"{table.name}.{item.name}", str(item.type), why)
        perishable += [Perishable(text, loss) for text in raw.perishable[before:]]
    return columns, perishable


def _nan_keys(table: NodeTable, columns: list[str]) -> list[Perishable]:
    if table.key.type not in (Scalar("FLOAT"), Scalar("DOUBLE")):
        return []
    column = columns[[item.name for item in table.properties].index(table.primary_key)]
    # Kùzu lets several rows have it, and finds none of them.
    why = "it holds NaN, which names no row"
    loss = Loss(f"{table.name}.{table.primary_key}", f"{table.key.type} key", why)
    return [Perishable(f"isnan({column})", loss)]
