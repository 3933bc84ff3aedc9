"""All that a Kùzu database holds, asked of Kùzu alone.

Shares no code with kuzugit, because it judges it. Not seen is what Kùzu does not
show: names of CREATE TYPE. Inside lists of structs and inside maps, intervals
and far dates are seen as text only.
"""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import kuzu

from tests.support.defaults import evaluate_defaults
from tests.support.graphs import open_database
from tests.support.readers import (
    UNREADABLE,
    Reader,
    literal,
    make_reader,
    may_be_unreadable,
    parse,
    query,
    quote,
    run,
)

Rows = Counter[tuple[str, ...]]


@dataclass
class Content:
    """Facts by name, and the rows of each table (of each pair of a rel table) as text."""

    facts: dict[str, Any] = field(default_factory=dict)
    rows: dict[str, Rows] = field(default_factory=dict)


def read_content(path: Path) -> Content:
    """Read all that the database at `path` holds."""
    with open_database(path, read_only=True) as connection:
        content = read_open(connection)
    tables = {
        name: content.facts[f"properties of {name}"]
        for name in (fact.removeprefix("table ") for fact in content.facts)
        if f"table {name}" in content.facts
    }
    keys = {
        name: next((column, kind) for column, kind, _, is_key in columns if is_key)
        for name, columns in tables.items()
        if content.facts[f"table {name}"][0] == "NODE"
    }
    for name, values in evaluate_defaults(path, tables, keys).items():
        content.facts[f"defaults of {name}"] = values
    return content


def read_open(connection: kuzu.Connection) -> Content:
    """Read what an open database holds, but for what its defaults give."""
    content = Content()
    tables = query(connection, "CALL show_tables() RETURN name, type, comment")
    for name, kind, comment in tables:
        content.facts[f"table {name}"] = (kind, comment)
    nodes = sorted(name for name, kind, _ in tables if kind == "NODE")
    rels = sorted(name for name, kind, _ in tables if kind == "REL")
    keys = {name: _read_node_table(connection, content, name) for name in nodes}
    for name in rels:
        _read_rel_table(connection, content, name, keys)
    _read_sequences(connection, content)
    _read_indexes(connection, content)
    _read_exported(connection, content)
    return content


# --- tables and rows


def _read_node_table(connection: kuzu.Connection, content: Content, table: str) -> tuple[str, str]:
    columns = query(
        connection,
        f"CALL table_info({literal(table)}) RETURN name, type, `default expression`, `primary key`",
    )
    content.facts[f"properties of {table}"] = columns
    pattern = f"MATCH (n:{quote(table)})"
    readers = _readers(connection, pattern, "n", [(name, kind) for name, kind, *_ in columns])
    content.rows[table] = _read_rows(connection, pattern, readers)
    key, kind = next((name, kind) for name, kind, _, is_key in columns if is_key)
    nanoseconds = [(name, "n") for name, type_, *_ in columns if type_ == "TIMESTAMP_NS"]
    keys = [make_reader(parse(kind), f"n.{quote(key)}").expressions[0]]
    _read_nanoseconds(connection, content, table, pattern, keys, nanoseconds)
    return key, kind


def _read_rel_table(
    connection: kuzu.Connection, content: Content, table: str, keys: dict[str, tuple[str, str]]
) -> None:
    columns = [row[1:4] for row in query(connection, f"CALL table_info({literal(table)}) RETURN *")]
    pairs = [
        row[:2] for row in query(connection, f"CALL show_connection({literal(table)}) RETURN *")
    ]
    content.facts[f"properties of {table}"] = columns
    content.facts[f"pairs of {table}"] = pairs
    content.facts[f"storage direction of {table}"] = _read_direction(connection, table, *pairs[0])
    properties = [(name, kind) for name, kind, _ in columns]
    nanoseconds = [(name, "r") for name, type_, _ in columns if type_ == "TIMESTAMP_NS"]
    for start, end in pairs:
        pattern = f"MATCH (a:{quote(start)})-[r:{quote(table)}]->(b:{quote(end)})"
        ends = [
            make_reader(parse(keys[node][1]), f"{variable}.{quote(keys[node][0])}")
            for variable, node in (("a", start), ("b", end))
        ]
        readers = [*ends, *_readers(connection, pattern, "r", properties)]
        name = f"{table} ({start} -> {end})"
        content.rows[name] = _read_rows(connection, pattern, readers)
        expressions = [reader.expressions[0] for reader in ends]
        _read_nanoseconds(connection, content, name, pattern, expressions, nanoseconds)


def _readers(
    connection: kuzu.Connection, pattern: str, variable: str, columns: list[tuple[str, str]]
) -> list[Reader]:
    readers = []
    for name, kind in columns:
        type_, value = parse(kind), f"{variable}.{quote(name)}"
        raw = not may_be_unreadable(type_) or _is_readable(connection, pattern, value)
        readers.append(make_reader(type_, value, raw=raw))
    return readers


def _is_readable(connection: kuzu.Connection, pattern: str, value: str) -> bool:
    condition = f"CAST({value} AS STRING) =~ '{UNREADABLE}'"
    (row,) = query(connection, f"{pattern} WHERE {condition} RETURN count(*)")
    return bool(row[0] == 0)


