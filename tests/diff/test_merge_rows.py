"""Rows merged three ways agree with a merge in plain Python, whatever was drawn."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kuzugit.diff.merge_rows import FillValue, MergeTable, RowMerger, Rows
from kuzugit.diff.side import ComparisonMemoryError, UnreadableChunksError
from kuzugit.model.merge import Choice
from kuzugit.model.types import Scalar
from tests.laws.examples import folder

Row: TypeAlias = tuple[Any, ...]
SCHEMA = pa.schema([("id", pa.int64()), ("v", pa.string()), ("w", pa.float64())])
TYPES = (Scalar("INT64"), Scalar("STRING"), Scalar("DOUBLE"))
SOME = settings(max_examples=60, deadline=None)


def write(path: Path, rows: Iterable[Row], schema: pa.Schema = SCHEMA) -> Rows:
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    arrays = [pa.array(values, item.type) for values, item in zip(columns, schema, strict=True)]
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), path)
    return Rows((path,), tuple(schema.names))


def run(
    sides: list[list[Row]],
    choice: Choice | None,
    *,
    several: bool,
    lacking: frozenset[int] = frozenset(),
    fill: float | None = None,
) -> tuple[Counter[str], set[tuple[Any, str]]]:
    """Return the merged rows as text, and the conflicts as (key, column).

    The sides in `lacking` come without the last column, of which the default is `fill`.
    """
    with folder() as directory:
        room = directory / "room"
        room.mkdir()
        base, theirs, ours = (
            write(directory / f"{at}.parquet", [row[:2] for row in rows], SCHEMA.remove(2))
            if at in lacking
            else write(directory / f"{at}.parquet", rows)
            for at, rows in enumerate(sides)
        )
        write(directory / "fill.parquet", [(0, "", fill)])
        default = {2: FillValue(directory / "fill.parquet", 2)}
        table = MergeTable(
            "N", SCHEMA, TYPES, (0,), several, base, theirs, ours, choice, fill=default
        )
        with RowMerger(room) as merger:
            conflicts = {(item.key[0], item.column) for item in merger.conflicts(table)}
            merger.write(table, directory / "merged.parquet")
        found = pq.read_table(directory / "merged.parquet").to_pydict()
    return Counter(map(repr, zip(*found.values(), strict=True))), conflicts


def expected(
    sides: list[list[Row]], choice: Choice | None
) -> tuple[Counter[str], set[tuple[Any, str]]]:
    """The same by plain Python: rows are equal when they print alike."""
    groups: list[defaultdict[Any, list[Row]]] = [defaultdict(list) for _ in sides]
    for group, rows in zip(groups, sides, strict=True):
        for row in rows:
            group[row[0]].append(row)
    found: list[Row] = []
    conflicts: set[tuple[Any, str]] = set()
    for key in set().union(*groups):
        b, t, o = (group.get(key, []) for group in groups)
        if max(len(b), len(t), len(o)) > 1:
            found += _several(key, b, t, o, choice, conflicts)
            continue
        one = [rows[0] if rows else None for rows in (b, t, o)]
        row = _single(key, *one, choice, conflicts)
        found += [] if row is None else [row]
    return Counter(map(repr, found)), conflicts


def _several(
    key: Any,
    b: list[Row],
    t: list[Row],
    o: list[Row],
    choice: Choice | None,
    conflicts: set[tuple[Any, str]],
) -> list[Row]:
    base, theirs, ours = (Counter(map(repr, rows)) for rows in (b, t, o))
    if theirs in (base, ours):
        return o
    if ours == base:
        return t
    conflicts.add((key, ""))
    return t if choice is Choice.THEIRS else o


def _single(
    key: Any,
    b: Row | None,
    t: Row | None,
    o: Row | None,
    choice: Choice | None,
    conflicts: set[tuple[Any, str]],
) -> Row | None:
    if repr(t) in (repr(b), repr(o)):
        return o
    if repr(o) == repr(b):
        return t
    wins = t if choice is Choice.THEIRS else o
    if t is None or o is None:
        conflicts.add((key, ""))
        return wins
    assert wins is not None
    merged = [key]
    for at, name in ((1, "v"), (2, "w")):
        before = None if b is None else repr(b[at])
        if repr(t[at]) in (before, repr(o[at])):
            merged.append(o[at])
        elif repr(o[at]) == before:
            merged.append(t[at])
        else:
            conflicts.add((key, name))
            merged.append(wins[at])
    return tuple(merged)


VALUES = st.tuples(
    st.sampled_from([None, "", "a", "b"]),
    st.sampled_from([None, 0.0, -0.0, float("nan"), 1.5]),
)
TABLES = st.dictionaries(st.integers(0, 5), VALUES, max_size=6).map(
    lambda rows: [(key, *values) for key, values in rows.items()]
)
MULTISETS = st.lists(st.tuples(st.integers(0, 2), VALUES).map(lambda x: (x[0], *x[1])), max_size=7)
CHOICES = st.sampled_from([None, Choice.OURS, Choice.THEIRS])


@SOME
@given(st.tuples(TABLES, TABLES, TABLES), CHOICES)
@example(([], [(1, "a", None)], [(1, "b", None)]), None)
@example(([(1, "a", 0.0)], [], [(1, "a", -0.0)]), Choice.THEIRS)
def test_of_nodes(sides: tuple[list[Row], list[Row], list[Row]], choice: Choice | None) -> None:
    assert run(list(sides), choice, several=False) == expected(list(sides), choice)


@SOME
@given(st.tuples(MULTISETS, MULTISETS, MULTISETS), CHOICES)
@example(([(0, "a", None)] * 2, [(0, "a", None)], [(0, "a", None)] * 3), Choice.OURS)
def test_of_rows_that_may_stand_several_times(
    sides: tuple[list[Row], list[Row], list[Row]], choice: Choice | None
) -> None:
    assert run(list(sides), choice, several=True) == expected(list(sides), choice)


def filled(sides: list[list[Row]], lacking: frozenset[int], fill: float | None) -> list[list[Row]]:
    """Give the sides that lack the last column its default.

    Where both added a row of one key, the side that lacks the column has no say in it.
    """
    found = [
        [(*row[:2], fill) if at in lacking else row for row in rows]
        for at, rows in enumerate(sides)
    ]
    groups = [[[row for row in rows if row[0] == key] for key in range(6)] for rows in found]
    for base, theirs, ours in zip(*groups, strict=True):
        if lacking & {1, 2} and not base and len(theirs) == len(ours) == 1:
            lacks, has = (1, ours[0]) if 1 in lacking else (2, theirs[0])
            found[lacks] = [(*row[:2], has[2]) if row[0] == has[0] else row for row in found[lacks]]
    return found


@settings(max_examples=40, deadline=None)
@given(
    st.tuples(TABLES, TABLES, TABLES) | st.tuples(MULTISETS, MULTISETS, MULTISETS),
    CHOICES,
    st.sampled_from([frozenset({0}), frozenset({0, 1}), frozenset({0, 2})]),
    st.sampled_from([None, 0.0, -0.0, float("nan"), 1.5]),
)
@example(([(1, "a", 1.0)], [(1, "a", 1.5)], []), None, frozenset({0, 2}), 1.5)
@example(
    ([(1, "a", 1.0)] * 2, [(1, "a", 0.0)] * 2, [(1, "a", 0.0)] * 2), None, frozenset({0, 2}), -0.0
)
def test_a_column_that_is_lacking_holds_its_default(
    sides: tuple[list[Row], list[Row], list[Row]],
    choice: Choice | None,
    lacking: frozenset[int],
    fill: float | None,
) -> None:
    several = any(len({row[0] for row in rows}) < len(rows) for rows in sides)
    wanted = expected(filled(list(sides), lacking, fill), choice)
    assert run(list(sides), choice, several=several, lacking=lacking, fill=fill) == wanted


def test_a_column_that_one_side_has(tmp_path: Path) -> None:
    room = tmp_path / "room"
    room.mkdir()
    base, theirs, ours = (
        SCHEMA.remove(2),
        SCHEMA,
        pa.schema([("v", pa.string()), ("id", pa.int64())]),
    )
    table = MergeTable(
        "N",
        SCHEMA,
        TYPES,
        (0,),
        several=False,
        base=write(tmp_path / "b", [(1, "a"), (2, "b"), (3, "c")], base),
        theirs=write(tmp_path / "t", [(1, "a", 0.5), (2, "B", None), (3, "c", 2.5)], theirs),
        ours=write(tmp_path / "o", [("mine", 1), ("b", 2), ("new", 4)], ours),
    )
    with RowMerger(room) as merger:
        conflicts = [(item.key, item.why) for item in merger.conflicts(table)]
        merger.write(table, tmp_path / "merged.parquet")
    found = pq.read_table(tmp_path / "merged.parquet").to_pydict()
    rows = sorted(zip(*found.values(), strict=True), key=lambda row: row[0])
    assert rows == [(1, "mine", 0.5), (2, "B", None), (4, "new", None)]
    # Theirs gave a value to what we removed.
    assert conflicts == [((3,), "was removed here, and changed there")]


@pytest.mark.parametrize("several", [False, True])
def test_a_side_without_the_table(tmp_path: Path, several: bool) -> None:
    room = tmp_path / "room"
    room.mkdir()
    theirs = write(tmp_path / "t", [(1, "a", 1.0)])
    ours = write(tmp_path / "o", [(2, "b", 2.0)])
    table = MergeTable("N", SCHEMA, TYPES, (0,), several, Rows(), theirs, ours)
    with RowMerger(room) as merger:
        assert list(merger.conflicts(table)) == []
        merger.write(table, tmp_path / "merged.parquet")
    assert sorted(pq.read_table(tmp_path / "merged.parquet").to_pydict()["c0"]) == [1, 2]


def test_what_cannot_be_written_and_what_cannot_be_read(tmp_path: Path) -> None:
    room = tmp_path / "room"
    room.mkdir()
    rows = write(tmp_path / "rows", [(1, "a", 1.0)])
    table = MergeTable("N", SCHEMA, TYPES, (0,), False, rows, rows, rows)
    with RowMerger(room) as merger:
        with pytest.raises(ComparisonMemoryError):
            merger.write(table, tmp_path / "nowhere" / "merged.parquet")
        merger.write(table, tmp_path / "merged.parquet")
        (tmp_path / "rows").unlink()
        for act in (
            lambda: merger.write(table, tmp_path / "x"),
            lambda: [*merger.conflicts(table)],
        ):
            with pytest.raises(UnreadableChunksError):
                act()
        room.rename(tmp_path / "gone")
        with pytest.raises(ComparisonMemoryError):
            merger.write(table, tmp_path / "x")
