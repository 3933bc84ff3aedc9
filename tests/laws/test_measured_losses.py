"""Law 1 and law 3 for what EXPORT and IMPORT were measured to lose and no other test names."""

from __future__ import annotations

import random
from pathlib import Path

import pyarrow as pa
import pytest

import kuzugit
from tests.laws.test_many_rows import literal
from tests.laws.test_names import keeps
from tests.laws.test_refusals import refused
from tests.support.graphs import open_database, run_statements
from tests.support.snapshots import lost, rebuilt

# The other numbers and times are drawn by Hypothesis.
KEYS = {
    "INT8": ("CAST(-127 AS INT8)", "CAST(127 AS INT8)"),
    "INT64": ("-9223372036854775807", "9223372036854775807"),
    "UINT64": ("CAST(0 AS UINT64)", "CAST('18446744073709551615' AS UINT64)"),
    "INT128": (
        "CAST('100000000000000000000000000000' AS INT128)",
        "CAST('-200000000000000000000000000000' AS INT128)",
    ),
    "FLOAT": ("CAST('0.1' AS FLOAT)", "CAST('-inf' AS FLOAT)"),
    "DOUBLE": ("CAST('5e-324' AS DOUBLE)", "CAST('-0.0' AS DOUBLE)"),
    "STRING": ("''", "'e\u0301'", "'\u00e9'"),
    "BLOB": ("BLOB('')", "BLOB('\\\\x00\\\\xFF')"),
    "DATE": ("date('1970-01-01') - 2147483647", "date('1970-01-01') + 2147483646"),
    "TIMESTAMP": (
        "timestamp('1970-01-01') - to_microseconds(9223372036854775806)",
        "timestamp('9999-12-31 23:59:59.999999')",
    ),
    "TIMESTAMP_TZ": ("CAST('2024-03-31 02:30:00.000001+05:30' AS TIMESTAMP_TZ)",),
    "TIMESTAMP_NS": ("CAST('2024-01-01 00:00:00.000001' AS TIMESTAMP_NS)",),
    "UUID": (
        "uuid('00000000-0000-0000-0000-000000000001')",
        "uuid('ffffffff-ffff-ffff-ffff-ffffffffffff')",
    ),
}


def test_every_type_of_key_with_rels_on_it(tmp_path: Path) -> None:
    statements = []
    for type_, keys in KEYS.items():
        name = f"K_{type_}"
        statements += [
            f"CREATE NODE TABLE {name}(id {type_} PRIMARY KEY)",
            f"CREATE REL TABLE R_{type_}(FROM {name} TO {name})",
            *(f"CREATE (:{name} {{id: {key}}})" for key in keys),
            f"MATCH (a:{name}), (b:{name}) CREATE (a)-[:R_{type_}]->(b)",
        ]
    path = tmp_path / "live.kuzu"
    run_statements(path, statements)
    assert lost(path, rebuilt(path, tmp_path)) == []


UNIONS = [
    f"UNION(m {type_}, n STRING)"
    for type_ in ("INT128", "DECIMAL(5, 2)", "FLOAT[2]", "UUID", "TIMESTAMP_NS", "TIMESTAMP_TZ",
                  "TIMESTAMP_MS", "TIMESTAMP_SEC", "INTERVAL", "JSON")
]  # fmt: skip


def _value(dice: random.Random, type_: str) -> str:
    from kuzugit.model.types import parse_type

    if "TIMESTAMP" in type_ and dice.random() < 0.5:
        member = type_.split()[1].rstrip(",")
        return (
            f"CAST(union_value(m := CAST('2024-01-{dice.randint(10, 28)}' AS {member})) AS {type_})"
        )
    if "TIMESTAMP" in type_:
        return f"CAST(union_value(n := 'x{dice.randint(1, 99)}') AS {type_})"
    return literal(dice, parse_type(type_))


def test_unions_of_a_text_and_of_what_parquet_does_not_say(tmp_path: Path) -> None:
    # EXPORT and IMPORT turn each value of such a column into the text of a struct.
    dice = random.Random(14)
    columns = ", ".join(f"v{at} {type_}" for at, type_ in enumerate(UNIONS))
    statements = [f"CREATE NODE TABLE N(id INT64 PRIMARY KEY, {columns})"]
    for number in range(20):
        values = ", ".join(f"v{at}: {_value(dice, type_)}" for at, type_ in enumerate(UNIONS))
        statements.append(f"CREATE (:N {{id: {number}, {values}}})")
    keeps(tmp_path, statements)


def test_long_values(tmp_path: Path) -> None:
    everything = "".join(f"\\\\x{byte:02X}" for byte in range(256))
    keeps(tmp_path, [
        "CREATE NODE TABLE N(id INT64 PRIMARY KEY, s STRING, b BLOB, l INT64[], t STRING[])",
        "CREATE (:N {id: 1, s: repeat('a\u00e9\\\\', 1250000)})",
        f"CREATE (:N {{id: 2, b: BLOB('{everything * 40}'), s: 'a\0b\r\n'}})",
        "CREATE (:N {id: 3, l: range(1, 100000), t: ['', NULL, '[]', 'NULL', 'it\\'s']})",
    ])  # fmt: skip


