"""Law 1 and law 3 for rel tables: direction, multiplicity with rows, many pairs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.laws.test_names import keeps
from tests.support.graphs import run_statements

NODES = ["CREATE NODE TABLE N(id INT64 PRIMARY KEY)", "UNWIND range(1, 6) AS x CREATE (:N {id: x})"]
FORWARD = "WITH (storage_direction = 'fwd')"


@pytest.mark.parametrize("columns", ["", ", w INT64", ", w INTERVAL", ", w UUID[]"])
def test_rels_of_one_direction(tmp_path: Path, columns: str) -> None:
    keeps(tmp_path, [
        *NODES,
        f"CREATE REL TABLE R(FROM N TO N{columns}, MANY_ONE) {FORWARD}",
        "MATCH (a:N), (b:N) WHERE b.id = a.id % 3 + 1 CREATE (a)-[:R]->(b)",
        f"CREATE REL TABLE Empty(FROM N TO N{columns}) {FORWARD}",
    ])  # fmt: skip


ROWS = {
    "ONE_ONE": "b.id = a.id % 6 + 1",
    "ONE_MANY": "a.id = b.id % 3 + 1",
    "MANY_ONE": "b.id = a.id % 3 + 1",
    "MANY_MANY": "a.id <> b.id",
}


@pytest.mark.parametrize("multiplicity", ROWS)
def test_a_multiplicity_with_rows_is_kept_and_still_holds(
    tmp_path: Path, multiplicity: str
) -> None:
    columns = {"Plain": "w INT64", "Staged": "w INTERVAL", "Bare": ""}
    statements = list(NODES)
    for name, column in columns.items():
        statements.append(
            f"CREATE REL TABLE {name}(FROM N TO N, {column + ',' if column else ''} {multiplicity})"
        )
        statements.append(
            f"MATCH (a:N), (b:N) WHERE {ROWS[multiplicity]} CREATE (a)-[:{name}]->(b)"
        )
    keeps(tmp_path, statements)
    if multiplicity != "MANY_MANY":
        same = "MATCH (a)-[:Plain]->(b) WITH a, b LIMIT 1 CREATE (a)-[:Plain]->(b)"
        with pytest.raises(RuntimeError, match="multiplicity"):
            run_statements(tmp_path / "rebuilt.kuzu", [same])


def test_a_rel_table_of_twenty_pairs(tmp_path: Path) -> None:
    names = [f"N{at}" for at in range(4)] + ["it's"]
    pairs = [(a, b) for a in reversed(names) for b in names][:20]
    statements = [f"CREATE NODE TABLE `{name}`(id STRING PRIMARY KEY)" for name in names]
    statements += [f"CREATE (:`{name}` {{id: '{at}'}})" for at in range(3) for name in names]
    ends = ", ".join(f"FROM `{a}` TO `{b}`" for a, b in pairs)
    statements.append(f"CREATE REL TABLE R({ends}, w INT64, v INTERVAL)")
    statements += [
        f"MATCH (a:`{a}`), (b:`{b}`) WHERE a.id <= b.id CREATE (a)-[:R {{w: {at}}}]->(b)"
        for at, (a, b) in enumerate(pairs)
        if at % 7 != 3
    ]
    keeps(tmp_path, statements)


@pytest.mark.parametrize("direction", ["", FORWARD])
@pytest.mark.parametrize("columns", ["", ", w INT64 DEFAULT -5", ", w INTERVAL"])
def test_rels_between_tables_with_unions_of_one_name(
    tmp_path: Path, columns: str, direction: str
) -> None:
    # Kùzu refuses to look for a node of any table there.
    keeps(tmp_path, [
        "CREATE NODE TABLE A(id INT64 PRIMARY KEY, v UNION(a INT64, b STRING))",
        "CREATE NODE TABLE B(id INT64 PRIMARY KEY, v UNION(b BOOL))",
        "UNWIND range(1, 3) AS x CREATE (:A {id: x})",
        "UNWIND range(1, 3) AS x CREATE (:B {id: x})",
        f"CREATE REL TABLE R(FROM A TO B, FROM A TO A{columns}) {direction}",
        "MATCH (a:A), (b:B) WHERE b.id <> a.id CREATE (a)-[:R]->(b)",
        "MATCH (a:A), (b:A) WHERE b.id = a.id CREATE (a)-[:R]->(b)",
    ])  # fmt: skip
