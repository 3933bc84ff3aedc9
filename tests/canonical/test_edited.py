"""How many rows changed where they stand: what it says is so, and else it says nothing."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kuzugit.canonical.columns import Columns, chunk_columns
from kuzugit.canonical.edited import edited_rows
from kuzugit.canonical.parquet import ChunkUnreadable, encode
from kuzugit.canonical.plain_form import GROUP_ROWS
from kuzugit.model.catalog import Catalog, NodeTable, Pair, Property, RelTable
from kuzugit.model.snapshot import TableKey
from kuzugit.model.types import parse_type

NAN, OTHER_NAN = float("nan"), -float("nan")
TYPES = ["INT64", "STRING", "DOUBLE", "FLOAT", "BOOL", "BLOB", "DATE", "TIMESTAMP", "UINT8"]


def nodes(*types: str, key: str = "INT64") -> Columns:
    properties = [Property(f"p.{at}", parse_type(type_)) for at, type_ in enumerate(types)]
    table = NodeTable("N", (Property("p", parse_type(key)), *properties), "p")
    return chunk_columns(Catalog((table,)), TableKey("N"))


def rels(*types: str, key: str = "INT64") -> Columns:
    properties = tuple(Property(f"p{at}", parse_type(type_)) for at, type_ in enumerate(types))
    ends = NodeTable("N", (Property("id", parse_type(key)),), "id")
    rel = RelTable("R", properties, (Pair("N", "N"),))
    return chunk_columns(Catalog((ends,), (rel,)), TableKey("R", Pair("N", "N")))


def chunk(columns: Columns, rows: list[tuple[Any, ...]]) -> bytes:
    arrays = [
        pa.array([row[at] for row in rows], field.type) for at, field in enumerate(columns.schema)
    ]
    return encode(pa.Table.from_arrays(arrays, schema=columns.schema))


def edited(columns: Columns, old: list[tuple[Any, ...]], new: list[tuple[Any, ...]]) -> int | None:
    return edited_rows(chunk(columns, old), chunk(columns, new), columns)


def test_one_value_of_many() -> None:
    columns = nodes("STRING", "STRING[]", "DOUBLE")
    old = [(at, f"n{at}", [f"l{at}", None], at / 2) for at in range(2 * GROUP_ROWS + 5)]
    before = chunk(columns, old)
    assert edited_rows(before, before, columns) == 0
    new = [*old]
    places = (0, 7, GROUP_ROWS - 1, GROUP_ROWS, len(old) - 1)
    values = ((0, "n0", ["l0", None], -0.0), (7, "x", ["l7", None], 3.5))
    edits = [*values, *((place, None, [f"l{place}", None], place / 2) for place in places[2:])]
    for count, (place, row) in enumerate(zip(places, edits, strict=True), 1):
        new[place] = row
        assert edited(columns, old, new) == edited(columns, new, old) == count


@pytest.mark.parametrize("type_", ["FLOAT", "DOUBLE"])
def test_what_reads_the_same_is_the_same(type_: str) -> None:
    columns = nodes(type_)
    values = [0.0, -0.0, NAN, OTHER_NAN, None, 1.5, float("inf")]
    for one in values:
        for other in values:
            same = (
                repr(one).lstrip("-") == repr(other).lstrip("-")
                if one != one
                else (repr(one) == repr(other))
            )
            assert edited(columns, [(1, one)], [(1, other)]) == (not same)


@pytest.mark.parametrize("type_", ["STRING[]", "STRUCT(a INT64)", "FLOAT[2]", "MAP(STRING, INT64)"])
def test_a_nested_value_that_differs_is_for_others(type_: str) -> None:
    columns = nodes(type_, "INT64")
    one, other = {
        "STRING[]": (["a"], ["b"]),
        "STRUCT(a INT64)": ({"a": 1}, {"a": 2}),
        "FLOAT[2]": ([1.0, 2.0], [1.0, 3.0]),
        "MAP(STRING, INT64)": ([("a", 1)], [("a", 2)]),
    }[type_]
    assert edited(columns, [(1, one, 1)], [(1, other, 1)]) is None
    assert edited(columns, [(1, one, 1)], [(1, one, 2)]) == 1


def test_other_keys_are_for_others() -> None:
    columns = nodes("INT64")
    assert edited(columns, [(1, 1), (2, 2)], [(1, 1), (3, 2)]) is None
    assert edited(columns, [(1, 1), (2, 2)], [(1, 1)]) is None
    assert edited(columns, [(1, 1)], [(1, 1), (2, 2)]) is None
    for made in (nodes, rels):
        for key in ("FLOAT", "DOUBLE"):
            floats = made("INT64", key=key)
            row = (*([1.0] * len(floats.key)), 5)
            assert edited(floats, [row], [row]) is None


def test_rels_that_stand_alone() -> None:
    columns = rels("INT64")
    old = [(1, at, 10 * at) for at in range(1, 9)]
    for place in range(len(old)):
        new = [*old[:place], (1, place + 1, 7), *old[place + 1 :]]
        inside = 0 < place < len(old) - 1
        assert edited(columns, old, new) == (1 if inside else None)


@pytest.mark.parametrize("place", [1, 2, 3])
def test_rels_between_the_same_nodes_are_for_others(place: int) -> None:
    columns = rels("INT64")
    old = [(0, 0, 0), (1, 1, 1), (1, 1, 2), (1, 1, 3), (2, 2, 2)]
    new = [*old]
    new[place] = (1, 1, 5)
    assert edited(columns, old, new) is None


def test_nonsense_is_told() -> None:
    columns = nodes("INT64")
    whole = chunk(columns, [(1, 1)])
    for data in (b"", b"PAR1", whole[: len(whole) // 2], whole[:4] + whole[-40:]):
        with pytest.raises(ChunkUnreadable):
            edited_rows(data, whole, columns)


VALUES = {
    "INT64": st.integers(0, 2),
    "STRING": st.sampled_from(["", "a", "b"]),
    "DOUBLE": st.sampled_from([0.0, -0.0, NAN, 1.0]),
}


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Columns, list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    types = draw(st.lists(st.sampled_from(sorted(VALUES)), min_size=1, max_size=3))
    cells = st.tuples(*(st.none() | VALUES[type_] for type_ in types))
    count = draw(st.integers(1, 12))
    sides = [draw(st.lists(cells, min_size=count, max_size=count)) for _ in range(2)]
    shared = draw(st.lists(st.booleans(), min_size=count, max_size=count))
    sides[1] = [a if same else b for a, b, same in zip(*sides, shared, strict=True)]
    if draw(st.booleans()):
        old, new = ([(at, *row) for at, row in enumerate(side)] for side in sides)
        return nodes(*types), old, new
    ends = sorted(
        draw(st.lists(st.tuples(*[st.integers(0, 3)] * 2), min_size=count, max_size=count))
    )
    old, new = ([(*end, *row) for end, row in zip(ends, side, strict=True)] for side in sides)
    return rels(*types), old, new


@given(pairs())
def test_what_it_says_is_so(
    pair: tuple[Columns, list[tuple[Any, ...]], list[tuple[Any, ...]]],
) -> None:
    columns, old, new = pair
    found = edited(columns, old, new)
    width = len(columns.key)
    rows = [Counter(map(repr, side)) for side in (old, new)]
    gone, come = rows[0] - rows[1], rows[1] - rows[0]
    if found is None:
        assert width > 1  # keys are the same here, and nodes have each but once
        return
    assert found == gone.total() == come.total()
    keys = [
        Counter(repr(row[:width]) for row in side if repr(row) in left)
        for side, left in ((old, gone), (new, come))
    ]
    assert set(keys[0].values()) <= {1}
    assert keys[0] == keys[1]
