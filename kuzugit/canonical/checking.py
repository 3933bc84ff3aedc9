"""Whether a table's chunks are what they should be, beyond their ids."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from kuzugit.canonical.chunks import FIRST_NAME
from kuzugit.canonical.columns import Columns
from kuzugit.canonical.hashing import key_hashes
from kuzugit.canonical.order import order_terms
from kuzugit.canonical.parquet import ChunkUnreadable, decode, encode
from kuzugit.model.snapshot import Chunk


class ChunkChecker:
    """Checks the chunks of one table, given one after the other in their order."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._last: pa.Table | None = None

    def problems(self, chunk: Chunk, data: bytes) -> Iterator[str]:
        """Yield what is wrong with the next chunk, whose bytes `data` is."""
        if len(data) != chunk.size:
            yield f"has {len(data)} bytes, the manifest says {chunk.size}"
        try:
            table = decode(data, self._columns.schema)
        except ChunkUnreadable as error:
            yield str(error)
            self._last = None
            return
        if table.num_rows != chunk.rows:
            yield f"has {table.num_rows} rows, the manifest says {chunk.rows}"
        if table.num_rows:
            yield from self._content_problems(chunk, table)
            self._last = table.slice(table.num_rows - 1)

    def _content_problems(self, chunk: Chunk, table: pa.Table) -> Iterator[str]:
        keys = [table.column(at) for at in self._columns.key]
        if any(column.null_count for column in keys):
            yield "has rows without a key"
            return
        first = key_hashes([column.chunk(0).slice(0, 1) for column in keys])[0]
        if chunk.name.partition("-")[0] not in (f"{int(first):016x}", FIRST_NAME):
            yield "does not begin with the row that its name says"
        with_last = table if self._last is None else pa.concat_tables([self._last, table])
        if not is_ordered(with_last, self._columns):
            yield "is not in order"


def _rises(table: pa.Table, columns: Columns) -> bool:
    """Tell whether each row's key is greater than the one before, as far as that is easy.

    False where two keys are equal, or of a type that Arrow orders in another way.
    """
    rises = None
    for at in reversed(columns.key):
        column = table.column(at).combine_chunks()
        if not _is_easy(column.type) or column.null_count:
            return False
        one, next_ = column[:-1], column[1:]
        less = pc.less(one, next_)
        rises = less if rises is None else pc.or_(less, pc.and_(pc.equal(one, next_), rises))
    return tuple(columns.order[: len(columns.key)]) == tuple(columns.key) and bool(
        pc.all(rises, min_count=0).as_py()
    )


def _is_easy(type_: pa.DataType) -> bool:
    is_ = pa.types
    return bool(
        is_.is_integer(type_)
        or is_.is_temporal(type_)
        or is_.is_string(type_)
        or is_.is_binary(type_)
    )


def is_ordered(table: pa.Table, columns: Columns) -> bool:
    """Tell whether the rows stand in canonical order, nodes without a double key."""
    if _rises(table, columns):
        return True
    names = [f"s{at}" for at in range(table.num_columns)]
    renamed = table.rename_columns(names)
    with duckdb.connect() as connection:
        connection.register("chunk", renamed)
        order = ", ".join(order_terms(columns))
        ordered = connection.sql(f"SELECT * FROM chunk ORDER BY {order}").to_arrow_table()
    # Compared as bytes: NaN is not equal to itself as a value.
    if encode(ordered.cast(renamed.schema).combine_chunks()) != encode(renamed.combine_chunks()):
        return False
    if len(columns.key) > 1:
        return True
    key = renamed.column(columns.key[0])
    return len(key.unique()) == len(key)
