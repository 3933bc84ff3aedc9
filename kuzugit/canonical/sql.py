"""SQL over a snapshot's chunks: a view for each table, and no way out of it.

The views read chunk files of one directory. The user's SQL may read that directory and
nothing else: no other file, no network, no extension, no setting.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

import duckdb
import pyarrow as pa

from kuzugit.canonical.columns import Columns, chunk_columns
from kuzugit.canonical.logical import duckdb_type, logical_value, sql_name, sql_text
from kuzugit.canonical.text import stored_text, text_expression, text_of
from kuzugit.canonical.wire import wire_expression, wire_value
from kuzugit.errors import CorruptError, EngineError, UsageError
from kuzugit.model.catalog import Catalog
from kuzugit.model.snapshot import TableKey
from kuzugit.model.types import Type

Connection: TypeAlias = duckdb.DuckDBPyConnection
"""An open DuckDB, as the floors above know it."""

MEMORY_LIMIT = "1GB"
"""What DuckDB may hold; beyond that it writes to the directory `spill` beside the chunks."""

BATCH_ROWS = 1 << 12

_ENDS = 2
"""The columns of a rel's chunk that are its two ends."""

_RESULT = "kuzugit_result"

_COMPUTED_NAME = re.compile(r"\bquery(_table)?\s*\(", re.IGNORECASE)


class QueryFailed(UsageError):
    """DuckDB refused a query: its words, a name, a type, or what it wants to reach."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"DuckDB refused the query: {reason}")


class QueryNotSelect(UsageError):
    """Text that is not exactly one SELECT."""

    def __init__(self, found: str) -> None:
        self.found = found
        super().__init__(f"a snapshot is only read, by one SELECT; this is {found}")


class QueryAborted(EngineError):
    """DuckDB could not finish a query: memory, disk, a value out of its range."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"DuckDB could not finish the query: {reason}")


