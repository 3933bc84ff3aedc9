from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from kuzugit.engine.fingerprint import fingerprint_database
from kuzugit.errors import NoStoreError
from kuzugit.porcelain import state
from kuzugit.porcelain.workspace import open_workspace
from kuzugit.store.refs import current, make_current
from tests.support.project import Project


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
    state.remember(
        project.store.state_path, first.commit, fingerprint_database(database), intent=True
    )
    workspace = open_workspace(project.directory)
    assert current(workspace.store) == first
    # Done once: the intent is gone, so a later `current` stays.
    make_current(workspace.store, second)
    assert current(open_workspace(project.directory).store) == second


def test_what_is_remembered_without_an_intent_moves_nothing(project: Project) -> None:
    first, second = project.snapshots
    database = project.directory / "my.kuzu"
    state.remember(project.store.state_path, first.commit, fingerprint_database(database))
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
