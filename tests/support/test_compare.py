"""The comparer finds every planted difference, and finds none where there is none."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa
import pytest

from tests.support.compare import assert_same_database, differences
from tests.support.graphs import TYPES, build_people, build_types, open_database, run_statements

RELATED = (
    "CREATE NODE TABLE N(id INT64 PRIMARY KEY, v {type})",
    "CREATE REL TABLE R(FROM N TO N, v {type})",
)


def build(path: Path, *statements: str) -> Path:
    run_statements(path, statements)
    return path


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("people") / "people.kuzu"
    build_people(path)
    return path


def test_the_same_graph_twice_is_the_same(people: Path, tmp_path: Path) -> None:
    build_people(tmp_path / "again.kuzu")
    assert_same_database(people, tmp_path / "again.kuzu")


def test_every_plain_type_twice_is_the_same(tmp_path: Path) -> None:
    for name in ("a", "b"):
        build_types(tmp_path / name)
    assert_same_database(tmp_path / "a", tmp_path / "b")


def test_the_order_of_rows_means_nothing(tmp_path: Path) -> None:
    table = "CREATE NODE TABLE N(id INT64 PRIMARY KEY)"
    rows = [f"CREATE (:N {{id: {n}}})" for n in range(5)]
    a = build(tmp_path / "a", table, *rows)
    b = build(tmp_path / "b", table, *reversed(rows))
    assert_same_database(a, b)


def test_a_failure_lists_what_differs(people: Path, tmp_path: Path) -> None:
    build_people(tmp_path / "b")
    build(tmp_path / "b", "MATCH (c:City {name: 'Bonn'}) SET c.population = 1")
    with pytest.raises(AssertionError, match=r"rows of City: 1 x .*'Bonn'.*'330000'"):
        assert_same_database(people, tmp_path / "b")


CHANGES_OF_PEOPLE = {
    "a node more": "CREATE (:City {name: 'Ulm'})",
    "a node less": "MATCH (p:Person {id: 5}) DELETE p",
    "NULL for empty text": "MATCH (p:Person {id: 3}) SET p.name = NULL",
    "empty text for NULL": "MATCH (p:Person {id: 5}) SET p.name = ''",
    "empty list for NULL": "MATCH (p:Person {id: 5}) SET p.scores = CAST([] AS INT64[])",
    "a list of NULL": "MATCH (p:Person {id: 2}) SET p.scores = CAST([NULL] AS INT64[])",
    "zero without sign": "MATCH (p:Person {id: 4}) SET p.height = 0.0",
    "the last bit": "MATCH (p:Person {id: 2}) SET p.height = 0.10000000000000002",
    "a microsecond": "MATCH (p:Person {id: 1}) SET p.seen = p.seen + to_microseconds(1)",
    "one parallel rel less": "MATCH (:Person)-[k:knows]->(:Person) WHERE k.weight = 0.5 "
    "WITH k LIMIT 1 DELETE k",
    "one parallel rel more": "MATCH (a:Person {id: 1}), (b:Person {id: 2}) "
    "CREATE (a)-[:knows]->(b)",
    "a rel's value": "MATCH (:City)-[l:likes]->(:City) SET l.note = ''",
    "a rel's direction": "MATCH (a:City)-[l:likes]->(b:City) DELETE l CREATE (b)-[:likes "
    "{note: 'never'}]->(a)",
    "a table more": "CREATE NODE TABLE Empty(id INT64 PRIMARY KEY)",
    "a table less": "DROP TABLE knows",
    "a table's name": "ALTER TABLE knows RENAME TO understands",
    "a property more": "ALTER TABLE City ADD area DOUBLE",
    "a property less": "ALTER TABLE Person DROP scores",
    "a property's name": "ALTER TABLE City RENAME population TO people",
    "a comment": "COMMENT ON TABLE City IS 'where they live'",
    "a pair more": "ALTER TABLE likes ADD FROM City TO Person",
    "a pair less": "ALTER TABLE likes DROP FROM City TO City",
    "a sequence": "CREATE SEQUENCE counter",
    "a macro": "CREATE MACRO twice(x) AS x * 2",
}


@pytest.mark.parametrize("change", CHANGES_OF_PEOPLE)
def test_finds_a_change_of_the_graph(people: Path, tmp_path: Path, change: str) -> None:
    build_people(tmp_path / "b")
    build(tmp_path / "b", CHANGES_OF_PEOPLE[change])
    assert differences(people, tmp_path / "b")
    assert differences(tmp_path / "b", people)


# Pairs of catalogs that differ in one thing, each as the statements of the two databases.
NODE = "CREATE NODE TABLE N(id INT64 PRIMARY KEY)"
CATALOGS = {
    "multiplicity": (
        [NODE, "CREATE REL TABLE R(FROM N TO N, MANY_ONE)"],
        [NODE, "CREATE REL TABLE R(FROM N TO N, ONE_MANY)"],
    ),
    "multiplicity beside a property of that name": (
        [NODE, "CREATE REL TABLE R(FROM N TO N, `MANY_ONE` INT64, ONE_ONE)"],
        [NODE, "CREATE REL TABLE R(FROM N TO N, `MANY_ONE` INT64)"],
    ),
    "storage direction": (
        [NODE, "CREATE REL TABLE R(FROM N TO N)"],
        [NODE, "CREATE REL TABLE R(FROM N TO N) WITH (storage_direction = 'fwd')"],
    ),
    "order of pairs": (
        [NODE, NODE.replace("N(", "M("), "CREATE REL TABLE R(FROM N TO M, FROM M TO N)"],
        [NODE, NODE.replace("N(", "M("), "CREATE REL TABLE R(FROM M TO N, FROM N TO M)"],
    ),
    "primary key": (
        ["CREATE NODE TABLE N(id INT64, other INT64, PRIMARY KEY(id))"],
        ["CREATE NODE TABLE N(id INT64, other INT64, PRIMARY KEY(other))"],
    ),
    "type": (
        ["CREATE NODE TABLE N(id INT64 PRIMARY KEY)"],
        ["CREATE NODE TABLE N(id INT32 PRIMARY KEY)"],
    ),
    "order of properties": (
        ["CREATE NODE TABLE N(id INT64 PRIMARY KEY, a INT64, b INT64)"],
        ["CREATE NODE TABLE N(id INT64 PRIMARY KEY, b INT64, a INT64)"],
    ),
    "default": (
        ["CREATE NODE TABLE N(id INT64 PRIMARY KEY, a STRING DEFAULT '')"],
        ["CREATE NODE TABLE N(id INT64 PRIMARY KEY, a STRING)"],
    ),
    "sign of a default": (
        ["CREATE NODE TABLE N(id INT64 PRIMARY KEY, a INT64 DEFAULT 5)"],
        ["CREATE NODE TABLE N(id INT64 PRIMARY KEY, a INT64 DEFAULT -5)"],
    ),
    "parentheses of a default": (
        ["CREATE NODE TABLE N(id STRING PRIMARY KEY, a INT64 DEFAULT (1 + 2) * 3)"],
        ["CREATE NODE TABLE N(id STRING PRIMARY KEY, a INT64 DEFAULT 1 + 2 * 3)"],
    ),
    "sign of a rel's default": (
        [NODE, "CREATE REL TABLE R(FROM N TO N, a INT64 DEFAULT 5)"],
        [NODE, "CREATE REL TABLE R(FROM N TO N, a INT64 DEFAULT -5)"],
    ),
    "parentheses of a macro": (
        ["CREATE MACRO m(x) AS (x + 2) * 3"],
        ["CREATE MACRO m(x) AS x + 2 * 3"],
    ),
    "arguments of a macro": (
        ["CREATE MACRO m(x, y) AS x - y"],
        ["CREATE MACRO m(x, y) AS y - x"],
    ),
    "default argument of a macro": (
        ["CREATE MACRO m(x, y := 1) AS x + y"],
        ["CREATE MACRO m(x, y := 2) AS x + y"],
    ),
    "sign in a macro of texts": (
        ["CREATE MACRO m(x) AS substring(x, 1, (2 - 1) * 3)"],
        ["CREATE MACRO m(x) AS substring(x, 1, 2 - 1 * 3)"],
    ),
    "value of a sequence": (
        ["CREATE SEQUENCE s", "RETURN nextval('s')"],
        ["CREATE SEQUENCE s", "RETURN nextval('s')", "RETURN nextval('s')"],
    ),
    "a sequence never used": (
        ["CREATE SEQUENCE s"],
        ["CREATE SEQUENCE s", "RETURN nextval('s')"],
    ),
    "definition of a sequence": (
        ["CREATE SEQUENCE s INCREMENT 1"],
        ["CREATE SEQUENCE s INCREMENT 2"],
    ),
    "next number of a SERIAL": (
        ["CREATE NODE TABLE N(id SERIAL PRIMARY KEY)"],
        ["CREATE NODE TABLE N(id SERIAL PRIMARY KEY)", "CREATE (:N)", "MATCH (n:N) DELETE n"],
    ),
}


@pytest.mark.parametrize("case", CATALOGS)
def test_finds_a_change_of_the_catalog(tmp_path: Path, case: str) -> None:
    one, other = CATALOGS[case]
    a, same, b = build(tmp_path / "a", *one), build(tmp_path / "c", *one), tmp_path / "b"
    build(b, *other)
    assert_same_database(a, same)
    assert differences(a, b)


# Values of a type that lesser readers take for one another, mangle or crash on.
VALUES = {
    **{type_: (values[0], values[1]) for type_, values in TYPES.items()},
    "DATE": ("date('1970-01-01') + 100000000", "date('1970-01-01') - 100000000"),
    "DATE[]": ("[date('1970-01-01') - 100000000]", "[date('1970-01-01') - 100000001]"),
    "DATE[1]": ("[date('1970-01-01') - 100000000]", "[date('1970-01-01') - 100000001]"),
    "TIMESTAMP": (
        "timestamp('1970-01-01') - to_days(1000000)",
        "timestamp('1970-01-01') - to_days(1000000) + to_microseconds(1)",
    ),
    "INT128": (f"'1{'0' * 30}'", f"'1{'0' * 29}1'"),
    "DECIMAL(6, 3)": ("-0.01", "0.01"),
    "DECIMAL(6, 3)[]": (
        "list_transform(['-0.01'], x -> CAST(x AS DECIMAL(6, 3)))",
        "list_transform(['-0.001'], x -> CAST(x AS DECIMAL(6, 3)))",
    ),
    "INTERVAL": ("to_months(1)", "to_days(30)"),
    "INTERVAL[]": ("[to_months(1)]", "[to_days(30)]"),
    "STRUCT(a INT64)": ("NULL", "{a: 0}"),
    "STRUCT(a INT64, b STRING)": ("{a: 1, b: ''}", "{a: 1, b: CAST(NULL AS STRING)}"),
    "STRUCT(a STRUCT(b DATE))": (
        "{a: {b: date('1970-01-01') - 100000000}}",
        "{a: {b: date('1970-01-01') - 100000001}}",
    ),
    "STRUCT(a STRING)[]": ("[{a: ''}]", "[{a: CAST(NULL AS STRING)}]"),
    "STRUCT(a DATE, b STRING)[]": (
        "[{a: date('2020-01-01'), b: ''}]",
        "[{a: date('2020-01-01'), b: CAST(NULL AS STRING)}]",
    ),
    "UNION(a INT64, b INT64)": ("union_value(a := 1)", "union_value(b := 1)"),
    "UNION(a INT64, b STRING)": ("NULL", "union_value(a := 0)"),
    "MAP(STRING, INT64)": ("map(['a'], [0])", "map(['a'], [CAST(NULL AS INT64)])"),
    "MAP(STRING, DATE)": (
        "map(['a'], [date('1970-01-01') - 100000000])",
        "map(['a'], [date('1970-01-01') - 100000001])",
    ),
    "JSON": ("to_json([1])", "to_json([1.0])"),
    "TIMESTAMP_NS": (
        "CAST('2020-01-01 00:00:00.000001' AS TIMESTAMP_NS)",
        "CAST('2020-01-01 00:00:00.000002' AS TIMESTAMP_NS)",
    ),
}


@pytest.mark.parametrize("type_", VALUES)
def test_finds_a_change_of_a_value(tmp_path: Path, type_: str) -> None:
    tables = [statement.format(type=type_) for statement in RELATED]
    one, other = (f"CAST({value} AS {type_})" for value in VALUES[type_])
    if type_ == "JSON" or "DECIMAL(6, 3)[" in type_:
        one, other = VALUES[type_]
    empty = "CREATE (:N {id: 0})"
    node, rel = (
        "CREATE (:N {{id: 1, v: {0}}})",
        ("MATCH (n:N {{id: 0}}) CREATE (n)-[:R]->(n)-[:R {{v: {0}}}]->(n)"),
    )
    a = build(tmp_path / "a", *tables, empty, node.format(one), rel.format(one))
    same = build(tmp_path / "same", *tables, empty, node.format(one), rel.format(one))
    b = build(tmp_path / "b", *tables, empty, node.format(other), rel.format(one))
    c = build(tmp_path / "c", *tables, empty, node.format(one), rel.format(other))
    assert_same_database(a, same)
    assert [line for line in differences(a, b) if line.startswith("rows of N:")]
    assert [line for line in differences(a, c) if line.startswith("rows of R (N -> N):")]


def test_reads_a_broken_decimal_beside_a_line_break(tmp_path: Path) -> None:
    table = "CREATE NODE TABLE N(id INT64 PRIMARY KEY, v MAP(STRING, DECIMAL(24, 3)))"
    value = "map(['two\nlines'], [CAST('{}' AS DECIMAL(24, 3))])"
    for name, decimal in (("a", "-0.090"), ("b", "-0.091")):
        build(tmp_path / name, table, f"CREATE (:N {{id: 1, v: {value.format(decimal)}}})")
    assert_same_database(tmp_path / "a", tmp_path / "a")
    assert differences(tmp_path / "a", tmp_path / "b")


def test_finds_a_nanosecond(tmp_path: Path) -> None:
    for name, nanosecond in (("a", 123_456_789), ("b", 123_456_788), ("c", 123_456_789)):
        with open_database(tmp_path / name) as connection:
            connection.execute("CREATE NODE TABLE N(id INT64 PRIMARY KEY, v TIMESTAMP_NS)")
            rows = pa.table({"id": [1], "v": pa.array([nanosecond], pa.timestamp("ns"))})
            connection.execute("COPY N FROM $rows", {"rows": rows})
    assert_same_database(tmp_path / "a", tmp_path / "c")
    assert differences(tmp_path / "a", tmp_path / "b")


def test_odd_names_are_no_trouble(tmp_path: Path) -> None:
    statements = [
        "CREATE NODE TABLE `it's \"x\"/y\\z[1] é;`(`from` INT64, `a b` STRING DEFAULT 'it', "
        "PRIMARY KEY(`from`))",
        'CREATE REL TABLE `r\'`(FROM `it\'s "x"/y\\z[1] é;` TO `it\'s "x"/y\\z[1] é;`, '
        "`to` INT64 DEFAULT -5)",
        "CREATE (a:`it's \"x\"/y\\z[1] é;` {`from`: 1})-[:`r'`]->(a)",
    ]
    a, b = build(tmp_path / "a", *statements), build(tmp_path / "b", *statements)
    assert_same_database(a, b)
    build(b, "MATCH (:`it's \"x\"/y\\z[1] é;`)-[r:`r'`]->() SET r.`to` = 5")
    assert differences(a, b)


def test_reads_what_still_stands_in_the_log(people: Path, tmp_path: Path) -> None:
    # A database that was not checkpointed: what it holds is in its .wal file.
    target = tmp_path / "copy"
    target.mkdir()
    build_people(tmp_path / "b")
    with open_database(tmp_path / "b") as connection:
        connection.execute("CREATE (:City {name: 'Ulm'})")
        for file in tmp_path.glob("b*"):
            shutil.copy(file, target)
    assert (target / "b.wal").exists()
    assert [line for line in differences(people, target / "b") if "Ulm" in line]


def test_unions_of_one_name_in_several_tables(tmp_path: Path) -> None:
    statements = [
        "CREATE NODE TABLE A(id INT64 PRIMARY KEY, v UNION(a INT64))",
        "CREATE NODE TABLE B(id INT64 PRIMARY KEY, v UNION(b STRING))",
        "CREATE REL TABLE R(FROM A TO B)",
    ]
    for name in ("one", "other"):
        run_statements(tmp_path / name, statements)
    assert_same_database(tmp_path / "one", tmp_path / "other")