class ChunksUnreadable(CorruptError):
    """DuckDB could not read a chunk."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"a chunk is not readable: {reason}", hint="kuzugit verify")


@dataclass(frozen=True)
class SqlTable:
    """A table of a snapshot as SQL knows it: `name` in `schema`, over the chunks of `keys`.

    The name is the table's own; where SQL, which does not tell `a` from `A`, has it
    already, a number follows.
    """

    schema: str
    name: str
    table: str
    keys: tuple[TableKey, ...]


def sql_tables(catalog: Catalog, schema: str = "main") -> list[SqlTable]:
    """Return every table of a catalog, node tables first."""
    taken: set[str] = set()
    nodes = [(table.name, (TableKey(table.name),)) for table in catalog.nodes]
    rels = [
        (table.name, tuple(TableKey(table.name, pair) for pair in table.pairs))
        for table in catalog.rels
    ]
    return [
        SqlTable(schema, _apart(name, taken), name, keys) for name, keys in (*nodes, *rels) if keys
    ]


def _apart(name: str, taken: set[str]) -> str:
    found, number = name, 0
    while found.lower() in taken:
        number += 1
        found = f"{name}_{number}"
    taken.add(found.lower())
    return found


def named_tables(query: str, tables: Sequence[SqlTable]) -> list[SqlTable]:
    """Return the tables that `query` may read: those it names, by the words in it.

    A table too many costs time; one too few would be an error of its view.
    """
    if _COMPUTED_NAME.search(query):
        return list(tables)
    try:
        with duckdb.connect(":memory:") as connection:
            found = {name.lower() for name in connection.get_table_names(query)}
    except duckdb.Error:
        # It binds what it can, and stumbles over columns of tables that it does not have.
        text = query.lower()
        return [table for table in tables if table.name.lower().replace('"', '""') in text]
    return [table for table in tables if table.name.lower() in found]


def view_statement(catalog: Catalog, table: SqlTable, files: Mapping[TableKey, str] | None) -> str:
    """Return the CREATE VIEW of a table.

    `files` are DuckDB's globs of the chunks of each of its keys that has rows; None where
    they were not fetched: then the view can be described, and to read it is an error.
    """
    several = len(table.keys) > 1
    same_ends = len({_end_types(catalog, key) for key in table.keys}) == 1
    parts = [_part(catalog, key, files, named=several, as_text=not same_ends) for key in table.keys]
    name = f"{sql_name(table.schema)}.{sql_name(table.name)}"
    return f"CREATE VIEW {name} AS {' UNION ALL '.join(parts)}"


def _end_types(catalog: Catalog, key: TableKey) -> tuple[Type, ...]:
    return chunk_columns(catalog, key).types[:_ENDS] if key.is_rel else ()


def _part(
    catalog: Catalog,
    key: TableKey,
    files: Mapping[TableKey, str] | None,
    *,
    named: bool,
    as_text: bool,
) -> str:
    columns = chunk_columns(catalog, key)
    glob = files.get(key) if files is not None else None
    values = [
        logical_value(type_, f"c{at}") if glob else f"CAST(NULL AS {duckdb_type(type_)})"
        for at, type_ in enumerate(columns.types)
    ]
    names = list(columns.schema.names)
    if key.pair is not None and as_text:
        values[:_ENDS] = map(text_expression, columns.types, values[:_ENDS])
    if key.pair is not None and named:
        names[_ENDS:_ENDS] = ["from_table", "to_table"]
        values[_ENDS:_ENDS] = [sql_text(key.pair.from_table), sql_text(key.pair.to_table)]
    taken: set[str] = set()
    selected = ", ".join(
        f"{value} AS {sql_name(_apart(name, taken))}"
        for name, value in zip(names, values, strict=True)
    )
    if glob:
        aliases = ", ".join(f"c{at}" for at in range(len(columns.types)))
        return (
            f"SELECT {selected} FROM read_parquet({sql_text(glob)}, hive_partitioning=false) "
            f"AS t({aliases})"
        )
    if files is not None:
        return f"SELECT {selected} WHERE false"
    return f"SELECT {selected} WHERE error({sql_text(f'{key.table} was not fetched')})"


@contextmanager
def open_views(directory: str, statements: Iterable[str]) -> Iterator[Connection]:
    """Open a DuckDB, run `statements`, and lock it up: it reads `directory` and nothing else.

    `directory` is absolute and holds no character that means something in a glob.
    """
    with duckdb.connect(
        ":memory:",
        config={
            "memory_limit": MEMORY_LIMIT,
            "temp_directory": f"{directory}/spill",
            "preserve_insertion_order": True,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
            "python_enable_replacements": False,
        },
    ) as connection:
        try:
            connection.execute("SET TimeZone = 'UTC'")
            for statement in statements:
                connection.execute(statement)
            connection.execute(f"SET allowed_directories = [{sql_text(f'{directory}/')}]")
            connection.execute("SET enable_external_access = false")
            connection.execute("SET lock_configuration = true")
        except duckdb.Error as error:
            raise ChunksUnreadable(_said(error)) from error
        yield connection


@dataclass(frozen=True)
class Answer:
    """What a query gives: the names and types of its columns, and its rows in batches.

    Rows can be read once. Names may stand twice.
    """

    columns: tuple[str, ...]
    types: tuple[str, ...]
    batches: Iterator[list[tuple[Any, ...]]]


def select(
    connection: Connection, query: str, *, as_text: bool, limit: int | None = None
) -> Answer:
    """Run one SELECT; at most `limit` rows.

    Values are the texts that DuckDB makes of them, or as `canonical.wire` has them.
    Raises QueryNotSelect, QueryFailed; QueryAborted also while the rows are read.
    """
    query = _one_select(connection, query)
    try:
        relation = connection.sql(query)
        columns, types = tuple(relation.columns), list(relation.types)
        names = [f"c{at}" for at in range(len(columns))]
        values = [
            text_of(type_, name) if as_text else wire_expression(type_, name)
            for name, type_ in zip(names, types, strict=True)
        ]
        selected = ", ".join(f"{value} AS r{at}" for at, value in enumerate(values))
        last = "" if limit is None else f" LIMIT {limit}"
        # As a relation, not as text within text: a comment at its end would hide what follows.
        result = relation.query(
            _RESULT, f"SELECT {selected} FROM {_RESULT} AS t({', '.join(names)}){last}"
        )
        if result is None:
            raise QueryNotSelect("without rows")
        reader = result.to_arrow_reader(BATCH_ROWS)
    except duckdb.Error as error:
        raise translated(error) from error
    wire = None if as_text else types
    return Answer(columns, tuple(map(str, types)), _batches(reader, wire))


def _one_select(connection: Connection, query: str) -> str:
    """Return `query` without its semicolon and what follows, which DuckDB would trip over."""
    try:
        statements = connection.extract_statements(query)
    except duckdb.Error as error:
        raise translated(error) from error
    if len(statements) != 1:
        raise QueryNotSelect("empty" if not statements else "more than one statement")
    if statements[0].type != duckdb.StatementType.SELECT:
        raise QueryNotSelect(f"a statement of the kind {statements[0].type.name}")
    text = query.encode()
    ends = (at for at, _ in duckdb.tokenize(query) if text[at : at + 1] == b";")
    return text[: next(ends, None)].decode()


def _batches(reader: Any, types: Sequence[Any] | None) -> Iterator[list[tuple[Any, ...]]]:
    while True:
        try:
            batch = next(reader, None)
        except (duckdb.Error, OSError) as error:
            raise translated(error) from error
        if batch is None:
            return
        columns = [column.to_pylist() for column in batch.columns]
        if types is not None:
            columns = [
                [wire_value(type_, value) for value in column]
                for type_, column in zip(types, columns, strict=True)
            ]
        yield list(zip(*columns, strict=True))


def check_condition(condition: str) -> None:
    """Raise QueryFailed or QueryNotSelect where `condition` is no expression of SQL."""
    with duckdb.connect(":memory:") as connection:
        _one_select(connection, f"SELECT 1 WHERE (\n{condition}\n)")


def wire_rows(rows: pa.Table, columns: Columns) -> list[tuple[Any, ...]]:
    """Return a few rows of a chunk as `canonical.wire` has their logical values."""
    names = [f"c{at}" for at in range(len(columns.types))]
    values = [logical_value(type_, name) for type_, name in zip(columns.types, names, strict=True)]
    with duckdb.connect(":memory:") as connection:
        try:
            connection.execute("SET TimeZone = 'UTC'")
            logical = connection.from_arrow(rows.rename_columns(names)).project(
                ", ".join(f"{value} AS {name}" for value, name in zip(values, names, strict=True))
            )
            types = list(logical.types)
            wire = map(wire_expression, types, names)
            found = logical.project(
                ", ".join(f"{value} AS {name}" for value, name in zip(wire, names, strict=True))
            ).to_arrow_table()
        except duckdb.Error as error:
            raise translated(error) from error
    fetched = (column.to_pylist() for column in found.columns)
    return list(
        zip(
            *(
                [wire_value(type_, value) for value in column]
                for type_, column in zip(types, fetched, strict=True)
            ),
            strict=True,
        )
    )


def key_texts(key: Sequence[pa.Scalar], columns: Columns) -> list[str]:
    """Return what DuckDB's text of each value of a key is, given in the stored form."""
    stored = pa.Table.from_arrays(
        [pa.repeat(value, 1) for value in key],
        names=[f"c{at}" for at in range(len(key))],
    )
    texts = ", ".join(
        f"{stored_text(columns.types[at], f'c{number}')} AS c{number}"
        for number, at in enumerate(columns.key)
    )
    with duckdb.connect(":memory:") as connection:
        try:
            connection.execute("SET TimeZone = 'UTC'")
            row = connection.from_arrow(stored).project(texts).fetchall()[0]
        except duckdb.Error as error:
            raise translated(error) from error
    return [str(text) for text in row]


_REFUSED = (
    duckdb.ProgrammingError,
    duckdb.DataError,
    duckdb.NotSupportedError,
    duckdb.PermissionException,
)


def translated(error: Exception) -> Exception:
    """Return DuckDB's error as one of kuzugit's."""
    if isinstance(error, duckdb.OutOfMemoryException) or "Out of Memory Error" in str(error):
        return QueryAborted("it needs more memory or disk than there is")
    if isinstance(error, _REFUSED):
        return QueryFailed(_said(error))
    return QueryAborted(_said(error))


def _said(error: Exception) -> str:
    """Return what DuckDB says, without the stack and the piece of the query that it adds."""
    return re.split(r"\s+Stack Trace:|\n\nLINE \d+:", str(error))[0].strip()
