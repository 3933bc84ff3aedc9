"""Sync on real databases: who changed what, whose rels hang on what, where it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from kuzugit.model.merge import Choice, Choices
from kuzugit.porcelain.checks import ChecksFailed
from kuzugit.porcelain.fetch import fetch
from kuzugit.porcelain.remote import add_remote
from kuzugit.porcelain.repository import Repository
from kuzugit.porcelain.sync import (
    NotAtTheEnd,
    OnlyAhead,
    SyncConflicts,
    SyncResult,
    UnsavedBeforeSync,
    sync,
)
from kuzugit.porcelain.sync_source import NoSnapshotThere, RevisionOfFile, UnknownSource
from kuzugit.porcelain.taking_over import EndsNotTaken
from kuzugit.porcelain.unknown_table import UnknownTable
from kuzugit.porcelain.workspace import Workspace, open_workspace
from tests.support.compare import assert_same_database
from tests.support.graphs import open_database, run_statements
from tests.support.live import LiveProject
from tests.support.snapshots import git, tree_id

OURS = Choices(Choice.OURS)
THEIRS = Choices(Choice.THEIRS)
REQUIREMENTS = (
    "CREATE NODE TABLE Requirement(id STRING PRIMARY KEY, title STRING, prio INT64)",
    "CREATE REL TABLE depends_on(FROM Requirement TO Requirement, why STRING)",
    "CREATE (:Requirement {id: 'R1', title: 'a', prio: 1})",
    "CREATE (:Requirement {id: 'R2', title: 'b', prio: 2})",
    "CREATE (:Requirement {id: 'R3', title: 'c', prio: 3})",
    "MATCH (a:Requirement {id: 'R1'}), (b:Requirement {id: 'R2'}) "
    "CREATE (a)-[:depends_on {why: 'x'}]->(b)",
)
COMPONENTS = (
    "CREATE NODE TABLE Component(name STRING PRIMARY KEY)",
    "CREATE (:Component {name: 'C1'})",
)
SATISFIES = (
    "CREATE REL TABLE satisfies(FROM Component TO Requirement)",
    "MATCH (c:Component), (r:Requirement {id: 'R3'}) CREATE (c)-[:satisfies]->(r)",
)


def made(directory: Path, *statements: str) -> LiveProject:
    directory.mkdir()
    project = LiveProject(directory)
    run_statements(project.database, statements)
    Repository.init(project.database, directory=directory).close()
    project.commit("first")
    return project


@contextmanager
def opened(project: LiveProject) -> Iterator[Workspace]:
    workspace = open_workspace(project.directory)
    try:
        yield workspace
    finally:
        workspace.store.close()


def run(project: LiveProject, source: object, *revision: str, **options: Any) -> SyncResult:
    with opened(project) as workspace:
        return sync(workspace, str(source), *revision, **options)


def trailer(project: LiveProject, key: str) -> str:
    """Return the trailer of the newest snapshot, as plain Git reads it."""
    form = f"--format=%(trailers:key={key},valueonly)"
    return git(project.store, "log", "-1", form, "main").strip()


def rows(project: LiveProject, query: str) -> list[list[Any]]:
    with open_database(project.database, read_only=True) as connection:
        result = connection.execute(query)
        found = []
        while result.has_next():
            found.append(result.get_next())
        return sorted(found, key=repr)


@pytest.fixture
def there(tmp_path: Path) -> LiveProject:
    return made(tmp_path / "requirement", *REQUIREMENTS)


@pytest.fixture
def here(tmp_path: Path, there: LiveProject) -> LiveProject:
    """A store of components that has taken over the requirements."""
    project = made(tmp_path / "architecture", *COMPONENTS)
    run(project, there.directory)
    return project


TITLES = "MATCH (r:Requirement) RETURN r.id, r.title, r.prio"


class TestThreeWays:
    def test_what_came_over_stands_beside_what_was_here(self, here: LiveProject) -> None:
        assert rows(here, "MATCH (c:Component) RETURN c.name") == [["C1"]]
        assert rows(here, TITLES) == [["R1", "a", 1], ["R2", "b", 2], ["R3", "c", 3]]
        assert rows(here, "MATCH (a)-[d:depends_on]->(b) RETURN a.id, d.why, b.id") == [
            ["R1", "x", "R2"]
        ]

    def test_the_changes_of_both_are_there(self, here: LiveProject, there: LiveProject) -> None:
        there.commit(
            "theirs",
            "MATCH (r:Requirement {id: 'R1'}) SET r.title = 'A'",
            "MATCH (r:Requirement {id: 'R3'}) DELETE r",
            "CREATE (:Requirement {id: 'R4', title: 'd', prio: 4})",
        )
        here.commit(
            "ours",
            "MATCH (r:Requirement {id: 'R1'}) SET r.prio = 9",
            "CREATE (:Requirement {id: 'L1', title: 'local', prio: 0})",
        )
        result = run(here, there.directory)
        assert result.created
        assert result.source_version == "v0.1.1"
        assert rows(here, TITLES) == [
            ["L1", "local", 0],
            ["R1", "A", 9],
            ["R2", "b", 2],
            ["R4", "d", 4],
        ]

    def test_a_conflict_is_listed_and_nothing_is_applied(
        self, here: LiveProject, there: LiveProject
    ) -> None:
        there.commit("theirs", "MATCH (r:Requirement {id: 'R1'}) SET r.title = 'A', r.prio = 7")
        here.commit("ours", "MATCH (r:Requirement {id: 'R1'}) SET r.title = 'mine', r.prio = 7")
        before, tips = here.database.read_bytes(), git(here.store, "for-each-ref", "refs/heads")
        with pytest.raises(SyncConflicts) as caught:
            run(here, there.directory)
        (conflict,) = caught.value.conflicts
        assert (conflict.table, conflict.key, conflict.column) == ("Requirement", ("R1",), "title")
        assert (conflict.base, conflict.theirs, conflict.ours) == ("a", "A", "mine")
        assert here.database.read_bytes() == before
        assert git(here.store, "for-each-ref", "refs/heads") == tips
        run(here, there.directory, choices=Choices(None, (("Req*", Choice.THEIRS),)))
        assert rows(here, TITLES)[0] == ["R1", "A", 7]
        assert not run(here, there.directory).created

    def test_what_was_here_already_is_the_base_of_the_next(
        self, tmp_path: Path, there: LiveProject
    ) -> None:
        same = made(tmp_path / "same", *REQUIREMENTS, *COMPONENTS)
        assert not run(same, there.directory).created
        there.commit("theirs", "MATCH (r:Requirement {id: 'R1'}) SET r.title = 'z'")
        assert run(same, there.directory).created
        assert not run(same, there.directory).created

    def test_ours_stays_ours_in_later_syncs(self, here: LiveProject, there: LiveProject) -> None:
        there.commit("theirs", "MATCH (r:Requirement {id: 'R1'}) SET r.title = 'A'")
        here.commit("ours", "MATCH (r:Requirement {id: 'R1'}) SET r.title = 'mine'")
        run(here, there.directory, choices=OURS)
        assert rows(here, TITLES)[0] == ["R1", "mine", 1]
        there.commit("more", "MATCH (r:Requirement {id: 'R2'}) SET r.title = 'B'")
        run(here, there.directory)
        assert rows(here, TITLES)[:2] == [["R1", "mine", 1], ["R2", "B", 2]]

    def test_a_property_that_is_new_there(self, here: LiveProject, there: LiveProject) -> None:
        there.commit(
            "theirs",
            "ALTER TABLE Requirement ADD status STRING",
            "MATCH (r:Requirement {id: 'R2'}) SET r.status = 'ok'",
        )
        here.commit("ours", "MATCH (r:Requirement {id: 'R1'}) SET r.title = 'mine'")
        run(here, there.directory)
        assert rows(here, "MATCH (r:Requirement) RETURN r.id, r.title, r.status") == [
            ["R1", "mine", None],
            ["R2", "b", "ok"],
            ["R3", "c", None],
        ]

    def test_a_type_that_differs_is_refused(self, here: LiveProject, there: LiveProject) -> None:
        there.commit(
            "theirs",
            "ALTER TABLE Requirement DROP prio",
            "ALTER TABLE Requirement ADD prio DOUBLE",
        )
        here.commit("ours", "MATCH (r:Requirement {id: 'R1'}) SET r.prio = 9")
        for choices in (Choices(), OURS, THEIRS):
            with pytest.raises(SyncConflicts) as caught:
                run(here, there.directory, choices=choices)
            assert [conflict.settleable for conflict in caught.value.conflicts] == [False]

    def test_parallel_rels_count(self, here: LiveProject, there: LiveProject) -> None:
        another = (
            "MATCH (a:Requirement {id: 'R1'}), (b:Requirement {id: 'R2'}) "
            "CREATE (a)-[:depends_on {why: 'x'}]->(b)"
        )
        there.commit("theirs", another, another)
        here.commit("ours", "MATCH (r:Requirement {id: 'R3'}) SET r.title = 'C'")
        run(here, there.directory)
        assert rows(here, "MATCH (a)-[d:depends_on]->(b) RETURN d.why") == [["x"]] * 3
        there.commit("one less", "MATCH ()-[d:depends_on]->() WITH d LIMIT 1 DELETE d")
        here.commit("one more", another)
        with pytest.raises(SyncConflicts) as caught:
            run(here, there.directory)
        (conflict,) = caught.value.conflicts
        assert conflict.key == ("R1", "R2")


class TestMultiplicity:
    def test_more_rels_than_the_table_allows(self, tmp_path: Path) -> None:
        tables = (
            "CREATE NODE TABLE N(id INT64 PRIMARY KEY)",
            "CREATE REL TABLE owner(FROM N TO N, MANY_ONE)",
            "UNWIND range(1, 4) AS i CREATE (:N {id: i})",
        )
        rel = "MATCH (a:N {{id: {}}}), (b:N {{id: {}}}) CREATE (a)-[:owner]->(b)"
        one = made(tmp_path / "one", *tables, rel.format(4, 1))
        other = made(tmp_path / "other", *tables, rel.format(4, 1))
        assert not run(other, one.directory).created
        one.commit("theirs", rel.format(1, 2), rel.format(2, 1))
        other.commit("ours", rel.format(1, 3), rel.format(3, 1))
        with pytest.raises(SyncConflicts) as caught:
            run(other, one.directory, choices=THEIRS)
        (conflict,) = caught.value.conflicts
        assert (conflict.table, conflict.key) == ("owner (N -> N)", (1,))
        assert not conflict.settleable


class TestEnds:
    """A node that one side removed, while rels of the other side hang on it."""

    @pytest.fixture
    def hanging(self, here: LiveProject, there: LiveProject) -> LiveProject:
        here.commit("ours", *SATISFIES)
        there.commit("theirs", "MATCH (r:Requirement {id: 'R3'}) DELETE r")
        return here

    def test_it_is_a_conflict(self, hanging: LiveProject, there: LiveProject) -> None:
        with pytest.raises(SyncConflicts) as caught:
            run(hanging, there.directory)
        (conflict,) = caught.value.conflicts
        assert (conflict.table, conflict.key) == ("Requirement", ("R3",))
        assert "satisfies" in conflict.why

    def test_theirs_takes_the_rels_along(self, hanging: LiveProject, there: LiveProject) -> None:
        run(hanging, there.directory, choices=THEIRS)
        assert rows(hanging, "MATCH (r:Requirement) RETURN r.id") == [["R1"], ["R2"]]
        assert rows(hanging, "MATCH ()-[s:satisfies]->() RETURN count(*)") == [[0]]

    def test_ours_keeps_the_node(self, hanging: LiveProject, there: LiveProject) -> None:
        run(hanging, there.directory, choices=OURS)
        assert rows(hanging, TITLES)[2] == ["R3", "c", 3]
        assert rows(hanging, "MATCH ()-[s:satisfies]->(r) RETURN r.id") == [["R3"]]
        assert not run(hanging, there.directory).created

    @pytest.fixture
    def gone(self, here: LiveProject, there: LiveProject) -> LiveProject:
        here.commit("ours", "MATCH (r:Requirement {id: 'R3'}) DELETE r")
        there.commit(
            "theirs",
            "MATCH (a:Requirement {id: 'R1'}), (b:Requirement {id: 'R3'}) "
            "CREATE (a)-[:depends_on {why: 'new'}]->(b)",
        )
        return here

    def test_the_other_way_round(self, gone: LiveProject, there: LiveProject) -> None:
        with pytest.raises(SyncConflicts) as caught:
            run(gone, there.directory)
        (conflict,) = caught.value.conflicts
        assert (conflict.table, conflict.key) == ("Requirement", ("R3",))

    def test_theirs_brings_the_node_back(self, gone: LiveProject, there: LiveProject) -> None:
        run(gone, there.directory, choices=THEIRS)
        assert_same_part(gone, there)

    def test_ours_leaves_the_rel_away(self, gone: LiveProject, there: LiveProject) -> None:
        run(gone, there.directory, choices=OURS)
        assert rows(gone, "MATCH (r:Requirement) RETURN r.id") == [["R1"], ["R2"]]
        assert rows(gone, "MATCH ()-[d:depends_on]->() RETURN d.why") == [["x"]]


class TestRemovedTables:
    """A table that they removed, while a rel table of ours connects it."""

    @pytest.fixture
    def hanging(self, here: LiveProject, there: LiveProject) -> LiveProject:
        here.commit("ours", *SATISFIES)
        there.commit("theirs", "DROP TABLE depends_on", "DROP TABLE Requirement")
        return here

    def test_it_is_a_conflict(self, hanging: LiveProject, there: LiveProject) -> None:
        with pytest.raises(SyncConflicts) as caught:
            run(hanging, there.directory)
        (conflict,) = caught.value.conflicts
        assert (conflict.table, conflict.settleable) == ("table Requirement", True)

    @pytest.mark.parametrize(
        ("choices", "tables"),
        [(OURS, ["Component", "Requirement", "satisfies"]), (THEIRS, ["Component"])],
    )
    def test_a_choice_settles_it(
        self, hanging: LiveProject, there: LiveProject, choices: Choices, tables: list[str]
    ) -> None:
        run(hanging, there.directory, choices=choices)
        assert rows(hanging, "CALL show_tables() RETURN name") == [[name] for name in tables]
        if choices is OURS:
            assert len(rows(hanging, TITLES)) == 3
            assert rows(hanging, "MATCH ()-[s:satisfies]->(r) RETURN r.id") == [["R3"]]
        assert not run(hanging, there.directory).created


def assert_same_part(one: LiveProject, other: LiveProject) -> None:
    for query in (TITLES, "MATCH (a)-[d:depends_on]->(b) RETURN a.id, d.why, b.id"):
        assert rows(one, query) == rows(other, query)


class TestParts:
    def test_some_tables_under_another_name(self, tmp_path: Path, there: LiveProject) -> None:
        project = made(tmp_path / "other", *REQUIREMENTS)
        options = {"tables": ("Requirement", "depends*"), "prefix": "req_"}
        run(project, there.directory, **options)
        assert len(rows(project, "MATCH (r:req_Requirement) RETURN r.id")) == 3
        assert rows(project, "MATCH (a)-[:req_depends_on]->(b) RETURN a.id, b.id") == [["R1", "R2"]]
        there.commit("theirs", "MATCH (r:Requirement {id: 'R1'}) SET r.title = 'A'")
        run(project, there.directory, **options)
        assert rows(project, "MATCH (r:req_Requirement {id: 'R1'}) RETURN r.title") == [["A"]]
        assert rows(project, "MATCH (r:Requirement {id: 'R1'}) RETURN r.title") == [["a"]]

    def test_another_part_removes_nothing(self, here: LiveProject, there: LiveProject) -> None:
        assert not run(here, there.directory, tables=("Requirement",)).created
        assert len(rows(here, "MATCH ()-[d:depends_on]->() RETURN d.why")) == 1

    def test_rels_do_not_come_without_their_ends(self, tmp_path: Path, there: LiveProject) -> None:
        project = made(tmp_path / "other", *COMPONENTS)
        with pytest.raises(EndsNotTaken, match="Requirement"):
            run(project, there.directory, tables=("depends_on",))
        with pytest.raises(UnknownTable):
            run(project, there.directory, tables=("nope",))
        run(project, there.directory, tables=("Requirement",))
        assert rows(project, "CALL show_tables() RETURN name") == [["Component"], ["Requirement"]]


class TestSources:
    def test_a_remote_and_its_revision(self, tmp_path: Path, there: LiveProject) -> None:
        there.commit("second", "MATCH (r:Requirement {id: 'R1'}) SET r.title = 'A'")
        project = made(tmp_path / "other", *COMPONENTS)
        with opened(project) as workspace:
            add_remote(workspace, "requirement", str(there.directory))
            fetch(workspace, "requirement")
        result = run(project, "requirement", "v0.1.0")
        assert result.source_version == "v0.1.0"
        assert rows(project, TITLES)[0] == ["R1", "a", 1]
        assert trailer(project, "Kuzugit-Source") == "requirement"
        assert trailer(project, "Kuzugit-Source-Version") == "v0.1.0"
        wanted = git(there.store, "rev-parse", "v0.1.0^{tree}").strip()
        assert trailer(project, "Kuzugit-Source-Tree") == wanted
        run(project, "requirement")
        assert rows(project, TITLES)[0] == ["R1", "A", 1]

    def test_a_database(self, tmp_path: Path, there: LiveProject) -> None:
        project = made(tmp_path / "other", *COMPONENTS)
        assert run(project, there.database).created
        assert not run(project, there.database).created
        there.run("MATCH (r:Requirement {id: 'R3'}) DELETE r")
        assert run(project, there.database).created
        assert_same_part(project, there)
        with pytest.raises(RevisionOfFile):
            run(project, there.database, "v0.1.0")

    def test_an_exported_directory(self, tmp_path: Path, there: LiveProject) -> None:
        exported = tmp_path / "exported"
        run_statements(there.database, [f"EXPORT DATABASE '{exported}'"])
        project = made(tmp_path / "other", *COMPONENTS)
        run(project, exported)
        assert_same_part(project, there)

    def test_nothing_of_the_kind(self, tmp_path: Path, here: LiveProject) -> None:
        with pytest.raises(UnknownSource, match="nope"):
            run(here, "nope")
        (tmp_path / "empty").mkdir()
        run_statements(tmp_path / "empty" / "graph.kuzu", ())
        Repository.init(tmp_path / "empty" / "graph.kuzu", directory=tmp_path / "empty").close()
        with pytest.raises(NoSnapshotThere):
            run(here, tmp_path / "empty")

    @pytest.mark.parametrize("again", [False, True])
    def test_another_store_under_the_old_name(
        self, tmp_path: Path, there: LiveProject, again: bool
    ) -> None:
        project = made(tmp_path / "other", *COMPONENTS)
        another = made(tmp_path / "another", REQUIREMENTS[0], "CREATE (:Requirement {id: 'X'})")
        with project.open() as repository:
            repository.add_remote("req", str(there.directory))
            assert repository.sync("req").warnings == ()
            if again:
                repository.remove_remote("req")
                repository.add_remote("req", str(another.directory))
            else:
                repository.set_remote_url("req", str(another.directory))
            (told,) = repository.sync("req").warnings
            assert "the last sync of 'req' was from another store" in told
            another.commit("less", "MATCH (r:Requirement) DELETE r")
            assert repository.sync("req").warnings == ()
        assert [row[0] for row in rows(project, TITLES)] == ["R1", "R2", "R3"]

    def test_an_older_revision_is_of_the_same_store(
        self, tmp_path: Path, there: LiveProject
    ) -> None:
        there.commit("second", "MATCH (r:Requirement {id: 'R1'}) DETACH DELETE r")
        project = made(tmp_path / "other", *COMPONENTS)
        with project.open() as repository:
            repository.add_remote("req", str(there.directory))
            repository.sync("req")
            assert repository.sync("req", "v0.1.0").warnings == ()
            assert repository.sync("req").warnings == ()
        assert [row[0] for row in rows(project, TITLES)] == ["R2", "R3"]

    def test_what_was_taken_over_stays_in_the_store(
        self, tmp_path: Path, there: LiveProject
    ) -> None:
        """The next sync compares with it, also when nothing else names its chunks."""
        project = made(tmp_path / "other", *COMPONENTS)
        run(project, there.database)
        project.commit("ours", "MATCH (r:Requirement {id: 'R1'}) SET r.title = 'mine'")
        git(project.store, "reflog", "expire", "--expire=now", "--all")
        git(project.store, "gc", "-q", "--prune=now")
        there.run("MATCH (r:Requirement {id: 'R2'}) SET r.title = 'B'")
        run(project, there.database)
        assert rows(project, TITLES)[:2] == [["R1", "mine", 1], ["R2", "B", 2]]


class TestSharedHistory:
    """A clone and its origin that both went on."""

    @pytest.fixture
    def clone(self, tmp_path: Path, there: LiveProject) -> LiveProject:
        from kuzugit.porcelain.clone import clone

        clone(str(there.directory), tmp_path / "clone")
        with Repository.open(tmp_path / "clone") as repository:
            repository.checkout("v0.1.0")
            return LiveProject(tmp_path / "clone", repository.database.name)

    def test_the_snapshot_joins_both(self, clone: LiveProject, there: LiveProject) -> None:
        there.commit("theirs", "MATCH (r:Requirement {id: 'R1'}) SET r.title = 'A'")
        clone.commit("ours", "MATCH (r:Requirement {id: 'R2'}) SET r.title = 'B'")
        result = run(clone, "origin")
        assert result.created
        assert rows(clone, TITLES)[:2] == [["R1", "A", 1], ["R2", "B", 2]]
        parents = git(clone.store, "rev-list", "--parents", "-n1", "main").split()[1:]
        assert parents == [
            git(clone.store, "rev-parse", "main^1").strip(),
            git(there.store, "rev-parse", "main").strip(),
        ]
        assert not run(clone, "origin").created

    def test_only_one_went_on(self, clone: LiveProject, there: LiveProject) -> None:
        assert not run(clone, "origin").created
        clone.commit("ours", "MATCH (r:Requirement {id: 'R2'}) SET r.title = 'B'")
        assert not run(clone, "origin").created
        with clone.open() as repository:
            repository.checkout("v0.1.0")
        there.commit("theirs", "MATCH (r:Requirement {id: 'R1'}) SET r.title = 'A'")
        with pytest.raises(NotAtTheEnd):
            run(clone, "origin")

    def test_what_is_only_ahead_is_pulled(self, clone: LiveProject, there: LiveProject) -> None:
        there.commit("theirs", "MATCH (r:Requirement {id: 'R1'}) SET r.title = 'A'")
        with pytest.raises(OnlyAhead):
            run(clone, "origin")


class TestCrissCross:
    """Two clones that have each joined the other's history, apart: two newest common snapshots."""

    @pytest.fixture
    def pair(self, tmp_path: Path) -> tuple[LiveProject, LiveProject]:
        one = made(tmp_path / "one", *REQUIREMENTS)
        with Repository.clone(str(one.directory), tmp_path / "other", checkout=True) as repository:
            other = LiveProject(tmp_path / "other", repository.database.name)
        for project, name, there in ((one, "other", other), (other, "one", one)):
            with opened(project) as workspace:
                add_remote(workspace, name, str(there.directory), shares_versions=True)
        return one, other

    def cross(
        self, pair: tuple[LiveProject, LiveProject], mine: str, yours: str, **options: Any
    ) -> None:
        one, other = pair
        for project, statement, tag in ((one, mine, "v1.0.0"), (other, yours, "v2.0.0")):
            project.run(statement)
            with project.open() as repository:
                repository.commit("change", tag=tag)
        for project, name in ((one, "other"), (other, "one")):
            with opened(project) as workspace:
                fetch(workspace, name)
        for project, name in ((one, "other"), (other, "one")):
            run(project, name, fetching=False, **options)

    def titled(self, title: str) -> str:
        return f"MATCH (r:Requirement {{id: 'R1'}}) SET r.title = '{title}'"

    @pytest.fixture
    def apart(self, pair: tuple[LiveProject, LiveProject]) -> tuple[LiveProject, LiveProject]:
        """Both changed one title, and each decided for its own."""
        self.cross(pair, self.titled("A"), self.titled("B"), choices=OURS)
        return pair

    def test_what_each_decided_otherwise_is_a_conflict(
        self, apart: tuple[LiveProject, LiveProject]
    ) -> None:
        for project, name in zip(apart, ("other", "one"), strict=True):
            before = project.content()
            with pytest.raises(SyncConflicts) as caught:
                run(project, name)
            (conflict,) = caught.value.conflicts
            assert (conflict.table, conflict.settleable) == ("Requirement", True)
            assert all(version in conflict.why for version in ("v1.0.0", "v2.0.0"))
            assert project.content() == before

    @pytest.mark.parametrize(
        ("choices", "title"),
        [(OURS, "A"), (THEIRS, "B"), (Choices(None, (("Req*", Choice.THEIRS),)), "B")],
    )
    def test_a_choice_settles_it(
        self, apart: tuple[LiveProject, LiveProject], choices: Choices, title: str
    ) -> None:
        one, other = apart
        one.commit("more", "MATCH (r:Requirement {id: 'R2'}) SET r.title = 'mine'")
        other.commit("more", "MATCH (r:Requirement {id: 'R3'}) SET r.title = 'yours'")
        assert run(one, "other", choices=choices).created
        assert rows(one, TITLES) == [["R1", title, 1], ["R2", "mine", 2], ["R3", "yours", 3]]
        with other.open() as repository:
            repository.pull("one")
        assert other.content() == one.content()

    def test_made_alike_on_one_side_it_is_none(
        self, apart: tuple[LiveProject, LiveProject]
    ) -> None:
        one, _ = apart
        one.commit("alike", self.titled("B"))
        assert run(one, "other").created
        assert rows(one, TITLES)[0] == ["R1", "B", 1]

    @pytest.mark.parametrize(("choices", "count"), [(OURS, 2), (THEIRS, 3)])
    def test_a_row_that_one_removed(
        self, pair: tuple[LiveProject, LiveProject], choices: Choices, count: int
    ) -> None:
        removed = "MATCH (r:Requirement {id: 'R3'}) DELETE r"
        self.cross(pair, removed, removed.replace("DELETE r", "SET r.prio = 9"), choices=OURS)
        one, _ = pair
        with pytest.raises(SyncConflicts):
            run(one, "other")
        assert run(one, "other", choices=choices).created
        assert len(rows(one, TITLES)) == count

    @pytest.mark.parametrize(("choices", "tables"), [(OURS, 2), (THEIRS, 3)])
    def test_a_table_that_one_removed(
        self, pair: tuple[LiveProject, LiveProject], choices: Choices, tables: int
    ) -> None:
        one, other = pair
        one.commit("more", *COMPONENTS)
        with other.open() as repository:
            repository.pull("one")
        self.cross(pair, "DROP TABLE Component", "CREATE (:Component {name: 'C2'})", choices=OURS)
        with pytest.raises(SyncConflicts) as caught:
            run(one, "other")
        assert [conflict.table for conflict in caught.value.conflicts] == ["Component"]
        assert run(one, "other", choices=choices, dry_run=True).version is not None
        assert run(one, "other", choices=choices).created
        assert len(rows(one, "CALL show_tables() RETURN name")) == tables

    def test_what_both_decided_alike_is_none(self, pair: tuple[LiveProject, LiveProject]) -> None:
        self.cross(pair, self.titled("A"), "MATCH (r:Requirement {id: 'R2'}) SET r.title = 'B'")
        one, other = pair
        other.commit("more", "MATCH (r:Requirement {id: 'R3'}) SET r.title = 'C'")
        run(one, "other")
        assert [row[1] for row in rows(one, TITLES)] == ["A", "B", "C"]


