"""Sync where one side added a property: rows that only the other has get its default."""

from __future__ import annotations

from pathlib import Path

import pytest

from kuzugit.model.merge import Choice, Choices
from kuzugit.porcelain.sync import SyncConflicts
from tests.porcelain.test_sync import made, rows, run
from tests.support.compare import assert_same_database
from tests.support.graphs import run_statements
from tests.support.live import LiveProject

TABLES = (
    "CREATE NODE TABLE N(id STRING PRIMARY KEY, v INT64)",
    "CREATE REL TABLE r(FROM N TO N, w INT64)",
    "CREATE (:N {id: 'a', v: 1})-[:r {w: 1}]->(:N {id: 'b', v: 2})",
)
TYPES = {
    "text": "STRING DEFAULT 'it\\'s'",
    "whole": "INT64 DEFAULT -5",
    "small": "INT8 DEFAULT -127",
    "huge": "INT128 DEFAULT 170141183460469231731687303715884105727",
    "half": "DOUBLE DEFAULT -0.1",
    "money": "DECIMAL(9,2) DEFAULT -1.05",
    "yes": "BOOL DEFAULT true",
    "day": "DATE DEFAULT date('2020-02-29')",
    "at": "TIMESTAMP DEFAULT timestamp('2020-02-29 01:02:03.000004')",
    "zone": "TIMESTAMP_TZ DEFAULT CAST('2020-02-29 01:02:03+00' AS TIMESTAMP_TZ)",
    "span": "INTERVAL DEFAULT interval('1 month 2 days 3 us')",
    "id2": "UUID DEFAULT uuid('c0ffee00-0000-4000-8000-000000000001')",
    "bytes": "BLOB DEFAULT BLOB('\\\\x00\\\\xFF')",
    "list": "STRING[] DEFAULT ['a', '']",
    "fixed": "FLOAT[2] DEFAULT [0.5, -0.5]",
    "record": "STRUCT(a INT64, b STRING[]) DEFAULT {a: -1, b: ['x']}",
    "map": "MAP(STRING, INT64) DEFAULT map(['k'], [7])",
    "either": "UNION(a INT64, b STRING) DEFAULT union_value(b := 'x')",
}
ADDED = tuple(
    f"ALTER TABLE {table} ADD `{name}` {type_}" for table in "Nr" for name, type_ in TYPES.items()
)
OF_OURS = "CREATE (:N {id: 'o', v: 8})-[:r {w: 8}]->(:N {id: 'p', v: 9})"
OF_THEIRS = "CREATE (:N {id: 's', v: 5})-[:r {w: 5}]->(:N {id: 't', v: 6})"


@pytest.fixture
def there(tmp_path: Path) -> LiveProject:
    return made(tmp_path / "there", *TABLES)


@pytest.fixture
def here(tmp_path: Path, there: LiveProject) -> LiveProject:
    project = made(tmp_path / "here")
    run(project, there.directory)
    return project


def expected(tmp_path: Path, *statements: str) -> Path:
    """Build a database by statements alone: here Kùzu itself fills in the defaults."""
    path = tmp_path / "expected.kuzu"
    run_statements(path, statements)
    return path


def with_defaults_first(*rows: str) -> tuple[str, ...]:
    return (*TABLES[:2], *ADDED, TABLES[2], *rows)


class TestOfEveryType:
    """The tables of nodes and of rels; Kùzu says what the default's value is."""

    def test_they_added_it(self, tmp_path: Path, here: LiveProject, there: LiveProject) -> None:
        there.commit("theirs", *ADDED)
        here.commit("ours", OF_OURS)
        result = run(here, there.directory)
        assert result.warnings == ()
        assert_same_database(expected(tmp_path, *with_defaults_first(OF_OURS)), here.database)
        assert not run(here, there.directory).created

    def test_we_added_it(self, tmp_path: Path, here: LiveProject, there: LiveProject) -> None:
        here.commit("ours", *ADDED)
        there.commit("theirs", OF_THEIRS)
        run(here, there.directory)
        assert_same_database(expected(tmp_path, *with_defaults_first(OF_THEIRS)), here.database)
        assert not run(here, there.directory).created

    def test_without_a_common_past(self, tmp_path: Path, there: LiveProject) -> None:
        other = made(tmp_path / "other", *TABLES[:2], OF_OURS)
        there.commit("theirs", *ADDED)
        run(other, there.directory)
        wanted = expected(tmp_path, *with_defaults_first(OF_OURS))
        assert_same_database(wanted, other.database)
        assert not run(other, there.directory).created


STATUS = "MATCH (n:N) RETURN n.id, n.status"


