from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from kuzugit.engine.fingerprint import fingerprint_built
from kuzugit.errors import NoStoreError
from kuzugit.model.object_id import ObjectId
from kuzugit.porcelain import state
from kuzugit.porcelain.workspace import open_workspace
from kuzugit.store.refs import current, make_current
from tests.store.making import read_only
from tests.support.project import Project, small_project


def test_the_store_of_a_directory_below(project: Project) -> None:
    below = project.directory / "a" / "b"
    below.mkdir(parents=True)
    workspace = open_workspace(below)
    assert workspace.store.path == project.store.path
    assert workspace.database == project.directory / "my.kuzu"


def test_another_database(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project.directory)
    other = open_workspace(Path(), database=Path("other.kuzu"))
    assert other.database == project.directory / "other.kuzu"


def test_a_store_elsewhere(project: Project, tmp_path: Path) -> None:
    assert open_workspace(tmp_path, project.store.path).store.path == project.store.path
    with pytest.raises(NoStoreError):
        open_workspace(tmp_path)


def test_the_branch_has_a_name_before_it_has_a_snapshot(empty: Project, project: Project) -> None:
    assert open_workspace(empty.directory).branch == "main"
    head = ["git", f"--git-dir={project.store.path}", "symbolic-ref", "HEAD"]
    subprocess.run([*head, "refs/heads/side"], check=True)
    assert open_workspace(project.directory).branch == "side"
    (project.store.path / "HEAD").write_text(project.snapshots[0].commit + "\n")
    assert open_workspace(project.directory).branch is None


def test_a_checkout_that_was_killed_at_its_end_is_finished(project: Project) -> None:
    first, second = project.snapshots
    database = project.directory / "my.kuzu"
    state.remember(project.store.state_path, first.commit, fingerprint_built(database), intent=True)
    workspace = open_workspace(project.directory)
    assert current(workspace.store) == first
    # Done once: the intent is gone, so a later `current` stays.
    make_current(workspace.store, second)
    assert current(open_workspace(project.directory).store) == second


def test_what_is_remembered_without_an_intent_moves_nothing(project: Project) -> None:
    first, second = project.snapshots
    database = project.directory / "my.kuzu"
    state.remember(project.store.state_path, first.commit, fingerprint_built(database))
    assert current(open_workspace(project.directory).store) == second


def test_a_store_that_cannot_be_written_can_be_read(project: Project) -> None:
    files = [project.store.path, *project.store.path.rglob("*")]
    modes = {path: path.stat().st_mode for path in files}
    for path in files:
        path.chmod(modes[path] & ~0o222)
    try:
        assert current(open_workspace(project.directory).store) == project.snapshots[1]
    finally:
        for path in files:
            path.chmod(modes[path])


def test_a_checkout_that_is_still_under_way_is_not_finished_by_others(project: Project) -> None:
    first, second = project.snapshots
    database = project.directory / "my.kuzu"
    state.remember(project.store.state_path, first.commit, fingerprint_built(database), intent=True)
    with project.store.lock():
        assert current(open_workspace(project.directory).store) == second
    assert current(open_workspace(project.directory).store) == first


def test_an_intent_in_a_store_that_cannot_be_written(open_directory: Path) -> None:
    project = small_project(open_directory / "project")
    first, second = project.snapshots
    database = project.directory / "my.kuzu"
    state.remember(project.store.state_path, first.commit, fingerprint_built(database), intent=True)
    with read_only(project.store.path):
        assert current(open_workspace(project.directory).store) == second


def test_an_intent_that_names_no_snapshot_means_nothing(project: Project) -> None:
    database = project.directory / "my.kuzu"
    nothing = ObjectId("12" * 20)
    state.remember(project.store.state_path, nothing, fingerprint_built(database), intent=True)
    assert current(open_workspace(project.directory).store) == project.snapshots[1]


def test_an_intent_whose_file_never_came_means_nothing(project: Project) -> None:
    first, second = project.snapshots
    built = project.directory / "built.kuzu"
    built.write_bytes((project.directory / "my.kuzu").read_bytes())
    state.remember(project.store.state_path, first.commit, fingerprint_built(built), intent=True)
    assert current(open_workspace(project.directory).store) == second
    (project.directory / "my.kuzu").unlink()
    assert current(open_workspace(project.directory).store) == second
