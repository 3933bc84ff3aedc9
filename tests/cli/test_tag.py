from __future__ import annotations

import json
import subprocess

import pytest

from tests.cli.conftest import Run
from tests.support.project import Project


def test_the_list(run: Run, project: Project) -> None:
    result = run("-C", project.directory, "tag")
    assert (result.code, result.out, result.err) == (0, "v0.1.0\nv0.2.0\n", "")


def test_a_new_tag_is_annotated(run: Run, project: Project) -> None:
    made = run("-C", project.directory, "tag", "audited", "v0.1.0", "-m", "what they saw")
    assert (made.code, made.out, made.err) == (0, "", "")
    assert run("-C", project.directory, "tag").out == "v0.1.0\nv0.2.0\naudited\n"
    shown = subprocess.run(
        ["git", f"--git-dir={project.store.path}", "cat-file", "tag", "audited"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert f"object {project.snapshots[0].commit}\n" in shown
    assert "tagger Ada Tester <ada@example.org>" in shown
    assert shown.endswith("\nwhat they saw\n")


def test_a_new_tag_names_current_where_nothing_else_is_said(run: Run, project: Project) -> None:
    run("-C", project.directory, "tag", "here", "-m", "x")
    found = json.loads(run("-C", project.directory, "tag", "--json").out)["tags"]
    assert found[-1] == {
        "name": "here",
        "version": False,
        "commit": project.snapshots[1].commit,
        "message": "x\n",
    }


def test_the_tagger_is_who_the_environment_names(
    run: Run, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_COMMITTER_NAME", "Eve")
    monkeypatch.setenv("GIT_COMMITTER_EMAIL", "eve@example.org")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "@1600000000 -0200")
    run("-C", project.directory, "tag", "here", "-m", "x")
    shown = subprocess.run(
        ["git", f"--git-dir={project.store.path}", "cat-file", "tag", "here"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "tagger Eve <eve@example.org> 1600000000 -0200\n" in shown


def test_a_date_that_is_none_is_named(
    run: Run, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_COMMITTER_DATE", "tomorrow")
    result = run("-C", project.directory, "tag", "here", "-m", "x")
    assert result.code == 2
    assert result.err.startswith("error: GIT_COMMITTER_DATE: invalid date 'tomorrow'\n")


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["v0.1.0", "-m", "x"], 2, "exists already"),
        (["a..b", "-m", "x"], 2, "cannot be a tag"),
        (["main", "-m", "x"], 2, "'main' cannot be a tag: it is the name of a branch"),
        (["main", "--rename", "v0.2.0"], 2, "it is the name of a branch"),
        (["new", "v9.9.9", "-m", "x"], 12, "unknown revision"),
        (["new"], 2, "a message is needed"),
        (["-m", "x"], 2, "a message needs a NAME"),
    ],
)
def test_what_is_refused_changes_nothing(
    run: Run, project: Project, arguments: list[str], code: int, says: str
) -> None:
    result = run("-C", project.directory, "tag", *arguments)
    assert (result.code, result.out) == (code, "")
    assert says in result.err.splitlines()[0]
    assert run("-C", project.directory, "tag").out == "v0.1.0\nv0.2.0\n"
