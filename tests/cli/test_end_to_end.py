"""The main job on a small real database, each command in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.process import command, run_on_terminal
from tests.cli.test_process import HEAVY, loaded_by


def cypher(database: Path, *statements: str) -> list[list[object]]:
    """Run statements in a process of its own, as another user of the file would."""
    program = (
        "import json, sys, kuzu\n"
        "connection = kuzu.Connection(kuzu.Database(sys.argv[1]))\n"
        "for statement in sys.argv[2:]:\n"
        "    result = connection.execute(statement)\n"
        "print(json.dumps(result.get_all()))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(database), *statements],
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[list[object]] = json.loads(done.stdout)
    return found


def run(directory: Path, *arguments: str) -> tuple[int, str]:
    """Run a command, which must say nothing on standard error."""
    done = subprocess.run(
        command("-C", directory, *arguments), capture_output=True, text=True, timeout=60
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


ALL = "MATCH (r:Requirement) RETURN r.id, r.title ORDER BY r.id"


@pytest.fixture
def live(tmp_path: Path) -> Path:
    database = tmp_path / "my.kuzu"
    cypher(
        database,
        "CREATE NODE TABLE Requirement(id INT64 PRIMARY KEY, title STRING)",
        "CREATE REL TABLE depends_on(FROM Requirement TO Requirement)",
        "CREATE (:Requirement {id: 1, title: 'one'}), (:Requirement {id: 2, title: 'two'})",
        "MATCH (a:Requirement {id: 1}), (b:Requirement {id: 2}) CREATE (a)-[:depends_on]->(b)",
    )
    assert run(tmp_path, "init")[0] == 0
    return database


def test_commit_change_roll_back(live: Path) -> None:
    directory = live.parent
    code, out = run(directory, "commit", "-m", "first snapshot")
    assert code == 0
    assert out.startswith("[main v0.1.0 ")
    assert out.splitlines()[0].endswith("] first snapshot")
    assert " Requirement: 2 added" in out.splitlines()
    assert " depends_on (Requirement -> Requirement): 1 added" in out.splitlines()
    assert run(directory, "commit", "-m", "again") == (
        0,
        "nothing to commit, the database is at v0.1.0\n",
    )

    cypher(
        live,
        "MATCH (r:Requirement {id: 1}) SET r.title = 'uno'",
        "CREATE (:Requirement {id: 3, title: 'three'})",
    )
    code, out = run(directory, "status", "--exit-code")
    assert code == 1
    assert "Changes since v0.1.0:\n" in out
    assert "    Requirement: 1 added, 1 changed\n" in out

    refused = subprocess.run(
        command("-C", directory, "checkout", "v0.1.0"), capture_output=True, text=True
    )
    assert (refused.returncode, refused.stdout) == (13, "")
    assert "hint: " in refused.stderr

    code, out = run(directory, "commit", "-m", "review", "--json")
    assert (code, json.loads(out)["version"]) == (0, "v0.1.1")
    assert run(directory, "checkout", "v0.1.0") == (0, "The database is at v0.1.0 (3 rows)\n")
    assert cypher(live, ALL) == [[1, "one"], [2, "two"]]
    assert run(directory, "checkout", "main")[0] == 0
    assert cypher(live, ALL) == [[1, "uno"], [2, "two"], [3, "three"]]
    assert run(directory, "tag") == (0, "v0.1.0\nv0.1.1\n")


def test_an_untouched_database_is_not_opened(live: Path) -> None:
    directory = live.parent
    run(directory, "commit", "-m", "first")
    assert not loaded_by("-C", directory, "status").intersection(HEAVY)
    assert json.loads(run(directory, "status", "--json")[1])["untouched"] is True


def test_files_out_and_in_again(live: Path) -> None:
    directory = live.parent
    run(directory, "commit", "-m", "first")
    assert run(directory, "export", "v0.1.0", "out")[1].startswith("v0.1.0 in ")
    assert (directory / "out" / "copy.cypher").is_file()
    assert run(directory, "import", "out", "-m", "back") == (
        0,
        "nothing to commit, the database is at v0.1.0\n",
    )
    code, out = run(directory, "verify", "--all", "--rebuild")
    assert (code, out.startswith("v0.1.0 sound: ")) == (0, True)
    assert run(directory, "checkout", "v0.1.0", "--to", "copy.kuzu")[0] == 0
    assert cypher(directory / "copy.kuzu", ALL) == cypher(live, ALL)
    assert run(directory, "compact")[0] == 0


def test_progress_on_a_terminal_and_nowhere_else(live: Path) -> None:
    code, shown = run_on_terminal(
        command("-C", live.parent, "commit", "-m", "first"), {"NO_COLOR": "", "TERM": "xterm"}
    )
    assert code == 0
    assert "\r\x1b[K" in shown
    final = shown[shown.rindex("\x1b[K") + 3 :]
    assert final.startswith("[main v0.1.0 ")
    quiet = run_on_terminal(command("-q", "-C", live.parent, "status"), {"TERM": "xterm"})
    assert quiet == (0, "")