class TestWhatIsAChange:
    def test_a_value_that_is_no_default_stays(self, here: LiveProject, there: LiveProject) -> None:
        there.commit(
            "theirs",
            "ALTER TABLE N ADD status STRING DEFAULT 'open'",
            "MATCH (n:N {id: 'a'}) SET n.status = 'done'",
            "MATCH (n:N {id: 'b'}) SET n.status = NULL",
        )
        here.commit("ours", "CREATE (:N {id: 'o', v: 8})", "MATCH (n:N) SET n.v = 0")
        run(here, there.directory)
        assert rows(here, STATUS) == [["a", "done"], ["b", None], ["o", "open"]]

    def test_what_we_removed_is_gone(self, here: LiveProject, there: LiveProject) -> None:
        """The default alone is no change of the row that we removed."""
        there.commit("theirs", "ALTER TABLE N ADD status STRING DEFAULT 'open'")
        here.commit("ours", "MATCH (n:N {id: 'a'}) DETACH DELETE n")
        run(here, there.directory)
        assert rows(here, STATUS) == [["b", "open"]]

    def test_what_they_removed_is_gone(self, here: LiveProject, there: LiveProject) -> None:
        here.commit("ours", "ALTER TABLE N ADD status STRING DEFAULT 'open'")
        there.commit("theirs", "MATCH (n:N {id: 'a'}) DETACH DELETE n")
        run(here, there.directory)
        assert rows(here, STATUS) == [["b", "open"]]

    def test_a_removed_row_with_another_value_is_a_conflict(
        self, here: LiveProject, there: LiveProject
    ) -> None:
        there.commit(
            "theirs",
            "ALTER TABLE N ADD status STRING DEFAULT 'open'",
            "MATCH (n:N {id: 'a'}) SET n.status = NULL",
        )
        here.commit("ours", "MATCH (n:N {id: 'a'}) DETACH DELETE n")
        with pytest.raises(SyncConflicts) as caught:
            run(here, there.directory)
        assert [conflict.key for conflict in caught.value.conflicts] == [("a",)]

    def test_both_added_it(self, here: LiveProject, there: LiveProject) -> None:
        """Who has set another value than the default of both has changed it."""
        for project, key in ((there, "a"), (here, "b")):
            project.commit(
                "status",
                "ALTER TABLE N ADD status STRING DEFAULT 'open'",
                f"MATCH (n:N {{id: '{key}'}}) SET n.status = '{key}'",
            )
        run(here, there.directory)
        assert rows(here, STATUS) == [["a", "a"], ["b", "b"]]

    def test_both_added_it_with_other_defaults(self, here: LiveProject, there: LiveProject) -> None:
        there.commit("theirs", "ALTER TABLE N ADD status STRING DEFAULT 'open'")
        here.commit("ours", "ALTER TABLE N ADD status STRING DEFAULT 'new'")
        with pytest.raises(SyncConflicts):
            run(here, there.directory)
        run(here, there.directory, choices=Choices(Choice.THEIRS))
        assert rows(here, STATUS) == [["a", "open"], ["b", "open"]]

    def test_a_pair_that_only_we_have(self, tmp_path: Path) -> None:
        nodes = (
            "CREATE NODE TABLE N(id INT64 PRIMARY KEY)",
            "CREATE NODE TABLE M(id INT64 PRIMARY KEY)",
        )
        there = made(tmp_path / "one", *nodes, "CREATE REL TABLE r(FROM N TO N)")
        here = made(
            tmp_path / "two",
            *nodes,
            "CREATE REL TABLE r(FROM N TO N, FROM N TO M)",
            "CREATE (:N {id: 1})-[:r]->(:M {id: 2})",
        )
        there.commit("theirs", "ALTER TABLE r ADD w INT64 DEFAULT 3")
        run(here, there.directory)
        assert rows(here, "MATCH ()-[r:r]->() RETURN r.w") == [[3]]
        assert not run(here, there.directory).created


