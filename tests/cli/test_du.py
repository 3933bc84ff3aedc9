from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.store.making import git
from tests.support.live import RENAME_PERSON, LiveProject, make_project


@pytest.fixture
def live(tmp_path: Path) -> LiveProject:
    made = make_project(tmp_path / "live")
    made.commit("first")
    made.run(RENAME_PERSON)
    return made


def test_versions_and_tables(run: Run, live: LiveProject) -> None:
    live.commit("second")
    done = run("-C", live.directory, "du")
    head, second, first, total = done.out.splitlines()
    assert head.split() == ["version", "rows", "added", "added", "on", "disk"]
    assert (second.split()[0], first.split()[0]) == ("v0.1.1", "v0.1.0")
    assert total.startswith("The store: ")
    done = run("-C", live.directory, "du", "v0.1.0")
    assert [line.split()[0] for line in done.out.splitlines()[1:]] == ["Person", "knows", "v0.1.0"]


def test_json(run: Run, live: LiveProject) -> None:
    found = json.loads(run("-C", live.directory, "du", "-n", "1", "--json").out)
    assert found["format"] == 1
    (version,) = found["versions"]
    assert version["version"] == "v0.1.0"
    assert version["bytes"] == sum(table["bytes"] for table in version["tables"])


def test_a_large_commit_is_told_once(run: Run, live: LiveProject) -> None:
    git(live.store, "config", "kuzugit.warnBytes", "100")
    for words in (["--dry-run"], []):
        done = run("-C", live.directory, "commit", "-m", "second", *words)
        assert done.code == 0
        assert done.err.splitlines() == [
            "warning: this snapshot adds more than 100 bytes of rows, before compression "
            "(kuzugit.warnBytes of the store's Git configuration)"
        ]