class TestAround:
    def test_changes_that_no_snapshot_has(self, here: LiveProject, there: LiveProject) -> None:
        there.commit("theirs", "MATCH (r:Requirement {id: 'R1'}) SET r.title = 'A'")
        here.run("MATCH (r:Requirement {id: 'R2'}) SET r.title = 'B'")
        with pytest.raises(UnsavedBeforeSync):
            run(here, there.directory)
        result = run(here, there.directory, save=True)
        assert result.saved is not None
        assert rows(here, TITLES)[:2] == [["R1", "A", 1], ["R2", "B", 2]]

    def test_a_database_that_is_missing_is_told(
        self, here: LiveProject, there: LiveProject
    ) -> None:
        there.commit("theirs", "MATCH (r:Requirement {id: 'R1'}) SET r.title = 'A'")
        here.database.unlink()
        (told,) = run(here, there.directory).warnings
        assert "graph.kuzu was missing; it is built from v0.2.0 again" in told
        assert rows(here, TITLES)[0] == ["R1", "A", 1]

    def test_after_a_rollback(self, here: LiveProject, there: LiveProject) -> None:
        here.commit("ours", "MATCH (r:Requirement {id: 'R2'}) SET r.title = 'B'")
        with here.open() as repository:
            repository.checkout("v0.2.0")
        there.commit("theirs", "MATCH (r:Requirement {id: 'R1'}) SET r.title = 'A'")
        assert run(here, there.directory).warnings == ()
        assert rows(here, TITLES)[:2] == [["R1", "A", 1], ["R2", "b", 2]]
        assert trailer(here, "Kuzugit-Base") == "v0.2.0"

    @pytest.mark.parametrize("save", [False, True])
    def test_what_came_to_the_branch_alone_is_told(
        self, tmp_path: Path, here: LiveProject, there: LiveProject, save: bool
    ) -> None:
        with here.open() as repository:
            repository.export("v0.1.0", tmp_path / "exported")
            repository.import_directory(tmp_path / "exported", "imported")
        if save:
            here.run("MATCH (r:Requirement {id: 'R2'}) SET r.title = 'B'")
        else:
            there.commit("theirs", "MATCH (r:Requirement {id: 'R1'}) SET r.title = 'A'")
        (told,) = run(here, there.directory, save=save).warnings
        assert "1 snapshot that the database never had" in told

    def test_what_a_rollback_undid_comes_again(self, here: LiveProject, there: LiveProject) -> None:
        there.commit("theirs", "MATCH (r:Requirement {id: 'R1'}) SET r.title = 'A'")
        run(here, there.directory)
        with here.open() as repository:
            repository.checkout("v0.2.0")
        assert rows(here, TITLES)[0] == ["R1", "a", 1]
        run(here, there.directory)
        assert rows(here, TITLES)[0] == ["R1", "A", 1]

    def test_a_decision_for_ours_is_a_snapshot(self, here: LiveProject, there: LiveProject) -> None:
        there.commit("theirs", "MATCH (r:Requirement {id: 'R1'}) SET r.title = 'A'")
        here.commit("ours", "MATCH (r:Requirement {id: 'R1'}) SET r.title = 'mine'")
        before = here.database.read_bytes()
        assert run(here, there.directory, choices=OURS).created
        assert here.database.read_bytes() == before
        with here.open() as repository:
            assert repository.status().untouched
        assert not run(here, there.directory, choices=OURS).created
        assert not run(here, there.directory).created

    def test_a_dry_run_changes_nothing(self, here: LiveProject, there: LiveProject) -> None:
        there.commit("theirs", "MATCH (r:Requirement {id: 'R1'}) SET r.title = 'A'")
        before, head = here.database.read_bytes(), git(here.store, "rev-parse", "main")
        result = run(here, there.directory, dry_run=True)
        assert (result.created, result.version) == (False, "v0.2.1")
        assert [counts.changed for _, counts in result.changes.rows] == [1]
        assert here.database.read_bytes() == before
        assert git(here.store, "rev-parse", "main") == head
        assert run(here, there.directory).created

    def test_a_check_that_fails_keeps_all_as_it_was(
        self, here: LiveProject, there: LiveProject
    ) -> None:
        checks = here.directory / "checks"
        checks.mkdir()
        (checks / "prio.cypher").write_text("MATCH (r:Requirement) WHERE r.prio > 5 RETURN r.id")
        there.commit("theirs", "MATCH (r:Requirement {id: 'R1'}) SET r.prio = 9")
        before, head = here.database.read_bytes(), git(here.store, "rev-parse", "main")
        with pytest.raises(ChecksFailed):
            run(here, there.directory)
        assert here.database.read_bytes() == before
        assert git(here.store, "rev-parse", "main") == head
        assert run(here, there.directory, checks=False).created

    def test_the_snapshot_is_that_of_the_database(
        self, tmp_path: Path, here: LiveProject, there: LiveProject
    ) -> None:
        there.commit("theirs", "MATCH (r:Requirement {id: 'R1'}) SET r.title = 'A'")
        here.commit("ours", "MATCH (r:Requirement {id: 'R2'}) SET r.title = 'B'")
        run(here, there.directory)
        with here.open() as repository:
            assert not repository.status().changes
            copy = tmp_path / "copy.kuzu"
            repository.checkout("current", to=copy)
            assert_same_database(copy, here.database)
            assert tree_id(repository, "main") == tree_id(repository, "current")
            (here.store / "kuzugit" / "state.json").unlink()
            assert not repository.commit("nothing").created
