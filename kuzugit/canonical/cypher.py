"""The statements that build a snapshot's database, made from the manifest alone.

The same list is written into the tree's .cypher files, which IMPORT DATABASE reads,
and run one by one by checkout. Nothing that a fetched file says is ever run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kuzugit.canonical.load_names import LoadNames, free_names, load_names
from kuzugit.canonical.paths import table_directory
from kuzugit.canonical.restoring import Way, staging_expression, staging_type, way_of
from kuzugit.model.catalog import (
    Catalog,
    IndexKind,
    NodeTable,
    Pair,
    Property,
    RelTable,
    Sequence,
    StorageDirection,
)
from kuzugit.model.cypher import quoted, text_literal
from kuzugit.model.snapshot import Manifest, TableData, TableKey, table_keys
from kuzugit.model.types import Decimal, Type


@dataclass(frozen=True)
class CopyStep:
    """A COPY of a table's chunks, as the tree has them, into `table`.

    `table` is what the table, or its staging table, is called by then; `ends` what the
    tables are called that a rel's first two columns name the nodes of.
    """

    key: TableKey
    table: str
    columns: tuple[str, ...]
    ends: Pair | None = None

    def statement(self, directory: str = "", extension: str = "parquet") -> str:
        """Return the COPY statement; `directory` is where the tree stands, with a `/`.

        The path stands between double quotes, as IMPORT DATABASE wants it.
        """
        columns = f" ({','.join(map(quoted, self.columns))})" if self.columns else ""
        path = f"{directory}{table_directory(self.key)}/*.{extension}"
        return f'COPY {quoted(self.table)}{columns} FROM "{path}"{_ends(self.ends)};'


@dataclass(frozen=True)
class Plan:
    """What builds a database, in this order.

    `fills` make rows out of staging tables. Then the rows of the tables in `literal`
    are made one by one. `finish` is what needs all rows. With `compression` off, the
    engine must keep the values as they are. Both only kuzugit does: for the tables in
    `only_here` schema.cypher begins with a statement that says so and fails.
    """

    schema: tuple[str, ...]
    copies: tuple[CopyStep, ...]
    fills: tuple[str, ...]
    literal: tuple[TableKey, ...]
    finish: tuple[str, ...]
    only_here: tuple[TableKey, ...] = ()
    compression: bool = True

    def files(self) -> tuple[str, str, str]:
        """Return the texts of schema.cypher, copy.cypher and index.cypher."""
        return (
            _text((*map(_needs_kuzugit, self.only_here), *self.schema)),
            _text(step.statement() for step in self.copies),
            _text((*self.fills, *self.finish)),
        )


def build_plan(manifest: Manifest) -> Plan:
    """Return the plan of the manifest's database. Its order is fixed."""
    catalog = manifest.catalog
    wanted = [data.key for data in _in_load_order(manifest) if data.rows]
    literal = _literal_keys(catalog, wanted)
    least = {data.key for data in manifest.data if data.least}
    copied = [key for key in wanted if key not in literal]
    names = load_names(catalog, tuple(copied))
    stages = _stages(catalog, copied, names)
    return Plan(
        schema=(
            *_schema(catalog),
            *names.away(),
            *(stage.create() for stage in stages.values()),
        ),
        copies=tuple(
            stages[key].copy() if key in stages else _copy(catalog, key, names) for key in copied
        ),
        fills=(
            *(stage.fill() for stage in stages.values()),
            *(f"DROP TABLE {quoted(stage.name)};" for stage in stages.values()),
            *names.back(),
        ),
        literal=literal,
        finish=(*_comments(catalog), *_indexes(catalog)),
        only_here=tuple(key for key in wanted if key in least or key in literal),
        compression=not least,
    )


def _needs_kuzugit(key: TableKey) -> str:
    reason = f"the table {key.table} holds values that only kuzugit restores: kuzugit import"
    return f"RETURN error({text_literal(reason)});"


def _literal_keys(catalog: Catalog, wanted: list[TableKey]) -> tuple[TableKey, ...]:
    """Return the tables that are made by literals, and the rels that hang on them.

    COPY runs before the literals do, and a rel needs its nodes.
    """
    by_value = {key for key in wanted if _way(catalog, key) is Way.LITERAL}
    nodes = {key.table for key in by_value if key.pair is None}
    return tuple(
        key
        for key in wanted
        if key in by_value or (key.pair and {key.pair.from_table, key.pair.to_table} & nodes)
    )


