from __future__ import annotations

import math
import struct
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kuzugit.diff.rows import count_changes
from kuzugit.diff.side import UnreadableChunksError
from kuzugit.model.catalog import NodeTable, Pair, Property, RelTable
from kuzugit.model.changes import RowCounts
from kuzugit.model.types import parse_type
from tests.diff.parquet import Row, write_chunks

NAN = math.nan
OTHER_NAN = struct.unpack("<d", bytes.fromhex("010000000000f8ff"))[0]


def node_table(*properties: tuple[str, str], key: str = "id") -> NodeTable:
    return NodeTable("T", tuple(Property(name, parse_type(text)) for name, text in properties), key)


def rel_table(*properties: tuple[str, str]) -> RelTable:
    return RelTable(
        "R",
        tuple(Property(name, parse_type(text)) for name, text in properties),
        (Pair("T", "T"),),
    )


def resources(folder: Path) -> dict[str, Any]:
    return {"memory_limit": "500MB", "temp_directory": folder / "spill"}


@pytest.fixture
def count(tmp_path: Path) -> Callable[..., RowCounts]:
    def run(
        table: NodeTable | RelTable,
        columns: Sequence[tuple[str, pa.DataType]],
        old: Sequence[Row],
        new: Sequence[Row],
        *,
        old_table: NodeTable | RelTable | None = None,
        old_columns: Sequence[tuple[str, pa.DataType]] | None = None,
    ) -> RowCounts:
        return count_changes(
            table,
            write_chunks(tmp_path / "old", old, old_columns or columns),
            write_chunks(tmp_path / "new", new, columns, size=2),
            old_table=old_table,
            **resources(tmp_path),
        )

    return run


VALUE_TYPES: dict[str, tuple[pa.DataType, Any, Any]] = {
    "STRING": (pa.string(), "", None),
    "BLOB": (pa.binary(), b"", None),
    "DOUBLE": (pa.float64(), 0.0, -0.0),
    "FLOAT": (pa.float32(), 0.0, -0.0),
    "BOOL": (pa.bool_(), False, None),
    "DOUBLE[]": (pa.list_(pa.float64()), [1.0, 0.0], [1.0, -0.0]),
    "STRING[]": (pa.list_(pa.string()), [], None),
    "INT64[]": (pa.list_(pa.int64()), [None], []),
    "INT64[][]": (pa.list_(pa.list_(pa.int64())), [[]], [None]),
    "FLOAT[2]": (pa.list_(pa.float32()), [-0.0, 0.0], [0.0, -0.0]),
    "DOUBLE[][]": (pa.list_(pa.list_(pa.float64())), [[], [0.0]], [[], [-0.0]]),
    "STRUCT(a DOUBLE, b STRING)": (
        pa.struct([("a", pa.float64()), ("b", pa.string())]),
        {"a": 0.0, "b": "-0.0"},
        {"a": -0.0, "b": "-0.0"},
    ),
    "STRUCT(a DOUBLE, A DOUBLE)": (
        pa.struct([("a", pa.float64()), ("A", pa.float64())]),
        {"a": 0.0, "A": 0.0},
        {"a": 0.0, "A": -0.0},
    ),
    "STRUCT(b STRING)": (pa.struct([("b", pa.string())]), {"b": None}, None),
    "STRUCT(a DOUBLE)[]": (
        pa.list_(pa.struct([("a", pa.float64())])),
        [None, {"a": 0.0}],
        [None, {"a": -0.0}],
    ),
    "MAP(STRING, DOUBLE)": (pa.map_(pa.string(), pa.float64()), [("a", 0.0)], [("a", -0.0)]),
    "MAP(DOUBLE, STRING)": (pa.map_(pa.float64(), pa.string()), [(0.0, "a")], [(-0.0, "a")]),
}


