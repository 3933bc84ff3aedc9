from __future__ import annotations

import subprocess

import pytest

from kuzugit.errors import UnknownNameError, UsageError
from kuzugit.porcelain.log import entry, log
from kuzugit.porcelain.workspace import Workspace, open_workspace
from kuzugit.store.refs import make_current
from tests.support.project import ADA, Project, add_snapshot


def versions(workspace: Workspace, revision: str | None = None, **options: int) -> list[str | None]:
    return [entry.snapshot.version for entry in log(workspace, revision, **options)]


def test_the_branch_newest_first(project: Project) -> None:
    assert versions(open_workspace(project.directory)) == ["v0.2.0", "v0.1.0"]


def test_nothing_before_the_first_snapshot(empty: Project) -> None:
    assert versions(open_workspace(empty.directory)) == []


@pytest.mark.parametrize(
    ("revision", "found"),
    [
        ("v0.1.0", ["v0.1.0"]),
        ("v0.1.0..v0.2.0", ["v0.2.0"]),
        ("v0.1.0..", ["v0.2.0"]),
        ("v0.2.0..v0.1.0", []),
        ("current~1", ["v0.1.0"]),
    ],
)
def test_revisions_and_ranges(project: Project, revision: str, found: list[str]) -> None:
    assert versions(open_workspace(project.directory), revision) == found


def test_a_limit(project: Project) -> None:
    workspace = open_workspace(project.directory)
    assert versions(workspace, limit=1) == ["v0.2.0"]
    assert versions(workspace, limit=0) == []


def test_errors_come_before_the_first_snapshot(project: Project) -> None:
    workspace = open_workspace(project.directory)
    with pytest.raises(UnknownNameError):
        log(workspace, "v9.9.9")
    with pytest.raises(UsageError):
        log(workspace, "v0.1.0...v0.2.0")


def test_every_name_that_leads_to_a_snapshot(project: Project) -> None:
    first, second = project.snapshots
    subprocess.run(
        ["git", f"--git-dir={project.store.path}", "tag", "audited", first.commit], check=True
    )
    workspace = open_workspace(project.directory)
    make_current(workspace.store, first)
    newest, oldest = log(workspace)
    assert (newest.tags, newest.branch, newest.current) == (("v0.2.0",), "main", False)
    assert (oldest.tags, oldest.branch, oldest.current) == (("v0.1.0", "audited"), None, True)
    assert entry(workspace, second) == newest


def test_a_snapshot_without_a_tag(project: Project) -> None:
    add_snapshot(project.store, "v0.3.0", "gone\n", parent=project.snapshots[1])
    subprocess.run(
        ["git", f"--git-dir={project.store.path}", "tag", "-d", "v0.3.0"],
        check=True,
        capture_output=True,
    )
    workspace = open_workspace(project.directory)
    first = next(log(workspace))
    assert (first.tags, first.snapshot.version, first.current) == ((), None, False)
    assert first.snapshot.author_name == ADA.name
