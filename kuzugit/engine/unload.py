"""Rows out of an open database: one raw Parquet file a table, in constant memory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kuzugit.engine.session import Session
from kuzugit.engine.types import RawColumns, read_property
from kuzugit.model.catalog import Catalog, Property
from kuzugit.model.cypher import quoted, text_literal
from kuzugit.model.snapshot import TableKey


@dataclass(frozen=True)
class RawRows:
    """The rows under `key`, unordered, in `file`.

    `columns` are DuckDB expressions over the file's columns, one for each column of a
    chunk and in its order, that give the stored form.
    """

    key: TableKey
    file: Path
    columns: tuple[str, ...]


def unload(session: Session, catalog: Catalog, key: TableKey, file: Path) -> RawRows:
    """Write the rows under `key` to `file`, which must not exist."""
    raw = RawColumns()
    if key.pair is None:
        table = catalog.node(key.table)
        pattern = f"(n:{quoted(table.name)})"
        columns = _properties(raw, "n", table.properties)
    else:
        rel = catalog.rel(key.table)
        start, end = catalog.node(key.pair.from_table), catalog.node(key.pair.to_table)
        pattern = f"(a:{quoted(start.name)})-[r:{quoted(rel.name)}]->(b:{quoted(end.name)})"
        columns = [
            read_property(raw, f"a.{quoted(start.primary_key)}", start.key.type),
            read_property(raw, f"b.{quoted(end.primary_key)}", end.key.type),
            *_properties(raw, "r", rel.properties),
        ]
    session.run(
        f"COPY (MATCH {pattern} RETURN {raw.projection()}) TO {text_literal(str(file))} "
        "(compression='snappy')"
    )
    return RawRows(key, file, tuple(columns))


def _properties(raw: RawColumns, variable: str, properties: tuple[Property, ...]) -> list[str]:
    return [read_property(raw, f"{variable}.{quoted(item.name)}", item.type) for item in properties]
