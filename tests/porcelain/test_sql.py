"""SQL over snapshots of real databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kuzugit.canonical.sql import QueryFailed
from kuzugit.model.progress import Progress
from kuzugit.porcelain.repository import Repository
from kuzugit.porcelain.sql import BadLimit, sql
from kuzugit.porcelain.workspace import Workspace, open_workspace
from tests.support.graphs import TYPES, build_people, build_types, run_statements
from tests.support.live import RENAME_PERSON, LiveProject


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    # A name that means something in a glob, in SQL and in a partitioned path.
    directory = tmp_path_factory.mktemp("it's [a]=b *")
    build_people(directory / "graph.kuzu")
    with Repository.init(directory / "graph.kuzu", directory=directory) as repository:
        repository.commit("first")
        run_statements(
            directory / "graph.kuzu",
            [
                "MATCH (p:Person {id: 1}) SET p.name = 'Ida'",
                "MATCH (p:Person {id: 5}) DETACH DELETE p",
            ],
        )
        repository.commit("second")
    return open_workspace(directory)


def rows(
    workspace: Workspace, query: str, revision: str = "current", **options: Any
) -> list[tuple[Any, ...]]:
    with sql(workspace, revision, query, **options) as answer:
        return [row for batch in answer.batches for row in batch]


def test_a_node_table(people: Workspace) -> None:
    found = rows(people, "SELECT * FROM Person WHERE id = 1")
    assert found == [
        (
            *(1, "Ida", 1.65, True, "1815-12-10", "2024-05-01T12:30:00.000001"),
            *(["Countess", "A"], [3, -1]),
        )
    ]
    assert rows(people, "SELECT count(*) FROM Person", "v0.1.0") == [(7,)]
    assert rows(people, "SELECT count(*) FROM Person") == [(6,)]


def test_a_rel_table(people: Workspace) -> None:
    query = 'SELECT "from", "to", weight FROM "knows" ORDER BY ALL NULLS FIRST LIMIT 4'
    assert rows(people, query) == [(1, 2, None), (1, 2, 0.5), (1, 2, 0.5), (2, 1, 1.0)]


def test_a_rel_table_of_several_pairs(people: Workspace) -> None:
    found = rows(people, "FROM likes ORDER BY from_table, to_table, note NULLS LAST")
    assert found == [
        ("Köln", "Bonn", "City", "City", "never"),
        ("2", "", "Person", "City", ""),
        ("1", "Berlin", "Person", "City", "home"),
        ("2", "Köln", "Person", "City", None),
        ("1", "1", "Person", "Person", "self"),
    ]


def test_two_snapshots_at_once(people: Workspace) -> None:
    query = "SELECT o.name, n.name FROM old.Person o FULL JOIN new.Person n USING (id) "
    changed = rows(people, f"{query} WHERE o.name IS DISTINCT FROM n.name", "v0.1.0..v0.1.1")
    assert changed == [("Ada", "Ida")]
    gone = "SELECT id FROM old.Person EXCEPT SELECT id FROM new.Person"
    assert rows(people, gone, "v0.1.0..") == [(5,)]


def fetched(workspace: Workspace, query: str, revision: str = "current") -> list[str]:
    """Return the tables of the chunks that a query had written to work on."""
    seen: list[Progress] = []
    rows(workspace, query, revision, progress=seen.append)
    return [report.subject for report in seen if report.stage == "fetching"]


def test_only_the_named_tables_are_fetched(people: Workspace) -> None:
    assert fetched(people, "SELECT count(*) FROM City") == ["City"]
    assert fetched(people, "SELECT 1") == []
    assert fetched(people, "SHOW TABLES") == []
    assert fetched(people, "SELECT count(*) FROM knows, Person") == [
        "Person",
        "knows (Person -> Person)",
    ]
    # The same chunk in both snapshots is fetched once.
    assert fetched(people, "SELECT 1 FROM old.City, new.City", "v0.1.0..v0.1.1") == ["City"]


def test_nothing_is_left_behind(people: Workspace) -> None:
    rows(people, "FROM Person")
    with pytest.raises(QueryFailed):
        rows(people, "FROM nobody")
    assert list((people.store.path / "kuzugit" / "tmp").iterdir()) == []


def test_a_limit(people: Workspace) -> None:
    assert len(rows(people, "FROM Person", limit=2)) == 2
    assert rows(people, "FROM Person", limit=0) == []
    with pytest.raises(BadLimit):
        rows(people, "FROM Person", limit=-1)


@pytest.fixture(scope="module")
def types(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Repository]:
    directory = tmp_path_factory.mktemp("types")
    build_types(directory / "graph.kuzu")
    with Repository.init(directory / "graph.kuzu", directory=directory) as repository:
        repository.commit("all types")
        yield repository


READ: dict[str, tuple[Any, ...]] = {
    "BOOL": (True, False),
    "INT8": (0, -127, 127),
    "INT16": (0, -32767, 32767),
    "INT32": (0, -2147483647, 2147483647),
    "INT64": (0, "-9223372036854775807", "9223372036854775807"),
    "UINT8": (0, 1, 255),
    "UINT16": (0, 1, 65535),
    "UINT32": (0, 1, 4294967295),
    "UINT64": (0, 1, "18446744073709551615"),
    "FLOAT": (0.0, -0.0, 3.40282347e38, 0.1, "NaN", "-Infinity",
              1.4013e-45),
    "DOUBLE": (0.0, -0.0, 1.7976931348623157e308, 0.1, "NaN", "Infinity", 5e-324),
    "STRING": ("", "NULL", " a\n\tb\r\n", "'\"\\`;,", "é", "e\u0301", "🦆", "long " * 2000),
    "BLOB": ("", "00", "00ffaa"),
    "UUID": ("00000000-0000-0000-0000-000000000001", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
             "ffffffff-ffff-ffff-ffff-ffffffffffff"),
    "DATE": ("1970-01-01", "0001-01-01", "9999-12-31"),
    "TIMESTAMP": ("1970-01-01T00:00:00", "0001-01-01T00:00:00", "9999-12-31T23:59:59.999999"),
    "TIMESTAMP_TZ": ("1970-01-01T00:00:00Z", "2024-03-30T21:00:00.000001Z"),
    "TIMESTAMP_MS": ("1970-01-01T00:00:00", "1969-12-31T23:59:59.999"),
    "TIMESTAMP_SEC": ("1970-01-01T00:00:00", "2262-04-12T00:00:01"),
    "STRING[]": ([], [""], ["a", None, "b, c"], ["NULL", "[]"]),
    "INT64[]": ([], [0], [None, "9223372036854775807", -5]),
    "FLOAT[3]": ([0.0, 0.0, 0.0], [1.5, -2.25, 0.1]),
    "INT64[][]": ([], [[1, 2], [3]], [[], [4]]),
}  # fmt: skip
"""What the values of `TYPES` are, read by SQL."""


@pytest.mark.parametrize("type_", TYPES)
def test_values_as_they_were_written(types: Repository, type_: str) -> None:
    column = f"v{list(TYPES).index(type_)}"
    with sql(types._workspace, "current", f"SELECT {column} FROM Value ORDER BY id") as answer:
        found = [row[0] for batch in answer.batches for row in batch]
    assert found[0] is None
    assert list(map(repr, found[1 : len(READ[type_]) + 1])) == list(map(repr, READ[type_]))


def test_decomposed_types_as_they_were_written(tmp_path: Path) -> None:
    run_statements(
        tmp_path / "graph.kuzu",
        [
            "CREATE NODE TABLE T(id INT64 PRIMARY KEY, h INT128, d DECIMAL(9, 3), i INTERVAL, "
            "s STRUCT(a INT64, b STRING), m MAP(STRING, INT64), u UNION(n INT64, t STRING))",
            "CREATE (:T {id: 0})",
            "CREATE (:T {id: 1, h: CAST('170141183460469231731687303715884105727' AS INT128), "
            "d: CAST('-0.001' AS DECIMAL(9, 3)), i: to_months(-3) + to_hours(1000000), "
            "s: {a: 1, b: 'x'}, m: map(['a', 'b'], [1, 2]), u: union_value(t := 'x')})",
        ],
    )
    with Repository.init(tmp_path / "graph.kuzu", directory=tmp_path) as repository:
        repository.commit("first")
        with sql(repository._workspace, "current", "FROM T ORDER BY id") as answer:
            assert answer.types[1:4] == ("HUGEINT", "DECIMAL(9,3)", "INTERVAL")
            found = [row for batch in answer.batches for row in batch]
    assert found[0] == (0, *[None] * 6)
    assert found[1] == (
        *(1, "170141183460469231731687303715884105727", "-0.001"),
        *({"months": -3, "days": 0, "micros": 3600000000000000}, {"a": 1, "b": "x"}),
        *([{"key": "a", "value": 1}, {"key": "b", "value": 2}], {"tag": "t", "value": "x"}),
    )


def test_a_connection_for_python(committed: LiveProject) -> None:
    with committed.open() as repository:
        committed.run(RENAME_PERSON)
        with repository.snapshot("v0.1.0").duckdb() as connection:
            table = connection.sql("SELECT name FROM Person WHERE id = 3").to_arrow_table()
            assert table.column("name").to_pylist() == ["p3"]
            assert connection.sql("SELECT count(*) FROM knows").fetchall() == [(19,)]
