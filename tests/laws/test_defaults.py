"""Law 1 and law 2 for defaults: a row that is made later gets what it would have got."""

from __future__ import annotations

from pathlib import Path

import pytest

import kuzugit
from tests.laws.test_refusals import refused
from tests.support.content import read_content
from tests.support.graphs import open_database, run_statements
from tests.support.snapshots import archived, lost, plainly_imported, rebuilt, tree_id

# Kùzu says these as they were written.
EXACT = [
    ("INT64", "-5"), ("INT64", "5"), ("INT64", "0"), ("INT64", "abs(-5)"),
    ("INT64", "abs((1 + 2) * -3)"), ("INT64", "CAST(-5 AS INT64)"),
    ("INT64", "CAST((1 + 2) * 3 AS INT64)"), ("INT64", "CASE WHEN true THEN -1 ELSE 2 END"),
    ("INT64[]", "[-1, 2]"), ("INT64[]", "[(1 + 2) * 3, NULL]"), ("INT64[][]", "[[-1], []]"),
    ("FLOAT[3]", "[1.0, -2.0, 3.0]"), ("STRING[]", "['a;', ')']"),
    ("STRUCT(a INT64, b STRING)", "{a: -1, b: 'x'}"), ("MAP(STRING, INT64)", "map(['a'], [-1])"),
    ("UNION(a INT64, b STRING)", "union_value(a := -1)"), ("DOUBLE", "-1.5e3"),
    ("DOUBLE", "0.1"), ("FLOAT", "-0.1"), ("DECIMAL(5, 2)", "-1.25"), ("INT128", "-5"),
    ("INTERVAL", "to_days(-3)"), ("STRING", "'it\\'s; `)'"), ("STRING", '"x"'), ("STRING", "-5"),
    ("BLOB", "BLOB('\\\\xAA')"), ("JSON", "CAST('{\"a\": [1]}' AS JSON)"), ("BOOL", "false"),
    ("TIMESTAMP_NS", "CAST('2020-01-01' AS TIMESTAMP_NS)"), ("UINT64", "18446744073709551615"),
]  # fmt: skip
# Of these it drops parentheses or signs, or may have; their value is kept.
CONSTANTS = [
    ("INT64", "(1 + 2) * 3"), ("INT64", "-(1 + 2)"), ("INT64", "5 - -3"), ("INT64", "-abs(5)"),
    ("INT8", "-(100 + 27)"), ("UINT8", "(1 + 2) * 3"), ("INT64", "5!"),
    ("DOUBLE", "4.5 * 0.1"), ("DOUBLE", "-(1e300 * 10)"), ("DOUBLE", "-(0.0)"),
    ("FLOAT", "-(0.1 + 0.2)"), ("DECIMAL(5, 2)", "-(0.01 + 0.0)"), ("STRING", "'a\\'' + '\\\\'"),
    ("DATE", "date('2020-01-01') + 3"), ("TIMESTAMP", "timestamp('2020-01-01') + to_days(1)"),
    ("INT128", "-(170141183460469231731687303715884105727 - 1)"),
]  # fmt: skip


def tables(cases: list[tuple[str, str]]) -> list[str]:
    """Return statements that make a node table and a rel table with these defaults."""
    columns = ", ".join(f"c{at} {type_} DEFAULT {text}" for at, (type_, text) in enumerate(cases))
    return [
        f"CREATE NODE TABLE N(id INT64 PRIMARY KEY, {columns})",
        f"CREATE REL TABLE R(FROM N TO N, {columns})",
    ]


def test_exact_defaults_are_kept_as_written(tmp_path: Path) -> None:
    path = tmp_path / "live.kuzu"
    run_statements(path, [*tables(EXACT), "CREATE (a:N {id: 1}), (a)-[:R]->(a)"])
    assert lost(path, rebuilt(path, tmp_path)) == []
    directory = archived(tmp_path / "store.git", "v0.1.0", tmp_path / "archive")
    assert lost(path, plainly_imported(directory, tmp_path / "imported.kuzu")) == []


