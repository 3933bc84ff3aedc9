"""The catalog of an open database, as a model.

Kùzu tells it in pieces (measured on 0.11.3): CALL functions say most of it, and
only EXPORT DATABASE says a rel table's multiplicity and its macros. What it says
wrongly or not at all becomes a Loss, so that a snapshot never keeps it silently wrong.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from kuzugit.engine import binding
from kuzugit.engine.defaults import Undecided, canonical_default
from kuzugit.engine.describing import Descriptions, Rows, describe
from kuzugit.engine.indexes import read_indexes
from kuzugit.engine.macros import is_internal, printed_macros, read_macros
from kuzugit.engine.serials import with_serials_of_today
from kuzugit.engine.session import Session, StatementFailed
from kuzugit.engine.types import why_not_kept
from kuzugit.model.catalog import (
    Catalog,
    Multiplicity,
    NodeTable,
    Pair,
    Property,
    RelTable,
    Sequence,
    StorageDirection,
)
from kuzugit.model.cypher import quoted, text_literal
from kuzugit.model.loss import Loss
from kuzugit.model.types import Type, TypeTextError, parse_type


@dataclass
class CatalogReading:
    """A catalog as far as it could be read, and what of it a snapshot would lose.

    `undecided` are the defaults that are constants of an unknown value (see
    `kuzugit.engine.defaults`), by table name and property name.
    """

    catalog: Catalog
    losses: list[Loss] = field(default_factory=list)
    undecided: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def read_catalog(session: Session, directory: Path) -> CatalogReading:
    """Read the catalog in the session's transaction.

    `directory` must not exist: Kùzu writes its schema there. Types, tables and
    defaults that a snapshot cannot keep are returned as losses, not raised.
    """
    reading = CatalogReading(Catalog())
    tables = _tables(session)
    comments = {row[1]: row[4] for row in tables}
    node_names = [row[1] for row in tables if row[2] == "NODE"]
    rel_names = [row[1] for row in tables if row[2] == "REL"]
    told = describe(session, directory, node_names, rel_names)
    nodes = [_node_table(told.info[name], name, comments[name], reading) for name in node_names]
    for name in told.backward:
        why = "Kùzu itself cannot read the rels of such a table"
        reading.losses.append(Loss(name, "storage_direction 'bwd'", why, left_out=True))
        rel_names.remove(name)
    multiplicities = _multiplicities(told, rel_names)
    rels = [
        _rel_table(session, told, name, comments[name], multiplicities[name], reading)
        for name in rel_names
    ]
    for row in tables:
        if row[2] not in ("NODE", "REL"):
            reading.losses.append(Loss(row[1], f"{row[2]} table", "kuzugit does not know the kind"))
    printed = list(printed_macros(told.schema))
    internal = [item for item in printed if is_internal(item.name)]
    own = [item for item in printed if not is_internal(item.name)]
    macros, lost_macros = read_macros(session, session.path, directory.parent, own)
    numbers = {row[1]: row[0] for row in tables if row[2] == "NODE"}
    indexes, lost_indexes = read_indexes(session, numbers, internal)
    reading.losses += [*lost_macros, *lost_indexes]
    reading.catalog = Catalog(
        nodes=tuple(sorted(nodes, key=lambda table: table.name)),
        rels=tuple(sorted(rels, key=lambda table: table.name)),
        sequences=_sequences(session, told.schema, reading),
        macros=tuple(sorted(macros, key=lambda macro: macro.name)),
        indexes=tuple(indexes),
    )
    reading.catalog, told_of_serials, lost_serials = with_serials_of_today(
        session, directory.parent, reading.catalog
    )
    reading.warnings += told_of_serials
    reading.losses += lost_serials
    _refuse_names(reading)
    return reading


def with_defaults(catalog: Catalog, defaults: Mapping[tuple[str, str], str | None]) -> Catalog:
    """Return the catalog with these defaults, by table name and property name."""

    def put(table: str, properties: tuple[Property, ...]) -> tuple[Property, ...]:
        return tuple(
            replace(item, default=defaults.get((table, item.name), item.default))
            for item in properties
        )

    return replace(
        catalog,
        nodes=tuple(replace(t, properties=put(t.name, t.properties)) for t in catalog.nodes),
        rels=tuple(replace(t, properties=put(t.name, t.properties)) for t in catalog.rels),
    )


def _tables(session: Session) -> list[list[Any]]:
    found = session.rows("CALL show_tables() RETURN *")
    return [row for row in found if row[3] == binding.dialect().local_database]


def _node_table(info: Rows, name: str, comment: str, reading: CatalogReading) -> NodeTable:
    key = next(row[1] for row in info if row[4])
    properties = tuple(_property(name, row, row[1] == key, reading) for row in info)
    return NodeTable(name, properties, key, comment)


def _rel_table(
    session: Session,
    told: Descriptions,
    name: str,
    comment: str,
    multiplicity: Multiplicity,
    reading: CatalogReading,
) -> RelTable:
    info = told.info[name]
    properties = tuple(_property(name, row, False, reading) for row in info)
    pairs = tuple(Pair(row[0], row[1]) for row in told.ends[name])
    direction = info[0][4] if info else _direction(session, name, pairs[0])
    return RelTable(name, properties, pairs, multiplicity, comment, StorageDirection(direction))


def _direction(session: Session, rel: str, pair: Pair) -> str:
    # table_info tells it beside properties only; a table of one direction cannot be
    # walked both ways. Its ends are named: Kùzu refuses nodes of any table where two of
    # them have unions of one name.
    pattern = f"(:{quoted(pair.from_table)})-[r:{quoted(rel)}]-(:{quoted(pair.to_table)})"
    reason = session.reason_against(f"MATCH {pattern} WHERE false RETURN 1")
    return StorageDirection.BOTH if reason is None else StorageDirection.FORWARD


def _property(table: str, row: list[object], is_key: bool, reading: CatalogReading) -> Property:
    name, text, default = str(row[1]), str(row[2]), str(row[3])
    where = f"{table}.{name}"
    try:
        type_: Type = parse_type(text)
    except TypeTextError:
        # A query can give a struct such fields; CREATE cannot.
        has_fields = "STRUCT(" in text or "UNION(" in text
        why = (
            "a field's name is more than a word, and no statement declares such a type"
            if has_fields
            else "kuzugit does not know the type"
        )
        fields = " with fields of plain names" if has_fields else ""
        # Kùzu crashes where a property was added, set and dropped before a checkpoint.
        way_out = (
            f"copy it to a property{fields}, then CHECKPOINT; "
            f"ALTER TABLE {quoted(table)} DROP {quoted(name)}"
        )
        reading.losses.append(Loss(where, text, why, way_out))
        return Property(name, parse_type("STRING"))
    reason = why_not_kept(type_)
    if reason:
        reading.losses.append(Loss(where, text, reason))
    try:
        return Property(name, type_, canonical_default(default, type_))
    except Undecided as undecided:
        if undecided.constant:
            reading.undecided.append((table, name))
            return Property(name, type_, default)
        reading.losses.append(
            Loss(
                where,
                f"DEFAULT {default}",
                "Kùzu's text of this default is not exact",
                f"ALTER TABLE ... DROP and ADD {quoted(name)} with a default that is a "
                "value or one call",
                left_out=True,
            )
        )
        return Property(name, type_)


def _sequences(session: Session, schema: str, reading: CatalogReading) -> tuple[Sequence, ...]:
    found = []
    for row in session.rows("CALL show_sequences() RETURN *"):
        current = _current_value(session, schema, row[0], row[2])
        # What was given out last decides what comes next; the start no longer does,
        # and a restored sequence could not have the old one.
        start = row[2] if current is None else current
        if start != row[2]:
            reading.warnings.append(
                f"the sequence {row[0]} goes on after {current}; "
                f"its start value {row[2]} is not kept"
            )
        found.append(Sequence(row[0], start, row[3], row[4], row[5], row[6], current))
    return tuple(sorted(found, key=lambda sequence: sequence.name))


def _current_value(session: Session, schema: str, name: str, start: int) -> int | None:
    """Return the value that a sequence gave out last, None where it never gave any.

    Asked for the value of an unused sequence, Kùzu fails, and a failing statement ends
    the transaction. Its export says the value, or the start where there is none.
    """
    head = re.escape(f"CREATE SEQUENCE IF NOT EXISTS {quoted(name)} START ")
    exported = re.search(rf"^{head}(-?\d+) ", schema, re.MULTILINE)
    if exported and int(exported[1]) != start:
        return int(exported[1])
    reason = session.reason_against(f"RETURN currval({text_literal(name)})")
    if reason is None:
        return start
    if "not yet defined" in reason:
        return None
    raise StatementFailed(f"currval of {name}", reason)


_MULTIPLICITY = re.compile(r",\s*(ONE_ONE|ONE_MANY|MANY_ONE|MANY_MANY)\)\s*\Z")
_BACKTICKED = re.compile(r"`[^`]*`")


def _multiplicities(told: Descriptions, rels: list[str]) -> dict[str, Multiplicity]:
    found = {}
    for name in rels:
        head = re.escape(f"CREATE REL TABLE {quoted(told.aliases.get(name, name))} (")
        # Names may hold anything but a backtick: also `;` and what looks like the end.
        statement = re.search(rf"^{head}((?:`[^`]*`|[^`;])*);", told.schema, re.MULTILINE)
        match = _MULTIPLICITY.search(_BACKTICKED.sub("", statement[1])) if statement else None
        if match is None:
            raise StatementFailed("EXPORT DATABASE", f"no multiplicity of {name} in its schema")
        found[name] = Multiplicity(match[1])
    return found


def _refuse_names(reading: CatalogReading) -> None:
    catalog = reading.catalog
    named = [("table", table.name, table.name) for table in catalog.tables]
    named += [("sequence", item.name, item.name) for item in catalog.sequences]
    named += [
        ("property", f"{table.name}.{item.name}", item.name)
        for table in catalog.tables
        for item in table.properties
    ]
    for what, where, name in named:
        # Also in backticks, `n.*` means every property.
        if not name or "`" in name or "\0" in name or (what == "property" and name == "*"):
            reading.losses.append(Loss(where, what, "such a name cannot be written in a statement"))
