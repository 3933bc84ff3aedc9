from __future__ import annotations

from pathlib import Path

import pytest

from kuzugit.canonical.columns import chunk_columns
from kuzugit.canonical.parquet import encode
from kuzugit.canonical.sql import (
    QueryAborted,
    QueryFailed,
    QueryNotSelect,
    SqlTable,
    check_condition,
    named_tables,
    open_views,
    select,
    sql_tables,
    view_statement,
)
from kuzugit.model.catalog import Catalog, NodeTable, Pair, Property, RelTable
from kuzugit.model.snapshot import TableKey
from kuzugit.model.types import Scalar

INT, TEXT = Scalar("INT64"), Scalar("STRING")
PERSON = NodeTable("Person", (Property("id", INT), Property("name", TEXT)), "id")
CITY = NodeTable("City", (Property("name", TEXT),), "name")
CATALOG = Catalog(
    nodes=(CITY, PERSON, NodeTable("person", (Property("x", INT), Property("X", INT)), "x")),
    rels=(
        RelTable("knows", (Property("from", INT),), (Pair("Person", "Person"),)),
        RelTable("likes", (), (Pair("Person", "City"), Pair("City", "City"))),
    ),
)


def rows(connection: object, query: str, **options: object) -> list[tuple[object, ...]]:
    answer = select(connection, query, as_text=False, **options)  # type: ignore[arg-type]
    return [row for batch in answer.batches for row in batch]


def views(catalog: Catalog = CATALOG, **files: str) -> list[str]:
    return [
        view_statement(
            catalog,
            table,
            dict.fromkeys(table.keys[:1], files[table.table]) if table.table in files else {},
        )
        for table in sql_tables(catalog)
    ]


def test_names_that_sql_takes_for_one_get_a_number() -> None:
    assert [(table.name, table.table) for table in sql_tables(CATALOG)] == [
        ("City", "City"),
        ("Person", "Person"),
        ("person_1", "person"),
        ("knows", "knows"),
        ("likes", "likes"),
    ]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("SELECT * FROM Person", {"Person"}),
        ('SELECT 1 FROM main."City" WHERE EXISTS (FROM knows)', {"City", "knows"}),
        ("WITH Person AS (SELECT 1) SELECT * FROM Person", set()),
        ("SELECT * FROM Person JOIN knows USING (id)", {"Person", "knows"}),
        ("SELECT 'City'", set()),
        ("FROM query('FROM ' || 'City')", {"City", "Person", "person_1", "knows", "likes"}),
        ("SELECT 1", set()),
    ],
)
def test_the_tables_that_a_query_names(query: str, names: set[str]) -> None:
    found = {table.name for table in named_tables(query, sql_tables(CATALOG))}
    assert names <= found
    if "JOIN" not in query:
        assert names == found


def test_an_empty_table_has_its_columns(tmp_path: Path) -> None:
    with open_views(str(tmp_path), views()) as connection:
        found = select(connection, "FROM likes", as_text=False)
        assert found.columns == ("from", "to", "from_table", "to_table")
        assert list(found.batches) == []
        assert select(connection, "FROM knows", as_text=False).columns == ("from", "to", "`from`")
        assert select(connection, "FROM person_1", as_text=False).columns == ("x", "X_1")


def test_ends_of_different_types_are_texts(tmp_path: Path) -> None:
    with open_views(str(tmp_path), views()) as connection:
        assert select(connection, "FROM likes", as_text=False).types == ("VARCHAR",) * 4
        assert select(connection, "FROM knows", as_text=False).types == ("BIGINT",) * 3


def test_a_table_that_was_not_fetched_says_so(tmp_path: Path) -> None:
    table = SqlTable("main", "City", "City", (TableKey("City"),))
    with open_views(str(tmp_path), [view_statement(CATALOG, table, None)]) as connection:
        assert len(rows(connection, "DESCRIBE City")) == 1
        with pytest.raises(QueryFailed, match="City was not fetched"):
            rows(connection, "FROM City")


