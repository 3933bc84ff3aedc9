"""The statements that build a snapshot's database, made from the manifest alone.

The same list is written into the tree's .cypher files, which IMPORT DATABASE reads,
and run one by one by checkout. Nothing that a fetched file says is ever run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kuzugit.canonical.paths import table_directory
from kuzugit.model.catalog import Catalog, NodeTable, Property, RelTable, Sequence
from kuzugit.model.cypher import quoted, text_literal
from kuzugit.model.snapshot import Manifest, TableData, TableKey


@dataclass(frozen=True)
class CopyStep:
    """A COPY of a table's chunks, as the tree has them."""

    key: TableKey
    columns: tuple[str, ...]

    def statement(self, directory: str = "", extension: str = "parquet") -> str:
        """Return the COPY statement; `directory` is where the tree stands, with a `/`.

        The path stands between double quotes, as IMPORT DATABASE wants it.
        """
        pair = self.key.pair
        columns = f" ({','.join(map(quoted, self.columns))})" if self.columns else ""
        path = f"{directory}{table_directory(self.key)}/*.{extension}"
        ends = (
            f" (from={text_literal(pair.from_table)}, to={text_literal(pair.to_table)})"
            if pair
            else ""
        )
        return f'COPY {quoted(self.key.table)}{columns} FROM "{path}"{ends};'


@dataclass(frozen=True)
class Plan:
    """What builds a database, in order: schema, then copies, then index."""

    schema: tuple[str, ...]
    copies: tuple[CopyStep, ...]
    index: tuple[str, ...]

    def files(self) -> tuple[str, str, str]:
        """Return the texts of schema.cypher, copy.cypher and index.cypher."""
        return (
            _text(self.schema),
            _text(step.statement() for step in self.copies),
            _text(self.index),
        )


def build_plan(manifest: Manifest) -> Plan:
    """Return the plan of the manifest's database. Its order is fixed."""
    catalog = manifest.catalog
    return Plan(
        schema=tuple(_schema(catalog)),
        copies=tuple(_copy(catalog, data) for data in _in_load_order(manifest) if data.rows),
        index=tuple(_comments(catalog)),
    )


def _in_load_order(manifest: Manifest) -> list[TableData]:
    # Rels need their nodes; within a kind the manifest's own order stays.
    return sorted(manifest.data, key=lambda data: data.key.is_rel)


def _text(statements: Iterator[str] | tuple[str, ...]) -> str:
    return "".join(f"{statement}\n" for statement in statements)


def _schema(catalog: Catalog) -> Iterator[str]:
    serials = _serial_sequences(catalog)
    # Defaults may name sequences, so these come first; those of SERIAL properties
    # are made by the table and then made again at the value where they stood.
    for sequence in catalog.sequences:
        if sequence.name not in serials:
            yield from _sequence(sequence)
    for node in catalog.nodes:
        yield _create_node(node)
    for rel in catalog.rels:
        yield _create_rel(rel)
    for sequence in catalog.sequences:
        if sequence.name in serials and sequence.current is not None:
            yield f"DROP SEQUENCE {quoted(sequence.name)};"
            yield from _sequence(sequence)


def _serial_sequences(catalog: Catalog) -> set[str]:
    return {
        f"{table.name}_{item.name}_serial"
        for table in catalog.tables
        for item in table.properties
        if str(item.type) == "SERIAL"
    }


def _sequence(sequence: Sequence) -> Iterator[str]:
    cycle = "CYCLE" if sequence.cycle else "NO CYCLE"
    yield (
        f"CREATE SEQUENCE {quoted(sequence.name)} START {sequence.start} "
        f"INCREMENT {sequence.increment} MINVALUE {sequence.minimum} "
        f"MAXVALUE {sequence.maximum} {cycle};"
    )
    if sequence.current is not None:
        yield f"RETURN nextval({text_literal(sequence.name)});"


def _property(item: Property) -> str:
    default = "" if item.default is None else f" DEFAULT {item.default}"
    return f"{quoted(item.name)} {item.type}{default}"


def _create_node(table: NodeTable) -> str:
    parts = [*map(_property, table.properties), f"PRIMARY KEY ({quoted(table.primary_key)})"]
    return f"CREATE NODE TABLE {quoted(table.name)} ({', '.join(parts)});"


def _create_rel(table: RelTable) -> str:
    parts = [
        *(f"FROM {quoted(pair.from_table)} TO {quoted(pair.to_table)}" for pair in table.pairs),
        *map(_property, table.properties),
        table.multiplicity.value,
    ]
    return f"CREATE REL TABLE {quoted(table.name)} ({', '.join(parts)});"


def _copy(catalog: Catalog, data: TableData) -> CopyStep:
    name = data.key.table
    owner: NodeTable | RelTable = catalog.rel(name) if data.key.is_rel else catalog.node(name)
    return CopyStep(data.key, tuple(item.name for item in owner.properties))


def _comments(catalog: Catalog) -> Iterator[str]:
    for table in catalog.tables:
        if table.comment:
            yield f"COMMENT ON TABLE {quoted(table.name)} IS {text_literal(table.comment)};"
