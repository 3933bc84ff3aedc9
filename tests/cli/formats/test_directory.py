"""A diff as a directory of CSV or Parquet, read back."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from tests.cli.conftest import Run
from tests.cli.formats.conftest import HOSTILE
from tests.support.live import LiveProject

FILES = [
    "nodes/Gone/removed",
    "nodes/New/added",
    "nodes/Per%20son/added",
    "nodes/Per%20son/changed",
    "nodes/Per%20son/removed",
    "rels/knows/Per%20son/Per%20son/added",
    "rels/knows/Per%20son/Per%20son/changed",
    "rels/knows/Per%20son/Per%20son/removed",
    "schema",
]


def written(run: Run, project: LiveProject, target: Path, *words: str) -> Path:
    done = run("-C", project.directory, "diff", "v0.1.0", "v1.0.0", "-o", target, *words)
    assert done.code == 0, done.err
    return target


def names(directory: Path) -> list[str]:
    files = [path for path in directory.rglob("*") if path.is_file()]
    return sorted(str(path.relative_to(directory).with_suffix("")) for path in files)


def records(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def told(lines: Iterable[dict[str, Any]], table: str, change: str) -> list[dict[str, Any]]:
    return [line for line in lines if line["table"] == table and line["change"] == change]


def cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


@pytest.mark.parametrize("format", ["csv", "parquet"])
def test_a_file_for_each_table_and_change(
    run: Run, changed: LiveProject, tmp_path: Path, format: str
) -> None:
    out = written(run, changed, tmp_path / "out", "--format", format)
    assert names(out) == FILES


def test_csv_tells_what_json_lines_tell(
    run: Run, changed: LiveProject, tmp_path: Path, lines: list[dict[str, Any]]
) -> None:
    out = written(run, changed, tmp_path / "out", "--format", "csv")
    table = out / "nodes" / "Per%20son"
    assert records(table / "added.csv") == [
        {name: cell(value) for name, value in line["new"].items()}
        for line in told(lines, "Per son", "added")
    ]
    wanted = [
        {
            "columns": cell(line["columns"]),
            **{f"old_{name}": cell(value) for name, value in line["old"].items()},
            **{f"new_{name}": cell(value) for name, value in line["new"].items()},
        }
        for line in told(lines, "Per son", "changed")
    ]
    assert records(table / "changed.csv") == wanted
    assert len(wanted) == 4
    rels = out / "rels/knows/Per%20son/Per%20son"
    assert [item["since"] for item in records(rels / "added.csv")] == ["7", "7"]
    assert records(out / "nodes/New/added.csv")[0]["id"] == HOSTILE


def test_csv_tells_null_from_empty(run: Run, changed: LiveProject, tmp_path: Path) -> None:
    out = written(run, changed, tmp_path / "out", "--format", "csv", "--table", "Per son")
    path = str(out / "nodes/Per%20son/changed.csv")
    # DuckDB, unlike the csv module, tells `""` from nothing.
    found = duckdb.execute(
        f"SELECT new_name FROM read_csv('{path}', all_varchar = true, quote = '\"', "
        "escape = '\"', allow_quoted_nulls = false) WHERE old_id IN ('5', '6') ORDER BY old_id"
    ).fetchall()
    assert found == [("",), (None,)]


def test_parquet_has_the_stored_values(run: Run, changed: LiveProject, tmp_path: Path) -> None:
    out = written(run, changed, tmp_path / "out", "--format", "parquet")
    rows = pq.read_table(out / "nodes/Per%20son/changed.parquet").to_pylist()
    assert [row["columns"] for row in rows][:1] == [["name"]]
    four = next(row for row in rows if row["new_id"] == 4)
    assert (four["old_b"], four["new_b"]) == (b"\x00\xff", b"\x00\xfe")
    assert [str(four[name]) for name in ("old_f", "new_f")] == ["-0.0", "nan"]
    assert four["new_n"] == "170141183460469231731687303715884105727"
    assert four["new_i"] == {"months": 1, "days": 0, "micros": 3}
    assert four["new_l"] == {"a": None, "t": ["", "x,y"]}
    schema = pq.read_table(out / "schema.parquet").to_pylist()
    assert [(row["change"], row["name"]) for row in schema] == [
        ("removed", "Gone"),
        ("added", "New"),
    ]


def test_filters_hold(run: Run, changed: LiveProject, tmp_path: Path) -> None:
    words = ("--format", "csv", "--data", "--type", "removed", "--table", "Per*", "--limit", "1")
    out = written(run, changed, tmp_path / "out", *words)
    assert names(out) == ["nodes/Per%20son/removed"]
    assert [row["id"] for row in records(out / "nodes/Per%20son/removed.csv")] == ["29"]


def test_nothing_differs(run: Run, changed: LiveProject, tmp_path: Path) -> None:
    words = ("diff", "v0.1.0", "v0.1.0", "--format", "csv", "--exit-code", "-o", tmp_path / "out")
    assert run("-C", changed.directory, *words).code == 0
    assert names(tmp_path / "out") == []


@pytest.mark.parametrize("format", ["csv", "parquet"])
def test_a_directory_must_be_named_and_empty(
    run: Run, changed: LiveProject, tmp_path: Path, format: str
) -> None:
    words = ("-C", changed.directory, "diff", "v0.1.0", "v1.0.0", "--format", format)
    assert run(*words).code == 2
    (tmp_path / "file").write_text("mine")
    done = run(*words, "-o", tmp_path)
    assert done.code == 13
    assert [item.name for item in tmp_path.iterdir()] == ["file"]


def test_an_output_is_for_files(run: Run, changed: LiveProject, tmp_path: Path) -> None:
    done = run("-C", changed.directory, "diff", "v0.1.0", "v1.0.0", "-o", tmp_path / "x")
    assert done.code == 2