def test_chunks_are_read_in_order_and_with_limits(tmp_path: Path) -> None:
    columns = chunk_columns(CATALOG, TableKey("Person"))
    (tmp_path / "a=b").mkdir()
    for at, ids in enumerate(([1, 2], [3])):
        table = columns.schema.empty_table().from_pydict(
            {"id": ids, "name": [f"p{id}" for id in ids]}, schema=columns.schema
        )
        (tmp_path / "a=b" / f"{at}.parquet").write_bytes(encode(table))
    files = {"Person": f"{tmp_path}/a=b/*.parquet"}
    with open_views(str(tmp_path), views(**files)) as connection:
        assert rows(connection, "FROM Person") == [(1, "p1"), (2, "p2"), (3, "p3")]
        assert rows(connection, "FROM Person;  -- all", limit=2) == [(1, "p1"), (2, "p2")]
        twice = select(connection, "SELECT id, id FROM Person LIMIT 1", as_text=True)
        assert (twice.columns, list(twice.batches)) == (("id", "id"), [[("1", "1")]])


OUTSIDE = {
    "a file": "FROM read_text('/etc/passwd')",
    "a CSV file": "FROM read_csv('/etc/passwd')",
    "a path as a table": "FROM '/etc/passwd.csv'",
    "a directory": "FROM glob('/etc/*')",
    "upwards": "FROM read_text('{directory}/../other.txt')",
    "the network": "FROM read_parquet('https://example.org/x.parquet')",
    "a variable of Python": "FROM outside",
}


@pytest.mark.parametrize("query", OUTSIDE.values(), ids=OUTSIDE.keys())
def test_nothing_outside_is_read(tmp_path: Path, query: str) -> None:
    import pyarrow as pa

    outside = pa.table({"a": [1]})
    (tmp_path / "other.txt").write_text("secret")
    inside = tmp_path / "inside"
    inside.mkdir()
    with open_views(str(inside), views()) as connection, pytest.raises(QueryFailed):
        rows(connection, query.format(directory=inside))
    assert outside.num_rows == 1


NOT_SELECT = {
    "nothing": "",
    "two": "SELECT 1; SELECT 2",
    "a setting": "SET memory_limit = '1TB'",
    "a file written": "COPY (SELECT 1) TO '/tmp/never.csv'",
    "an attached file": "ATTACH '/tmp/never.db'",
    "an extension": "INSTALL httpfs",
    "a view dropped": "DROP VIEW City",
    "a row inserted": "INSERT INTO City VALUES ('x')",
}


@pytest.mark.parametrize("query", NOT_SELECT.values(), ids=NOT_SELECT.keys())
def test_only_a_select_is_run(tmp_path: Path, query: str) -> None:
    with open_views(str(tmp_path), views()) as connection:
        with pytest.raises(QueryNotSelect):
            rows(connection, query)
        assert rows(connection, "SELECT count(*) FROM City") == [(0,)]


def test_the_lock_holds_without_our_check(tmp_path: Path) -> None:
    import duckdb

    with open_views(str(tmp_path), views()) as connection:
        for statement in (
            "SET enable_external_access = true",
            "SET memory_limit = '1TB'",
            f"COPY (SELECT 1) TO '{tmp_path.parent}/never.csv'",
            f"ATTACH '{tmp_path.parent}/never.db'",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(statement)


@pytest.mark.parametrize("query", ["SELEC 1", "FROM nope", "SELECT nope FROM City", "SELECT 1 +"])
def test_a_bad_query_says_why(tmp_path: Path, query: str) -> None:
    with open_views(str(tmp_path), views()) as connection, pytest.raises(QueryFailed) as caught:
        rows(connection, query)
    assert "LINE" not in str(caught.value)
    assert "Stack" not in str(caught.value)


def test_a_failure_while_rows_are_read_is_translated(tmp_path: Path) -> None:
    query = "SELECT CAST(CASE WHEN range > 5000 THEN 'x' ELSE '1' END AS INT) FROM range(6000)"
    with open_views(str(tmp_path), []) as connection, pytest.raises((QueryFailed, QueryAborted)):
        rows(connection, query)


def test_a_condition_is_one_expression() -> None:
    check_condition("weight > 5 AND name = 'a;b'")
    for bad in ("1=1); DROP TABLE x; SELECT (1", "weight >"):
        with pytest.raises((QueryFailed, QueryNotSelect)):
            check_condition(bad)
