"""Law 1 and law 3 for decimal primary keys, which Kùzu's COPY cannot load."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.laws.test_names import keeps
from tests.support.graphs import TYPES, run_statements
from tests.support.snapshots import archived, lost, plainly_imported, rebuilt

KEYS = {
    "DECIMAL(4, 2)": ["0.00", "-0.01", "0.01", "-12.34", "99.99", "-99.99"],
    "DECIMAL(9, 0)": ["0", "-1", "999999999"],
    "DECIMAL(18, 18)": ["0.000000000000000001", "-0.999999999999999999"],
    "DECIMAL(38, 10)": ["-1234567890123456789012345678.0000000001", "0.1", "-0.0000000001"],
}
RELS = [
    "CREATE REL TABLE R(FROM D TO D, w INT64)",
    "CREATE REL TABLE S(FROM D TO O, FROM O TO D, w INTERVAL)",
    "MATCH (a:D), (b:D) WHERE a.id < b.id CREATE (a)-[:R {w: 1}]->(b), (b)-[:R]->(b)",
    "MATCH (a:D), (o:O) CREATE (a)-[:S {w: interval('1 day')}]->(o), (o)-[:S]->(a)",
]


def _table(type_: str, columns: str = "") -> list[str]:
    return [
        f"CREATE NODE TABLE D(id {type_} PRIMARY KEY{columns})",
        *(f"CREATE (:D {{id: CAST('{key}' AS {type_})}})" for key in KEYS[type_]),
        "CREATE NODE TABLE O(id INT64 PRIMARY KEY)",
        "CREATE (:O {id: 1})",
    ]


@pytest.mark.parametrize("type_", KEYS)
def test_decimal_keys_and_rels_on_them(tmp_path: Path, type_: str) -> None:
    keeps(tmp_path, [*_table(type_), *RELS])


def test_every_plain_type_beside_a_decimal_key(tmp_path: Path) -> None:
    columns = ", ".join(f"c{at} {type_}" for at, type_ in enumerate(TYPES))
    statements = _table("DECIMAL(4, 2)", f", {columns}, x DECIMAL(5, 1), y STRUCT(a INT64)")
    for number in range(max(map(len, TYPES.values()))):
        values = [f"c{at}: {texts[number % len(texts)]}" for at, texts in enumerate(TYPES.values())]
        key = f"CAST('{number}.50' AS DECIMAL(4, 2))"
        statements.append(
            f"CREATE (:D {{id: {key}, {', '.join(values)}, x: CAST('-0.5' AS DECIMAL(5, 1)), "
            "y: {a: 5}})"
        )
    keeps(tmp_path, [*statements, *RELS])


def test_many_decimal_keys(tmp_path: Path) -> None:
    keeps(tmp_path, [
        "CREATE NODE TABLE D(id DECIMAL(10, 2) PRIMARY KEY, s STRING, l INT64[], f STRUCT(a DATE))",
        "UNWIND range(1, 6000) AS x CREATE (:D {id: CAST(x AS DECIMAL(10, 2)), "
        "s: CASE WHEN x % 3 = 0 THEN NULL ELSE CAST(x AS STRING) END, "
        "l: CASE WHEN x % 5 = 0 THEN NULL ELSE range(1, x % 4) END, "
        "f: CASE WHEN x % 7 = 0 THEN NULL ELSE {a: date('2020-01-01')} END})",
    ])  # fmt: skip


ODD = {
    "INTERVAL": ("to_months(-1) + to_microseconds(-3)", "to_days(0)"),
    "JSON": ("CAST('{\"a\": [1, null]}' AS JSON)", "CAST('\"it\\'s\"' AS JSON)"),
    "DECIMAL(4, 1)[]": ("CAST([CAST('-0.1' AS DECIMAL(4, 1)), NULL] AS DECIMAL(4, 1)[])",
                        "CAST([] AS DECIMAL(4, 1)[])"),
    "MAP(STRING, UUID)": (
        "map(['k'], [uuid('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11')])",
        "CAST(map(CAST([] AS STRING[]), CAST([] AS UUID[])) AS MAP(STRING, UUID))"),
    "UNION(a INT128, b STRING)": (
        "CAST(union_value(a := CAST('-5' AS INT128)) AS UNION(a INT128, b STRING))",
        "CAST(union_value(b := 'x') AS UNION(a INT128, b STRING))"),
    "STRUCT(a STRUCT(b INTERVAL), c TIMESTAMP_NS)": (
        "{a: CAST(NULL AS STRUCT(b INTERVAL)), c: CAST('2024-01-01' AS TIMESTAMP_NS)}",
        "{a: {b: to_days(-1)}, c: CAST(NULL AS TIMESTAMP_NS)}"),
    "INT8": ("CAST(-127 AS INT8)", "CAST(5 AS INT8)"),
    "FLOAT[2]": ("CAST([1.5, -0.0] AS FLOAT[2])", "CAST([0.1, NULL] AS FLOAT[2])"),
}  # fmt: skip
"""Types that need more than COPY, beside some that do not, with two values each."""


@pytest.mark.parametrize("keys", ["DECIMAL(4, 2)", "DECIMAL(38, 10)"])
def test_types_that_need_literals_beside_a_decimal_key(tmp_path: Path, keys: str) -> None:
    columns = ", ".join(f"c{at} {type_}" for at, type_ in enumerate(ODD))
    path = tmp_path / "live.kuzu"
    statements = [f"CREATE NODE TABLE D(id {keys} PRIMARY KEY, {columns})"]
    for number, key in enumerate([*KEYS[keys], "12.34"]):
        values = [f"c{at}: {texts[number % 2]}" for at, texts in enumerate(ODD.values())]
        given = ", ".join(values if number < 3 else values[: number - 3])
        statements.append(
            f"CREATE (:D {{id: CAST('{key}' AS {keys}){', ' if given else ''}{given}}})"
        )
    run_statements(path, [
        *statements, "CREATE NODE TABLE O(id INT64 PRIMARY KEY)", "CREATE (:O {id: 1})", *RELS,
    ])  # fmt: skip
    assert lost(path, rebuilt(path, tmp_path)) == []
    # Plain Kùzu is told that it cannot: the nodes are made row by row.
    directory = archived(tmp_path / "store.git", "v0.1.0", tmp_path / "archive")
    assert (
        "the table D holds values that only kuzugit restores"
        in (directory / "schema.cypher").read_text()
    )
    with pytest.raises(subprocess.CalledProcessError):
        plainly_imported(directory, tmp_path / "imported.kuzu")
