"""Law 1: the database that is checked out equals the one that was committed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given

from kuzugit.model.loss import CannotKeep
from tests.laws.examples import FEW, folder, lawful_refusal
from tests.support.databases import Database, databases
from tests.support.graphs import build_people, build_types, run_statements
from tests.support.snapshots import lost, rebuilt
from tests.support.soak import Soak


def check(database: Database) -> None:
    with folder() as directory, lawful_refusal():
        path = database.build(directory / "live.kuzu")
        assert lost(path, rebuilt(path, directory)) == []


@FEW
@given(databases())
def test_nothing_is_lost(database: Database) -> None:
    check(database)


@pytest.mark.soak
def test_nothing_is_lost_of_very_many(soak: Soak) -> None:
    soak.keep_trying(check, databases())


def test_nothing_is_lost_of_people(tmp_path: Path) -> None:
    build_people(tmp_path / "people.kuzu")
    assert lost(tmp_path / "people.kuzu", rebuilt(tmp_path / "people.kuzu", tmp_path)) == []


def test_nothing_is_lost_of_any_type(tmp_path: Path) -> None:
    build_types(tmp_path / "types.kuzu")
    assert lost(tmp_path / "types.kuzu", rebuilt(tmp_path / "types.kuzu", tmp_path)) == []


SEQUENCES = {
    "never used": ["CREATE SEQUENCE s START 5"],
    "used once": ["CREATE SEQUENCE s START 5", "RETURN nextval('s')"],
    "used": ["CREATE SEQUENCE s", *["RETURN nextval('s')"] * 3],
    "downwards": [
        "CREATE SEQUENCE s START -1 INCREMENT -3 MINVALUE -99 MAXVALUE -1",
        *["RETURN nextval('s')"] * 2,
    ],
    "exhausted": [
        "CREATE SEQUENCE s START 1 MINVALUE 1 MAXVALUE 3", *["RETURN nextval('s')"] * 3
    ],
    "once round": [
        "CREATE SEQUENCE s START 1 MINVALUE 1 MAXVALUE 3 CYCLE", *["RETURN nextval('s')"] * 4
    ],
    "round and back at the start": [
        "CREATE SEQUENCE s START 2 MINVALUE 1 MAXVALUE 3 CYCLE", *["RETURN nextval('s')"] * 4
    ],
    "of a default": [
        "CREATE SEQUENCE s START 7 INCREMENT 2",
        "CREATE NODE TABLE N(id INT64 PRIMARY KEY, v INT64 DEFAULT nextval('s'))",
        "CREATE (:N {id: 1})",
    ],
    "two of one table": [
        "CREATE NODE TABLE N(id SERIAL PRIMARY KEY, v SERIAL)",
        "CREATE NODE TABLE M(id SERIAL PRIMARY KEY)",
        "CREATE REL TABLE R(FROM N TO M, v SERIAL)",
        *["CREATE (:N)"] * 3,
        "MATCH (n:N {id: 1}) DELETE n",
    ],
}  # fmt: skip
NEXT = "RETURN nextval('s')"


@pytest.mark.parametrize("case", SEQUENCES)
def test_what_comes_next_is_not_lost(tmp_path: Path, case: str) -> None:
    path = tmp_path / "live.kuzu"
    run_statements(path, SEQUENCES[case])
    again = rebuilt(path, tmp_path)
    assert lost(path, again) == []
    if case == "exhausted":
        for each in (path, again):
            with pytest.raises(RuntimeError, match="reached maximum"):
                run_statements(each, [NEXT])
        return
    following = [NEXT] * 5
    if case == "two of one table":
        following = ["CREATE (:N)", "CREATE (:M)", "CREATE (:M)",
                     "MATCH (n:N {id: 0}), (m:M {id: 0}) CREATE (n)-[:R]->(m)"]  # fmt: skip
    for each in (path, again):
        run_statements(each, following)
    assert lost(path, again) == []


MULTIPLICITIES = [
    "CREATE NODE TABLE N(id INT64 PRIMARY KEY, `,MANY_ONE);` STRING DEFAULT ',ONE_ONE);')",
    "CREATE NODE TABLE `R) FROM`(id INT64 PRIMARY KEY)",
    "CREATE REL TABLE R(FROM N TO N, MANY_ONE)",
    "CREATE REL TABLE RR(FROM N TO N, FROM N TO `R) FROM`, ONE_MANY)",
    "CREATE REL TABLE `R)`(FROM N TO N, `,ONE_ONE);` INT64 DEFAULT -3)",
    "CREATE REL TABLE `CREATE REL TABLE R (`(FROM N TO N, `a;b` STRING DEFAULT 'x;', ONE_ONE)",
    "CREATE REL TABLE Z(FROM N TO N, s STRUCT(a INT64, b STRING), MANY_ONE)",
    "COMMENT ON TABLE Z IS ',ONE_MANY);'",
    "CREATE SEQUENCE `,ONE_MANY);`",
]


def test_multiplicities_are_not_mixed_up(tmp_path: Path) -> None:
    path = tmp_path / "live.kuzu"
    run_statements(path, MULTIPLICITIES)
    assert lost(path, rebuilt(path, tmp_path)) == []


def test_a_database_of_nothing(tmp_path: Path) -> None:
    run_statements(tmp_path / "live.kuzu", [])
    assert lost(tmp_path / "live.kuzu", rebuilt(tmp_path / "live.kuzu", tmp_path)) == []


def test_tables_without_rows(tmp_path: Path) -> None:
    path = tmp_path / "live.kuzu"
    run_statements(path, [
        "CREATE NODE TABLE A(id INT64 PRIMARY KEY, v STRUCT(a INT64[]))",
        "CREATE NODE TABLE B(id STRING PRIMARY KEY)",
        "CREATE REL TABLE R(FROM A TO B, FROM B TO A, w FLOAT[8])",
        "CREATE (:B {id: 'one'})",
    ])  # fmt: skip
    assert lost(path, rebuilt(path, tmp_path)) == []


def test_columns_added_dropped_and_renamed(tmp_path: Path) -> None:
    path = tmp_path / "live.kuzu"
    run_statements(path, [
        "CREATE NODE TABLE A(id INT64, a INT64, b STRING, PRIMARY KEY(id))",
        "CREATE REL TABLE R(FROM A TO A, x INT64, y STRING)",
        "CREATE (:A {id: 1, a: 2, b: 'three'})-[:R {x: 1, y: 'z'}]->(:A {id: 2})",
        "ALTER TABLE A ADD c INT64 DEFAULT -7",
        "ALTER TABLE A DROP a",
        "ALTER TABLE A RENAME b TO a",
        "ALTER TABLE R DROP x",
        "ALTER TABLE R ADD x DOUBLE DEFAULT 0.5",
        "ALTER TABLE R RENAME TO S",
        "CREATE (:A {id: 3})",
    ])  # fmt: skip
    assert lost(path, rebuilt(path, tmp_path)) == []


def test_a_hub_of_many_rels(tmp_path: Path) -> None:
    path = tmp_path / "live.kuzu"
    run_statements(path, [
        "CREATE NODE TABLE N(id INT64 PRIMARY KEY)",
        "CREATE REL TABLE R(FROM N TO N, w INT16)",
        "COPY N FROM (UNWIND range(1, 1000) AS x RETURN x)",
        "COPY R FROM (UNWIND range(1, 200000) AS x RETURN 500 AS f, x % 1000 + 1 AS t, "
        "CAST(x % 7 AS INT16) AS w)",
        "MATCH (:N {id: 500})-[r:R]->(n:N) WHERE n.id % 100 = 3 DELETE r",
    ])  # fmt: skip
    assert lost(path, rebuilt(path, tmp_path)) == []


def test_rows_beyond_a_node_group(tmp_path: Path) -> None:
    # Kùzu keeps 131,072 rows in a group.
    path = tmp_path / "live.kuzu"
    run_statements(path, [
        "CREATE NODE TABLE N(id INT64 PRIMARY KEY, v INT32, s STRING)",
        "CREATE REL TABLE R(FROM N TO N, w INT64)",
        "COPY N FROM (UNWIND range(1, 140000) AS x RETURN x * 7919 % 140009 AS id, "
        "CAST(x % 1000 - 500 AS INT32) AS v, CAST(x AS STRING) AS s)",
        "COPY R FROM (MATCH (n:N) WHERE n.id % 2 = 0 RETURN n.id AS f, 7919 AS t, n.id % 5 AS w)",
        "MATCH (n:N) WHERE n.id % 1000 = 1 DETACH DELETE n",
    ])  # fmt: skip
    assert lost(path, rebuilt(path, tmp_path)) == []


def test_a_null_union_where_literals_make_the_table(tmp_path: Path) -> None:
    # JSON[][] can be restored by literals alone, and so can the rels of its table.
    path = tmp_path / "live.kuzu"
    null = "{f: CAST(NULL AS UNION(m INT64[]))}"
    run_statements(path, [
        "CREATE NODE TABLE N(id INT64 PRIMARY KEY, j JSON[][], v STRUCT(f UNION(m INT64[])))",
        "CREATE REL TABLE R(FROM N TO N, v STRUCT(f UNION(m INT64[])))",
        f"CREATE (:N {{id: 1, v: {null}}})",
        "CREATE (:N {id: 2, v: {f: CAST(union_value(m := [1]) AS UNION(m INT64[]))}})",
        f"MATCH (a:N {{id: 1}}), (b:N {{id: 2}}) CREATE (a)-[:R {{v: {null}}}]->(b)",
    ])  # fmt: skip
    assert lost(path, rebuilt(path, tmp_path)) == []


@pytest.mark.parametrize(
    ("node", "rel", "names"),
    [
        ("UNION(m UNION(n INT64))", "INT64", ["N.v"]),
        ("STRUCT(f UNION(m STRUCT(n UNION(o INT64))))", "INT64", ["N.v"]),
        ("INT64", "UNION(m DECIMAL(5, 2))[]", ["R.v"]),
        ("JSON[][]", "MAP(STRING, UNION(m INT64))", ["R.v"]),
    ],
)
def test_unions_that_cannot_be_restored_are_refused(
    tmp_path: Path, node: str, rel: str, names: list[str]
) -> None:
    path = tmp_path / "live.kuzu"
    run_statements(path, [
        f"CREATE NODE TABLE N(id INT64 PRIMARY KEY, v {node})",
        f"CREATE REL TABLE R(FROM N TO N, v {rel})",
    ])  # fmt: skip
    with pytest.raises(CannotKeep) as caught:
        rebuilt(path, tmp_path)
    assert [loss.name for loss in caught.value.losses] == names
