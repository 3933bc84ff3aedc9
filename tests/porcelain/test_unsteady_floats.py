"""Floats that Kùzu changes as it stores them are never handed out changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from kuzugit.canonical.columns import chunk_columns
from kuzugit.canonical.parquet import decode, encode
from kuzugit.canonical.unsteady import holds_unsteady, rearrange
from kuzugit.model.catalog import Catalog, NodeTable, Property
from kuzugit.model.snapshot import TableKey
from kuzugit.model.types import parse_type
from kuzugit.porcelain.import_ import LoadedOtherwise
from kuzugit.porcelain.rebuilding import NotHeldExactly
from tests.support.live import LiveProject

INTEGER, DOUBLE = parse_type("INT64"), parse_type("DOUBLE")
NAN_VALUE = float("nan")
NAN, ZERO = "CAST('nan' AS DOUBLE)", "CAST('-0.0' AS DOUBLE)"


def measured(project: LiveProject, type_: str, *values: str | None) -> str:
    """Commit a table whose rows Kùzu holds right, because the first one is well-behaved."""
    rows = (f"(:M {{id: {at}, d: {text}}})" for at, text in enumerate(values) if text)
    empty = (f"(:M {{id: {at}}})" for at, text in enumerate(values) if not text)
    # The order of the keys is another one than that of the rows.
    return project.commit(
        "measured",
        f"CREATE NODE TABLE M(id INT64 PRIMARY KEY, d {type_})",
        f"CREATE {', '.join([*reversed(list(rows)), *empty])}",
    )


@pytest.mark.parametrize(
    ("type_", "values"),
    [
        ("DOUBLE[]", (f"[{NAN}]", "[1.5]", "[2.5]", "CAST('[,]' AS DOUBLE[])")),
        ("STRUCT(a DOUBLE)", (f"{{a: {NAN}}}", "{a: 1.5}", "{a: 2.5}", None)),
    ],
)  # fmt: skip
def test_what_kuzu_would_change_is_not_built(
    live: LiveProject, tmp_path: Path, type_: str, values: tuple[str | None, ...]
) -> None:
    version = measured(live, type_, *values)
    before, files = live.content(), live.files()
    with live.open() as repository:
        for act in (
            lambda: repository.checkout(version, to=tmp_path / "copy.kuzu"),
            lambda: repository.compact(),
            lambda: repository.checkout(version, force=True),
        ):
            with pytest.raises(NotHeldExactly, match=r"hold what the snapshot says in M;"):
                act()
    assert not (tmp_path / "copy.kuzu").exists()
    assert (live.content(), live.files()) == (before, files)


@pytest.mark.parametrize(
    "values",
    [
        (NAN, NAN, None),
        ("1.5", NAN, "2.5", None),
        ("0.0", ZERO, "1.5", None),
        (ZERO,),
        # These are loaded in another order than that of their keys.
        (NAN, "1.5", "2.5", None),
        (NAN, "1.5", "1.5", None),
        ("1.5", NAN, "1.5"),
    ],
)
def test_what_kuzu_holds_is_built(
    live: LiveProject, tmp_path: Path, values: tuple[str | None, ...]
) -> None:
    version = measured(live, "DOUBLE", *values)
    copy = tmp_path / "copy.kuzu"
    with live.open() as repository:
        repository.checkout(version, to=copy)
        assert repository.verify(version, rebuild=True).findings == ()
    assert LiveProject(tmp_path, copy.name).content() == live.content()


@pytest.mark.parametrize("whole_first", [True, False])
def test_rows_in_another_order(tmp_path: Path, whole_first: bool) -> None:
    table = NodeTable("N", (Property("id", INTEGER), Property("v", DOUBLE)), "id")
    columns = chunk_columns(Catalog((table,)), TableKey("N"))
    values = [NAN_VALUE, 1.5, None, NAN_VALUE, 2.5]
    paths = []
    for at, cut in enumerate((slice(0, 2), slice(2, 5))):
        paths.append(tmp_path / f"{at}.parquet")
        arrays = [list(range(5))[cut], values[cut]]
        paths[-1].write_bytes(encode(pa.table(arrays, schema=columns.schema)))
    rearrange(paths, columns, whole_first=whole_first)
    rows = decode(paths[0].read_bytes(), columns.schema).column(0).to_pylist()
    assert rows == ([1, 2, 4, 0, 3] if whole_first else [0, 3, 1, 2, 4])
    assert not paths[1].exists()


@pytest.mark.parametrize(
    ("type_", "value", "is_unsteady"),
    [
        ("DOUBLE", [1.0, None, 0.0, float("inf")], False),
        ("DOUBLE", [1.0, NAN_VALUE], True),
        ("FLOAT", [-0.0], True),
        ("FLOAT[]", [[1.0], None, [None, 0.0]], False),
        ("FLOAT[]", [[1.0], None, [None, -0.0]], True),
        ("STRUCT(a DOUBLE, b INT64)", [{"a": NAN_VALUE, "b": 1}, None], True),
        ("MAP(STRING, DOUBLE)", [[("a", NAN_VALUE)]], True),
        ("MAP(STRING, DOUBLE)", [[("a", 1.5)], None], False),
        ("INT64", [0, None], False),
    ],
)
def test_which_values_are_looked_at(type_: str, value: list[Any], is_unsteady: bool) -> None:
    table = NodeTable("N", (Property("id", INTEGER), Property("v", parse_type(type_))), "id")
    columns = chunk_columns(Catalog((table,)), TableKey("N"))
    rows = pa.table(
        [list(range(len(value))), pa.array(value, columns.schema[1].type)], schema=columns.schema
    )
    assert holds_unsteady(encode(rows), columns) is is_unsteady


def test_what_kuzu_changes_is_not_imported(live: LiveProject, tmp_path: Path) -> None:
    version = measured(live, "DOUBLE[]", f"[{NAN}]", "[1.5]", "[2.5]", "CAST('[,]' AS DOUBLE[])")
    with live.open() as repository:
        repository.export(version, tmp_path / "exported")
        with pytest.raises(LoadedOtherwise):
            repository.import_directory(tmp_path / "exported", "again")
        assert len(list(repository.log())) == 1
