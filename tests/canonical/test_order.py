"""The order of rows: one for one content, also where values compare equal and are not."""

from __future__ import annotations

import random
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kuzugit.canonical import order
from kuzugit.canonical.checking import is_ordered
from kuzugit.canonical.columns import Columns, chunk_columns
from kuzugit.canonical.order import BATCH_ROWS, SortFailed, sorted_batches
from kuzugit.canonical.parquet import encode
from kuzugit.errors import ExitCode
from kuzugit.model.catalog import Catalog, NodeTable, Pair, Property, RelTable
from kuzugit.model.snapshot import TableKey
from kuzugit.model.types import parse_type

ENDS = NodeTable("N", (Property("id", parse_type("INT64")),), "id")
REL = TableKey("R", Pair("N", "N"))
SPECIAL = [0.0, -0.0, float("nan"), float("inf"), None, 1.5]


def nodes(key: str, *types: str) -> Columns:
    properties = [Property(f"p{at}", parse_type(type_)) for at, type_ in enumerate(types)]
    table = NodeTable("N", (*properties, Property("id", parse_type(key))), "id")
    return chunk_columns(Catalog((table,)), TableKey("N"))


def rels(*types: str) -> Columns:
    properties = tuple(Property(f"p{at}", parse_type(type_)) for at, type_ in enumerate(types))
    return chunk_columns(Catalog((ENDS,), (RelTable("R", properties, (Pair("N", "N"),)),)), REL)


def in_order(columns: Columns, rows: list[tuple[Any, ...]], directory: Path) -> pa.Table:
    arrays = [
        pa.array([row[at] for row in rows], field.type) for at, field in enumerate(columns.schema)
    ]
    names = [f"c{at}" for at in range(len(arrays))]
    file = directory / "raw.parquet"
    pq.write_table(pa.Table.from_arrays(arrays, names), file, row_group_size=1000)
    batches = sorted_batches(f"read_parquet('{file}')", names, columns, directory)
    return pa.Table.from_batches(batches, schema=columns.schema)


@pytest.mark.parametrize(
    ("types", "values"),
    [
        (("DOUBLE", "FLOAT"), [(a, b) for a in SPECIAL for b in SPECIAL]),
        (("DOUBLE[]",), [([a, b],) for a in SPECIAL for b in SPECIAL] + [(None,), ([],)]),
        (("DOUBLE[][]",), [([[a], None, [b]],) for a in SPECIAL for b in SPECIAL]),
        (
            ("STRUCT(a DOUBLE, b STRUCT(c FLOAT[]))", "INT64"),
            [({"a": a, "b": {"c": [b]}}, n) for a in SPECIAL for b in SPECIAL for n in (1, None)]
            + [(None, 1), ({"a": None, "b": None}, 1)],
        ),
        (("STRING", "BLOB"), [(a, b) for a in ("", None, "a", "B", "é", "e\u0301", "\0", "a\0")
                              for b in (b"", None, b"\xff", b"\0")]),
    ],
)  # fmt: skip
def test_every_order_of_the_rows_gives_one(
    types: tuple[str, ...], values: list[tuple[Any, ...]], tmp_path: Path
) -> None:
    columns = rels(*types)
    rows = [(1, 2, *each) for each in values] * 2
    forms = set()
    for seed in range(8):
        random.Random(seed).shuffle(rows)
        table = in_order(columns, rows, tmp_path)
        assert is_ordered(table, columns)
        forms.add(encode(table))
    assert len(forms) == 1


def test_nodes_are_ordered_by_their_key_alone(tmp_path: Path) -> None:
    columns = nodes("STRING", "INT64")
    rows = [(3, "b"), (1, "B"), (None, "a"), (2, ""), (0, "é"), (0, "aa")]
    table = in_order(columns, rows, tmp_path)
    assert table.column("id").to_pylist() == ["", "B", "a", "aa", "b", "é"]


def test_rels_are_ordered_by_both_ends_and_all_properties(tmp_path: Path) -> None:
    rows = [(2, 1, 0), (1, 2, 5), (1, 2, None), (1, 1, 9), (1, 2, -5)]
    table = in_order(rels("INT64"), rows, tmp_path)
    found = list(zip(*table.to_pydict().values(), strict=True))
    assert found == [(1, 1, 9), (1, 2, None), (1, 2, -5), (1, 2, 5), (2, 1, 0)]


def test_many_batches_stay_in_order(tmp_path: Path) -> None:
    columns = nodes("INT64", "STRING")
    keys = list(range(3 * BATCH_ROWS))
    random.Random(1).shuffle(keys)
    table = in_order(columns, [(f"value {key}", key) for key in keys], tmp_path)
    assert table.column("id").to_pylist() == sorted(keys)
    assert table.column("p0").to_pylist() == [f"value {key}" for key in sorted(keys)]


def test_what_is_not_ordered_is_told(tmp_path: Path) -> None:
    columns = nodes("INT64", "STRING")
    schema = columns.schema
    table = pa.Table.from_pylist([{"p0": "", "id": n} for n in (1, 3, 2)], schema=schema)
    assert not is_ordered(table, columns)
    twice = pa.Table.from_pylist([{"p0": "", "id": 1}, {"p0": "", "id": 1}], schema=schema)
    assert not is_ordered(twice, columns)
    floats = rels("DOUBLE")
    zeros = [{"from": 1, "to": 1, "p0": value} for value in (-0.0, 0.0)]
    found = [is_ordered(pa.Table.from_pylist(rows, schema=floats.schema), floats)
             for rows in (zeros, zeros[::-1])]  # fmt: skip
    assert sorted(found) == [False, True]


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    columns = nodes("INT64")
    with pytest.raises(SortFailed):
        list(sorted_batches("read_parquet('/nowhere.parquet')", ["c0"], columns, tmp_path))


BIG = (
    "(SELECT (range * 7919 % 600011)::BIGINT AS c0, repeat(range::VARCHAR, 20) AS c1 "
    "FROM range({rows}))"
)


@pytest.mark.parametrize("room", ["1MB", None])
def test_more_rows_than_memory_and_disk_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: str | None
) -> None:
    monkeypatch.setattr(order, "MEMORY_LIMIT", "40MB")
    spill = tmp_path / "spill"
    if room is None:
        spill.write_text("where DuckDB wants a directory")
    else:
        spill.mkdir()
        connect = partial(order.duckdb.connect)
        monkeypatch.setattr(
            order.duckdb,
            "connect",
            lambda config: connect(config={**config, "max_temp_directory_size": room}),
        )
    columns = nodes("INT64", "STRING")
    with pytest.raises(SortFailed) as caught:
        for _ in sorted_batches(BIG.format(rows=600_000), ["c1", "c0"], columns, spill):
            pass
    assert caught.value.exit_code is ExitCode.ENGINE
    assert "\n" not in str(caught.value)
    assert (caught.value.hint is None) == (room is None)
