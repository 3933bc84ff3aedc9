"""Statements that change single rows: the values as literals, which is right for every type."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kuzugit.canonical.literals import literal
from kuzugit.model.catalog import Catalog
from kuzugit.model.cypher import quoted
from kuzugit.model.row_change import Column, Row
from kuzugit.model.snapshot import TableKey


def create_row(catalog: Catalog, key: TableKey, columns: Sequence[Column], row: Row) -> str:
    """Return the statement that makes a node, or a rel between two nodes that are there."""
    texts = [literal(column.type, value) for column, value in zip(columns, row, strict=True)]
    names = [column.name.strip("`") for column in columns]
    if key.pair is None:
        return f"CREATE (:{quoted(key.table)} {_assigned(names, texts)});"
    rel = f"[:{quoted(key.table)} {_assigned(names[2:], texts[2:])}]"
    return f"MATCH {_ends(catalog, key, texts, ', ')} CREATE (a)-{rel}->(b);"


def delete_node(catalog: Catalog, key: TableKey, identity: Row) -> str:
    """Return the statement that deletes a node with all of its rels."""
    return f"MATCH {_node(catalog, key, identity)} DETACH DELETE n;"


def delete_rels(catalog: Catalog, key: TableKey, identity: Row) -> str:
    """Return the statement that deletes every rel of a table between two nodes."""
    return f"MATCH {_rel(catalog, key, identity)} DELETE r;"


def delete_all_rels(key: TableKey) -> str:
    """Return the statement that deletes every rel of a pair of a table."""
    assert key.pair is not None, "a node table has no rels"
    start, end = quoted(key.pair.from_table), quoted(key.pair.to_table)
    return f"MATCH (:{start})-[r:{quoted(key.table)}]->(:{end}) DELETE r;"


def set_values(
    catalog: Catalog,
    key: TableKey,
    identity: Row,
    values: Iterable[tuple[Column, object]],
    where: tuple[Column, object] | None = None,
) -> str:
    """Return the statement that sets properties of a node, or of the rels of two nodes.

    `where` names those of the rels that are meant by the value of a property.
    """
    parts = ", ".join(_is(key, column, value) for column, value in values)
    found = _node(catalog, key, identity) if key.pair is None else _rel(catalog, key, identity)
    condition = "" if where is None else f" WHERE {_is(key, *where)}"
    return f"MATCH {found}{condition} SET {parts};"


def set_where(key: TableKey, column: Column, old: object, new: object) -> str:
    """Return the statement that sets a property of every row that has the value `old` there."""
    if key.pair is None:
        found = f"(n:{quoted(key.table)})"
    else:
        start, end = quoted(key.pair.from_table), quoted(key.pair.to_table)
        found = f"(a:{start})-[r:{quoted(key.table)}]->(b:{end})"
    return f"MATCH {found} WHERE {_is(key, column, old)} SET {_is(key, column, new)};"


def _is(key: TableKey, column: Column, value: object) -> str:
    """Return what means that a property has a value, in SET and in WHERE."""
    name = "n" if key.pair is None else "r"
    return f"{name}.{quoted(column.name.strip('`'))} = {literal(column.type, value)}"


def _assigned(names: Sequence[str], texts: Sequence[str]) -> str:
    pairs = (f"{quoted(name)}: {text}" for name, text in zip(names, texts, strict=True))
    return f"{{{', '.join(pairs)}}}"


def _node(catalog: Catalog, key: TableKey, identity: Row) -> str:
    own = catalog.node(key.table).key
    return f"(n:{quoted(key.table)} {{{quoted(own.name)}: {literal(own.type, identity[0])}}})"


def _rel(catalog: Catalog, key: TableKey, identity: Row) -> str:
    assert key.pair is not None, "a node is no rel"
    types = (catalog.node(name).key.type for name in (key.pair.from_table, key.pair.to_table))
    texts = [literal(type_, value) for type_, value in zip(types, identity, strict=True)]
    return _ends(catalog, key, texts, f"-[r:{quoted(key.table)}]->")


def _ends(catalog: Catalog, key: TableKey, texts: Sequence[str], between: str) -> str:
    assert key.pair is not None, "a node has no ends"
    names = ("a", key.pair.from_table), ("b", key.pair.to_table)
    ends = (
        f"({name}:{quoted(table)} {{{quoted(catalog.node(table).primary_key)}: {text}}})"
        for (name, table), text in zip(names, texts, strict=False)
    )
    return between.join(ends)