def _way(catalog: Catalog, key: TableKey) -> Way:
    ways = [way_of(item.type) for item in _owner(catalog, key).properties]
    way = max(ways, key=lambda way: way.value, default=Way.COPY)
    if not _has_decimal_key(catalog, key):
        return way
    # CREATE from a staging table is exact only for what needs no expression.
    return Way.STAGING if way is Way.COPY else Way.LITERAL


def _has_decimal_key(catalog: Catalog, key: TableKey) -> bool:
    """Tell whether the key is a decimal, which COPY cannot index."""
    return key.pair is None and isinstance(catalog.node(key.table).key.type, Decimal)


def _stages(catalog: Catalog, wanted: list[TableKey], names: LoadNames) -> dict[TableKey, _Stage]:
    """Return the staging tables: those of odd types, and of rels on staged nodes.

    In an IMPORT all COPYs run before the staged rows are filled in.
    """
    odd = {key for key in wanted if _way(catalog, key) is Way.STAGING}
    nodes = {key.table for key in odd if key.pair is None}
    staged = [
        key
        for key in wanted
        if key in odd or (key.pair and {key.pair.from_table, key.pair.to_table} & nodes)
    ]
    free = free_names("__kuzugit_", {table.name for table in catalog.tables})
    return {
        key: _Stage(
            next(free),
            key,
            names.table(key.table),
            names.ends(key),
            _typed_columns(catalog, key, names),
            by_create=_has_decimal_key(catalog, key),
        )
        for key in staged
    }


def _typed_columns(
    catalog: Catalog, key: TableKey, names: LoadNames
) -> tuple[tuple[str, Type], ...]:
    properties = tuple(
        (names.property(key.table, item.name), item.type)
        for item in _owner(catalog, key).properties
    )
    if key.pair is None:
        return properties
    ends = (key.pair.from_table, key.pair.to_table)
    return (*(("", catalog.node(name).key.type) for name in ends), *properties)


@dataclass(frozen=True)
class _Stage:
    """A staging table: `columns` are the chunk's, by name and logical type.

    `table` and `ends` are what those of `key` are called while rows are loaded.
    `by_create` makes the rows by CREATE instead of COPY.
    """

    name: str
    key: TableKey
    table: str
    ends: Pair | None
    columns: tuple[tuple[str, Type], ...]
    by_create: bool

    def create(self) -> str:
        """Return the statement that makes it."""
        columns = ", ".join(
            f"c{at} {staging_type(type_)}" for at, (_, type_) in enumerate(self.columns)
        )
        return f"CREATE NODE TABLE {quoted(self.name)} (k SERIAL, {columns}, PRIMARY KEY (k));"

    def copy(self) -> CopyStep:
        """Return the step that copies the chunks into it."""
        columns = tuple(f"c{at}" for at in range(len(self.columns)))
        return CopyStep(self.key, self.name, columns)

    def fill(self) -> str:
        """Return the statement that makes the table's rows from it."""
        if self.by_create:
            pairs = ", ".join(f"{quoted(n)}: s.c{at}" for at, (n, _) in enumerate(self.columns))
            return f"MATCH (s:{quoted(self.name)}) CREATE (:{quoted(self.table)} {{{pairs}}});"
        values = ", ".join(
            f"{staging_expression(type_, f's.c{at}')} AS v{at}"
            for at, (_, type_) in enumerate(self.columns)
        )
        names = [quoted(name) for name, _ in self.columns if name]
        columns = f" ({','.join(names)})" if names else ""
        return (
            f"COPY {quoted(self.table)}{columns} "
            f"FROM (MATCH (s:{quoted(self.name)}) RETURN {values}){_ends(self.ends)};"
        )


def _ends(pair: Pair | None) -> str:
    if pair is None:
        return ""
    return f" (from={text_literal(pair.from_table)}, to={text_literal(pair.to_table)})"


def _owner(catalog: Catalog, key: TableKey) -> NodeTable | RelTable:
    return catalog.rel(key.table) if key.is_rel else catalog.node(key.table)


def _in_load_order(manifest: Manifest) -> list[TableData]:
    # Rels need their nodes; within a kind the manifest's own order stays.
    return sorted(manifest.data, key=lambda data: data.key.is_rel)


def _text(statements: Iterator[str] | tuple[str, ...]) -> str:
    return "".join(f"{statement}\n" for statement in statements)


