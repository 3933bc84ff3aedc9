"""Law 1 for SERIAL: what is given out next, whatever was renamed since."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.laws.test_refusals import refused
from tests.support.graphs import open_database, run_statements
from tests.support.snapshots import archived, lost, plainly_imported, rebuilt

CASES = {
    "a renamed table": (
        ["CREATE NODE TABLE N(id SERIAL PRIMARY KEY, v SERIAL)", "CREATE (:N)", "CREATE (:N)",
         "ALTER TABLE N RENAME TO M"],
        "CREATE (n:M) RETURN n.id, n.v",
        [2, 2],
    ),
    "a renamed property": (
        ["CREATE NODE TABLE N(id INT64 PRIMARY KEY, v SERIAL)", "CREATE (:N {id: 1})",
         "ALTER TABLE N RENAME v TO w"],
        "CREATE (n:N {id: 3}) RETURN n.w",
        [1],
    ),
    "a renamed rel table": (
        ["CREATE NODE TABLE N(id INT64 PRIMARY KEY)", "CREATE REL TABLE R(FROM N TO N, s SERIAL)",
         "CREATE (a:N {id: 1}), (a)-[:R]->(a), (a)-[:R]->(a)", "ALTER TABLE R RENAME TO S"],
        "MATCH (n:N) CREATE (n)-[r:S]->(n) RETURN r.s",
        [2],
    ),
    "never used": (["CREATE NODE TABLE N(id SERIAL PRIMARY KEY)"], "CREATE (n:N) RETURN n.id", [0]),
    "odd names": (
        ["CREATE NODE TABLE `it's`(id SERIAL PRIMARY KEY)",
         "CREATE REL TABLE R(FROM `it's` TO `it's`, `from` SERIAL)",
         "CREATE (a:`it's`), (a)-[:R]->(a), (a)-[:R]->(a)"],
        "CREATE (a:`it's`) WITH a CREATE (a)-[r:R]->(a) RETURN a.id, r.`from`",
        [1, 2],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_is_given_out_next(tmp_path: Path, case: str) -> None:
    statements, query, expected = CASES[case]
    path = tmp_path / "live.kuzu"
    run_statements(path, statements)
    again = rebuilt(path, tmp_path)
    directory = archived(tmp_path / "store.git", "v0.1.0", tmp_path / "archive")
    imported = plainly_imported(directory, tmp_path / "imported.kuzu")
    assert lost(again, imported) == []
    for each in (path, again, imported):
        with open_database(each) as connection:
            assert list(connection.execute(query)) == [expected]


def test_renamed_beyond_recognition_is_refused(tmp_path: Path) -> None:
    run_statements(tmp_path / "n.kuzu", [
        "CREATE NODE TABLE N(id SERIAL PRIMARY KEY, v SERIAL)",
        "ALTER TABLE N RENAME TO M", "ALTER TABLE M RENAME id TO a", "ALTER TABLE M RENAME v TO b",
    ])  # fmt: skip
    refused(tmp_path / "n.kuzu", "M.a", "M.b")
