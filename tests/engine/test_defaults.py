"""A default whose sign Kùzu hides is found out without a trace in the database."""

from __future__ import annotations

from pathlib import Path

import pytest

from kuzugit.engine.catalog import read_catalog, with_defaults
from kuzugit.engine.defaults import Undecided, canonical_default, read_signs
from kuzugit.engine.session import open_database
from kuzugit.model.types import Scalar
from tests.support.graphs import run_statements

INT64 = Scalar("INT64")


@pytest.mark.parametrize("text", ["NULL", ""])
def test_no_default(text: str) -> None:
    assert canonical_default(text, Scalar("INT64")) is None


@pytest.mark.parametrize("text", ["'-5'", "0", "true", "date('2020-01-01')", "[-1,2]"])
def test_a_text_of_one_meaning_is_taken(text: str) -> None:
    assert canonical_default(text, Scalar("STRING")) == text


@pytest.mark.parametrize(
    ("text", "constant"),
    [("5", True), ("0.0", True), ("1 + 2", True), ("nextval('s') + 1", False)],
)
def test_a_text_of_several_is_not(text: str, constant: bool) -> None:
    with pytest.raises(Undecided) as caught:
        canonical_default(text, Scalar("INT64"))
    assert caught.value.constant == constant


def found_defaults(path: Path, scratch: Path) -> dict[tuple[str, str], str | None]:
    before = path.read_bytes()
    with open_database(path, read_only=True) as session:
        reading = read_catalog(session, scratch / "schema")
        assert reading.losses == []
        signs = read_signs(path, scratch, reading.catalog, reading.undecided)
        catalog = with_defaults(reading.catalog, signs)
    assert path.read_bytes() == before
    assert [file.name for file in scratch.iterdir()] == ["schema"]
    return {(table.name, item.name): item.default
            for table in catalog.tables for item in table.properties if item.default}  # fmt: skip


KEYS = {
    "INT64": ["1", "2147475728", "9223372036854775807"],
    "INT8": [str(n) for n in range(1, 120)],
    "STRING": ["'kuzugit-7919'", "''"],
    "SERIAL": [],
    "BLOB": ["BLOB('a')"],
    "UUID": ["uuid('c0ffee00-0000-4000-8000-000000007919')"],
    "DATE": ["date('9001-07-09')"],
    "TIMESTAMP_TZ": ["CAST('9001-07-09' AS TIMESTAMP_TZ)"],
    "DOUBLE": ["1.5"],
    "UINT64": ["CAST(2147475728 AS UINT64)"],
    "INT128": ["CAST(2147475728 AS INT128)"],
    "DECIMAL(10, 2)": ["CAST(5 AS DECIMAL(10, 2))", "CAST('99999920.80' AS DECIMAL(10, 2))"],
    "DECIMAL(18, 12)": [],
    "DECIMAL(9, 0)": ["CAST(0 AS DECIMAL(9, 0))"],
    "DECIMAL(1, 1)": ["CAST('0.8' AS DECIMAL(1, 1))"],
    "DECIMAL(38, 38)": [],
    "TIMESTAMP_NS": ["CAST('2001-07-09 07:09:19.007919007' AS TIMESTAMP_NS)"],
}


@pytest.mark.parametrize("key", KEYS)
def test_signs_are_found_whatever_the_key(tmp_path: Path, key: str) -> None:
    path = tmp_path / "live.kuzu"
    run_statements(path, [
        f"CREATE NODE TABLE N(id {key} PRIMARY KEY, a INT64 DEFAULT -5, b INT64 DEFAULT 5, "
        "c DOUBLE DEFAULT -0.0, d DOUBLE DEFAULT -1.5e3, e DECIMAL(5, 2) DEFAULT 0.5, f INT64)",
        "CREATE REL TABLE R(FROM N TO N, a INT8 DEFAULT -1, `b c` FLOAT DEFAULT 2.5, ONE_ONE)",
        *(f"CREATE (:N {{id: {value}}})" for value in KEYS[key]),
        "MATCH (n:N) CREATE (n)-[:R]->(n)",
    ])  # fmt: skip
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    assert found_defaults(path, scratch) == {
        ("N", "a"): "-5", ("N", "b"): "5", ("N", "c"): "-0.0", ("N", "d"): "-1.5e3",
        ("N", "e"): "0.5", ("R", "a"): "-1", ("R", "b c"): "2.5",
    }  # fmt: skip


def test_signs_are_found_where_every_key_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "live.kuzu"
    run_statements(path, [
        "CREATE NODE TABLE N(id INT8 PRIMARY KEY, a INT64 DEFAULT -5)",
        "CREATE NODE TABLE M(id DECIMAL(1, 0) PRIMARY KEY, a INT64 DEFAULT -6)",
        "CREATE REL TABLE R(FROM N TO M, a INT64 DEFAULT -7) WITH (storage_direction = 'fwd')",
        "CREATE REL TABLE S(FROM M TO N, FROM N TO N, a INT64 DEFAULT -8)",
        "UNWIND range(-127, 127) AS i CREATE (:N {id: CAST(i AS INT8)})",
        "UNWIND range(-9, 9) AS i CREATE (:M {id: CAST(i AS DECIMAL(1, 0))})",
        "MATCH (n:N), (m:M) WHERE n.id = 1 CREATE (n)-[:R]->(m), (m)-[:S]->(n)",
    ])  # fmt: skip
    with open_database(path, read_only=False) as session:
        session.run("CREATE (:N {id: CAST(-128 AS INT8)})")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    assert found_defaults(path, scratch) == {
        ("N", "a"): "-5", ("M", "a"): "-6", ("R", "a"): "-7", ("S", "a"): "-8",
    }  # fmt: skip


def test_signs_are_found_where_kuzu_takes_another_property_for_the_key(tmp_path: Path) -> None:
    path = tmp_path / "live.kuzu"
    run_statements(path, [
        "CREATE NODE TABLE N(a STRING, id INT64 PRIMARY KEY, b INT64, c INT64 DEFAULT -5)",
        "CREATE REL TABLE R(FROM N TO N, a INT64 DEFAULT -7)",
        "CREATE (:N {id: 1, b: 7})",
        "ALTER TABLE N DROP a",
    ])  # fmt: skip
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    assert found_defaults(path, scratch) == {("N", "c"): "-5", ("R", "a"): "-7"}


def test_a_default_of_a_rel_between_tables_without_rows(tmp_path: Path) -> None:
    path = tmp_path / "live.kuzu"
    run_statements(path, [
        "CREATE NODE TABLE N(id INT64 PRIMARY KEY)",
        "CREATE NODE TABLE M(id STRING PRIMARY KEY)",
        "CREATE REL TABLE R(FROM N TO M, FROM M TO M, a INT64 DEFAULT -7, MANY_ONE)",
    ])  # fmt: skip
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    assert found_defaults(path, scratch) == {("R", "a"): "-7"}
