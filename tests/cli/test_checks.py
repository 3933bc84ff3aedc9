from __future__ import annotations

import json
from pathlib import Path

import pytest

from kuzugit.errors import ExitCode
from tests.cli.conftest import Run
from tests.support.live import ADD_PERSON, LiveProject, make_project


@pytest.fixture
def checked(tmp_path: Path) -> LiveProject:
    """A project with a change that a check is against."""
    live = make_project(tmp_path / "live")
    live.commit("first")
    live.run(ADD_PERSON, "CREATE (:Person {id: 22, name: 'evil\x1b[31m'})")
    (live.directory / "checks").mkdir()
    query = "MATCH (p:Person) WHERE p.id > 9 RETURN p.id AS id, p.name AS name ORDER BY id"
    (live.directory / "checks" / "few.cypher").write_text(query)
    return live


def test_rows_are_shown(run: Run, checked: LiveProject) -> None:
    done = run("-C", checked.directory, "commit", "-m", "second")
    assert (done.code, done.out) == (ExitCode.REFUSED, "")
    lines = done.err.splitlines()
    assert lines[0] == "few.cypher found 13 rows"
    assert "id" in lines[1]
    assert "name" in lines[1]
    assert "  ... 3 rows more" in lines
    assert lines[-2].startswith("error: nothing was committed, because a check failed: few.cypher")
    assert "--no-checks" in lines[-1]


def test_json(run: Run, checked: LiveProject) -> None:
    done = run("-C", checked.directory, "commit", "-m", "second", "--json")
    assert done.code == ExitCode.REFUSED
    found = json.loads(done.out)
    assert (found["format"], found["created"]) == (1, False)
    (failed,) = found["failed_checks"]
    assert failed["columns"] == ["id", "name"]
    assert failed["rows"][0] == [10, "p10"]
    assert (failed["more"], failed["problem"]) == (3, None)


def test_no_checks(run: Run, checked: LiveProject) -> None:
    assert run("-C", checked.directory, "commit", "-m", "second", "--no-checks").code == 0


def test_control_characters_stay_away_from_a_terminal(run: Run, checked: LiveProject) -> None:
    (checked.directory / "checks" / "few.cypher").write_text(
        "MATCH (p:Person {id: 22}) RETURN p.name AS `na\x1b[5mme`"
    )
    done = run("-C", checked.directory, "commit", "-m", "second")
    assert "\x1b" not in done.err
    assert "evil\\x1b[31m" in done.err
