from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.support.live import ADD_PERSON, RENAME_PERSON, LiveProject, make_project
from tests.support.project import Project


def test_a_snapshot_for_people(run: Run, project: Project) -> None:
    first = project.snapshots[0]
    result = run("-C", project.directory, "show", "v0.1.0")
    assert (result.code, result.err) == (0, "")
    assert result.out == (
        f"commit {first.commit} (tag: v0.1.0)\n"
        "Author: Ada Tester <ada@example.org>\n"
        "Date:   Tue Nov 14 23:13:20 2023 +0100\n"
        "\n"
        "    first snapshot\n"
        "\n"
        "v0.1.0\n"
        "\n"
        "Person: 3 added\n"
        "\n"
        "Person: 3 rows in 1 chunk, 24 B\n"
    )


def test_without_a_revision_it_is_current(run: Run, project: Project) -> None:
    assert (
        f"commit {project.snapshots[1].commit} (current,"
        in run("-C", project.directory, "show").out
    )


def test_a_snapshot_for_programs(run: Run, project: Project) -> None:
    found = json.loads(run("-C", project.directory, "show", "--json", "current").out)
    assert found["format"] == 1
    assert found["version"] == "v0.2.0"
    assert found["changelog"] == "v0.2.0\n\nPerson: 6 added\n"
    assert found["tables"] == [
        {"table": "Person", "kind": "node", "rows": 6, "chunks": 1, "bytes": 48}
    ]


def test_without_a_snapshot_current_is_unknown(run: Run, empty: Project) -> None:
    result = run("-C", empty.directory, "show")
    assert (result.code, result.out) == (12, "")
    assert "error: unknown revision 'current'" in result.err


@pytest.fixture
def committed(tmp_path: Path) -> LiveProject:
    project = make_project(tmp_path / "live")
    project.commit("first")
    return project


def test_what_it_changed(run: Run, committed: LiveProject) -> None:
    version = committed.commit("edited", RENAME_PERSON, ADD_PERSON)
    at = ("-C", committed.directory)
    shown = run(*at, "show", version)
    patch = run(*at, "show", version, "--patch")
    assert (patch.code, patch.err) == (0, "")
    assert patch.out == f"{shown.out}\n{run(*at, 'diff', 'v0.1.0', version).out}"
    assert '~ 3\n    name: "p3" -> "other"\n' in patch.out
    found = json.loads(run(*at, "show", version, "--patch", "--json").out)
    told = json.loads(run(*at, "diff", "v0.1.0", version, "--json").out)
    assert found["patch"] == told
    assert found["version"] == version


def test_the_first_changed_everything(run: Run, committed: LiveProject) -> None:
    at = ("-C", committed.directory)
    out = run(*at, "show", "v0.1.0", "-p").out
    assert "diff nothing v0.1.0\n" in out
    assert "  added node table Person" in out
    assert out.count("\n+ ") == 20 + 19
    found = json.loads(run(*at, "show", "v0.1.0", "-p", "--json").out)["patch"]
    assert found["old"] == {"commit": None, "version": None, "tree": None, "database": None}
    assert found["counts"] == {"added": 39, "removed": 0, "changed": 0}


def test_nothing_changed(run: Run, committed: LiveProject) -> None:
    with committed.open() as repository:
        version = repository.commit("again", allow_empty=True).version
    at = ("-C", committed.directory, "show", version)
    assert run(*at, "--patch").out == run(*at).out
    assert json.loads(run(*at, "--patch", "--json").out)["patch"]["same"] is True
