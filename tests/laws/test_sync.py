"""Law of sync: what came over is what is there, twice is once, and nothing of ours is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given

from kuzugit.model.merge import Choice, Choices
from kuzugit.porcelain.repository import Repository
from kuzugit.porcelain.sync import SyncConflicts, SyncResult, sync
from kuzugit.porcelain.workspace import open_workspace
from tests.laws.examples import FEWER, folder, lawful_refusal
from tests.support.databases import Database, databases
from tests.support.graphs import run_statements
from tests.support.live import LiveProject
from tests.support.pairs import Pair, pairs
from tests.support.snapshots import lost, tree_id
from tests.support.soak import Soak


def new_project(directory: Path) -> LiveProject:
    """Make a store with an empty database."""
    directory.mkdir()
    project = LiveProject(directory)
    run_statements(project.database, ())
    Repository.init(project.database, directory=directory).close()
    return project


def run(project: LiveProject, source: Path, choices: Choices | None = None) -> SyncResult:
    workspace = open_workspace(project.directory)
    try:
        return sync(workspace, str(source), choices=choices or Choices())
    finally:
        workspace.store.close()


def check_takes_over(pair: Pair) -> None:
    with folder() as directory, lawful_refusal():
        source = new_project(directory / "source")
        target = new_project(directory / "target")
        for number, database in enumerate((pair.one, pair.two)):
            source.database.unlink()
            database.build(source.database)
            with source.open() as repository:
                repository.commit(f"commit {number}", allow_empty=True)
                there = tree_id(repository, "HEAD")
            run(target, source.directory)
            assert lost(source.database, target.database) == []
            with target.open() as repository:
                assert tree_id(repository, "HEAD") == there
            assert not run(target, source.directory).created


@FEWER
@given(pairs())
def test_without_changes_of_ours_we_have_what_they_have(pair: Pair) -> None:
    check_takes_over(pair)


@pytest.mark.soak
def test_of_very_many(soak: Soak) -> None:
    soak.keep_trying(check_takes_over, pairs())


@FEWER
@given(databases())
def test_what_we_have_already_changes_nothing(database: Database) -> None:
    with folder() as directory, lawful_refusal():
        projects = [new_project(directory / name) for name in ("source", "target")]
        for project in projects:
            project.database.unlink()
            database.build(project.database)
            with project.open() as repository:
                repository.commit("the same")
        before = projects[1].database.read_bytes()
        assert not run(projects[1], projects[0].directory).created
        assert projects[1].database.read_bytes() == before


@FEWER
@given(pairs())
def test_who_wins_wins(pair: Pair) -> None:
    """Two databases without a common past: what differs is a conflict, or somebody's."""
    with folder() as directory, lawful_refusal():
        source, target = (new_project(directory / name) for name in ("source", "target"))
        for project, database in ((source, pair.one), (target, pair.two)):
            project.database.unlink()
            database.build(project.database)
            with project.open() as repository:
                repository.commit("first", allow_empty=True)
        with target.open() as repository:
            before = tree_id(repository, "HEAD")
        try:
            run(target, source.directory)
        except SyncConflicts as error:
            with target.open() as repository:
                assert tree_id(repository, "HEAD") == before
                assert not repository.status().changes
            if not all(conflict.settleable for conflict in error.conflicts):
                return
            run(target, source.directory, Choices(Choice.THEIRS))
        # What they have is here, beside what only we have.
        assert not run(target, source.directory).created
        assert not run(target, source.directory, Choices(Choice.THEIRS)).created
        with target.open() as repository:
            assert repository.verify().findings == ()
