"""Floats that Kùzu may change as it stores them: NaN, and zeros beside zeros of the other sign.

Of a piece of a column in which least and greatest value have the same bits Kùzu stores that
value alone. It compares with `<` to find them, which is never true of NaN and takes -0.0 for
0.0: so after `NaN, 1.0, 2.0, NULL` all three are NaN, and after `1.0, NaN, 1.0` all are 1.0.
Which rows are such a piece is Kùzu's affair, so what is built from these values is compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from kuzugit.canonical.columns import Columns
from kuzugit.canonical.parquet import decode_all, encode
from kuzugit.canonical.plain_form import ChunkUnreadable, check_plain
from kuzugit.model.types import Scalar, walk

_FLOATS = (Scalar("FLOAT"), Scalar("DOUBLE"))


def holds_unsteady(data: bytes, columns: Columns) -> bool:
    """Tell whether a chunk holds NaN or -0.0, at any depth; raise ChunkUnreadable.

    Only the columns of floats are decoded.
    """
    names = [
        name
        for name, type_ in zip(columns.schema.names, columns.types, strict=True)
        if any(part in _FLOATS for part in walk(type_))
    ]
    check_plain(data)
    try:
        table = pq.read_table(pa.BufferReader(data), columns=names)
    except (pa.ArrowException, OSError) as error:
        raise ChunkUnreadable(f"it is not readable Parquet: {error}") from error
    return any(_holds(part) for column in table.columns for part in column.chunks)


def rearrange(paths: Sequence[Path], columns: Columns, *, whole_first: bool) -> None:
    """Write the rows of all chunks at `paths` into the first one, in another order.

    Those without NaN come first: then least and greatest value are those of numbers. Or
    last: where all numbers are one, NaN is not passed over where it stands first.
    The others are removed. All rows are in memory meanwhile. Raises ChunkUnreadable, OSError.
    """
    table = decode_all((path.read_bytes() for path in paths), columns.schema)
    missing = pa.array([0] * table.num_rows, pa.int64())
    for column in table.columns:
        if pa.types.is_floating(column.type):
            missing = pc.add(missing, pc.is_nan(column).fill_null(False).cast(pa.int64()))
    direction = "ascending" if whole_first else "descending"
    numbered = pa.table({"missing": missing, "place": range(table.num_rows)})
    places = pc.sort_indices(numbered, sort_keys=[("missing", direction), ("place", "ascending")])
    paths[0].write_bytes(encode(table.take(places).combine_chunks()))
    for path in paths[1:]:
        path.unlink()


def _holds(values: pa.Array) -> bool:
    kind = values.type
    if pa.types.is_floating(kind):
        return _is_unsteady(values)
    if pa.types.is_struct(kind):
        return any(_holds(part) for part in values.flatten())
    if pa.types.is_map(kind):
        return _holds(values.keys) or _holds(values.items)
    if pa.types.is_list(kind) or pa.types.is_fixed_size_list(kind):
        return _holds(values.flatten())
    return False


def _is_unsteady(values: pa.Array) -> bool:
    zeros = pc.filter(values, pc.equal(values, pa.scalar(0.0, values.type)))
    # Only the sign of the quotient tells the sign of a zero.
    below = pc.less(pc.divide(pa.scalar(1.0, values.type), zeros), pa.scalar(0.0, values.type))
    return bool(pc.any(pc.is_nan(values)).as_py() or pc.any(below).as_py())
