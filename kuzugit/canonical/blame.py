"""Which step of a history set each value of a set of rows: DuckDB compares, step by step.

The rows are those of the newest snapshot. A step is a snapshot and its parent; of both only
the chunks that the other one does not have are looked at. A value is set by the newest step
whose parent has no such row, or another value in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb

from kuzugit.canonical.columns import chunk_columns
from kuzugit.canonical.logical import sql_name, sql_text
from kuzugit.canonical.sql import Connection, SqlTable, translated
from kuzugit.canonical.text import stored_text, text_of
from kuzugit.canonical.wire import wire_expression, wire_value
from kuzugit.model.catalog import Catalog
from kuzugit.model.snapshot import TableKey

BATCH_ROWS = 1 << 12

_ROWS = "kuzugit_rows"
_ID = "kuzugit_id"
_PENDING = "kuzugit_pending"


class Blame:
    """The rows that are asked about, and what is known of their values so far."""

    def __init__(
        self,
        connection: Connection,
        catalog: Catalog,
        table: SqlTable,
        key: TableKey,
        conditions: Sequence[str],
        key_texts: Sequence[str] = (),
    ) -> None:
        """Take the rows of the view `table` for which every one of `conditions` holds.

        `key_texts` are those of one row's key, none for every row.
        """
        columns = chunk_columns(catalog, key)
        self._connection = connection
        self._names = list(columns.schema.names)
        self._key = [self._names[at] for at in columns.key]
        view = f"{sql_name(table.schema)}.{sql_name(table.name)}"
        relation = connection.sql(f"FROM {view}")
        types = dict(zip(relation.columns, relation.types, strict=True))
        # The view has them in the chunk's order, under names that differ in SQL too.
        self.columns = [
            name for name in relation.columns if name not in _PAIR or name in self._names
        ]
        self.key_columns = [self.columns[at] for at in columns.key]
        wanted = [*conditions]
        if key_texts:
            wanted += [
                f"{text_of(types[name], sql_name(name))} = {sql_text(text)}"
                for name, text in zip(self.key_columns, key_texts, strict=True)
            ]
        where = " AND ".join(f"(\n{item}\n)" for item in wanted) or "true"
        self._run(
            f"CREATE TABLE {_ROWS} AS SELECT row_number() OVER () AS {_ID}, * "
            f"FROM {view} WHERE {where}"
        )
        texts = ", ".join(
            f"{text_of(types[name], sql_name(name))} AS t{at}, CAST(NULL AS INTEGER) AS s{at}"
            for at, name in enumerate(self.columns)
        )
        keys = ", ".join(f"t{at}" for at in columns.key)
        self._run(
            f"CREATE TABLE {_PENDING} AS SELECT *, [{keys}] AS k "
            f"FROM (SELECT {_ID}, {texts} FROM {_ROWS})"
        )

    @property
    def count(self) -> int:
        """The number of rows that are asked about."""
        return int(self._run(f"SELECT count(*) FROM {_ROWS}")[0][0])

    @property
    def open(self) -> bool:
        """Whether there are values of which it is not known who set them."""
        unknown = " OR ".join(f"s{at} IS NULL" for at in range(len(self.columns)))
        return bool(self._run(f"SELECT 1 FROM {_PENDING} WHERE {unknown} LIMIT 1"))

    def step(
        self,
        number: int,
        child: tuple[Catalog, TableKey, Sequence[Path]],
        parent: tuple[Catalog, TableKey, Sequence[Path]],
    ) -> None:
        """Take one step back: from the chunks of `child` to those of `parent`.

        Without chunks of the parent, whatever stands in the child's was set here.
        """
        if not child[2]:
            return
        self._run(f"CREATE OR REPLACE TEMP TABLE before AS {self._before(*parent)}")
        ats = range(len(self.columns))
        equal = [f"(has{at} AND t{at} IS NOT DISTINCT FROM p{at})" for at in ats]
        kept = " AND ".join(f"(s{at} IS NOT NULL OR {equal[at]})" for at in ats)
        same = ", ".join(f"bool_or({equal[at]}) AS e{at}" for at in ats)
        found = (
            f"SELECT {_ID}, count(b.k) AS candidates, any_value(c.n) AS n, "
            f"coalesce(bool_or(b.k IS NOT NULL AND {kept}), false) AS kept, {same} "
            f"FROM {_PENDING} AS p JOIN ({self._keys(*child)}) AS c ON p.k = c.k "
            f"LEFT JOIN before AS b ON p.k = b.k GROUP BY {_ID}"
        )
        # Of parallel rels nobody knows which was which, unless all of one is as it was.
        one = "(x.candidates = 1 AND x.n = 1)"
        assigned = ", ".join(
            f"s{at} = CASE WHEN s{at} IS NULL AND NOT coalesce({one} AND x.e{at}, false) "
            f"THEN {number} ELSE s{at} END"
            for at in ats
        )
        self._run(
            f"UPDATE {_PENDING} SET {assigned} FROM ({found}) AS x "
            f"WHERE {_PENDING}.{_ID} = x.{_ID} AND NOT x.kept"
        )

    def finish(self, number: int) -> None:
        """Say that the rest was set by the oldest step."""
        ats = range(len(self.columns))
        self._run(
            f"UPDATE {_PENDING} SET "
            + ", ".join(f"s{at} = coalesce(s{at}, {number})" for at in ats)
        )

    def rows(self, *, as_text: bool) -> Iterator[list[tuple[tuple[Any, int], ...]]]:
        """Yield the rows in batches: of each column its value and the number of the step."""
        relation = self._connection.sql(f"FROM {_ROWS}")
        types = dict(zip(relation.columns, relation.types, strict=True))
        values = [
            text_of(types[name], sql_name(name))
            if as_text
            else wire_expression(types[name], sql_name(name))
            for name in self.columns
        ]
        selected = ", ".join(f"{value} AS v{at}, s{at}" for at, value in enumerate(values))
        query = f"SELECT {selected} FROM {_ROWS} JOIN {_PENDING} USING ({_ID}) ORDER BY {_ID}"
        try:
            reader = self._connection.sql(query).to_arrow_reader(BATCH_ROWS)
            for batch in reader:
                columns = [column.to_pylist() for column in batch.columns]
                if not as_text:
                    columns[::2] = [
                        [wire_value(types[name], value) for value in column]
                        for name, column in zip(self.columns, columns[::2], strict=True)
                    ]
                pairs = [
                    list(zip(value, step, strict=True))
                    for value, step in zip(columns[::2], columns[1::2], strict=True)
                ]
                yield list(zip(*pairs, strict=True))
        except (duckdb.Error, OSError) as error:  # the second is what Arrow makes of the first
            raise translated(error) from error

    def _keys(self, catalog: Catalog, key: TableKey, files: Sequence[Path]) -> str:
        columns = chunk_columns(catalog, key)
        keys = ", ".join(stored_text(columns.types[at], f"c{at}") for at in columns.key)
        return (
            f"SELECT [{keys}] AS k, count(*) AS n FROM {_source(columns.types, files)} GROUP BY k"
        )

    def _before(self, catalog: Catalog, key: TableKey, files: Sequence[Path]) -> str:
        columns = chunk_columns(catalog, key)
        texts = [stored_text(type_, f"c{at}") for at, type_ in enumerate(columns.types)]
        at_name = {name: at for at, name in enumerate(columns.schema.names)}
        selected = []
        for at, name in enumerate(self._names):
            found = at_name.get(name)
            selected.append(f"{texts[found] if found is not None else 'NULL'} AS p{at}")
            selected.append(f"{'false' if found is None else 'true'} AS has{at}")
        keys = ", ".join(texts[at] for at in columns.key)
        source = _source(columns.types, files)
        return f"SELECT [{keys}] AS k, {', '.join(selected)} FROM {source}"

    def _run(self, statement: str) -> list[tuple[Any, ...]]:
        try:
            # Fetched to the end: an unfinished result keeps the connection busy.
            return self._connection.execute(statement).fetchall()
        except duckdb.Error as error:
            raise translated(error) from error


_PAIR = ("from_table", "to_table")


def _source(types: Sequence[object], files: Sequence[Path]) -> str:
    aliases = ", ".join(f"c{at}" for at in range(len(types)))
    if not files:
        empty = ", ".join("NULL" for _ in types)
        return f"(SELECT {empty} WHERE false) AS t({aliases})"
    listed = ", ".join(sql_text(str(file)) for file in files)
    return f"read_parquet([{listed}], hive_partitioning=false) AS t({aliases})"