class TestParallelRels:
    """Several rels between two nodes are compared, and taken, as one."""

    AGAIN = "MATCH (a:N {id: 'a'}), (b:N {id: 'b'}) CREATE (a)-[:r {w: 1}]->(b)"
    RELS = "MATCH ()-[r:r]->() RETURN r.w, r.p"

    def test_ours_get_the_default(self, here: LiveProject, there: LiveProject) -> None:
        there.commit("theirs", "ALTER TABLE r ADD p STRING DEFAULT 'x'")
        here.commit("ours", self.AGAIN)
        run(here, there.directory)
        assert rows(here, self.RELS) == [[1, "x"], [1, "x"]]
        assert not run(here, there.directory).created

    @pytest.mark.parametrize("default", ["", " DEFAULT 'x'"])
    def test_their_values_are_taken(
        self, here: LiveProject, there: LiveProject, default: str
    ) -> None:
        there.commit("more", self.AGAIN)
        run(here, there.directory)
        there.commit(
            "theirs",
            f"ALTER TABLE r ADD p STRING{default}",
            "MATCH ()-[r:r]->() WITH r LIMIT 1 SET r.p = 'y'",
        )
        here.commit("ours", "CREATE (:N {id: 'o', v: 8})-[:r {w: 8}]->(:N {id: 'p', v: 9})")
        run(here, there.directory)
        other = "x" if default else None
        assert rows(here, self.RELS) == sorted([[1, other], [1, "y"], [8, other]], key=repr)

    def test_values_and_rels_of_both_are_a_conflict(
        self, here: LiveProject, there: LiveProject
    ) -> None:
        there.commit(
            "theirs",
            "ALTER TABLE r ADD p STRING DEFAULT 'x'",
            "MATCH ()-[r:r]->() SET r.p = 'y'",
        )
        here.commit("ours", self.AGAIN)
        with pytest.raises(SyncConflicts):
            run(here, there.directory)
        run(here, there.directory, choices=Choices(Choice.THEIRS))
        assert rows(here, self.RELS) == [[1, "y"]]

    def test_both_added_it(self, here: LiveProject, there: LiveProject) -> None:
        there.commit("more", self.AGAIN)
        run(here, there.directory)
        there.commit("theirs", "ALTER TABLE r ADD p INT64", "MATCH ()-[r:r]->() SET r.p = 1")
        here.commit("ours", "ALTER TABLE r ADD p INT64")
        run(here, there.directory)
        assert rows(here, self.RELS) == [[1, 1], [1, 1]]

    def test_both_added_it_with_other_defaults(self, here: LiveProject, there: LiveProject) -> None:
        there.commit("more", self.AGAIN)
        run(here, there.directory)
        there.commit("theirs", "ALTER TABLE r ADD p INT64 DEFAULT 1")
        here.commit("ours", "ALTER TABLE r ADD p INT64 DEFAULT 2")
        with pytest.raises(SyncConflicts):
            run(here, there.directory)
        run(here, there.directory, choices=Choices(Choice.THEIRS))
        assert rows(here, self.RELS) == [[1, 1], [1, 1]]


class TestNoConstant:
    """A default that differs from row to row is not made up: NULL, and it is told."""

    @pytest.mark.parametrize(
        ("before", "property_"),
        [
            ((), "STRING DEFAULT CAST(gen_random_uuid() AS STRING)"),
            ((), "TIMESTAMP DEFAULT current_timestamp()"),
            (("CREATE SEQUENCE codes",), "INT64 DEFAULT nextval('codes')"),
            (("CREATE MACRO code(x) AS x + 1",), "INT64 DEFAULT code(1)"),
            ((), "STRING DEFAULT repeat('x', 3)"),
        ],
    )
    def test_it_is_told(
        self, here: LiveProject, there: LiveProject, before: tuple[str, ...], property_: str
    ) -> None:
        there.commit("theirs", *before, f"ALTER TABLE N ADD code {property_}")
        here.commit("ours", "CREATE (:N {id: 'o', v: 8}), (:N {id: 'p', v: 9})")
        default = property_.partition("DEFAULT ")[2]
        for dry_run in (True, False):
            result = run(here, there.directory, dry_run=dry_run)
            (told,) = result.warnings
            assert told == (
                f"N: 2 rows have no code (NULL), because its default {default} is no plain constant"
            )
        query = "MATCH (n:N) WHERE n.code IS NULL RETURN n.id"
        assert rows(here, query) == [["o"], ["p"]]
        assert not run(here, there.directory).created

    def test_nothing_is_told_where_every_row_has_its_value(
        self, here: LiveProject, there: LiveProject
    ) -> None:
        there.commit("theirs", "ALTER TABLE N ADD code TIMESTAMP DEFAULT current_timestamp()")
        here.commit("ours", "MATCH (n:N {id: 'a'}) SET n.v = 7")
        assert run(here, there.directory).warnings == ()


def test_a_least_value_that_only_the_default_brings(
    tmp_path: Path, here: LiveProject, there: LiveProject
) -> None:
    """Their rows do not have it, so nothing but the default says how to build the table."""
    there.commit(
        "theirs",
        "ALTER TABLE N ADD low INT8 DEFAULT CAST('-128' AS INT8)",
        "MATCH (n:N) SET n.low = 1",
    )
    here.commit("ours", "CREATE (:N {id: 'o', v: 8})")
    run(here, there.directory)
    assert rows(here, "MATCH (n:N) RETURN n.id, n.low") == [["a", 1], ["b", 1], ["o", -128]]
    with here.open() as repository:
        assert not repository.status().changes
        assert repository.verify().findings == ()
