"""What the engine's Python interface would change, or crash at: refused before it is asked."""

from __future__ import annotations

import re
from typing import Any

from kuzugit.engine.values import ValueUnreadable

_CHANGED = re.compile(r"\bINTERVAL\b|\bUNION\(")
_DATED = re.compile(r"DATE|TIMESTAMP(_\w+)?")
_ARROW = re.compile(r"BOOL|U?INT(8|16|32|64)|FLOAT|DOUBLE|STRING|SERIAL|DATE|TIMESTAMP(_\w+)?")
"""Scalars that the engine gives to Arrow exactly."""

_BATCH = 1 << 16
_FIRST_DAY, _LAST_DAY = -719_162, 2_932_896
"""The days since 1970 of the years 1 to 9999, which Python knows."""

_UNITS = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}


def check_handed_over(result: Any) -> None:
    """Raise ValueUnreadable where rows of `result` would come out changed, or end the process.

    An INTERVAL loses its months and a UNION its tag; a date outside of the years 1 to 9999 is a
    segmentation fault. Such dates are found in results of scalars. Not inside of nodes,
    lists and structs, where nothing but the crash tells them.
    """
    columns = list(zip(result.get_column_names(), result.get_column_data_types(), strict=True))
    for name, type_ in columns:
        if _CHANGED.search(type_):
            raise ValueUnreadable(f"{name} is of type {type_}, which would come out changed")
    dated = [at for at, (_, type_) in enumerate(columns) if _DATED.fullmatch(type_)]
    if not dated or not all(_ARROW.fullmatch(type_) for _, type_ in columns):
        return
    table = result.get_as_arrow(_BATCH)
    for at in dated:
        if not _within(table.column(at)):
            name = columns[at][0]
            raise ValueUnreadable(f"{name} has a date outside of the years 1 to 9999")
    result.reset_iterator()


def _within(column: Any) -> bool:
    import pyarrow as pa
    import pyarrow.compute as pc

    is_date = pa.types.is_date(column.type)
    per_day = 1 if is_date else 86_400 * _UNITS[column.type.unit]
    ends = pc.min_max(column.cast(pa.int32() if is_date else pa.int64())).as_py()
    return all(
        value is None or _FIRST_DAY <= value // per_day <= _LAST_DAY for value in ends.values()
    )
