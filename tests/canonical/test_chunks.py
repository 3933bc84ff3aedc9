"""Chunk boundaries: where they fall hangs on the rows alone, and an edit moves few."""

from __future__ import annotations

import random
from collections.abc import Iterable

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kuzugit.canonical.chunks import FIRST_NAME, LONG, LONGEST, TARGET_BYTES, Cutter
from kuzugit.canonical.columns import Columns, chunk_columns
from kuzugit.canonical.hashing import row_sizes
from kuzugit.canonical.paths import is_chunk_name
from kuzugit.model.catalog import Catalog, NodeTable, Pair, Property, RelTable
from kuzugit.model.snapshot import TableKey
from kuzugit.model.types import Scalar

NODES = NodeTable("N", (Property("id", Scalar("INT64")), Property("t", Scalar("STRING"))), "id")
RELS = RelTable("R", (Property("t", Scalar("STRING")),), (Pair("N", "N"),))
CATALOG = Catalog((NODES,), (RELS,))
NODE_COLUMNS = chunk_columns(CATALOG, TableKey("N"))
REL_COLUMNS = chunk_columns(CATALOG, TableKey("R", Pair("N", "N")))
TARGET = 64

Chunks = list[tuple[str, list[tuple[object, ...]]]]


def table(columns: Columns, rows: Iterable[tuple[object, ...]]) -> pa.Table:
    listed = list(rows)
    arrays = [
        pa.array([row[at] for row in listed], field.type) for at, field in enumerate(columns.schema)
    ]
    return pa.Table.from_arrays(arrays, schema=columns.schema)


def cut(
    rows: Iterable[tuple[object, ...]],
    *,
    columns: Columns = NODE_COLUMNS,
    sizes: Iterable[int] = (),
    target: int = TARGET,
) -> Chunks:
    """Cut rows that come in batches of these sizes, the rest in one."""
    whole = table(columns, rows).combine_chunks()
    batches = []
    at = 0
    for size in (*sizes, whole.num_rows):
        part = whole.slice(at, size)
        batches += part.to_batches() or [pa.RecordBatch.from_pylist([], schema=columns.schema)]
        at += part.num_rows
    found = list(Cutter(columns, target).cut(batches))
    assert all(each.schema == columns.schema for _, each in found)
    return [(name, list(zip(*each.to_pydict().values(), strict=True))) for name, each in found]


def joined(chunks: Chunks) -> list[tuple[object, ...]]:
    return [row for _, rows in chunks for row in rows]


def sizes_of(chunks: Chunks, columns: Columns = NODE_COLUMNS) -> list[int]:
    tables = [table(columns, rows).combine_chunks() for _, rows in chunks]
    return [int(row_sizes([each.column(at).chunk(0) for at in range(each.num_columns)]).sum())
            for each in tables]  # fmt: skip


def nodes(count: int, seed: int = 0, width: int = 10) -> list[tuple[int, str]]:
    dice = random.Random(seed)
    keys = sorted(dice.sample(range(10 * count), count))
    return [(key, "x" * dice.randint(0, 2 * width)) for key in keys]


# --- any rows


LENGTHS = st.sampled_from([0, 1, 5, 30, TARGET, LONG * TARGET, LONGEST * TARGET, 20 * TARGET])
ANY_NODES = st.lists(st.tuples(st.integers(0, 300), LENGTHS), unique_by=lambda row: row[0]).map(
    lambda rows: [(key, "x" * length) for key, length in sorted(rows)]
)
ANY_RELS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), LENGTHS)).map(
    lambda rows: [(start, end, "x" * length) for start, end, length in sorted(rows)]
)
SIZES = st.lists(st.integers(0, 6))


@given(ANY_NODES, SIZES)
@example([(1, ""), (2, "x" * 20 * TARGET), (3, ""), (4, "")], [2])
def test_the_batches_mean_nothing_to_nodes(
    rows: list[tuple[object, ...]], sizes: list[int]
) -> None:
    assert cut(rows, sizes=sizes) == cut(rows)


@given(ANY_RELS, SIZES)
@example([(0, 0, "x" * 20 * TARGET), (0, 0, "x" * 20 * TARGET), (0, 0, "")], [1])
def test_the_batches_mean_nothing_to_rels(rows: list[tuple[object, ...]], sizes: list[int]) -> None:
    assert cut(rows, columns=REL_COLUMNS, sizes=sizes) == cut(rows, columns=REL_COLUMNS)


@given(ANY_RELS)
def test_every_row_is_in_one_chunk_and_in_order(rows: list[tuple[object, ...]]) -> None:
    chunks = cut(rows, columns=REL_COLUMNS)
    assert joined(chunks) == rows
    assert all(rows for _, rows in chunks)


@given(ANY_RELS)
def test_names_are_of_the_form_and_unique(rows: list[tuple[object, ...]]) -> None:
    names = [name for name, _ in cut(rows, columns=REL_COLUMNS)]
    assert len(set(names)) == len(names)
    assert all(map(is_chunk_name, names))
    assert FIRST_NAME not in names[1:]


@given(ANY_RELS)
def test_no_chunk_is_longer_than_the_longest_but_for_one_long_row(
    rows: list[tuple[object, ...]],
) -> None:
    chunks = cut(rows, columns=REL_COLUMNS)
    for (_, inside), size in zip(chunks, sizes_of(chunks, REL_COLUMNS), strict=True):
        assert size <= LONGEST * TARGET or len(inside) == 1


def test_no_rows_no_chunks() -> None:
    assert cut([]) == []
    assert list(Cutter(NODE_COLUMNS).cut([])) == []


# --- long ones