def test_constants_are_kept_by_value(tmp_path: Path) -> None:
    path = tmp_path / "live.kuzu"
    run_statements(path, tables(CONSTANTS))
    again = rebuilt(path, tmp_path)
    facts = [read_content(item).facts for item in (path, again)]
    for table in "NR":
        assert facts[0][f"defaults of {table}"] == facts[1][f"defaults of {table}"]


@pytest.mark.parametrize("cases", [EXACT, CONSTANTS])
def test_defaults_have_one_tree(tmp_path: Path, cases: list[tuple[str, str]]) -> None:
    path = tmp_path / "live.kuzu"
    run_statements(path, tables(cases))
    again = rebuilt(path, tmp_path)
    store = tmp_path / "second.git"
    with (
        kuzugit.Repository.init(again, directory=tmp_path, store=store) as second,
        kuzugit.Repository.open(store=tmp_path / "store.git", database=path) as first,
    ):
        second.commit("once more")
        assert tree_id(first) == tree_id(second)


def test_what_is_called_anew_for_each_row(tmp_path: Path) -> None:
    path = tmp_path / "live.kuzu"
    run_statements(path, [
        "CREATE SEQUENCE `s q` START -5 INCREMENT -2",
        "CREATE NODE TABLE N(id INT64 PRIMARY KEY, a INT64 DEFAULT nextval('s q'), "
        "b TIMESTAMP DEFAULT current_timestamp(), c UUID DEFAULT gen_random_uuid())",
        "CREATE (:N {id: 1}), (:N {id: 2})",
    ])  # fmt: skip
    again = rebuilt(path, tmp_path)
    assert lost(path, again) == []
    run_statements(again, ["CREATE (:N {id: 3})"])
    with open_database(again) as connection:
        (row,) = connection.execute("MATCH (n:N {id: 3}) RETURN n.a, n.b > timestamp('2024-01-01')")
        assert row == [-9, True]


def test_what_cannot_be_said_again_is_refused(tmp_path: Path) -> None:
    run_statements(tmp_path / "n.kuzu", [
        "CREATE SEQUENCE s",
        "CREATE NODE TABLE N(id INT64 PRIMARY KEY, a INT64 DEFAULT nextval('s') + 1, "
        "b DATE DEFAULT current_date() + 3, c INT64[] DEFAULT [1] + [2], d INT64 DEFAULT 1 + 1)",
    ])  # fmt: skip
    refused(tmp_path / "n.kuzu", "N.a", "N.b", "N.c")


CONDITIONS = [
    "1 > 2",
    "(1 + 1) = 2",
    "NOT (1 = 2)",
    "true AND false",
    "CASE WHEN 1 < 2 THEN true END",
]


@pytest.mark.parametrize("text", CONDITIONS)
def test_a_default_that_closes_the_file_for_ever_is_refused(tmp_path: Path, text: str) -> None:
    # Kùzu takes a default with a condition, and cannot open the database again.
    path = tmp_path / "n.kuzu"
    with (
        open_database(path) as connection,
        kuzugit.Repository.init(path, directory=tmp_path) as repository,
    ):
        connection.execute(f"CREATE NODE TABLE N(id INT64 PRIMARY KEY, a BOOL DEFAULT {text})")
        with pytest.raises(kuzugit.model.loss.CannotKeep) as caught:
            repository.commit("all of it", connection=connection)
        assert [loss.name for loss in caught.value.losses] == ["N.a"]
        assert repository.commit("without", connection=connection, accept_loss=["N.a"]).created
        repository.checkout("current", to=tmp_path / "again.kuzu")
    with open_database(tmp_path / "again.kuzu", read_only=True) as connection:
        assert list(connection.execute("MATCH (n:N) RETURN count(*)")) == [[0]]
