"""Law 1 for SERIAL: what is given out next, whatever was renamed since."""

from __future__ import annotations

from pathlib import Path

import pytest

import kuzugit
from kuzugit.engine import serials
from tests.laws.test_refusals import refused
from tests.support.graphs import open_database, run_statements
from tests.support.snapshots import archived, lost, plainly_imported, rebuilt

SWAPPED = [
    "CREATE NODE TABLE N(id SERIAL PRIMARY KEY)",
    "CREATE NODE TABLE M(id SERIAL PRIMARY KEY)",
]
SWAP = ["ALTER TABLE N RENAME TO X", "ALTER TABLE M RENAME TO N", "ALTER TABLE X RENAME TO M"]
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
    "renamed throughout": (
        ["CREATE NODE TABLE N(id SERIAL PRIMARY KEY, v SERIAL)", "CREATE (:N)", "CREATE (:N)",
         "CREATE NODE TABLE O(id SERIAL PRIMARY KEY)", "ALTER TABLE N RENAME TO M",
         "ALTER TABLE M RENAME id TO a", "ALTER TABLE M RENAME v TO b"],
        "CREATE (n:M) RETURN n.a, n.b",
        [2, 2],
    ),
    "two tables that swapped their names": (
        [*SWAPPED, "CREATE (:N), (:N), (:N), (:M)", *SWAP],
        "CREATE (n:N), (m:M) RETURN n.id, m.id",
        [1, 3],
    ),
    "two properties that swapped their names": (
        ["CREATE NODE TABLE N(id INT64 PRIMARY KEY, a SERIAL, b SERIAL)",
         "CREATE SEQUENCE own_serial", "DROP SEQUENCE N_b_serial",
         "CREATE SEQUENCE N_b_serial START 50", "CREATE (:N {id: 1})",
         "ALTER TABLE N RENAME a TO c", "ALTER TABLE N RENAME b TO a",
         "ALTER TABLE N RENAME c TO b"],
        "CREATE (n:N {id: 2}) RETURN n.a, n.b",
        [51, 1],
    ),
    "a table of which Kùzu takes another property for the key": (
        ["CREATE NODE TABLE N(a INT64, id SERIAL PRIMARY KEY, b STRING)",
         "CREATE NODE TABLE M(id SERIAL PRIMARY KEY)", "CREATE (:N {b: 'x'}), (:M), (:M)",
         "ALTER TABLE N DROP a"],
        "CREATE (n:N {b: 'y'}), (m:M) RETURN n.id, m.id",
        [1, 2],
    ),
    "two rel tables that swapped their names": (
        ["CREATE NODE TABLE N(id INT8 PRIMARY KEY)",
         "UNWIND range(-127, 127) AS i CREATE (:N {id: CAST(i AS INT8)})",
         "CREATE REL TABLE R(FROM N TO N, s SERIAL, ONE_ONE)",
         "CREATE REL TABLE S(FROM N TO N, s SERIAL)", "CREATE NODE TABLE O(id SERIAL PRIMARY KEY)",
         "MATCH (n:N) WHERE n.id < -1 CREATE (n)-[:R]->(n)",
         "ALTER TABLE R RENAME TO T", "ALTER TABLE S RENAME TO R", "ALTER TABLE T RENAME TO S"],
        "MATCH (n:N {id: 7}) CREATE (n)-[r:R]->(n), (n)-[s:S]->(n) RETURN r.s, s.s",
        [0, 126],
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


REFUSED = {
    "a sequence of one's own has the name": (
        ["CREATE NODE TABLE N(id SERIAL PRIMARY KEY)", "CREATE (:N), (:N)",
         "ALTER TABLE N RENAME TO M", "CREATE SEQUENCE m_id_SERIAL START 5"],
        ["M.id"],
    ),
    "a default calls it by its name": (
        ["CREATE NODE TABLE N(id SERIAL PRIMARY KEY)", "CREATE (:N), (:N)",
         "CREATE NODE TABLE O(id INT64 PRIMARY KEY, v INT64 DEFAULT nextval('N_id_serial'))",
         "ALTER TABLE N RENAME TO M"],
        ["M.id"],
    ),
    "the sequence is gone": (
        [*SWAPPED, "CREATE (:N), (:N), (:M)", "CREATE NODE TABLE O(id SERIAL PRIMARY KEY)", *SWAP,
         "DROP TABLE N"],
        ["M.id"],
    ),
    "two have one": (
        ["CREATE NODE TABLE N(id SERIAL PRIMARY KEY)", "CREATE (:N)", "ALTER TABLE N RENAME TO M",
         "DROP SEQUENCE N_id_serial", "CREATE NODE TABLE N(id SERIAL PRIMARY KEY)"],
        ["M.id", "N.id"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_has_no_sequence_of_its_own_is_refused(tmp_path: Path, case: str) -> None:
    statements, names = REFUSED[case]
    run_statements(tmp_path / "n.kuzu", statements)
    refused(tmp_path / "n.kuzu", *names)


def test_a_commit_of_swapped_tables_leaves_no_trace_in_them(tmp_path: Path) -> None:
    path = tmp_path / "live.kuzu"
    run_statements(path, [*SWAPPED, "CREATE (:N), (:N), (:N), (:M)", *SWAP])
    before = path.read_bytes()
    rebuilt(path, tmp_path)
    assert path.read_bytes() == before


def test_tables_that_end_where_their_sequences_stand_are_not_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "live.kuzu"
    run_statements(path, [
        *SWAPPED, "CREATE NODE TABLE E(id SERIAL PRIMARY KEY)",
        "CREATE REL TABLE R(FROM N TO M, FROM M TO N, s SERIAL)",
        "CREATE (a:N), (:N), (:N), (b:M), (a)-[:R]->(b), (b)-[:R]->(a), (:E), (:E)",
    ])  # fmt: skip
    asked = []
    ask = serials.try_on_copy
    monkeypatch.setattr(serials, "try_on_copy", lambda *a: asked.append(a) or ask(*a))
    with kuzugit.Repository.init(path, directory=tmp_path) as repository:
        repository.commit("as they stand")
        assert not asked
        run_statements(path, ["MATCH (e:E {id: 1}) DELETE e"])
        repository.commit("the newest row is gone")
        assert len(asked) == 1