@pytest.mark.parametrize("type_", VALUE_TYPES)
def test_tells_values_apart_that_look_alike(count: Callable[..., RowCounts], type_: str) -> None:
    arrow, one, other = VALUE_TYPES[type_]
    table = node_table(("id", "INT64"), ("v", type_))
    columns = [("id", pa.int64()), ("v", arrow)]
    assert count(table, columns, [(1, one)], [(1, other)]) == RowCounts(changed=1)
    assert count(table, columns, [(1, one)], [(1, one)]) == RowCounts()
    assert count(table, columns, [(1, other)], [(1, other)]) == RowCounts()


def test_nan_is_nan_whatever_its_bits(count: Callable[..., RowCounts]) -> None:
    table = node_table(("id", "INT64"), ("v", "DOUBLE"), ("w", "DOUBLE[]"))
    columns = [("id", pa.int64()), ("v", pa.float64()), ("w", pa.list_(pa.float64()))]
    assert not count(table, columns, [(1, NAN, [NAN])], [(1, OTHER_NAN, [OTHER_NAN])])


def test_counts_added_removed_and_changed_nodes(count: Callable[..., RowCounts]) -> None:
    table = node_table(("name", "STRING"), ("id", "INT64"))
    columns = [("name", pa.string()), ("id", pa.int64())]
    old = [("a", 1), ("b", 2), ("c", 3), ("d", 4), ("e", 5)]
    new = [("a", 1), ("b", 2), ("C", 3), ("e", 5), ("f", 6), ("g", 7)]
    assert count(table, columns, old, new) == RowCounts(added=2, removed=1, changed=1)


def test_a_row_that_moved_to_another_chunk_is_no_change(count: Callable[..., RowCounts]) -> None:
    table = node_table(("id", "INT64"))
    assert not count(
        table, [("id", pa.int64())], [(n,) for n in range(9)], [(n,) for n in range(9)]
    )


def test_the_sign_of_a_zero_key_is_a_change(count: Callable[..., RowCounts]) -> None:
    # Kùzu takes 0.0 and -0.0 for one key, so it is one row with another value.
    table = node_table(("id", "DOUBLE"))
    assert count(table, [("id", pa.float64())], [(0.0,)], [(-0.0,)]) == RowCounts(changed=1)


def test_several_nan_keys_are_counted(count: Callable[..., RowCounts]) -> None:
    table = node_table(("id", "DOUBLE"))
    assert count(table, [("id", pa.float64())], [(NAN,)] * 3, [(NAN,)] * 5) == RowCounts(added=2)


def test_parallel_rels_are_a_multiset(count: Callable[..., RowCounts]) -> None:
    table = rel_table(("w", "INT64"))
    columns = [("from", pa.int64()), ("to", pa.int64()), ("w", pa.int64())]
    old = [(1, 1, 7), (1, 1, 7), (1, 2, 7), (2, 1, 7), (2, 1, 8)]
    new = [(1, 1, 7), (1, 2, 8), (2, 1, 8), (2, 1, 9), (2, 1, 9)]
    # 1-1 lost one of two, 1-2 changed, 2-1 lost one and won two.
    assert count(table, columns, old, new) == RowCounts(added=2, removed=2, changed=1)


def test_columns_go_by_position_where_names_clash(count: Callable[..., RowCounts]) -> None:
    names = ["from", "to", "a", "A", "from", "TO", "a_1", "from_1"]
    table = rel_table(*((name, "INT64") for name in names[2:]))
    columns = [(name, pa.int64()) for name in names]
    row = tuple(range(8))
    old = [(*row[:at], n, *row[at + 1 :]) for at in range(2, 8) for n in (100, 200)]
    assert not count(table, columns, old, old)
    for at in range(2, 8):
        new = (*row[:at], 50, *row[at + 1 :])
        assert count(table, columns, [row], [new]) == RowCounts(changed=1), names[at]
    swapped = (0, 1, 3, 2, *row[4:])
    assert count(table, columns, [row], [swapped]) == RowCounts(changed=1)


