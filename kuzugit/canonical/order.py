"""The order of rows: DuckDB sorts them, and spills to disk rather than grow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from kuzugit.canonical.columns import Columns
from kuzugit.errors import EngineError
from kuzugit.model.stored import stored_form
from kuzugit.model.types import List, Map, Scalar, Struct, Type, walk

MEMORY_LIMIT = "512MB"
"""What DuckDB may hold while it sorts; beyond that it writes to its directory."""

BATCH_ROWS = 1 << 16

_FULL = "Out of Memory Error"


class SortFailed(EngineError):
    """DuckDB could not read or sort the rows that the database gave."""

    def __init__(self, action: str, error: duckdb.Error | OSError) -> None:
        # Both its memory and the room beneath its directory are used up by then.
        full = isinstance(error, duckdb.OutOfMemoryException) or _FULL in str(error)
        reason = "no space left in memory and on the disk" if full else str(error).split("\n")[0]
        hint = "free some disk space, then run the command again" if full else None
        super().__init__(f"cannot {action}: {reason}", hint=hint)


def sorted_batches(
    source: str, expressions: Sequence[str], columns: Columns, spill: Path
) -> Iterator[pa.RecordBatch]:
    """Yield the rows of `source` in canonical order, in the stored form.

    `source` is what DuckDB reads FROM, `expressions` are its own, one for each column.
    `spill` is an existing directory.
    Nodes are ordered by their key, rels by every column: equal rows are equal bytes,
    so their order does not matter.
    """
    connection = duckdb.connect(
        config={
            "memory_limit": MEMORY_LIMIT,
            "temp_directory": str(spill),
            # Without it DuckDB hands over the rows of an ORDER BY out of order at times.
            "preserve_insertion_order": True,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )
    selected = ", ".join(f"{text} AS s{at}" for at, text in enumerate(expressions))
    order = ", ".join(order_terms(columns))
    try:
        relation = connection.sql(f"SELECT {selected} FROM {source} ORDER BY {order}")
        for batch in relation.to_arrow_reader(BATCH_ROWS):
            yield _stored(batch, columns.schema)
    except (duckdb.Error, OSError) as error:  # the second is what Arrow makes of the first
        raise SortFailed("sort the rows", error) from None
    finally:
        connection.close()


def order_terms(columns: Columns) -> Iterator[str]:
    """Yield the terms of ORDER BY over columns named s0, s1, ..."""
    for at in columns.order:
        name, type_ = f"s{at}", columns.types[at]
        yield f"{name} ASC NULLS FIRST"
        if isinstance(type_, Scalar) and type_.name in ("FLOAT", "DOUBLE"):
            # 0.0 and -0.0 compare equal, and are not.
            yield f"signbit({name}) ASC NULLS FIRST"
        elif _holds_float(type_):
            yield f"{_floats(stored_form(type_), name)}::VARCHAR ASC NULLS FIRST"


def _holds_float(type_: Type) -> bool:
    return any(
        isinstance(part, Scalar) and part.name in ("FLOAT", "DOUBLE") for part in walk(type_)
    )


def _floats(stored: Type, value: str, depth: int = 0) -> str:
    """Return an expression of what in `value` holds floats, and of nothing else.

    DuckDB makes no text of a time below its least timestamp, and Kùzu has some.
    """
    name = f"x{depth}"
    match stored:
        case List(element) if not isinstance(element, Scalar):
            return f"list_transform({value}, lambda {name}: {_floats(element, name, depth + 1)})"
        case Map(key, inner):
            entry = _packed_floats((key, inner), name, depth + 1)
            return f"list_transform(map_entries({value}), lambda {name}: {entry})"
        case Struct(fields):
            return _packed_floats([item.type for item in fields], value, depth)
        case _:
            return value


def _packed_floats(types: Sequence[Type], value: str, depth: int) -> str:
    parts = (
        f"p{at} := {_floats(type_, f'struct_extract_at({value}, {at})', depth)}"
        for at, type_ in enumerate(types, 1)
        if _holds_float(type_)
    )
    return f"struct_pack({', '.join(parts)})"


def _stored(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    arrays = [
        array if array.type == field.type else array.cast(field.type)
        for array, field in zip(batch.columns, schema, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)