def _read_rows(connection: kuzu.Connection, pattern: str, readers: list[Reader]) -> Rows:
    expressions = [item for reader in readers for item in reader.expressions]
    named = ", ".join(f"{item} AS e{at}" for at, item in enumerate(expressions))
    rows: Rows = Counter()
    with run(connection, f"{pattern} RETURN {named}") as result:
        while result.has_next():
            values = iter(result.get_next())
            # repr() tells 0.0 from -0.0 and '' from NULL, and takes every NaN for one.
            rows[
                tuple(
                    repr(reader.build([next(values) for _ in reader.expressions]))
                    for reader in readers
                )
            ] += 1
    return rows


def _read_nanoseconds(
    connection: kuzu.Connection,
    content: Content,
    name: str,
    pattern: str,
    keys: list[str],
    columns: list[tuple[str, str]],
) -> None:
    """Read the columns of nanoseconds through Arrow: rows and text stop at microseconds."""
    if not columns:
        return
    expressions = [*keys, *(f"{variable}.{quote(column)}" for column, variable in columns)]
    named = ", ".join(f"{item} AS e{at}" for at, item in enumerate(expressions))
    with run(connection, f"{pattern} RETURN {named}") as result:
        table = result.get_as_arrow()
    values = [
        column.cast("int64") if at >= len(keys) else column
        for at, column in enumerate(table.columns)
    ]
    rows = zip(*(column.to_pylist() for column in values), strict=True)
    content.rows[f"{name}, nanoseconds"] = Counter(tuple(map(repr, row)) for row in rows)


def _read_direction(connection: kuzu.Connection, table: str, start: str, end: str) -> str:
    # table_info shows the direction beside properties only, so a table without any is asked.
    # The ends are named: where tables have unions of one name, nodes of no table are refused.
    pattern = f"(:{quote(start)})-[r:{quote(table)}]-(:{quote(end)})"
    try:
        query(connection, f"MATCH {pattern} RETURN 1 LIMIT 1")
    except RuntimeError as error:
        if "storage type" not in str(error):
            raise
        return "one"
    return "both"


# --- what stands beside the tables


def _read_sequences(connection: kuzu.Connection, content: Content) -> None:
    for row in query(connection, "CALL show_sequences() RETURN *"):
        name = row[0]
        content.facts[f"sequence {name}"] = row[2:]
        content.facts[f"value of sequence {name}"] = _current_value(connection, name)


def _current_value(connection: kuzu.Connection, name: str) -> int | None:
    try:
        return int(query(connection, f"RETURN currval({literal(name)})")[0][0])
    except RuntimeError as error:
        if "not yet defined" not in str(error):
            raise
        return None


def _read_indexes(connection: kuzu.Connection, content: Content) -> None:
    columns = "table_name, index_name, index_type, property_names, index_definition"
    for table, name, *rest in query(connection, f"CALL show_indexes() RETURN {columns}"):
        content.facts[f"index {table}.{name}"] = rest


def _read_exported(connection: kuzu.Connection, content: Content) -> None:
    """Read what only Kùzu's exported schema shows: multiplicity and macros."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder, "schema")
        query(connection, f"EXPORT DATABASE {literal(str(target))} (schema_only=true)")
        text = (target / "schema.cypher").read_text()
    for name, rest in re.findall(r"^CREATE REL TABLE `(.*?)` \((.*)\);$", text, re.MULTILINE):
        content.facts[f"multiplicity of {name}"] = re.findall(
            r"\b(?:MANY|ONE)_(?:MANY|ONE)\b", rest
        )[-1:]
    for statement in re.findall(r"^CREATE MACRO .*?;$", text, re.MULTILINE | re.DOTALL):
        _read_macro(connection, content, statement)


def _read_macro(connection: kuzu.Connection, content: Content, statement: str) -> None:
    name, parameters = re.findall(r"CREATE MACRO `?(\w+)`? ?\((.*?)\) AS ", statement)[0]
    if re.fullmatch(r"\d+_.*_TOKENIZE", name):
        return  # Kùzu's own, made by an index and named after a table's number
    content.facts[f"macro {name}"] = (statement, _macro_tree(connection, name, parameters))


def _macro_tree(connection: kuzu.Connection, name: str, parameters: str) -> str | None:
    """Return the macro as Kùzu understands it: its export drops parentheses and signs."""
    required = [part for part in parameters.split(",") if part.strip() and ":=" not in part]
    arguments = [f"p{at}" for at, _ in enumerate(required)]
    aliases = ", ".join(f"p AS {argument}" for argument in arguments) or "p"
    for type_ in ("INT64", "STRING", "DOUBLE", "INT64[]", "BOOL", "DATE"):
        # No row, so the macro is bound and never run: Kùzu crashes on some arguments.
        nothing = f"UNWIND CAST([] AS {type_}[]) AS p WITH {aliases}"
        call = f"{nothing} RETURN {name}({', '.join(arguments)})"
        try:
            with run(connection, call) as result:
                return str(result.get_column_names()[0])
        except RuntimeError:
            continue  # another type may fit; where none does, the text alone is compared
    return None