def test_only_the_properties_of_both_sides_are_compared(count: Callable[..., RowCounts]) -> None:
    old_table = node_table(("gone", "INT64"), ("id", "INT64"), ("other", "INT64"), ("v", "STRING"))
    new_table = node_table(("id", "INT64"), ("v", "STRING"), ("other", "STRING"), ("more", "INT64"))
    old_columns = [
        ("gone", pa.int64()),
        ("id", pa.int64()),
        ("other", pa.int64()),
        ("v", pa.string()),
    ]
    columns = [("id", pa.int64()), ("v", pa.string()), ("other", pa.string()), ("more", pa.int64())]
    found = count(
        new_table,
        columns,
        [(9, 1, 5, "a"), (9, 2, 5, "b")],
        [(1, "a", "5", 0), (2, "B", "5", 0)],
        old_table=old_table,
        old_columns=old_columns,
    )
    assert found == RowCounts(changed=1)


@pytest.mark.parametrize("old_key", [("key", "INT64"), ("id", "INT32")])
def test_another_key_makes_every_row_another(
    count: Callable[..., RowCounts], old_key: tuple[str, str]
) -> None:
    found = count(
        node_table(("id", "INT64")),
        [("id", pa.int64())],
        [(1,), (2,)],
        [(1,), (2,), (3,)],
        old_table=node_table(old_key, key=old_key[0]),
        old_columns=[(old_key[0], pa.int64() if old_key[1] == "INT64" else pa.int32())],
    )
    assert found == RowCounts(added=3, removed=2)


def test_another_key_of_the_nodes_makes_every_rel_another(count: Callable[..., RowCounts]) -> None:
    found = count(
        rel_table(),
        [("from", pa.string()), ("to", pa.int64())],
        [(1, 1)],
        [("1", 1)],
        old_columns=[("from", pa.int64()), ("to", pa.int64())],
    )
    assert found == RowCounts(added=1, removed=1)


def test_one_side_without_files(tmp_path: Path) -> None:
    table = node_table(("id", "INT64"))
    files = write_chunks(tmp_path, [(n,) for n in range(7)], [("id", pa.int64())])
    limits = resources(tmp_path)
    assert count_changes(table, [], files, **limits) == RowCounts(added=7)
    assert count_changes(table, files, [], **limits) == RowCounts(removed=7)
    assert count_changes(table, [], [], **limits) == RowCounts()


def test_file_names_are_no_globs(tmp_path: Path) -> None:
    table = node_table(("id", "INT64"))
    columns = [("id", pa.int64())]
    odd = write_chunks(tmp_path / "a[12]*?'\"", [(1,)], columns)
    write_chunks(tmp_path / "a1xx'\"", [(2,), (3,)], columns)
    assert count_changes(table, [], odd, **resources(tmp_path)) == RowCounts(added=1)


@pytest.mark.parametrize("content", [b"", b"PAR1", b"not a file of that kind", None])
def test_a_broken_chunk_names_its_table(tmp_path: Path, content: bytes | None) -> None:
    table = node_table(("id", "INT64"))
    good = write_chunks(tmp_path / "good", [(1,)], [("id", pa.int64())])
    bad = tmp_path / "bad.parquet"
    if content is not None:
        bad.write_bytes(content)
    with pytest.raises(UnreadableChunksError, match="'T'"):
        count_changes(table, good, [bad], **resources(tmp_path))


def test_a_chunk_with_other_columns_is_corrupt(tmp_path: Path) -> None:
    table = node_table(("id", "INT64"), ("v", "INT64"))
    files = write_chunks(tmp_path, [(1,)], [("id", pa.int64())])
    with pytest.raises(UnreadableChunksError, match="1 columns, not 2"):
        count_changes(table, files, files, **resources(tmp_path))