def test_columns_of_one_type_do_not_change_places(tmp_path: Path) -> None:
    # COPY matches them by position, and takes no notice of names.
    keeps(tmp_path, [
        "CREATE NODE TABLE N(id INT64 PRIMARY KEY, b INT64, a INT64)",
        "CREATE REL TABLE R(FROM N TO N, z INT64, y INT64)",
        "CREATE (x:N {id: 1, a: 2, b: 3}), (y:N {id: 2, a: 1}), (x)-[:R {y: 1, z: 2}]->(y)",
        "ALTER TABLE N DROP b", "ALTER TABLE N ADD b INT64 DEFAULT 9", "ALTER TABLE R DROP z",
        "ALTER TABLE R ADD a INT64", "CREATE (:N {id: 7, a: 5, b: 6})",
    ])  # fmt: skip


def test_a_key_that_kuzu_itself_mixes_up_is_right_again(tmp_path: Path) -> None:
    # A property before the key is dropped: from then on Kùzu takes the next one for the key.
    path = tmp_path / "live.kuzu"
    run_statements(path, [
        "CREATE NODE TABLE N(b INT64, id INT64 PRIMARY KEY, a INT64)",
        "CREATE REL TABLE R(FROM N TO N)",
        "CREATE (x:N {id: 1, a: 2, b: 3}), (x)-[:R]->(x)", "ALTER TABLE N DROP b",
        "CREATE (:N {id: 7, a: 5})",
    ])  # fmt: skip
    again = rebuilt(path, tmp_path)
    for each, expected in ((path, []), (again, [[5]])):
        with open_database(each, read_only=True) as connection:
            assert list(connection.execute("MATCH (n:N {id: 7}) RETURN n.a")) == expected
    with open_database(again) as connection:
        connection.execute("CREATE (:N {id: 5})")
        found = connection.execute("MATCH (n:N)-[:R]->(:N {id: 1}) RETURN n.a")
        assert list(found) == [[2]]


def test_many_columns(tmp_path: Path) -> None:
    path = tmp_path / "live.kuzu"
    columns = ", ".join(f"c{at} {'INT64' if at % 2 else 'STRING'}" for at in range(200))
    run_statements(path, [
        f"CREATE NODE TABLE N(id INT64 PRIMARY KEY, {columns})",
        "CREATE (:N {id: 1, c0: 'x', c199: 3})", "CREATE (:N {id: 2, c198: 'y'})",
    ])  # fmt: skip
    assert lost(path, rebuilt(path, tmp_path)) == []


def test_digits_below_a_microsecond_are_refused(tmp_path: Path) -> None:
    moments = pa.array([1714566600123456789, 1714566600123456000, None], pa.timestamp("ns"))
    path = tmp_path / "n.kuzu"
    with open_database(path) as connection:
        for name in "AB":
            connection.execute(f"CREATE NODE TABLE {name}(id INT64 PRIMARY KEY, v TIMESTAMP_NS)")
        table = pa.table({"id": [1, 2, 3], "v": moments})
        connection.execute("COPY A FROM $moments", {"moments": table})
        connection.execute("COPY B FROM $moments", {"moments": table.slice(1)})
    refused(path, "A.v")


@pytest.mark.parametrize("name", ["snap?", "s*p1", "[s]nap1", "it's snap1", "a\\b", 'say "x"'])
def test_a_directory_whose_name_looks_like_others(tmp_path: Path, name: str) -> None:
    # For Kùzu `snap?` is `snap1` too, and it cannot say others at all.
    for at, each in enumerate((name, "snap1")):
        home = tmp_path / f"home{at}"
        home.mkdir()
        run_statements(home / "n.kuzu", ["CREATE NODE TABLE N(id INT64 PRIMARY KEY)",
                                         f"CREATE (:N {{id: {at}}})"])  # fmt: skip
        with kuzugit.Repository.init(home / "n.kuzu", directory=home) as repository:
            repository.commit("all")
            repository.export("current", tmp_path / each)
    with kuzugit.Repository.open(tmp_path / "home1") as repository:
        repository.import_directory(tmp_path / name, "the other one")
        assert repository.snapshot("main").table("N")["id"].to_pylist() == [0]


def test_a_type_with_a_name_is_kept_as_what_stands_behind_it(tmp_path: Path) -> None:
    path = tmp_path / "live.kuzu"
    run_statements(path, [
        "CREATE TYPE money AS DECIMAL(9, 2)", "CREATE TYPE place AS STRUCT(x INT64, y INT64)",
        "CREATE NODE TABLE N(id INT64 PRIMARY KEY, v money, p place)",
        "CREATE (:N {id: 1, v: CAST('-0.05' AS money), p: {x: 1, y: 2}}), (:N {id: 2})",
    ])  # fmt: skip
    again = rebuilt(path, tmp_path)
    assert lost(path, again) == []
    # The name itself no query of Kùzu shows (docs/fidelity.md).
    with open_database(again) as connection:
        with pytest.raises(RuntimeError, match="MONEY"):
            connection.execute("RETURN CAST('1.00' AS money)")
        connection.execute("CREATE TYPE money AS DECIMAL(9, 2)")
