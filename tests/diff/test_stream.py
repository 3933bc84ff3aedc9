"""The stream of row changes: values that look alike, multisets, other columns, brute force."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kuzugit.diff.selection import Selection
from kuzugit.diff.side import UnreadableChunksError
from kuzugit.diff.stream import Matcher, Schemas
from kuzugit.model.row_change import Change
from tests.diff.changes import Columns, expected, find, head_of, plain
from tests.diff.parquet import Row, write_chunks

NAN = math.nan
ID = ("id", "INT64", pa.int64())
ENDS: Columns = [("from", "INT64", pa.int64()), ("to", "INT64", pa.int64())]
PAIRED = pa.struct([("f", pa.float64()), ("s", pa.string())])
MAPPED = pa.map_(pa.string(), pa.float64())
VALUES: Columns = [
    ("f", "DOUBLE", pa.float64()),
    ("s", "STRING", pa.string()),
    ("l", "DOUBLE[]", pa.list_(pa.float64())),
    ("r", "STRUCT(f DOUBLE, s STRING)", PAIRED),
    ("m", "MAP(STRING, DOUBLE)", MAPPED),
    ("b", "BLOB", pa.binary()),
]

FLOATS = st.sampled_from([0.0, -0.0, NAN, 1.0, None])
TEXTS = st.sampled_from(["", "NULL", "a", None])
ROWS = st.tuples(
    FLOATS,
    TEXTS,
    st.none() | st.lists(FLOATS, max_size=2),
    st.none() | st.tuples(FLOATS, TEXTS).map(lambda pair: {"f": pair[0], "s": pair[1]}),
    st.none() | st.lists(st.tuples(st.just("k"), FLOATS), max_size=1),
    st.sampled_from([b"", b"\0", None]),
)
KEYS = st.integers(-1, 3)
NODES = st.dictionaries(KEYS, ROWS, max_size=5).map(
    lambda rows: [(key, *values) for key, values in sorted(rows.items())]
)
RELS = st.lists(st.tuples(KEYS, KEYS, ROWS), max_size=7).map(
    lambda rows: [(a, b, *values) for a, b, values in rows]
)


@settings(max_examples=80, deadline=None)
@given(old=NODES, new=NODES)
@example(old=[(1, 0.0, "", [], None, [], b"")], new=[(1, -0.0, None, None, None, None, None)])
def test_nodes_agree_with_brute_force(old: list[Row], new: list[Row]) -> None:
    columns = [ID, *VALUES]
    head = head_of(columns, columns)
    with tempfile.TemporaryDirectory() as folder:
        found = find(Path(folder), head, (columns, columns), old, new)
    assert sorted(plain(found)) == expected(head, old, new)
    assert [change.identity for change in found] == sorted(change.identity for change in found)


@settings(max_examples=80, deadline=None)
@given(old=RELS, new=RELS)
@example(old=[(0, 0, NAN, "", [], None, [], b"")] * 2, new=[(0, 0, NAN, "", [], None, [], None)])
def test_rels_agree_with_brute_force(old: list[Row], new: list[Row]) -> None:
    columns = [*ENDS, *VALUES]
    head = head_of(columns, columns, rel=True)
    with tempfile.TemporaryDirectory() as folder:
        found = find(Path(folder), head, (columns, columns), old, new)
    assert sorted(plain(found)) == expected(head, old, new)
    assert [change.identity for change in found] == sorted(change.identity for change in found)


@settings(max_examples=40, deadline=None)
@given(old=RELS, new=RELS)
def test_turned_round_it_says_the_opposite(old: list[Row], new: list[Row]) -> None:
    columns = [*ENDS, *VALUES]
    head = head_of(columns, columns, rel=True)
    turned = {"added": "removed", "removed": "added", "changed": "changed"}
    with tempfile.TemporaryDirectory() as a, tempfile.TemporaryDirectory() as b:
        forth = plain(find(Path(a), head, (columns, columns), old, new))
        back = plain(find(Path(b), head, (columns, columns), new, old))
    assert sorted((turned[c], i, n, o, names) for c, i, o, n, names in back) == sorted(forth)


def test_float_keys_that_look_alike(tmp_path: Path) -> None:
    columns: Columns = [("id", "DOUBLE", pa.float64()), ("v", "INT64", pa.int64())]
    head = head_of(columns, columns)
    old, new = [(0.0, 1), (2.0, 5), (NAN, 1), (NAN, 2)], [(-0.0, 1), (2.0, 6), (NAN, 1)]
    found = plain(find(tmp_path, head, (columns, columns), old, new))
    assert found == [
        ("changed", "(-0.0,)", "(0.0, 1)", "(-0.0, 1)", ("id",)),
        ("changed", "(2.0,)", "(2.0, 5)", "(2.0, 6)", ("v",)),
        ("removed", "(nan,)", "(nan, 2)", "None", ()),
    ]


def test_only_shared_columns_are_compared(tmp_path: Path) -> None:
    old: Columns = [ID, ("gone", "INT64", pa.int64()), ("v", "STRING", pa.string())]
    new: Columns = [ID, ("v", "STRING", pa.string()), ("come", "BOOL", pa.bool_())]
    head = head_of(old, new)
    found = find(
        tmp_path, head, (old, new), [(1, 7, "a"), (2, 8, "b")], [(1, "a", True), (2, "c", False)]
    )
    assert plain(found) == [("changed", "(2,)", "(2, 8, 'b')", "(2, 'c', False)", ("v",))]


def test_parallel_rels_across_other_columns(tmp_path: Path) -> None:
    old: Columns = [*ENDS, ("gone", "INT64", pa.int64())]
    new: Columns = [*ENDS, ("come", "STRING", pa.string())]
    head = head_of(old, new, rel=True)
    found = find(
        tmp_path, head, (old, new), [(1, 1, 5), (1, 1, 6), (2, 2, 7)], [(1, 1, "a"), (2, 2, "b")]
    )
    # Nothing tells the two apart; the lower one is said to be gone, every time.
    assert plain(found) == [("removed", "(1, 1)", "(1, 1, 5)", "None", ())]


class TestSelection:
    def keys(self, folder: Path, selection: Selection) -> list[int]:
        columns: Columns = [ID, ("a", "INT64", pa.int64()), ("b", "INT64", pa.int64())]
        old, new = [(1, 1, 1), (2, 2, 2), (3, 3, 3)], [(1, 9, 1), (2, 2, 9), (4, 4, 4)]
        found = find(folder, head_of(columns, columns), (columns, columns), old, new, selection)
        return [change.identity[0] for change in found]

    @pytest.mark.parametrize(
        ("selection", "keys"),
        [
            (Selection(), [1, 2, 3, 4]),
            (Selection(changes=frozenset({Change.CHANGED})), [1, 2]),
            (Selection(changes=frozenset({Change.ADDED, Change.REMOVED})), [3, 4]),
            (Selection(keys=("2", "4", "nothing", "'")), [2, 4]),
            (Selection(columns=frozenset({"b"})), [2, 3, 4]),
            (Selection(columns=frozenset({"other"})), [3, 4]),
        ],
    )
    def test_nodes(self, tmp_path: Path, selection: Selection, keys: list[int]) -> None:
        assert self.keys(tmp_path, selection) == keys

    def test_ends_of_rels(self, tmp_path: Path) -> None:
        head = head_of(ENDS, ENDS, rel=True)
        rels = [(1, 2), (2, 3), (3, 1)]
        for keys, count in ((("1",), 2), (("1->2",), 1), (("2->1",), 0), (("3", "1->2"), 3)):
            found = find(tmp_path, head, (ENDS, ENDS), [], rels, Selection(keys=keys))
            assert len(found) == count, keys


def test_a_chunk_that_is_none_names_its_table(tmp_path: Path) -> None:
    columns = [ID]
    file = tmp_path / "x.parquet"
    file.write_bytes(b"PAR1 no")
    schema = pa.schema([("id", pa.int64())])
    with Matcher(tmp_path) as matcher, pytest.raises(UnreadableChunksError, match="'T'"):
        list(matcher.batches(head_of(columns, columns), Schemas(schema, schema), [file], [file]))


def test_values_of_another_type_name_their_table(tmp_path: Path) -> None:
    columns = [ID]
    (file,) = write_chunks(tmp_path / "odd", [("no number",)], [("id", pa.string())])
    schema = pa.schema([("id", pa.int64())])
    with Matcher(tmp_path) as matcher, pytest.raises(UnreadableChunksError, match="'T'"):
        list(matcher.batches(head_of(columns, columns), Schemas(schema, schema), [], [file]))


@pytest.mark.parametrize("rows", [([], [(7, 1.5)]), ([(7, 1.5)], [])])
def test_one_side_of_a_table_that_both_have(
    tmp_path: Path, rows: tuple[list[Row], list[Row]]
) -> None:
    columns = [ID, ("v", "DOUBLE", pa.float64())]
    (change,) = find(tmp_path, head_of(columns, columns), (columns, columns), *rows)
    assert change.identity == (7,)
    assert [change.old, change.new] == [side[0] if side else None for side in rows]
