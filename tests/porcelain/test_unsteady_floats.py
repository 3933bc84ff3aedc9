"""Floats that Kùzu changes as it stores them are never handed out changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import kuzu
import pyarrow as pa
import pytest

from kuzugit.canonical.columns import chunk_columns
from kuzugit.canonical.parquet import decode, encode
from kuzugit.canonical.stand_ins import free_stand_ins, parted_by_nan, with_stand_ins
from kuzugit.canonical.unsteady import doubtful_columns, holds_unsteady
from kuzugit.model.catalog import Catalog, NodeTable, Property
from kuzugit.model.loss import CannotKeep
from kuzugit.model.snapshot import TableKey
from kuzugit.model.types import parse_type
from kuzugit.porcelain.import_ import LoadedOtherwise
from tests.support.content import read_open
from tests.support.graphs import BUFFER_POOL_SIZE, MAX_DB_SIZE, open_database
from tests.support.live import LiveProject
from tests.support.readers import query

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


@contextmanager
def application(project: LiveProject, *statements: str) -> Iterator[kuzu.Connection]:
    """Yield a connection to the live database, which has written nothing down yet.

    Afterwards Kùzu would have changed the floats.
    """
    with (
        kuzu.Database(
            project.database,
            buffer_pool_size=BUFFER_POOL_SIZE,
            max_db_size=MAX_DB_SIZE,
            auto_checkpoint=False,
        ) as database,
        kuzu.Connection(database) as connection,
    ):
        connection.execute("CALL force_checkpoint_on_close=false")
        for statement in statements:
            connection.execute(statement)
        yield connection


UNION = "UNION(a DOUBLE, b STRING)"


def in_union(value: str) -> str:
    return f"CAST(union_value(a := {value}) AS {UNION})"


HELD = [
    ("DOUBLE", ("1.0", NAN, "1.0")),
    ("DOUBLE", (NAN, "1.5", "2.5", None)),
    ("DOUBLE", (NAN, ZERO, NAN)),
    ("DOUBLE", ("0.0", ZERO, "0.0")),
    ("FLOAT", (f"CAST({NAN} AS FLOAT)", "CAST(1.5 AS FLOAT)", "CAST('-0.0' AS FLOAT)")),
    ("DOUBLE[]", (f"[{NAN}]", "[1.5]", "[2.5]", "CAST('[,]' AS DOUBLE[])")),
    ("DOUBLE[]", (f"[{NAN}, NULL]", f"[1.0, {ZERO}]", "CAST([] AS DOUBLE[])")),
    ("DOUBLE[2]", (f"CAST([{NAN}, 1.0] AS DOUBLE[2])", "CAST([1.0, 1.0] AS DOUBLE[2])")),
    ("STRUCT(a DOUBLE)", (f"{{a: {NAN}}}", "{a: 1.5}", "{a: 2.5}", None)),
    ("STRUCT(a DOUBLE, b DOUBLE[])", (f"{{a: 1.5, b: [{NAN}]}}", "{a: 1.5, b: [2.5]}")),
]
TRIED = [
    ("MAP(STRING, DOUBLE)", (f"map(['k'], [{NAN}])", "map(['k'], [1.0])")),
    (UNION, ("CAST(union_value(b := 'x') AS UNION(a DOUBLE, b STRING))", in_union(NAN))),
    ("STRUCT(a DOUBLE)[]", ("[{a: 1.0}]", f"[{{a: {NAN}}}]")),
]


def nodes(type_: str, values: tuple[str | None, ...]) -> list[str]:
    return [
        f"CREATE NODE TABLE M(id INT64 PRIMARY KEY, d {type_})",
        *(
            f"CREATE (:M {{id: {at}, d: {text or f'CAST(NULL AS {type_})'}}})"
            for at, text in enumerate(values)
        ),
    ]


def rels(type_: str, values: tuple[str | None, ...]) -> list[str]:
    """Two rels go between the same two persons."""
    return [
        f"CREATE REL TABLE M(FROM Person TO Person, d {type_})",
        *(
            f"MATCH (a:Person {{id: {1 + at // 2}}}), (b:Person {{id: 4}}) "
            f"CREATE (a)-[:M {{d: {text or f'CAST(NULL AS {type_})'}}}]->(b)"
            for at, text in enumerate(values)
        ),
    ]


@pytest.mark.parametrize("table", [nodes, rels])
@pytest.mark.parametrize(("type_", "values"), HELD)
def test_what_kuzu_changes_as_it_stores_it_is_kept(
    live: LiveProject,
    tmp_path: Path,
    table: Callable[[str, tuple[str | None, ...]], list[str]],
    type_: str,
    values: tuple[str | None, ...],
) -> None:
    copy = tmp_path / "copy.kuzu"
    with application(live, *table(type_, values)) as connection:
        with live.open() as repository:
            repository.commit("measured", connection=connection)
            repository.checkout("current", to=copy)
        wanted = read_open(connection).rows
    assert LiveProject(tmp_path, copy.name).content().rows == wanted


@pytest.mark.parametrize("table", [nodes, rels])
@pytest.mark.parametrize(("type_", "values"), TRIED)
def test_what_may_be_held_in_no_way_is_built_before_it_is_published(
    live: LiveProject,
    tmp_path: Path,
    table: Callable[[str, tuple[str | None, ...]], list[str]],
    type_: str,
    values: tuple[str | None, ...],
) -> None:
    copy = tmp_path / "copy.kuzu"
    with application(live, *table(type_, values)) as connection, live.open() as repository:
        done = repository.commit("measured", connection=connection)
        assert done.snapshot
        assert done.snapshot.trailer("Kuzugit-Verified") == "rebuilt"
        repository.checkout("current", to=copy)
        wanted = read_open(connection).rows
    assert LiveProject(tmp_path, copy.name).content().rows == wanted


def test_lists_of_many_elements(live: LiveProject, tmp_path: Path) -> None:
    """Where one of many is set, Kùzu writes all of them anew, those that were there no more."""
    copy = tmp_path / "copy.kuzu"
    many = (
        "CREATE NODE TABLE M(id INT64 PRIMARY KEY, d DOUBLE[])",
        "UNWIND range(0, 39999) AS i "
        f"CREATE (:M {{id: i, d: CASE WHEN i % 9000 = 0 THEN [{NAN}, 1.0] ELSE [1.0] END}})",
    )
    count = "MATCH (m:M) WHERE CAST(m.d AS STRING) = '[nan,1.000000]' RETURN count(*)"
    with application(live, *many) as connection, live.open() as repository:
        repository.commit("measured", connection=connection)
        repository.checkout("current", to=copy)
    with open_database(copy, read_only=True) as built:
        assert query(built, count) == [[5]]
        assert query(built, "MATCH (m:M) WHERE m.d = [1.0] RETURN count(*)") == [[39995]]


def test_what_kuzu_can_hold_in_no_way_is_refused_at_the_commit(live: LiveProject) -> None:
    table = rels("STRUCT(a DOUBLE)[]", ("[{a: 1.0}]", f"[{{a: {NAN}}}]", "[{a: 1.0}]"))
    with application(live, *table) as connection, live.open() as repository:
        with pytest.raises(CannotKeep, match=r"M\.d \(STRUCT\(a DOUBLE\)\[\]\): it holds NaN"):
            repository.commit("measured", connection=connection)
        assert not list(repository.log())


@pytest.mark.parametrize(
    ("type_", "value", "told"),
    [
        ("DOUBLE", NAN, True),
        ("FLOAT[]", f"CAST([1.5, NULL, 2.5, {NAN}] AS FLOAT[])", True),
        ("STRUCT(a DOUBLE[])", f"{{a: [{NAN}, 1.5]}}", True),
        ("DOUBLE[]", "[1.5, NULL]", False),
        ("DOUBLE", ZERO, False),
        ("STRING", "'nan'", False),
    ],
)
def test_nan_is_told_at_the_commit(live: LiveProject, type_: str, value: str, told: bool) -> None:
    """A plain IMPORT DATABASE has no way around it."""
    live.run(*nodes(type_, (value, None)))
    with live.open() as repository:
        done = repository.commit("measured")
    assert any(text.startswith(f"M.d ({type_}) holds NaN") for text in done.warnings) is told


def test_a_map_with_the_key_nan_is_refused_by_name(live: LiveProject) -> None:
    table = nodes("MAP(DOUBLE, STRING)", (f"map([{NAN}], ['x'])", "map([1.5], ['y'])"))
    with application(live, *table) as connection, live.open() as repository:
        with pytest.raises(CannotKeep, match=r"M\.d \(MAP\(DOUBLE, STRING\)\): .*the key NaN"):
            repository.commit("measured", connection=connection)
        assert not list(repository.log())


@pytest.mark.parametrize(
    "values",
    [
        (NAN, NAN, None),
        ("1.5", NAN, "2.5", None),
        ("0.0", ZERO, "1.5", None),
        (ZERO,),
        # For these others stand in until all rows are there.
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


def test_stand_ins_are_numbers_that_no_row_has() -> None:
    table = NodeTable("N", (Property("id", INTEGER), Property("v", parse_type("FLOAT[]"))), "id")
    columns = chunk_columns(Catalog((table,)), TableKey("N"))
    values = [[NAN_VALUE, 2.0**64], [-0.0, None], None]
    rows = pa.table([[1, 2, 3], values], schema=columns.schema)
    first, second = free_stand_ins([rows], columns)
    numbers = {first.nan, first.zero, second.nan, second.zero}
    assert len(numbers - {2.0**64}) == 4
    assert all(pa.scalar(number, pa.float32()).as_py() == number for number in numbers)
    put = decode(with_stand_ins(rows, columns, first), columns.schema)
    assert put.column(1).to_pylist() == [[first.nan, 2.0**64], [first.zero, None], None]


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


@pytest.mark.parametrize(
    ("type_", "values", "is_doubtful"),
    [
        ("DOUBLE", [NAN_VALUE, -0.0], False),
        ("STRUCT(a DOUBLE)", [{"a": NAN_VALUE}], False),
        ("DOUBLE[]", [[1.0, NAN_VALUE]], True),
        ("DOUBLE[]", [[0.0, None], None, [-0.0]], True),
        ("DOUBLE[]", [[0.0, -0.0], [2.5]], False),
        ("DOUBLE[]", [[0.0, 0.0]], False),
        ("STRUCT(a DOUBLE[])", [{"a": [NAN_VALUE]}, None], True),
        ("MAP(STRING, DOUBLE)", [[("a", NAN_VALUE)]], True),
    ],
)
def test_which_values_may_be_held_in_no_way(
    type_: str, values: list[Any], is_doubtful: bool
) -> None:
    table = NodeTable("N", (Property("id", INTEGER), Property("v", parse_type(type_))), "id")
    columns = chunk_columns(Catalog((table,)), TableKey("N"))
    column = pa.array(values, columns.schema[1].type)
    rows = pa.table([list(range(len(values))), column], schema=columns.schema)
    assert doubtful_columns(encode(rows), columns) == ([1] if is_doubtful else [])


def test_rows_with_nan_in_a_list_go_last() -> None:
    table = NodeTable("N", (
        Property("id", INTEGER), Property("d", DOUBLE), Property("v", parse_type("DOUBLE[]")),
    ), "id")  # fmt: skip
    columns = chunk_columns(Catalog((table,)), TableKey("N"))
    lists = [[NAN_VALUE], [1.5], None, [None, NAN_VALUE]]
    rows = pa.table([[1, 2, 3, 4], [NAN_VALUE] * 4, lists], schema=columns.schema)
    whole, with_nan = parted_by_nan(rows, columns)
    assert whole.column(0).to_pylist() == [2, 3]
    assert with_nan.column(0).to_pylist() == [1, 4]


def test_what_kuzu_changes_is_not_imported(live: LiveProject, tmp_path: Path) -> None:
    version = measured(live, "DOUBLE[]", f"[{NAN}]", "[1.5]", "[2.5]", "CAST('[,]' AS DOUBLE[])")
    with live.open() as repository:
        repository.export(version, tmp_path / "exported")
        with pytest.raises(LoadedOtherwise):
            repository.import_directory(tmp_path / "exported", "again")
        assert len(list(repository.log())) == 1
