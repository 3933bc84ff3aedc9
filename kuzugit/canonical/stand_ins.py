"""Numbers that stand in for NaN and -0.0 while the rows of a database are loaded.

Kùzu may take a piece of a column for one value where these are in it (`canonical.unsteady`).
A piece in which other numbers stand in their place it stores whole, unless all of it is one
of these. Without compression a value in such a piece can be changed where it stands, and the
others stay; so the exact ones are put back by SET once the rows are written.

What is SET into a list comes behind the old elements, which stay there and are part of the
piece. They may be one number alone; so a second one is put there first. Where there are many
elements Kùzu writes all lists anew instead, without the old ones; so nodes with NaN in a list
are loaded last, for a piece that begins with NaN is NaN throughout. That holds unless all
other numbers are one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from kuzugit.canonical.columns import Columns
from kuzugit.canonical.literals import literal, numbers_for_times
from kuzugit.canonical.parquet import Table, encode
from kuzugit.canonical.row_statements import set_values, set_where
from kuzugit.canonical.unsteady import floats_of, is_unsteady
from kuzugit.model.catalog import Catalog
from kuzugit.model.floats import FLOATS, holds_floats
from kuzugit.model.row_change import Column
from kuzugit.model.snapshot import TableKey

_FIRST = 2.0**64
"""From here on stand-ins are looked for: odd multiples, which FLOAT holds exactly too."""


@dataclass(frozen=True)
class StandIns:
    """Two numbers that no row of a table has: for NaN, and for -0.0."""

    nan: float
    zero: float

    def put(self, value: Any) -> Any:
        """Return a value of a chunk, as Python has it, with stand-ins in it at any depth."""
        if isinstance(value, float):
            if math.isnan(value):
                return self.nan
            return self.zero if value == 0 and math.copysign(1, value) < 0 else value
        if isinstance(value, dict):
            return {name: self.put(item) for name, item in value.items()}
        if isinstance(value, list):
            return [self.put(item) for item in value]
        if isinstance(value, tuple):
            return tuple(self.put(item) for item in value)
        return value


def free_stand_ins(tables: Iterable[Table], columns: Columns) -> tuple[StandIns, StandIns]:
    """Return two pairs of stand-ins for the rows of a table's chunks."""
    taken: set[float] = set()
    for table in tables:
        for at in _float_columns(columns):
            for floats in floats_of(table.column(at)):
                large = pc.filter(floats, pc.greater_equal(floats, _FIRST))
                taken.update(pc.unique(large).to_pylist())
    free = (number for step in count(1, 2) if (number := _FIRST * step) not in taken)
    return StandIns(next(free), next(free)), StandIns(next(free), next(free))


def with_stand_ins(rows: Table, columns: Columns, stand_ins: StandIns) -> bytes:
    """Return a chunk with stand-ins in every column but those of the key."""
    for at in _float_columns(columns):
        column = rows.column(at)
        if is_unsteady(column):
            plain = numbers_for_times(column)
            values = [stand_ins.put(value) for value in plain.to_pylist()]
            put = pa.array(values, plain.type).cast(column.type)
            rows = rows.set_column(at, rows.schema.field(at), put)
    return encode(rows)


def parted_by_nan(rows: Table, columns: Columns) -> tuple[Table, Table]:
    """Return the rows of a chunk without, and those with NaN in a list or in what is like one."""
    with_nan = _with_nan(rows, columns)
    return rows.filter(pc.invert(with_nan)), rows.filter(with_nan)


def _with_nan(rows: Table, columns: Columns) -> pa.Array:
    found = pa.array([False] * rows.num_rows)
    for at in _float_columns(columns):
        column = rows.column(at)
        if columns.types[at] not in FLOATS and is_unsteady(column):
            values = numbers_for_times(column).to_pylist()
            found = pc.or_(found, pa.array([_holds_nan(value) for value in values], pa.bool_()))
    return found


def _holds_nan(value: Any) -> bool:
    if isinstance(value, float):
        return math.isnan(value)
    if isinstance(value, dict):
        return any(map(_holds_nan, value.values()))
    return isinstance(value, list | tuple) and any(map(_holds_nan, value))


def exact_numbers(key: TableKey, columns: Columns, stand_ins: StandIns) -> Iterator[str]:
    """Yield what puts the exact values back into the columns that are floats themselves.

    NaN last: until the database is opened again, Kùzu finds nothing by the value of a
    column into which NaN was set.
    """
    for at in _float_columns(columns):
        column = _column(columns, at)
        if column.type in FLOATS:
            yield set_where(key, column, stand_ins.zero, -0.0)
            yield set_where(key, column, stand_ins.nan, math.nan)


def nested_values(
    catalog: Catalog,
    key: TableKey,
    columns: Columns,
    rows: Table,
    now: StandIns,
    then: StandIns | None,
) -> Iterator[str]:
    """Yield what changes values that hold floats, from one pair of stand-ins to the next.

    `then` is None for the exact values; `rows` are those of a chunk, with the exact values.
    A statement each. Between two nodes the rels are told apart by the value with stand-ins
    in it: where two have the same one, they have the same exact one.
    """
    wanted = [at for at in _float_columns(columns) if columns.types[at] not in FLOATS]
    wanted = [at for at in wanted if is_unsteady(rows.column(at))]
    if not wanted:
        return
    keys = [numbers_for_times(rows.column(at)).to_pylist() for at in columns.key]
    for at in wanted:
        column = _column(columns, at)
        values = numbers_for_times(rows.column(at)).to_pylist()
        for identity, value in zip(zip(*keys, strict=True), values, strict=True):
            old = now.put(value)
            # By their texts: as values NaN is not equal to itself, and 0.0 is to -0.0.
            if literal(column.type, old) != literal(column.type, value):
                new = value if then is None else then.put(value)
                yield set_values(catalog, key, identity, [(column, new)], where=(column, old))


def _float_columns(columns: Columns) -> list[int]:
    """Return the positions of the columns that hold floats, but for those of the key.

    A key is not to be set, and no two nodes have the same.
    """
    return [
        at
        for at, type_ in enumerate(columns.types)
        if at not in columns.key and holds_floats(type_)
    ]


def _column(columns: Columns, at: int) -> Column:
    return Column(columns.schema.names[at], columns.types[at])
