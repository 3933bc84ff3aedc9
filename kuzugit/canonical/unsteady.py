"""Floats that Kùzu may change as it stores them: NaN, and zeros beside zeros of the other sign.

Of a piece of a column in which least and greatest value have the same bits Kùzu stores that
value alone. It compares with `<` to find them, which is never true of NaN and takes -0.0 for
0.0: so after `NaN, 1.0, 2.0, NULL` all three are NaN, and after `1.0, NaN, 1.0` all are 1.0.
Which rows are such a piece is Kùzu's affair, so what is built from these values is compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from kuzugit.canonical.columns import Columns
from kuzugit.canonical.plain_form import ChunkUnreadable, check_plain
from kuzugit.model.floats import holds_floats, may_not_be_held


def holds_unsteady(data: bytes, columns: Columns) -> bool:
    """Tell whether a chunk holds NaN or -0.0, at any depth; raise ChunkUnreadable."""
    wanted = [at for at, type_ in enumerate(columns.types) if holds_floats(type_)]
    return any(map(is_unsteady, _decoded(data, columns, wanted)))


def doubtful_columns(data: bytes, columns: Columns) -> list[int]:
    """Return the positions of a chunk's columns whose values Kùzu may hold in no way.

    They hold floats in lists and the like, and NaN, or -0.0 among nothing but zeros: other
    numbers beside it keep a piece from being one value. Raises ChunkUnreadable.
    """
    wanted = [at for at, type_ in enumerate(columns.types) if may_not_be_held(type_)]
    found = zip(wanted, _decoded(data, columns, wanted), strict=True)
    return [at for at, column in found if any(map(_is_doubtful, floats_of(column)))]


def _decoded(data: bytes, columns: Columns, wanted: Sequence[int]) -> list[pa.ChunkedArray]:
    check_plain(data)
    try:
        names = [columns.schema.names[at] for at in wanted]
        return list(pq.read_table(pa.BufferReader(data), columns=names).columns)
    except (pa.ArrowException, OSError) as error:
        raise ChunkUnreadable(f"it is not readable Parquet: {error}") from error


def is_unsteady(column: pa.ChunkedArray) -> bool:
    """Tell whether a column holds NaN or -0.0, at any depth."""
    return any(map(_is_unsteady, floats_of(column)))


def floats_of(column: pa.ChunkedArray) -> Iterator[pa.Array]:
    """Yield the floats of a column, of any depth, as flat arrays; NULL lists have none."""
    for part in column.chunks:
        yield from _floats(part)


def _floats(values: pa.Array) -> Iterator[pa.Array]:
    kind = values.type
    if pa.types.is_floating(kind):
        yield values
    elif pa.types.is_struct(kind):
        for part in values.flatten():
            yield from _floats(part)
    elif pa.types.is_map(kind):
        yield from _floats(values.keys)
        yield from _floats(values.items)
    elif pa.types.is_list(kind) or pa.types.is_fixed_size_list(kind):
        yield from _floats(values.flatten())


def _is_doubtful(values: pa.Array) -> bool:
    if pc.any(pc.is_nan(values)).as_py():
        return True
    return _is_unsteady(values) and bool(pc.all(pc.equal(values, 0.0)).as_py())


def _is_unsteady(values: pa.Array) -> bool:
    zeros = pc.filter(values, pc.equal(values, pa.scalar(0.0, values.type)))
    # Only the sign of the quotient tells the sign of a zero.
    below = pc.less(pc.divide(pa.scalar(1.0, values.type), zeros), pa.scalar(0.0, values.type))
    return bool(pc.any(pc.is_nan(values)).as_py() or pc.any(below).as_py())
