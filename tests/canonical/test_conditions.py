from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kuzugit.canonical.conditions import which_hold
from kuzugit.canonical.order import SortFailed


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "rows.parquet"
    table = pa.table({"c0": [3, None, -7] * 1000, "c1": [None] * 2999 + [[1, -128]]})
    pq.write_table(table, path, row_group_size=500)
    return path


def test_tells_which_are_true_of_any_row(file: Path) -> None:
    asked = ["c0 = -7", "c0 = 8", "list_min(c1) = -128", "list_min(c1) = 1", "c0 IS NULL"]
    assert which_hold(file, asked) == [0, 2, 4]


def test_nothing_is_asked_of_no_rows(tmp_path: Path) -> None:
    assert which_hold(tmp_path / "missing.parquet", []) == []
    pq.write_table(pa.table({"c0": pa.array([], pa.int8())}), tmp_path / "none.parquet")
    assert which_hold(tmp_path / "none.parquet", ["c0 = -128"]) == []


def test_a_broken_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    path.write_bytes(b"PAR1 and no more")
    with pytest.raises(SortFailed, match=r"rows\.parquet"):
        which_hold(path, ["c0 = 1"])
