"""`status`, a dry run, `commit` and `diff` tell the same changes, and `diff -R` the opposite."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given

import kuzugit
from kuzugit.model.changes import Changes, RowCounts
from kuzugit.model.snapshot import TableKey
from kuzugit.model.version import Bump
from kuzugit.porcelain.changelog import changelog
from kuzugit.porcelain.workspace import open_workspace
from tests.laws.examples import FEW, folder, lawful_refusal
from tests.support.databases import Database, databases
from tests.support.live import LiveProject, make_project
from tests.support.pairs import Pair, pairs


def rows_of(changes: Changes) -> dict[TableKey, RowCounts]:
    return dict(changes.rows)


def told_by_diff(repository: kuzugit.Repository, old: str, new: str | None = None) -> Changes:
    with repository.diff(old, new) as found:
        counted = [(head.key, found.counts(head)) for head in found.tables]
        return Changes(found.schema, tuple(item for item in counted if item[1]))


def check(project: LiveProject, old: str) -> Changes:
    """Commit what is live; return what all of them tell of it since `old`."""
    with project.open() as repository:
        before = repository.status().changes
        live = told_by_diff(repository, old)
        tried = repository.commit("dry", dry_run=True).changes
        done = repository.commit("done", allow_empty=True)
        after = told_by_diff(repository, old, done.version)
        back = told_by_diff(repository, done.version or "", old)
    assert before == live == tried == done.changes == after
    workspace = open_workspace(project.directory)
    (release,) = changelog(workspace, f"{old}..{done.version}")
    workspace.store.close()
    assert release.schema == done.changes.schema
    assert {key.table for key, _ in back.rows} == {
        _before(done.changes, key.table) for key, _ in done.changes.rows
    }
    return done.changes


def _before(changes: Changes, table: str) -> str:
    names = {item.name: item.detail.split(" -> ")[0] for item in changes.schema if _renames(item)}
    return names.get(table, table)


def _renames(item: object) -> bool:
    return getattr(item, "change", "") == "renamed" and "table" in getattr(item, "kind", "")


START = (
    "CREATE NODE TABLE A(id INT64 PRIMARY KEY, other INT64, v STRING)",
    "CREATE NODE TABLE B(id STRING PRIMARY KEY)",
    "CREATE REL TABLE R(FROM A TO B, FROM A TO A, w INT64)",
    "UNWIND range(1, 9) AS i CREATE (:A {id: i, other: i, v: 'v' + CAST(i AS STRING)})",
    "CREATE (:B {id: 'b'})",
    "MATCH (a:A), (b:B) CREATE (a)-[:R {w: a.id}]->(b)",
    "MATCH (a:A), (b:A {id: 1}) CREATE (a)-[:R {w: 2}]->(b)",
)
EDITS = {
    "a node table renamed": (["ALTER TABLE A RENAME TO Z"], Bump.MAJOR, "renamed"),
    "a node table renamed, its rels edited": (
        ["ALTER TABLE A RENAME TO Z", "MATCH (:Z {id: 2})-[r:R]->(:Z) SET r.w = 5"],
        Bump.MAJOR,
        "renamed",
    ),
    "a rel table renamed": (["ALTER TABLE R RENAME TO Q"], Bump.MAJOR, "renamed"),
    "a property renamed, a row edited": (
        ["ALTER TABLE A RENAME v TO name", "CREATE (:A {id: 10, name: 'ten'})"],
        Bump.MAJOR,
        "renamed",
    ),
    "a key renamed": (["ALTER TABLE A RENAME id TO key"], Bump.MAJOR, "renamed"),
    "a property more": (["ALTER TABLE A ADD x INT64 DEFAULT 1"], Bump.MINOR, "added"),
    "rows": (["MATCH (a:A {id: 3}) SET a.v = 'x'"], Bump.PATCH, None),
}


@pytest.mark.parametrize("case", EDITS)
def test_edits(tmp_path: Path, case: str) -> None:
    statements, bump, change = EDITS[case]
    project = started(tmp_path)
    project.run(*statements)
    changes = check(project, "v0.1.0")
    assert changes.bump is bump
    assert [item.change for item in changes.schema] == ([] if change is None else [change])
    assert sum(sum(vars(counts).values()) for _, counts in changes.rows) <= 1


def test_another_key_is_all_rows(tmp_path: Path) -> None:
    project = make_project(tmp_path / "keys")
    project.run("CREATE NODE TABLE K(a INT64, b INT64, PRIMARY KEY(a))", "CREATE (:K {a: 1, b: 1})")
    project.commit("first")
    project.run(
        "DROP TABLE K",
        "CREATE NODE TABLE K(a INT64, b INT64, PRIMARY KEY(b))",
        "CREATE (:K {a: 1, b: 1})",
    )
    changes = check(project, "v0.1.0")
    assert rows_of(changes)[TableKey("K")] == RowCounts(added=1, removed=1)


def started(tmp_path: Path) -> LiveProject:
    project = LiveProject(tmp_path / "project")
    project.directory.mkdir()
    project.run(*START)
    kuzugit.Repository.init(project.database, directory=project.directory).close()
    project.commit("first")
    return project


def check_pair(pair: Pair) -> None:
    with folder() as directory, lawful_refusal():
        project = LiveProject(directory / "project")
        project.directory.mkdir()
        pair.one.build(project.database)
        kuzugit.Repository.init(project.database, directory=project.directory).close()
        project.commit("one")
        project.database.unlink()
        pair.two.build(project.database)
        check(project, "v0.1.0")


@FEW
@given(pairs())
def test_any_pair(pair: Pair) -> None:
    check_pair(pair)


@FEW
@given(databases(), databases())
def test_what_has_nothing_in_common(one: Database, two: Database) -> None:
    check_pair(Pair(one, two))
