"""Diff: which sides, which rows, how little is read, and what it says of odd changes."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import kuzugit.porcelain.reading as reading
import kuzugit.porcelain.small as small
import kuzugit.porcelain.windows as windows
from kuzugit.canonical import chunks
from kuzugit.canonical.finding import BadKey
from kuzugit.diff.where import BadCondition
from kuzugit.model.changes import RowCounts
from kuzugit.porcelain.diff import Diff, NothingToCompare, UnknownKindOfChange, diff
from kuzugit.porcelain.unknown_table import UnknownColumn, UnknownTable
from kuzugit.porcelain.workspace import Workspace, open_workspace
from tests.store.making import git
from tests.support.graphs import open_database
from tests.support.live import (
    ADD_COLUMN,
    ADD_PERSON,
    DROP_COLUMN,
    RENAME_PERSON,
    LiveProject,
    make_project,
)

EDITS = (
    ADD_PERSON,
    RENAME_PERSON,
    "MATCH (p:Person {id: 20}) DETACH DELETE p",
    "MATCH (:Person {id: 1})-[r:knows]->() SET r.since = 99",
)
EDITED = [
    ("Person", "changed", (3,), ("name",)),
    ("Person", "removed", (20,), ()),
    ("Person", "added", (21,), ()),
    ("knows", "changed", (1, 2), ("since",)),
    ("knows", "removed", (19, 20), ()),
]


@pytest.fixture
def workspace(committed: LiveProject) -> Iterator[Workspace]:
    opened = open_workspace(committed.directory)
    yield opened
    opened.store.close()


def said(found: Diff) -> list[tuple[str, str, Any, tuple[str, ...]]]:
    with found:
        return [
            (change.key.table, str(change.change), change.identity, change.columns)
            for head in found.tables
            for change in found.rows(head)
        ]


class TestSides:
    def test_the_live_database(self, committed: LiveProject, workspace: Workspace) -> None:
        assert diff(workspace).same
        committed.run(*EDITS)
        assert said(diff(workspace)) == EDITED
        assert said(diff(workspace, "v0.1.0")) == EDITED

    def test_live_through_a_connection(self, committed: LiveProject, workspace: Workspace) -> None:
        with open_database(committed.database) as connection:
            connection.execute(ADD_PERSON)
            assert said(diff(workspace, connection=connection)) == [EDITED[2]]

    def test_two_snapshots_and_ranges(self, committed: LiveProject, workspace: Workspace) -> None:
        second = committed.commit("second", *EDITS)
        for words in (("v0.1.0", second), (f"v0.1.0..{second}",), ("v0.1.0..",), (f"..{second}",)):
            expected = [] if words[0].startswith("..") else EDITED
            assert said(diff(workspace, *words)) == expected, words

    def test_from_the_merge_base(self, committed: LiveProject, workspace: Workspace) -> None:
        second = committed.commit("second", *EDITS)
        git(committed.store, "branch", "side", "v0.1.0^{}")
        other = git(
            committed.store, "commit-tree", "v0.1.0^{tree}", "-p", "v0.1.0^{}", "-m", "aside"
        ).strip()
        assert said(diff(workspace, f"{other}...{second}")) == EDITED

    def test_nothing_between_a_snapshot_and_itself(self, workspace: Workspace) -> None:
        found = diff(workspace, "v0.1.0..v0.1.0")
        assert (found.same, bool(found), said(found)) == (True, False, [])

    def test_reverse_inverts(self, committed: LiveProject, workspace: Workspace) -> None:
        committed.run(*EDITS)
        turned = {"added": "removed", "removed": "added", "changed": "changed"}
        back = said(diff(workspace, reverse=True))
        assert sorted((t, turned[c], k, n) for t, c, k, n in back) == sorted(
            EDITED, key=lambda row: (row[0], row[1], row[2])
        )

    def test_before_the_first_commit(self, live: LiveProject) -> None:
        with pytest.raises(NothingToCompare):
            diff(open_workspace(live.directory))

    def test_nothing_moves(self, committed: LiveProject, workspace: Workspace) -> None:
        committed.run(*EDITS)
        before = committed.database.read_bytes(), git(committed.store, "count-objects", "-v")
        said(diff(workspace))
        after = committed.database.read_bytes(), git(committed.store, "count-objects", "-v")
        assert after == before
        assert list((committed.store / "kuzugit" / "tmp").iterdir()) == []


class TestFilters:
    @pytest.mark.parametrize(
        ("filters", "which"),
        [
            ({"tables": ["Person"]}, [0, 1, 2]),
            ({"tables": ["k*"]}, [3, 4]),
            ({"keys": ["3", "21"]}, [0, 2]),
            ({"keys": ["1->2"]}, [3]),
            ({"types": ["removed"]}, [1, 4]),
            ({"columns": ["since"]}, [1, 2, 3, 4]),
            ({"where": "old_balance = 10 -- a comment"}, [0, 1]),
            ({"where": "change = 'added'"}, [2]),
            ({"limit": 1}, [0, 3]),
            ({"limit": 0}, []),
        ],
    )
    def test_each(
        self,
        committed: LiveProject,
        workspace: Workspace,
        filters: dict[str, Any],
        which: list[int],
    ) -> None:
        committed.run(*EDITS)
        assert said(diff(workspace, **filters)) == [EDITED[at] for at in which]
        with diff(workspace, **filters) as found:
            counts = sum((found.counts(head) for head in found.tables), RowCounts())
        if "limit" not in filters:
            assert counts.added + counts.removed + counts.changed == len(which)

    def test_wrong_words(self, committed: LiveProject, workspace: Workspace) -> None:
        committed.run(*EDITS)
        with pytest.raises(UnknownKindOfChange):
            diff(workspace, types=["renamed"])
        with pytest.raises(UnknownTable, match="'Nobody'"):
            diff(workspace, tables=["Nobody"])

    @pytest.mark.parametrize(
        "condition",
        [
            "x y",
            "no_such_column",
            "old_id IN (SELECT 1 FROM read_csv('/etc/passwd'))",
            "old_name IN (SELECT content FROM read_text('/etc/hostname'))",
            "old_id IN (SELECT 1 FROM read_parquet('https://example.org/x'))",
            "1 = 1; COPY (SELECT 1) TO '/tmp/kuzugit-was-here'",
            "EXISTS (FROM glob('/*'))",
        ],
    )
    def test_a_condition_reaches_nothing(
        self, committed: LiveProject, workspace: Workspace, condition: str
    ) -> None:
        committed.run(*EDITS)
        with pytest.raises(BadCondition):
            said(diff(workspace, where=condition))
        assert not Path("/tmp/kuzugit-was-here").exists()

    @pytest.mark.parametrize("sides", [(), ("HEAD", "HEAD"), ("v0.1.0",)])
    @pytest.mark.parametrize(
        ("filters", "error"),
        [
            ({"tables": ["Nobody"]}, UnknownTable),
            ({"columns": ["nam"]}, UnknownColumn),
            ({"tables": ["knows"], "columns": ["name"]}, UnknownColumn),
            ({"keys": ["zz"]}, BadKey),
            ({"keys": ["1->zz"]}, BadKey),
            ({"where": "foo <"}, BadCondition),
            ({"where": "old_nam < new_name"}, BadCondition),
        ],
    )
    def test_what_no_table_has_is_refused_whether_something_differs_or_not(
        self,
        workspace: Workspace,
        committed: LiveProject,
        sides: tuple[str, ...],
        filters: dict[str, Any],
        error: type[Exception],
    ) -> None:
        if not sides:
            committed.run(ADD_PERSON)
        with pytest.raises(error):
            diff(workspace, *sides, **filters)

    def test_what_a_table_that_is_alike_has_is_asked_for(self, workspace: Workspace) -> None:
        for filters in ({"columns": ["name"]}, {"keys": ["1", "1->2"]}, {"where": "old_id > 3"}):
            with diff(workspace, "HEAD", "HEAD", **filters) as found:  # type: ignore[arg-type]
                assert not found


class TestSchemaChanges:
    def heads(self, workspace: Workspace, *words: str) -> dict[str, tuple[Any, RowCounts]]:
        with diff(workspace, *words) as found:
            return {head.key.table: (head.notes, found.counts(head)) for head in found.tables}

    def test_columns_of_one_side(self, committed: LiveProject, workspace: Workspace) -> None:
        committed.run(ADD_COLUMN, DROP_COLUMN, RENAME_PERSON)
        notes, counts = self.heads(workspace)["Person"]
        assert notes == ("balance is gone and not compared", "email is new and not compared")
        assert counts == RowCounts(changed=1)

    def test_another_primary_key_is_said(
        self, committed: LiveProject, workspace: Workspace
    ) -> None:
        committed.run(
            "DROP TABLE knows",
            "DROP TABLE Person",
            "CREATE NODE TABLE Person(id INT64, name STRING PRIMARY KEY, balance INT64)",
            "CREATE (:Person {id: 1, name: 'p1', balance: 10})",
        )
        found = self.heads(workspace)
        assert found["Person"][0][0].startswith("the key changed (id INT64 -> name STRING)")
        assert found["Person"][1] == RowCounts(added=1, removed=20)
        assert found["knows"] == (("the table is gone",), RowCounts(removed=19))

    def test_equal_chunks_of_another_key_are_no_empty_answer(self, tmp_path: Path) -> None:
        project = make_project(tmp_path / "p")
        project.run("DROP TABLE knows", "DROP TABLE Person")
        rows = "UNWIND [1, 2, 3] AS i CREATE (:T {a: i, b: i})"
        project.commit("a", "CREATE NODE TABLE T(a INT64 PRIMARY KEY, b INT64)", rows)
        project.run("DROP TABLE T", "CREATE NODE TABLE T(a INT64, b INT64 PRIMARY KEY)", rows)
        with diff(open_workspace(project.directory)) as found:
            (head,) = found.tables
            assert head.notes
            assert found.counts(head) == RowCounts(added=3, removed=3)
            assert len(list(found.rows(head))) == 6


class TestRenames:
    def changes(self, workspace: Workspace) -> list[tuple[str, str, str]]:
        with diff(workspace) as found:
            return [(change.change, change.kind, change.name) for change in found.schema]

    def test_a_table_takes_its_rels_along(
        self, committed: LiveProject, workspace: Workspace
    ) -> None:
        committed.run("ALTER TABLE Person RENAME TO Human", "ALTER TABLE knows RENAME TO met")
        assert self.changes(workspace) == [
            ("renamed", "node table", "Human"),
            ("renamed", "rel table", "met"),
        ]
        assert said(diff(workspace)) == []

    def test_columns_beside_other_changes(
        self, committed: LiveProject, workspace: Workspace
    ) -> None:
        committed.run(
            "ALTER TABLE Person RENAME name TO title",
            "ALTER TABLE Person RENAME id TO key",
            "ALTER TABLE knows RENAME since TO begun",
            "MATCH (p:Person {key: 4}) SET p.balance = 11",
        )
        assert self.changes(workspace) == [
            ("renamed", "property", "Person.key"),
            ("renamed", "property", "knows.begun"),
            ("renamed", "property", "Person.title"),
        ]
        assert said(diff(workspace)) == [("Person", "changed", (4,), ("balance",))]

    def test_other_content_is_no_rename(self, committed: LiveProject, workspace: Workspace) -> None:
        committed.run(
            "ALTER TABLE Person RENAME balance TO money", "MATCH (p:Person {id: 4}) SET p.money = 1"
        )
        assert ("removed", "property", "Person.balance") in self.changes(workspace)

    def test_two_equals_are_listed(self, committed: LiveProject, workspace: Workspace) -> None:
        committed.run("ALTER TABLE Person ADD a INT64", "ALTER TABLE Person ADD b INT64")
        committed.run("MATCH (p:Person) SET p.a = p.balance")
        committed.run("MATCH (p:Person) SET p.b = p.balance")
        committed.run("ALTER TABLE Person DROP balance")
        with diff(workspace) as found:
            (item,) = found.candidates
        assert (item.old, item.new) == (("Person.balance",), ("Person.a", "Person.b"))
        assert ("removed", "property", "Person.balance") in self.changes(workspace)


class TestReading:
    """A table of many chunks: what is read, and that windows say what the whole says."""

    @pytest.fixture
    def many(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LiveProject:
        monkeypatch.setattr(chunks, "TARGET_BYTES", 1 << 10)
        project = make_project(tmp_path / "many")
        project.run(
            "UNWIND range(100, 3000) AS i CREATE (:Person {id: i, name: 'p' + CAST(i AS STRING)})"
        )
        project.commit("many")
        return project

    @pytest.fixture
    def read(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        seen: list[str] = []
        read_blob = reading.read_blob

        def counted(store: Any, id: Any, *limit: int) -> bytes:
            seen.append(id)
            return read_blob(store, id, *limit)

        monkeypatch.setattr(reading, "read_blob", counted)
        return seen

    def test_equal_chunks_are_not_read(self, many: LiveProject, read: list[str]) -> None:
        many.commit("one row", "MATCH (p:Person {id: 1500}) SET p.name = 'other'")
        read.clear()
        with open_workspace(many.directory).store as store:
            found = diff(Workspace(store, many.database), "v0.1.0", "v0.1.1")
            assert len(found.manifests()[0].table(found.tables[0].key).chunks) > 20
            assert said(found) == [("Person", "changed", (1500,), ("name",))]
        # Two manifests and one chunk of each side.
        assert len(read) == 4

    def test_equal_trees_are_not_read(self, many: LiveProject, read: list[str]) -> None:
        with open_workspace(many.directory).store as store:
            assert diff(Workspace(store, many.database), "v0.1.0", "v0.1.0").same
        assert read == []

    @pytest.mark.parametrize("small_bytes", [0, 1 << 30])
    @pytest.mark.parametrize("window", [1, 1 << 14, 1 << 30])
    def test_windows_say_what_the_whole_says(
        self, many: LiveProject, monkeypatch: pytest.MonkeyPatch, window: int, small_bytes: int
    ) -> None:
        monkeypatch.setattr(small, "SMALL_BYTES", small_bytes)
        dice = random.Random(7)
        gone, edited = dice.sample(range(100, 3000), 40), dice.sample(range(100, 3000), 60)
        many.commit(
            "strewn",
            f"MATCH (p:Person) WHERE p.id IN {edited} SET p.name = 'other'",
            f"MATCH (p:Person) WHERE p.id IN {gone} DELETE p",
            "UNWIND range(3001, 3050) AS i CREATE (:Person {id: -i})",
        )
        monkeypatch.setattr(windows, "WINDOW_BYTES", window)
        expected = {(id, "changed") for id in edited} - {(id, "changed") for id in gone}
        expected |= {(id, "removed") for id in gone}
        expected |= {(-id, "added") for id in range(3001, 3051)}
        with open_workspace(many.directory).store as store:
            found = said(diff(Workspace(store, many.database), "v0.1.0", "v0.1.1"))
        assert [(key[0], change) for _, change, key, _ in found] == sorted(expected)

    def test_windows_of_rels_part_no_pair(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # So small a target that a chunk ends between the parallel rels of one pair, elsewhere
        # in each version.
        monkeypatch.setattr(chunks, "TARGET_BYTES", 1 << 8)
        project = make_project(tmp_path / "rels")
        project.run(
            "UNWIND range(100, 120) AS i CREATE (:Person {id: i})",
            "MATCH (a:Person), (b:Person {id: 100}) WHERE a.id >= 100 "
            "UNWIND range(1, 400) AS w CREATE (a)-[:knows {since: w}]->(b)",
        )
        old = project.commit("parallel")
        new = project.commit(
            "edited",
            "MATCH (a:Person)-[k:knows {since: 7}]->() WHERE a.id >= 100 DELETE k",
            "MATCH (:Person {id: 110})-[k:knows {since: 8}]->() SET k.since = 99",
        )
        with open_workspace(project.directory).store as store:
            workspace = Workspace(store, project.database)
            told = []
            for window in (1 << 30, 1):
                monkeypatch.setattr(windows, "WINDOW_BYTES", window)
                with diff(workspace, old, new) as found:
                    told.append(
                        [c for head in found.tables if head.key.is_rel for c in found.rows(head)]
                    )
        assert len(told[0]) == 21 + 2
        assert told[1] == told[0]

    def test_what_little_differs_is_read_without_arrow_and_duckdb(self, many: LiveProject) -> None:
        many.commit("one row", "MATCH (p:Person {id: 1500}) SET p.name = 'other'")
        script = (
            "import sys; from kuzugit.cli.app import main; "
            "code = main(['diff', 'v0.1.0', 'v0.1.1', '--table', 'Person']); "
            "print(sorted({'duckdb', 'pyarrow', 'numpy', 'kuzu'} & set(sys.modules)), code)"
        )
        done = subprocess.run(
            [sys.executable, "-c", script],
            cwd=many.directory,
            capture_output=True,
            text=True,
            check=True,
        )
        assert "~ 1500" in done.stdout
        assert done.stdout.endswith("[] 0\n")


def test_the_repository_has_it(committed: LiveProject) -> None:
    committed.run(*EDITS)
    with committed.open() as repository, repository.diff(tables=["knows"]) as found:
        assert [head.key.table for head in found.tables] == ["knows"]


def test_properties_named_like_the_ends_of_a_rel_are_compared(live: LiveProject) -> None:
    live.commit(
        "odd names",
        "CREATE NODE TABLE Leg(id INT64 PRIMARY KEY, `from` INT64, `To` STRING)",
        "CREATE (:Leg {id: 1, `from`: 1, `To`: 'x'})",
    )
    live.run("MATCH (l:Leg) SET l.`from` = 2, l.`To` = 'y'")
    with live.open() as repository:
        assert said(repository.diff()) == [("Leg", "changed", (1,), ("from", "To"))]
