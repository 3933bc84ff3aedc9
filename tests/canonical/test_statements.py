"""Only what an export writes is run; everything else in a directory is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kuzugit.canonical.statements import StatementRefused, check_statements, split_statements
from kuzugit.errors import ExitCode
from tests.support.graphs import build_people, build_types, open_database, run_statements

REFUSED = [
    "ATTACH '/tmp/other.db' AS other (dbtype kuzu)",
    "DETACH other",
    "USE other",
    "INSTALL httpfs",
    "LOAD EXTENSION httpfs",
    "LOAD httpfs",
    "LOAD FROM '/etc/passwd' RETURN *",
    "FORCE INSTALL httpfs",
    "COPY (MATCH (n) RETURN n.*) TO '/tmp/stolen.csv'",
    "COPY (RETURN 1) TO 'x.csv'",
    "EXPORT DATABASE '/tmp/x'",
    "IMPORT DATABASE '/tmp/x'",
    "CALL show_tables() RETURN *",
    "CALL threads=1",
    "CALL CREATE_PROJECTED_GRAPH('g', ['N'], ['R'])",
    "CALL DROP_FTS_INDEX('N', 'i')",
    "CALL CREATE_FTS_INDEX('N', 'i', ['a'], stopwords := '/etc/passwd')",
    'CALL CREATE_FTS_INDEX("N", "i", ["a"], stopwords := "http://example.org/words.txt")',
    "CALL CREATE_FTS_INDEX('N', 'i', ['a']) RETURN 1",
    "MATCH (n) DETACH DELETE n",
    "CREATE (:N {id: 1})",
    "MERGE (:N {id: 1})",
    "DROP TABLE N",
    "ALTER TABLE N DROP a",
    "BEGIN TRANSACTION",
    "COMMIT",
    "CHECKPOINT",
    "RETURN 1",
    "RETURN nextval('s'), 1",
    "RETURN nextval('s') UNION MATCH (n) RETURN n",
    "CREATE NODE TABLE N AS MATCH (n) RETURN n",
    "CREATE NODE TABLE N AS LOAD FROM '/etc/passwd' RETURN *",
    "CREATE REL TABLE R(FROM N TO N) WITH (storage = '/etc/passwd')",
    "CREATE REL TABLE R(FROM N TO N) AS MATCH (n) RETURN n",
    "CREATE NODE TABLE N(id INT64) AS MATCH (n) RETURN (n.id)",
    "CREATE NODE TABLE N(id INT64 PRIMARY KEY",
    "CREATE MACRO m(x) RETURN 1",
    "CREATE TYPE t AS INT64",
    "COPY N FROM (LOAD FROM '/etc/passwd' RETURN *)",
    "COPY N FROM (MATCH (n) RETURN n)",
    "COPY N FROM ['nodes.csv', '/etc/passwd']",
    "COPY N FROM frame",
    "COPY N FROM '/etc/passwd'",
    'COPY N FROM "/etc/passwd" (header=false)',
    "COPY N (a)FROM'/etc/passwd'",
    "COPY N(a)FROM \"/etc/passwd\"",
    "COPY `N`FROM '/etc/passwd'",
    'COPY `x FROM "inside.csv" y` FROM "/etc/passwd"',
    'COPY N (`a) FROM "inside.csv" (`) FROM "/etc/passwd"',
    "copy N from '~/.ssh/id_rsa'",
    "COPY N FROM '../other/N.parquet'",
    "COPY N FROM 'nodes/../../N.parquet'",
    "COPY N FROM 'nodes\\\\..\\\\..\\\\N.parquet'",
    "COPY N FROM 'https://example.org/N.parquet'",
    "COPY N FROM 's3://bucket/N.parquet'",
    "COPY N FROM 'C:/N.parquet'",
    "COPY N FROM 'file:N.parquet'",
    "COPY N FROM 'N.parquet' RETURN 1",
    "COMMENT ON TABLE N IS 'a' 'b'",
    "DROP SEQUENCE s CASCADE",
    "EXPLAIN CREATE NODE TABLE N(id INT64 PRIMARY KEY)",
    "CREATE/**/NODE TABLE N(id INT64 PRIMARY KEY)",
    "garbage",
    "'",
    "`",
    "/*",
]  # fmt: skip
ACCEPTED = [
    "CREATE NODE TABLE `N` (`id` INT64,`a;b` STRING DEFAULT 'x;y', PRIMARY KEY(`id`))",
    "CREATE NODE TABLE N(id SERIAL, PRIMARY KEY(id))",
    "CREATE NODE TABLE N(id INT64, s STRUCT(a STRUCT(`)` DECIMAL(5, 2)), b MAP(INT8, INT8)))",
    "create node table if not exists N(id INT64 PRIMARY KEY)",
    "CREATE REL TABLE `R` (FROM `N` TO `N`, `w` DOUBLE,MANY_ONE)",
    "CREATE REL TABLE R(FROM N TO N) WITH (storage_direction = 'fwd')",
    "CREATE REL TABLE GROUP R(FROM N TO N, FROM N TO M)",
    "CREATE SEQUENCE IF NOT EXISTS `s q` START -1 INCREMENT -2 MINVALUE -9 MAXVALUE 9 NO CYCLE",
    "DROP SEQUENCE IF EXISTS `s q`",
    "RETURN nextval('it\\'s')",
    "CREATE MACRO `M` (x, y := 2) AS x + ';' + y",
    "COMMENT ON TABLE `N` IS 'a; \\'b\\' // c'",
    'COPY `N` (`id`,`(odd)`) FROM "N.parquet" (header=true, delim=";")',
    "COPY `R` (`w`) FROM \"rels/R/N/N/*.parquet\" (from='N', to='N')",
    "COPY N FROM 'a..b.csv'",
    "CALL CREATE_FTS_INDEX('N', 'i', ['a', 'b'], stemmer := 'none')",
    'CALL CREATE_VECTOR_INDEX("N", "i", "v", metric := "cosine")',
]


@pytest.mark.parametrize("statement", REFUSED)
def test_refused(statement: str) -> None:
    with pytest.raises(StatementRefused) as caught:
        check_statements("schema.cypher", f"{statement};\n")
    assert caught.value.exit_code == ExitCode.REFUSED
    assert "schema.cypher" in str(caught.value)


@pytest.mark.parametrize("statement", REFUSED)
@pytest.mark.parametrize(
    "around",
    [
        "CREATE NODE TABLE N(id INT64 PRIMARY KEY);{};",
        "// a comment\n{};",
        "// it's a comment\n{};",
        "/* it's one; two */{};",
        "/*/ */{};/*/ */",
        "COMMENT ON TABLE N IS '\\\\';{}; COMMENT ON TABLE N IS '';",
        "COMMENT ON TABLE N IS 'it\\'s; `';{};",
        "CREATE NODE TABLE `it's`(id INT64 PRIMARY KEY);{};",
        "CREATE NODE TABLE `//`(id INT64 PRIMARY KEY);{};",
        "COMMENT ON TABLE N IS '/*';{};COMMENT ON TABLE N IS '*/';",
        ";;{}",
    ],
)
def test_refused_wherever_it_hides(statement: str, around: str) -> None:
    with pytest.raises(StatementRefused):
        check_statements("copy.cypher", around.format(statement))


@pytest.mark.parametrize("statement", ACCEPTED)
def test_accepted(statement: str) -> None:
    check_statements("schema.cypher", f"{statement};\n")
    check_statements("schema.cypher", f"// why\n{statement}; /* ; */")
    assert list(split_statements(f"{statement};")) == [statement]


def test_nothing_is_no_statement() -> None:
    check_statements("index.cypher", "")
    check_statements("index.cypher", " \n;; // only a comment; really\n /* ; */ ;")


def test_a_text_splits_at_the_ends_of_statements_alone() -> None:
    text = "A ';' \"it's;\" `;` /* ; */ B;\n// ; '\nC;D"
    assert list(split_statements(text)) == ["A ';' \"it's;\" `;`  B", "C", "D"]


@given(st.text(alphabet="'\"`\\;/*\n ab", max_size=30))
def test_any_text_is_split_without_loss(text: str) -> None:
    found = "".join(split_statements(text))
    assert len(found) <= len(text)
    check_any(text)


def check_any(text: str) -> None:
    try:
        check_statements("schema.cypher", text)
    except StatementRefused:
        return
    assert not any(split_statements(text))


def test_what_kuzu_exports_is_accepted(tmp_path: Path) -> None:
    build_people(tmp_path / "people.kuzu")
    build_types(tmp_path / "types.kuzu")
    run_statements(
        tmp_path / "more.kuzu",
        [
            'CREATE NODE TABLE `its; a "b" /c`(id SERIAL PRIMARY KEY, `x;y` STRING)',
            'CREATE REL TABLE `R;`(FROM `its; a "b" /c` TO `its; a "b" /c`, ONE_ONE)',
            "CREATE SEQUENCE s START 5 INCREMENT -2 MINVALUE -100 MAXVALUE 50 CYCLE",
            "CREATE MACRO m(x, y := ';') AS concat(x, y, ')')",
            "COMMENT ON TABLE `R;` IS 'it\\'s; '",
        ],
    )
    for name in ("people", "types", "more"):
        for format_ in ("parquet", "csv"):
            target = tmp_path / f"{name}-{format_}"
            with open_database(tmp_path / f"{name}.kuzu", read_only=True) as connection:
                options = "(schema_only=true)" if name == "more" else f"(format='{format_}')"
                connection.execute(f"EXPORT DATABASE '{target}' {options}")
            for file in target.glob("*.cypher"):
                check_statements(file.name, file.read_text())
