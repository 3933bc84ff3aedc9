"""What is read of a table: simple columns only, and DuckDB's way to put them together.

Kùzu writes simple columns to Parquet exactly. A struct is read field by field; a list
of something that is not simple is taken apart into a query of its own, with a row for
each element, which DuckDB puts together again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from kuzugit.model.cypher import text_literal

ROW = "row"
"""The column that says which row of the table an element belongs to."""


@dataclass
class RawQuery:
    """One query and the queries of the lists that are taken apart in it.

    `indexes` name the variables that count the elements on the way here. `perishable`
    are DuckDB conditions over the columns, true of a value that Kùzu cannot hold;
    `least` those that are true of one that it holds only where it does not compress, and
    `nan` those that are true of NaN, beside which it may change other values.
    """

    unwinds: tuple[str, ...] = ()
    indexes: tuple[str, ...] = ()
    expressions: dict[str, str] = field(default_factory=dict)
    perishable: list[str] = field(default_factory=list)
    least: list[str] = field(default_factory=list)
    nan: list[str] = field(default_factory=list)
    parts: list[ListPart] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=count)

    def add(self, expression: str) -> str:
        """Read one more column; return the name that DuckDB knows it by."""
        name = f"c{next(self._numbers)}"
        self.expressions[name] = expression
        return name

    def take_apart(self, length: str) -> tuple[RawQuery, str]:
        """Return a query with a row for each element of a list, and the element's index.

        `length` is the Cypher expression of the list's length.
        """
        index = f"i{next(self._numbers)}"
        unwind = f"UNWIND range(1, {length}) AS {index}"
        inner = RawQuery((*self.unwinds, unwind), (*self.indexes, index), _numbers=self._numbers)
        return inner, index

    def put_together(self, inner: RawQuery, element: str) -> str:
        """Return the list of `element`, a DuckDB expression over `inner`; NULL if empty."""
        name = f"l{next(self._numbers)}"
        self.parts.append(ListPart(inner, element, name))
        return name

    def all(self) -> Iterator[RawQuery]:
        """Yield this query and those below it."""
        yield self
        for part in self.parts:
            yield from part.query.all()

    def statement(self, pattern: str, variable: str, file: Path, *, with_row: bool) -> str:
        """Return the COPY that writes this query's rows to `file`."""
        row = [f"offset(id({variable})) AS {ROW}"] if with_row else []
        columns = [
            *row,
            *(f"{index} AS {index}" for index in self.indexes),
            *(f"{text} AS {name}" for name, text in self.expressions.items()),
        ]
        return (
            f"COPY (MATCH {pattern} {' '.join(self.unwinds)} RETURN {', '.join(columns)}) "
            f"TO {text_literal(str(file))} (compression='snappy')"
        )

    def source(self, files: dict[int, Path]) -> str:
        """Return DuckDB's FROM of this query's rows; `files` by the query's id()."""
        path = str(files[id(self)]).replace("'", "''")
        joins = "".join(
            f" LEFT JOIN ({part.rows(files)}) USING ({', '.join((ROW, *self.indexes))})"
            for part in self.parts
        )
        return f"read_parquet('{path}'){joins}"


@dataclass
class ListPart:
    """A list that was taken apart: its query, its element, the column it becomes."""

    query: RawQuery
    element: str
    name: str

    def rows(self, files: dict[int, Path]) -> str:
        """Return DuckDB's query of the lists, one for each row that has elements."""
        *outer, index = self.query.indexes
        keys = ", ".join((ROW, *outer))
        return (
            f"SELECT {keys}, list({self.element} ORDER BY {index}) AS {self.name} "
            f"FROM {self.query.source(files)} GROUP BY {keys}"
        )