def test_a_hub_of_equal_keys_ends_at_the_longest() -> None:
    rows = [(1, 1, "x" * 10)] * 3000
    chunks = cut(rows, columns=REL_COLUMNS, sizes=[100] * 29)
    sizes = sizes_of(chunks, REL_COLUMNS)
    assert joined(chunks) == rows
    assert max(sizes) <= LONGEST * TARGET
    assert min(sizes[:-1]) > LONGEST * TARGET - 50
    names = [name for name, _ in chunks]
    assert len({name.partition("-")[0] for name in names[1:]}) == 1
    assert names[2].endswith("-1")


def test_a_hub_of_one_node_is_cut_between_its_keys() -> None:
    rows = [(1, end, "") for end in range(3000)]
    sizes = sizes_of(cut(rows, columns=REL_COLUMNS), REL_COLUMNS)
    assert sum(size <= LONG * TARGET for size in sizes) > 0.9 * len(sizes)
    assert TARGET / 1.5 < sum(sizes) / len(sizes) < TARGET * 1.5


def test_a_row_longer_than_the_longest_chunk_stands_alone() -> None:
    rows = [*nodes(50), (10_000, "x" * 30 * TARGET), *((n, "") for n in range(10_001, 10_051))]
    chunks = cut(rows)
    assert joined(chunks) == rows
    assert [len(inside) for _, inside in chunks if (10_000, "x" * 30 * TARGET) in inside] == [1]


def test_equal_long_rows_stand_alone_whatever_the_batches() -> None:
    rows = [(1, 1, "x" * 30 * TARGET)] * 4
    for sizes in ([], [1], [2], [1, 1, 1], [3]):
        chunks = cut(rows, columns=REL_COLUMNS, sizes=sizes)
        assert [len(inside) for _, inside in chunks] == [1, 1, 1, 1]


# --- edits


SEEDS = range(60)


@pytest.mark.parametrize("position", ["before all", "inside", "after all"])
def test_an_inserted_row_changes_at_most_two_chunks(position: str) -> None:
    for seed in SEEDS:
        rows = nodes(2000, seed)
        free = sorted(set(range(20_000)) - {key for key, _ in rows})
        inside = random.Random(-seed).choice(free)
        key = {"before all": -1, "inside": inside, "after all": 20_001}[position]
        old, new = cut(rows), cut(sorted([*rows, (key, "new")]))
        assert changed(old, new) <= 2, seed
        assert len({name for name, _ in old} - {name for name, _ in new}) <= 1, seed


def test_a_removed_row_changes_at_most_two_chunks() -> None:
    for seed in SEEDS:
        rows = nodes(2000, seed)
        old = cut(rows)
        del rows[random.Random(-seed).randrange(len(rows))]
        assert changed(cut(rows), old) <= 2, seed


def test_an_edited_value_of_equal_length_changes_one_chunk() -> None:
    for seed in SEEDS:
        rows = nodes(2000, seed)
        at = random.Random(-seed).randrange(len(rows))
        edited = list(rows)
        edited[at] = (rows[at][0], "y" * max(1, len(rows[at][1])))
        if len(edited[at][1]) != len(rows[at][1]):
            continue
        old, new = cut(rows), cut(edited)
        assert [name for name, _ in old] == [name for name, _ in new]
        assert changed(old, new) == 1


def test_an_edit_in_a_hub_leaves_what_is_far() -> None:
    # Between equal keys only bytes can be counted, so what follows in the hub may
    # shift; the chunks before it and after it stay.
    before = [(0, n, "x" * 10) for n in range(1000)]
    hub = [(1, 1, f"{n:08}") for n in range(2000)]
    after = [(2, n, "x" * 10) for n in range(1000)]
    old = cut([*before, *hub, *after], columns=REL_COLUMNS)
    new = cut([*before, *hub[:1000], *hub[1001:], *after], columns=REL_COLUMNS)
    hub_chunks = sum(any(row[0] == 1 for row in rows) for _, rows in old)
    assert changed(old, new) <= hub_chunks
    untouched = [chunk for chunk in old if not any(row[0] == 1 for row in chunk[1])]
    assert all(chunk in new for chunk in untouched)
    assert len(untouched) > 40


def changed(old: Chunks, new: Chunks) -> int:
    """Return how many chunks of `new` are not in `old`."""
    return sum(chunk not in old for chunk in new)


# --- sizes


@pytest.mark.parametrize("width", [0, 10, 100])
def test_the_mean_size_is_about_the_target(width: int) -> None:
    sizes = sizes_of(cut(nodes(20_000, width=width), target=1 << 12))
    assert (1 << 12) / 1.35 < sum(sizes) / len(sizes) < (1 << 12) * 1.35


def test_a_tiny_target_gives_each_row_a_chunk() -> None:
    chunks = cut(nodes(100), target=1)
    assert [len(rows) for _, rows in chunks] == [1] * 100
    assert len({name for name, _ in chunks}) == 100


def test_the_target_of_the_format() -> None:
    assert TARGET_BYTES == 1 << 20
    assert Cutter(NODE_COLUMNS).target == TARGET_BYTES
    assert (LONG, LONGEST) == (4, 16)
    names = [name for name, _ in cut([(n, "x") for n in range(100)])]
    assert names[:3] == THREE_NAMES


THREE_NAMES = ["start", "1d0b14e4db018fed", "088712be8a582fca"]


def test_a_cutter_does_not_hold_rows_it_gave() -> None:
    batches = iter(table(NODE_COLUMNS, nodes(5000)).to_batches(max_chunksize=100))
    cutter = Cutter(NODE_COLUMNS, TARGET)
    found = cutter.cut(batches)
    next(found)
    assert len(list(batches)) > 45
