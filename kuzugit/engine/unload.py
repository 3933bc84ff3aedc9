"""Rows out of an open database: one raw Parquet file a table, in constant memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from kuzugit.engine.query import RawQuery
from kuzugit.engine.session import Session, StatementFailed
from kuzugit.engine.types import read_property
from kuzugit.engine.unreadable import telling_unreadable
from kuzugit.model.catalog import Catalog, NodeTable, Property, RelTable
from kuzugit.model.cypher import quoted
from kuzugit.model.floats import FLOATS, holds_floats
from kuzugit.model.loss import CannotKeep, Loss
from kuzugit.model.snapshot import TableKey
from kuzugit.model.types import Map, Type, walk


@dataclass(frozen=True)
class Perishable:
    """A loss, and the DuckDB condition that is true of a row of `file` that suffers it."""

    file: Path
    condition: str
    loss: Loss


@dataclass(frozen=True)
class Suspect:
    """The DuckDB condition that is true of a row of `file` with a value of some kind.

    `name` (`Table.column`) is the property, `type` its type.
    """

    file: Path
    condition: str
    name: str
    type: str


@dataclass(frozen=True)
class RawRows:
    """The rows under `key`, unordered, as simple columns in `files`.

    `source` is what DuckDB reads them from, `columns` its expressions, one for each
    column of a chunk and in its order, that give the stored form. The rows can be kept
    unless one of `perishable` is true of one of them; where one of `least` is, a
    database that holds them must be built without compression; where one of `nan` is, the
    engine may change other floats of the property.
    """

    key: TableKey
    files: tuple[Path, ...]
    source: str
    columns: tuple[str, ...]
    perishable: tuple[Perishable, ...]
    least: tuple[Suspect, ...]
    nan: tuple[Suspect, ...]


def unload(session: Session, catalog: Catalog, key: TableKey, file: Path) -> RawRows:
    """Write the rows under `key` to `file`, which must not exist, and to files beside it."""
    raw = RawQuery()
    if key.pair is None:
        table = catalog.node(key.table)
        variable, pattern = "n", f"(n:{quoted(table.name)})"
        columns, found = _properties(raw, variable, table)
        found.perishable += _nan_keys(raw, table, columns)
    else:
        rel = catalog.rel(key.table)
        start, end = catalog.node(key.pair.from_table), catalog.node(key.pair.to_table)
        variable = "r"
        pattern = f"(a:{quoted(start.name)})-[r:{quoted(rel.name)}]->(b:{quoted(end.name)})"
        ends = [
            read_property(raw, f"a.{quoted(start.primary_key)}", start.key.type),
            read_property(raw, f"b.{quoted(end.primary_key)}", end.key.type),
        ]
        columns, found = _properties(raw, variable, rel)
        columns = [*ends, *columns]
    queries = list(raw.all())
    files = {
        id(query): file if query is raw else file.with_suffix(f".{at}.parquet")
        for at, query in enumerate(queries)
    }
    for query in queries:
        with_row = len(queries) > 1
        with telling_unreadable(key), _telling_nan_keys(catalog, key):
            session.run(query.statement(pattern, variable, files[id(query)], with_row=with_row))

    def suspects(conditions: list[_Suspicion]) -> tuple[Suspect, ...]:
        return tuple(
            Suspect(files[id(query)], text, f"{key.table}.{item.name}", str(item.type))
            for query, text, item in conditions
        )

    return RawRows(
        key,
        tuple(files.values()),
        raw.source(files),
        tuple(columns),
        tuple(Perishable(files[id(query)], text, loss) for query, text, loss in found.perishable),
        suspects(found.least),
        suspects(found.nan),
    )


_Condition: TypeAlias = tuple[RawQuery, str, Loss]
_Suspicion: TypeAlias = tuple[RawQuery, str, Property]


@dataclass
class _Conditions:
    perishable: list[_Condition] = field(default_factory=list)
    least: list[_Suspicion] = field(default_factory=list)
    nan: list[_Suspicion] = field(default_factory=list)


def _properties(
    raw: RawQuery, variable: str, table: NodeTable | RelTable
) -> tuple[list[str], _Conditions]:
    columns: list[str] = []
    found = _Conditions()
    for item in table.properties:
        known = {
            id(query): (len(query.perishable), len(query.least), len(query.nan))
            for query in raw.all()
        }
        columns.append(read_property(raw, f"{variable}.{quoted(item.name)}", item.type))
        loss = Loss(f"{table.name}.{item.name}", str(item.type), WHY_PERISHABLE)
        for query in raw.all():
            perishable, least, nan = known.get(id(query), (0, 0, 0))
            found.perishable += [(query, text, loss) for text in query.perishable[perishable:]]
            found.least += [(query, text, item) for text in query.least[least:]]
            found.nan += [(query, text, item) for text in query.nan[nan:]]
    return columns, found


WHY_PERISHABLE = (
    "it holds a value that Kùzu destroys or cannot store again: the least date or time, "
    "digits below a microsecond, or a map with a key twice"
)


@contextmanager
def _telling_nan_keys(catalog: Catalog, key: TableKey) -> Iterator[None]:
    """Raise CannotKeep where the value under a key of a map is not found: the key is NaN."""
    try:
        yield
    except StatementFailed as error:
        table = catalog.node(key.table) if key.pair is None else catalog.rel(key.table)
        maps = [item for item in table.properties if any(map(_has_float_keys, walk(item.type)))]
        if _NOT_FOUND not in error.reason or not maps:
            raise
        why = "it holds a map with the key NaN, whose value cannot be asked for"
        raise CannotKeep(
            [Loss(f"{key.table}.{item.name}", str(item.type), why) for item in maps]
        ) from error


_NOT_FOUND = "list_extract(list, index)"


def _has_float_keys(type_: Type) -> bool:
    return isinstance(type_, Map) and holds_floats(type_.key)


def _nan_keys(raw: RawQuery, table: NodeTable, columns: list[str]) -> list[_Condition]:
    if table.key.type not in FLOATS:
        return []
    column = columns[[item.name for item in table.properties].index(table.primary_key)]
    # Kùzu lets several rows have it, and finds none of them.
    why = "it holds NaN, which names no row"
    loss = Loss(f"{table.name}.{table.primary_key}", f"{table.key.type} key", why)
    return [(raw, f"isnan({column})", loss)]
