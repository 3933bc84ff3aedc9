from __future__ import annotations

import json
from pathlib import Path

import pytest

from kuzugit.errors import ExitCode
from tests.cli.conftest import Run
from tests.cli.process import command, run_on_terminal
from tests.store.making import git
from tests.support.live import RENAME_PERSON, LiveProject, make_project
from tests.support.project import Project


def test_before_and_after(run: Run, project: Project) -> None:
    done = run("-C", project.directory, "gc")
    assert (done.code, done.err) == (0, "")
    before, after = done.out.split(" before, ")
    assert "no packs" in before
    assert after.endswith("(0 loose objects, 1 pack) after\n")
    assert run("-C", project.directory, "log", "--oneline").out.count("\n") == 2
    assert run("-C", project.directory, "gc", "-q").out == ""


def test_json(run: Run, project: Project) -> None:
    found = json.loads(run("-C", project.directory, "gc", "--json", "--aggressive").out)
    assert found["format"] == 1
    assert found["before"]["loose_objects"] > found["after"]["loose_objects"] == 0
    assert found["after"]["bytes"] == found["after"]["packed_bytes"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--prune", ""], ExitCode.USAGE),
        (["--prune", "--exec"], ExitCode.USAGE),
        (["--prune", "rubbish"], ExitCode.USAGE),
        (["now"], ExitCode.USAGE),
    ],
)
def test_words_that_mean_nothing(
    run: Run, project: Project, words: list[str], code: ExitCode
) -> None:
    assert run("-C", project.directory, "gc", *words).code == code


def test_a_date_that_is_none_is_told(run: Run, project: Project) -> None:
    done = run("-C", project.directory, "gc", "--prune", "bogus")
    assert done.err == "error: 'bogus' is no date\nhint: kuzugit gc --prune 2.weeks.ago\n"
    assert run("-C", project.directory, *done.err.split("kuzugit ")[1].split()).code == 0


def test_without_git(
    run: Run, project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    done = run("-C", project.directory, "gc")
    assert done.code == ExitCode.GIT
    assert done.err.splitlines() == [
        "error: the git program is not installed",
        "hint: install git, or set PATH",
    ]


@pytest.fixture
def changed(tmp_path: Path) -> LiveProject:
    """A commit of it collects."""
    live = make_project(tmp_path / "live")
    live.commit("first")
    live.run(RENAME_PERSON)
    git(live.store, "config", "kuzugit.gcSize", "1")
    return live


def test_a_commit_tells_a_terminal(changed: LiveProject) -> None:
    words = command("-C", changed.directory, "commit", "-m", "second")
    code, text = run_on_terminal(words)
    assert code == 0
    assert text.splitlines()[-1].startswith("Packed the store: ")


def test_a_commit_tells_json_and_nobody_else(run: Run, changed: LiveProject) -> None:
    done = run("-C", changed.directory, "commit", "-m", "second", "--json")
    assert json.loads(done.out)["collected"]["after"]["packs"] == 1
    assert done.err == ""