def test_memory_stays_within_the_limit(tmp_path: Path) -> None:
    table = node_table(("id", "INT64"), ("v", "STRING"))
    for name, last in (("old", "x"), ("new", "y")):
        values = [f"{n:0400}" for n in range(60_000)] + [last]
        pq.write_table(
            pa.table({"id": pa.array(range(60_001)), "v": values}), tmp_path / f"{name}.parquet"
        )
    found = count_changes(
        table,
        [tmp_path / "old.parquet"],
        [tmp_path / "new.parquet"],
        memory_limit="40MB",
        temp_directory=tmp_path / "spill",
        threads=1,
    )
    assert found == RowCounts(changed=1)


# A few values that are easily taken for one another.
FLOATS = st.sampled_from([0.0, -0.0, NAN, 1.0, None])
TEXTS = st.sampled_from(["", "NULL", "a", None])
LISTS = st.none() | st.lists(FLOATS, max_size=2)
STRUCTS = st.none() | st.fixed_dictionaries({"f": FLOATS, "s": TEXTS})
VALUES = st.tuples(FLOATS, TEXTS, LISTS, STRUCTS)
ARROW = [
    ("f", pa.float64()),
    ("s", pa.string()),
    ("l", pa.list_(pa.float64())),
    ("r", pa.struct([("f", pa.float64()), ("s", pa.string())])),
]
KUZU = [("f", "DOUBLE"), ("s", "STRING"), ("l", "DOUBLE[]"), ("r", "STRUCT(f DOUBLE, s STRING)")]
KEYS = st.integers(0, 3)
NODES = st.dictionaries(KEYS, VALUES, max_size=4).map(
    lambda rows: [(key, *values) for key, values in rows.items()]
)
RELS = st.lists(st.tuples(KEYS, KEYS, FLOATS, TEXTS, LISTS, STRUCTS), max_size=6)


def expected(old: Sequence[Row], new: Sequence[Row], width: int) -> RowCounts:
    """Count by hand: repr() tells every value apart and takes all NaN for one."""
    before, after = Counter(map(repr, old)), Counter(map(repr, new))
    key_of = {repr(row): repr(row[:width]) for row in [*old, *new]}
    gone, come = Counter[str](), Counter[str]()
    for row, number in (before - after).items():
        gone[key_of[row]] += number
    for row, number in (after - before).items():
        come[key_of[row]] += number
    changed = sum(1 for key in gone if gone[key] == come[key] == 1)
    return RowCounts(come.total() - changed, gone.total() - changed, changed)


@settings(max_examples=60, deadline=None)
@given(old=NODES, new=NODES)
@example(old=[(1, 0.0, "", [], None)], new=[(1, -0.0, "", [], None)])
def test_counts_of_nodes_agree_with_brute_force(old: list[Row], new: list[Row]) -> None:
    table = node_table(("id", "INT64"), *KUZU)
    columns = [("id", pa.int64()), *ARROW]
    with tempfile.TemporaryDirectory() as folder:
        found = count_changes(
            table,
            write_chunks(Path(folder, "old"), old, columns),
            write_chunks(Path(folder, "new"), new, columns, size=2),
            **resources(Path(folder)),
        )
    assert found == expected(old, new, 1)


@settings(max_examples=60, deadline=None)
@given(old=RELS, new=RELS)
@example(old=[(0, 0, None, "", [], None)] * 2, new=[(0, 0, None, None, [], None)] * 2)
def test_counts_of_rels_agree_with_brute_force(old: list[Row], new: list[Row]) -> None:
    table = rel_table(*KUZU)
    columns = [("from", pa.int64()), ("to", pa.int64()), *ARROW]
    with tempfile.TemporaryDirectory() as folder:
        found = count_changes(
            table,
            write_chunks(Path(folder, "old"), old, columns),
            write_chunks(Path(folder, "new"), new, columns, size=2),
            **resources(Path(folder)),
        )
    assert found == expected(old, new, 2)