def _schema(catalog: Catalog) -> Iterator[str]:
    serials = serial_sequences(catalog)
    # Defaults may call macros, and macros bind what they name only when they are called.
    for macro in catalog.macros:
        yield f"CREATE MACRO {macro.definition};"
    # Defaults may name sequences, so these come first; those of SERIAL properties
    # are made by the table and then made again at the value where they stood.
    for sequence in catalog.sequences:
        if sequence.name not in serials:
            yield from create_sequence(sequence)
    for node in catalog.nodes:
        yield create_node(node)
    for rel in catalog.rels:
        yield create_rel(rel)
    for sequence in catalog.sequences:
        if sequence.name in serials and sequence.current is not None:
            yield f"DROP SEQUENCE {quoted(sequence.name)};"
            yield from create_sequence(sequence)


def serial_sequences(catalog: Catalog) -> set[str]:
    """Return the names of the sequences that SERIAL properties bring along."""
    return {
        serial_name(table.name, item.name)
        for table in catalog.tables
        for item in table.properties
        if str(item.type) == "SERIAL"
    }


def serial_name(table: str, name: str) -> str:
    """Return what Kùzu calls the sequence of a SERIAL property when it makes the table."""
    return f"{table}_{name}_serial"


def create_sequence(sequence: Sequence) -> Iterator[str]:
    """Yield the statements that make a sequence which goes on where this one stands."""
    cycle = "CYCLE" if sequence.cycle else "NO CYCLE"
    yield (
        f"CREATE SEQUENCE {quoted(sequence.name)} START {sequence.start} "
        f"INCREMENT {sequence.increment} MINVALUE {sequence.minimum} "
        f"MAXVALUE {sequence.maximum} {cycle};"
    )
    if sequence.current is not None:
        yield f"RETURN nextval({text_literal(sequence.name)});"


def property_definition(item: Property) -> str:
    """Return what stands for a property in CREATE and in ALTER TABLE ADD."""
    default = "" if item.default is None else f" DEFAULT {item.default}"
    return f"{quoted(item.name)} {item.type}{default}"


def create_node(table: NodeTable) -> str:
    """Return the statement that makes a node table."""
    parts = [
        *map(property_definition, table.properties),
        f"PRIMARY KEY ({quoted(table.primary_key)})",
    ]
    return f"CREATE NODE TABLE {quoted(table.name)} ({', '.join(parts)});"


def create_rel(table: RelTable) -> str:
    """Return the statement that makes a rel table."""
    parts = [
        *(f"FROM {quoted(pair.from_table)} TO {quoted(pair.to_table)}" for pair in table.pairs),
        *map(property_definition, table.properties),
        table.multiplicity.value,
    ]
    one_way = table.storage_direction is not StorageDirection.BOTH
    storage = f" WITH (storage_direction='{table.storage_direction.value}')" if one_way else ""
    return f"CREATE REL TABLE {quoted(table.name)} ({', '.join(parts)}){storage};"


def _copy(catalog: Catalog, key: TableKey, names: LoadNames) -> CopyStep:
    properties = _owner(catalog, key).properties
    columns = tuple(names.property(key.table, item.name) for item in properties)
    return CopyStep(key, names.table(key.table), columns, names.ends(key))


def _comments(catalog: Catalog) -> Iterator[str]:
    for table in catalog.tables:
        if table.comment:
            yield f"COMMENT ON TABLE {quoted(table.name)} IS {text_literal(table.comment)};"


def _indexes(catalog: Catalog) -> Iterator[str]:
    # In an IMPORT no statement runs after one that makes a full text index.
    for kind in (IndexKind.VECTOR, IndexKind.FULL_TEXT):
        for index in catalog.indexes:
            if index.kind is kind:
                yield f"{index.definition};"


def only_with_kuzugit(catalog: Catalog) -> list[str]:
    """Return what a plain IMPORT DATABASE of such a database fails at, one line each."""
    found = [
        f"IMPORT DATABASE fails at the table {key.table}: only kuzugit restores its values"
        for key in _literal_keys(catalog, list(table_keys(catalog)))
        if key.pair is None or _way(catalog, key) is Way.LITERAL
    ]
    texts = [item for item in catalog.indexes if item.kind is IndexKind.FULL_TEXT]
    found += [
        f"IMPORT DATABASE fails at the full text index {item.table}.{item.name}: it makes one, "
        "and kuzugit makes all"
        for item in texts[1:]
    ]
    return list(dict.fromkeys(found))
