"""The databases that docs/fidelity.md is about: each type in each form, each object of a schema."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

VALUES: dict[str, tuple[str, ...]] = {
    "BOOL": ("true", "false"),
    **{f"INT{bits}": ("3", str(1 - (1 << (bits - 1)))) for bits in (8, 16, 32, 64)},
    **{
        f"UINT{bits}": ("3", f"CAST('{(1 << bits) - 1}' AS UINT{bits})") for bits in (8, 16, 32, 64)
    },
    "INT128": ("CAST('3' AS INT128)", "CAST('1000000000000000000000000000001' AS INT128)"),
    "FLOAT": ("CAST('0.1' AS FLOAT)", "CAST('-inf' AS FLOAT)"),
    "DOUBLE": ("0.1", "CAST('5e-324' AS DOUBLE)"),
    "DECIMAL(9, 2)": ("CAST('12.50' AS DECIMAL(9, 2))", "CAST('-0.01' AS DECIMAL(9, 2))"),
    "STRING": ("'it\\'s, \"x\"'", "''"),
    "BLOB": ("BLOB('\\\\x00\\\\xFF')", "BLOB('')"),
    "UUID": (
        "uuid('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11')",
        "uuid('00000000-0000-0000-0000-000000000001')",
    ),
    "DATE": ("date('2024-02-29')", "date('1970-01-01') - 800000"),
    "TIMESTAMP": ("timestamp('2024-05-01 12:30:00.000001')", "timestamp('0001-01-01')"),
    "TIMESTAMP_TZ": (
        "CAST('2024-05-01 12:30:00.000001+02:00' AS TIMESTAMP_TZ)",
        "CAST('1969-12-31 23:59:59+00:00' AS TIMESTAMP_TZ)",
    ),
    "TIMESTAMP_MS": (
        "CAST('2024-05-01 12:30:00.001' AS TIMESTAMP_MS)",
        "CAST('1969-12-31 23:59:59' AS TIMESTAMP_MS)",
    ),
    "TIMESTAMP_SEC": (
        "CAST('2024-05-01 12:30:00' AS TIMESTAMP_SEC)",
        "CAST('1969-12-31 23:59:59' AS TIMESTAMP_SEC)",
    ),
    "TIMESTAMP_NS": (
        "CAST('2024-05-01 12:30:00.000001' AS TIMESTAMP_NS)",
        "CAST('1969-12-31 23:59:59' AS TIMESTAMP_NS)",
    ),
    "INTERVAL": (
        "interval('1 month 2 days 3 hours')",
        "to_hours(1000000) + to_microseconds(1)",
    ),
    "JSON": ("CAST('{\"a\": [1, null]}' AS JSON)", "CAST('\"x\"' AS JSON)"),
}
"""A plain and an odd value of each scalar type; NULL stands beside them in every form."""

FORMS = {
    "alone": ("{t}", "{v}"),
    "`T[]`": ("{t}[]", "CAST([{v}, NULL] AS {t}[])"),
    "`T[2]`": ("{t}[2]", "CAST(CAST([{v}, NULL] AS {t}[]) AS {t}[2])"),
    "`STRUCT(a T)`": ("STRUCT(a {t})", "{{a: {v}}}"),
    "`MAP(STRING, T)`": (
        "MAP(STRING, {t})",
        "CAST(map(['k'], CAST([{v}] AS {t}[])) AS MAP(STRING, {t}))",
    ),
    "`UNION(a T, b STRING)`": (
        "UNION(a {t}, b STRING)",
        "CAST(union_value(a := {v}) AS UNION(a {t}, b STRING))",
    ),
}


@dataclass(frozen=True)
class Case:
    """A database by the statements that make it.

    `asks` are queries whose answers belong to what must be kept; `in_log` leaves the
    rows in the log, where Kùzu has not compressed them yet; `renames` give names that the
    reader can ask for to a copy that it reads.
    """

    statements: tuple[str, ...]
    asks: tuple[str, ...] = ()
    in_log: bool = False
    renames: tuple[str, ...] = ()


def type_case(type_: str, forms: Iterable[str]) -> Case:
    """Return the case of a type in some of its forms: a table `N0`, `N1`, ... for each.

    The rows are NULL, each value, and NULL again.
    """
    return Case(tuple(text for form in forms for text in _form(type_, form)))


def form_table(form: str) -> str:
    """Return the name of the table of a form."""
    return f"N{list(FORMS).index(form)}"


def _form(type_: str, form: str) -> Iterator[str]:
    whole, literal = FORMS[form]
    column = whole.format(t=type_)
    yield f"CREATE NODE TABLE {form_table(form)}(id INT64 PRIMARY KEY, v {column})"
    rows = [None, *(literal.format(t=type_, v=value) for value in VALUES[type_]), None]
    for at, value in enumerate(rows):
        given = value or f"CAST(NULL AS {column})"
        yield f"CREATE (:{form_table(form)} {{id: {at}, v: {given}}})"


_N = "CREATE NODE TABLE N(id INT64 PRIMARY KEY)"
_ROWS = "CREATE (:N {id: 1}), (:N {id: 2})"


def _rows(type_: str, *values: str, in_log: bool = False) -> Case:
    return Case(
        (
            f"CREATE NODE TABLE N(id INT64 PRIMARY KEY, v {type_})",
            *(f"CREATE (:N {{id: {at}, v: {value}}})" for at, value in enumerate(values)),
        ),
        in_log=in_log,
    )


def _key(type_: str, *values: str) -> Case:
    return Case(
        (
            f"CREATE NODE TABLE K(id {type_} PRIMARY KEY)",
            "CREATE REL TABLE R(FROM K TO K)",
            *(f"CREATE (:K {{id: {value}}})" for value in values),
            "MATCH (a:K), (b:K) WHERE a.id < b.id CREATE (a)-[:R]->(b)",
        )
    )


_BOOKS = (
    "CREATE NODE TABLE Gone(id INT64 PRIMARY KEY)",
    "CREATE NODE TABLE B(id INT64 PRIMARY KEY, t STRING, u STRING, e FLOAT[3])",
    "CREATE (:B {id: 1, t: 'the quick fox x1y', u: 'one', e: [1.0, 0.0, 0.0]})",
    "CREATE (:B {id: 2, t: 'lazy dogs', u: 'two', e: [0.0, 1.0, 0.0]})",
    "DROP TABLE Gone",
)
_SEARCH = "CALL QUERY_FTS_INDEX('B', 'ix', '{}') RETURN node.id, score ORDER BY node.id"

_LARGE_UUIDS = "`UUID` beside NULL, all of them large (from `c` on)"

VALUES_APART: dict[str, Case] = {
    "the least integer (`INT8` -128), small ones beside it": _rows(
        "INT8", "CAST('-128' AS INT8)", "CAST(5 AS INT8)", in_log=True
    ),
    "the least integer in a list (`INT8[]`)": _rows(
        "INT8[]", "CAST([-128, 3] AS INT8[])", "CAST([5] AS INT8[])", in_log=True
    ),
    "the nil UUID": _rows(
        "UUID",
        "uuid('00000000-0000-0000-0000-000000000000')",
        "uuid('00000000-0000-0000-0000-000000000001')",
        in_log=True,
    ),
    _LARGE_UUIDS: _rows(
        "UUID",
        "uuid('d44a128b-7a62-704d-6469-a387cf2f4e88')",
        "NULL",
        "uuid('fc30131b-85df-9714-7bdc-0aeb50691220')",
        in_log=True,
    ),
    "the least `DATE`": _rows(
        "DATE", "date('1970-01-01') - 2147483648", "date('2024-01-01')", in_log=True
    ),
    "`INTERVAL` below zero": _rows("INTERVAL", "to_days(-3)", "to_days(3)"),
    "`INTERVAL` of 50 days in microseconds": _rows("INTERVAL", "to_hours(1200)"),
    "`INTERVAL[]` below zero": _rows("INTERVAL[]", "[to_days(-3), NULL]"),
    "`TIMESTAMP_NS` with digits below a microsecond": Case(
        ("CREATE NODE TABLE N(id INT64 PRIMARY KEY, v TIMESTAMP_NS)", "COPY N FROM $nanoseconds")
    ),
    "a NULL struct inside a list": _rows(
        "STRUCT(a INT64, b STRING)[]", "[{a: 1, b: 'x'}, NULL]", "[NULL, {a: 2, b: 'y'}]"
    ),
    "a struct in a struct, NULL at each level": _rows(
        "STRUCT(a STRUCT(b INT64))",
        "CAST(NULL AS STRUCT(a STRUCT(b INT64)))",
        "{a: CAST(NULL AS STRUCT(b INT64))}",
        "{a: {b: 42}}",
    ),
    "a decimal in a struct in a list": _rows(
        "STRUCT(a DECIMAL(5, 2))[]", "[{a: CAST('-0.01' AS DECIMAL(5, 2))}]"
    ),
    "a struct with a field named `from`": _rows("STRUCT(`from` INT64)", "{`from`: 1}", "NULL"),
    "a union inside a union": _rows(
        "UNION(a UNION(b INT64, c STRING), d STRING)",
        "CAST(union_value(a := CAST(union_value(b := 1) AS UNION(b INT64, c STRING))) AS "
        "UNION(a UNION(b INT64, c STRING), d STRING))",
        "CAST(union_value(d := 'x') AS UNION(a UNION(b INT64, c STRING), d STRING))",
    ),
    "a map in a struct": _rows(
        "STRUCT(a MAP(STRING, INT64), b DECIMAL(5, 2))",
        "{a: map(['k'], [1]), b: CAST('1.25' AS DECIMAL(5, 2))}",
    ),
}
"""Values, and types in types, that the table of forms does not show."""

OBJECTS: dict[str, Case] = {
    "`DEFAULT 5`, `DEFAULT 'x'`": Case(
        ("CREATE NODE TABLE N(id INT64 PRIMARY KEY, a INT64 DEFAULT 5, b STRING DEFAULT 'x')",)
    ),
    "`DEFAULT -5`": Case(("CREATE NODE TABLE N(id INT64 PRIMARY KEY, a INT64 DEFAULT -5)",)),
    "`DEFAULT (1 + 2) * 3`": Case(
        ("CREATE NODE TABLE N(id INT64 PRIMARY KEY, a INT64 DEFAULT (1 + 2) * 3)",)
    ),
    "`DEFAULT nextval('s')`": Case(
        (
            "CREATE SEQUENCE s",
            "CREATE NODE TABLE N(id INT64 PRIMARY KEY, a INT64 DEFAULT nextval('s'))",
            "CREATE (:N {id: 1})",
        )
    ),
    "a default that calls a macro": Case(
        (
            "CREATE MACRO two(x) AS (x + 1) * 2",
            "CREATE NODE TABLE N(id INT64 PRIMARY KEY, a INT64 DEFAULT two(3))",
        )
    ),
    "a default that is worked out for each row, such as `current_date() + 1`": Case(
        ("CREATE NODE TABLE N(id INT64 PRIMARY KEY, d DATE DEFAULT current_date() + 1)",)
    ),
    "a comment": Case((_N, "COMMENT ON TABLE N IS 'it\\'s'")),
    "a sequence that was never used": Case(("CREATE SEQUENCE s START 5 INCREMENT 3",)),
    "a sequence that was used": Case(
        ("CREATE SEQUENCE s START 5", "RETURN nextval('s')", "RETURN nextval('s')")
    ),
    "a cyclic sequence": Case(
        (
            "CREATE SEQUENCE s START 1 MINVALUE 1 MAXVALUE 3 CYCLE",
            *["RETURN nextval('s')"] * 4,
        )
    ),
    "an exhausted sequence": Case(
        ("CREATE SEQUENCE s START 1 MINVALUE 1 MAXVALUE 2", *["RETURN nextval('s')"] * 2)
    ),
    "`SERIAL`, never used": Case(("CREATE NODE TABLE N(id SERIAL PRIMARY KEY)",)),
    "`SERIAL`, used": Case(
        ("CREATE NODE TABLE N(id SERIAL PRIMARY KEY)", "CREATE (:N)", "CREATE (:N)")
    ),
    "a macro with parentheses": Case(
        ("CREATE MACRO m(x) AS (x + 2) * 3",), asks=("RETURN m(1) AS v",)
    ),
    "a macro with a sign": Case(("CREATE MACRO m(x) AS x + -5",), asks=("RETURN m(1) AS v",)),
    "a macro with defaults": Case(
        ("CREATE MACRO m(x, y := 3) AS x + y",), asks=("RETURN m(1) AS v",)
    ),
    "a macro whose name needs backticks": Case(
        ("CREATE MACRO `m m`(x) AS x + 1",), asks=("RETURN `m m`(1) AS v",)
    ),
    "`CREATE TYPE`: the columns": Case(
        (
            "CREATE TYPE money AS DECIMAL(9, 2)",
            "CREATE NODE TABLE N(id INT64 PRIMARY KEY, v money)",
        )
    ),
    "`CREATE TYPE`: the name": Case(
        ("CREATE TYPE long AS INT64", _N, "CREATE (:N {id: 1})"),
        asks=("MATCH (n:N) RETURN CAST(n.id AS long)",),
    ),
    "multiplicity": Case((_N, "CREATE REL TABLE R(FROM N TO N, MANY_ONE)")),
    "`storage_direction = 'fwd'`": Case(
        (_N, _ROWS, "CREATE REL TABLE R(FROM N TO N) WITH (storage_direction = 'fwd')")
    ),
    "`storage_direction = 'bwd'`": Case(
        (_N, _ROWS, "CREATE REL TABLE R(FROM N TO N) WITH (storage_direction = 'bwd')")
    ),
    "a rel table of several pairs": Case(
        (
            _N,
            _ROWS,
            "CREATE NODE TABLE M(id STRING PRIMARY KEY)",
            "CREATE (:M {id: 'a'})",
            "CREATE REL TABLE R(FROM N TO M, FROM M TO N, w INT64)",
            "MATCH (n:N), (m:M) CREATE (n)-[:R {w: 1}]->(m), (m)-[:R]->(n)",
        )
    ),
    "parallel rels, self loops": Case(
        (
            _N,
            _ROWS,
            "CREATE REL TABLE R(FROM N TO N, w INT64)",
            "MATCH (a:N), (b:N) CREATE (a)-[:R {w: 1}]->(b), (a)-[:R {w: 1}]->(b)",
        )
    ),
    "tables named `a?` and `ab`": Case(
        (
            "CREATE NODE TABLE `a?`(id INT64 PRIMARY KEY)",
            "CREATE NODE TABLE ab(id INT64 PRIMARY KEY)",
            "CREATE (:`a?` {id: 1}), (:ab {id: 2})",
        )
    ),
    "a table named `a/b`": Case(
        ("CREATE NODE TABLE `a/b`(id INT64 PRIMARY KEY)", "CREATE (:`a/b` {id: 1})")
    ),
    "a table named `it's`, with rels": Case(
        (
            "CREATE NODE TABLE `it's`(id INT64 PRIMARY KEY)",
            "CREATE REL TABLE R(FROM `it's` TO `it's`)",
            "CREATE (a:`it's` {id: 1}), (a)-[:R]->(a)",
        )
    ),
    "tables whose files have one name": Case(
        (
            "CREATE NODE TABLE a(id INT64 PRIMARY KEY)",
            "CREATE NODE TABLE R_a_a(id INT64 PRIMARY KEY)",
            "CREATE REL TABLE R(FROM a TO a)",
            "CREATE (x:a {id: 1}), (:R_a_a {id: 2}), (x)-[:R]->(x)",
        )
    ),
    "a key named `my id`, with rels": Case(
        (
            "CREATE NODE TABLE N(`my id` INT64 PRIMARY KEY)",
            "CREATE REL TABLE R(FROM N TO N)",
            "CREATE (a:N {`my id`: 1}), (a)-[:R]->(a)",
        ),
        renames=("ALTER TABLE N RENAME `my id` TO k",),
    ),
    "a rel property named `from`": Case(
        (
            _N,
            "CREATE REL TABLE R(FROM N TO N, `from` INT64)",
            "CREATE (a:N {id: 1}), (a)-[:R {`from`: 7}]->(a)",
        )
    ),
    "a name with a backtick in it": Case(("CREATE NODE TABLE `a``b`(id INT64 PRIMARY KEY)",)),
    "an `INT128` key": _key(
        "INT128",
        "CAST('100000000000000000000000000000' AS INT128)",
        "CAST('200000000000000000000000000000' AS INT128)",
    ),
    "a `DECIMAL` key": _key(
        "DECIMAL(5, 2)", "CAST('-0.01' AS DECIMAL(5, 2))", "CAST('1.25' AS DECIMAL(5, 2))"
    ),
    "a `UUID` key": _key(
        "UUID",
        "uuid('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11')",
        "uuid('00000000-0000-0000-0000-000000000001')",
    ),
    "a `DOUBLE` key, NaN among them": _key("DOUBLE", "CAST('nan' AS DOUBLE)", "1.5"),
    "a full text index": Case(
        (*_BOOKS, "CALL CREATE_FTS_INDEX('B', 'ix', ['t'])"), asks=(_SEARCH.format("fox"),)
    ),
    "a full text index with `ignore_pattern`": Case(
        (*_BOOKS, "CALL CREATE_FTS_INDEX('B', 'ix', ['t'], ignore_pattern := '[0-9o]+')"),
        asks=(_SEARCH.format("f x"), _SEARCH.format("fox")),
    ),
    "two full text indexes": Case(
        (
            *_BOOKS,
            "CALL CREATE_FTS_INDEX('B', 'ix', ['t'])",
            "CALL CREATE_FTS_INDEX('B', 'iy', ['u'])",
        ),
        asks=(_SEARCH.format("fox"),),
    ),
    "a vector index": Case(
        (*_BOOKS, "CALL CREATE_VECTOR_INDEX('B', 'v', 'e', metric := 'l2')"),
        asks=(
            "CALL QUERY_VECTOR_INDEX('B', 'v', CAST([1.0, 0.5, 0.0] AS FLOAT[3]), 2) "
            "RETURN node.id, distance ORDER BY node.id",
        ),
    ),
    "empty tables": Case((_N, "CREATE REL TABLE R(FROM N TO N, w STRUCT(a INT64))")),
    "properties dropped, added, renamed; tables renamed": Case(
        (
            "CREATE NODE TABLE A(id INT64 PRIMARY KEY, a INT64, b STRING)",
            "CREATE (:A {id: 1, a: 2, b: 'x'})",
            "ALTER TABLE A ADD c INT64 DEFAULT 7",
            "ALTER TABLE A DROP a",
            "ALTER TABLE A RENAME b TO a",
            "ALTER TABLE A RENAME TO Z",
            "CREATE (:Z {id: 2})",
        )
    ),
    "more rows than a node group (131,072)": Case(
        (
            _N,
            "CREATE REL TABLE R(FROM N TO N)",
            "COPY N FROM (UNWIND range(1, 140000) AS x RETURN x)",
            "COPY R FROM (MATCH (n:N) RETURN n.id, 7)",
        )
    ),
}
"""What a database defines, and what its rows hang on."""

_VALUES = ("MATCH (n:N) RETURN n.id, CAST(n.v AS STRING) ORDER BY n.id",)

BY_ITSELF: dict[str, Case] = {
    "the least integer of a type, small ones beside it": replace(
        VALUES_APART["the least integer (`INT8` -128), small ones beside it"], asks=_VALUES
    ),
    "the nil UUID, others beside it": replace(VALUES_APART["the nil UUID"], asks=_VALUES),
    "UUIDs beside NULL, all of them large": replace(VALUES_APART[_LARGE_UUIDS], asks=_VALUES),
    "texts, where one is rewritten and rows are added": Case(
        (
            "CREATE NODE TABLE N(id INT64 PRIMARY KEY, v STRING)",
            "UNWIND range(1, 20) AS x CREATE (:N {id: x, v: 'p' + CAST(x AS STRING)})",
            "CHECKPOINT",
            "MATCH (n:N {id: 3}) SET n.v = 'other'",
            "CHECKPOINT",
            "CREATE (:N {id: 21, v: 'new'})",
            "CHECKPOINT",
            "CREATE (:N {id: 77})",
        ),
        asks=_VALUES,
    ),
    "a macro with a comparison, `x > 1`": Case(("CREATE MACRO more(x) AS x > 1",)),
    "a default with a comparison, `1 > 2`": Case(
        ("CREATE NODE TABLE N(id INT64 PRIMARY KEY, a BOOL DEFAULT 1 > 2)",)
    ),
}
"""What Kùzu changes without anybody's help, at a checkpoint or when it opens the file again."""
