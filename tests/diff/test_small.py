"""What Python says of a few rows is what DuckDB says of them."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from kuzugit.canonical.parquet import encode
from kuzugit.canonical.plain_rows import RawRow, finisher, raw_rows
from kuzugit.diff.selection import Selection
from kuzugit.diff.small import has_one_key_each, small_changes
from kuzugit.model.row_change import Change
from kuzugit.model.types import parse_type
from tests.diff.changes import Columns, find, head_of, plain

OLD: Columns = [
    ("id", "INT64", pa.int64()),
    ("f", "DOUBLE", pa.float64()),
    ("s", "STRING", pa.string()),
    ("gone", "BOOL", pa.bool_()),
    ("b", "BLOB", pa.binary()),
]
NEW: Columns = [
    ("id", "INT64", pa.int64()),
    ("b", "BLOB", pa.binary()),
    ("f", "DOUBLE", pa.float64()),
    ("e", "FLOAT", pa.float32()),
    ("s", "STRING", pa.string()),
]
VALUES = {
    "f": st.sampled_from([0.0, -0.0, math.nan, 1.5, None]),
    "e": st.sampled_from([0.0, None]),
    "s": st.sampled_from(["", "a", "ä", None]),
    "b": st.sampled_from([b"", b"\0", None]),
    "gone": st.sampled_from([True, None]),
}
SELECTIONS = st.builds(
    Selection,
    changes=st.frozensets(st.sampled_from(list(Change))),
    columns=st.frozensets(st.sampled_from(["f", "s", "b"])),
)


def rows_of(columns: Columns) -> st.SearchStrategy[list[tuple[Any, ...]]]:
    values = st.tuples(*(VALUES[name] for name, _, _ in columns[1:]))
    return st.dictionaries(st.integers(-2, 3), values, max_size=6).map(
        lambda found: [(key, *row) for key, row in sorted(found.items())]
    )


def raw(columns: Columns, rows: list[tuple[Any, ...]]) -> list[RawRow]:
    arrays = [pa.array([row[at] for row in rows], item[2]) for at, item in enumerate(columns)]
    data = encode(pa.Table.from_arrays(arrays, [name for name, _, _ in columns]))
    return raw_rows(data, types(columns))


def types(columns: Columns) -> tuple[Any, ...]:
    return tuple(parse_type(type_) for _, type_, _ in columns)


def check(
    columns: tuple[Columns, Columns],
    old: list[tuple[Any, ...]],
    new: list[tuple[Any, ...]],
    selection: Selection,
) -> None:
    head = head_of(*columns)
    sides = raw(columns[0], old), raw(columns[1], new)
    assert has_one_key_each(head, *sides)
    finish = finisher(types(columns[0])), finisher(types(columns[1]))
    found = plain(list(small_changes(head, *sides, selection, finish)))
    with tempfile.TemporaryDirectory() as folder:
        assert found == plain(find(Path(folder), head, columns, old, new, selection))


@settings(max_examples=60, deadline=None)
@given(old=rows_of(OLD), new=rows_of(OLD), selection=SELECTIONS)
def test_of_one_schema(
    old: list[tuple[Any, ...]], new: list[tuple[Any, ...]], selection: Selection
) -> None:
    check((OLD, OLD), old, new, selection)


@settings(max_examples=60, deadline=None)
@given(old=rows_of(OLD), new=rows_of(NEW), selection=SELECTIONS)
def test_across_schemas(
    old: list[tuple[Any, ...]], new: list[tuple[Any, ...]], selection: Selection
) -> None:
    check((OLD, NEW), old, new, selection)


def test_a_key_that_stands_twice_is_noticed() -> None:
    head = head_of(OLD, OLD)
    row = (1, None, None, None, None)
    assert not has_one_key_each(head, raw(OLD, [row, row]), [])
    assert not has_one_key_each(head, [], raw(OLD, [row, row]))


def test_another_nan_is_the_same() -> None:
    head = head_of(OLD, OLD)
    one, other = 0x7FF8000000000000, 0xFFF8000000000001
    finish = finisher(types(OLD))
    sides = [(1, one, b"", None, b"")], [(1, other, b"", None, b"")]
    assert not list(small_changes(head, *sides, Selection(), (finish, finish)))
