"""What a snapshot cannot keep, on the command line: refused, then left out for the willing."""

from __future__ import annotations

import json
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.cli.process import command
from tests.support.graphs import open_database, run_statements

ODD = "CREATE MACRO `tw ice`(x) AS x * 2"


def run(directory: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command("-C", directory, *words), capture_output=True, text=True, timeout=60, check=False
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    run_statements(tmp_path / "my.kuzu", [
        ODD,
        "CREATE NODE TABLE N(id INT64 PRIMARY KEY, d DATE DEFAULT current_date() + 1)",
        "CREATE (:N {id: 1})",
    ])  # fmt: skip
    assert run(tmp_path, "init").returncode == 0
    return tmp_path


def test_the_hint_of_the_refusal_is_what_helps(project: Path) -> None:
    refused = run(project, "commit", "-m", "all")
    assert (refused.returncode, refused.stdout) == (13, "")
    lines = refused.stderr.splitlines()
    assert lines[0].startswith("error: a snapshot would lose this: N.d (DEFAULT current_date()")
    assert "; TW ICE (macro): " in lines[0]
    hint = lines[-1].removeprefix("hint: ")
    assert "--accept-loss" in hint
    words = shlex.split(hint)
    accepted = words[words.index("--accept-loss") :]
    done = run(project, "commit", "-m", "without them", *accepted)
    assert done.returncode == 0, done.stderr
    assert "N: 1 added" in done.stdout
    told = [line for line in done.stderr.splitlines() if line.startswith("warning: left out: ")]
    assert {line.split()[3] for line in told} == {"N.d", "TW"}

    message = run(project, "show", "current").stdout
    assert 'Kuzugit-Accepted-Loss: "N.d"' in message
    assert 'Kuzugit-Accepted-Loss: "TW ICE"' in message
    assert message.count("Kuzugit-Warning: left out: ") == 2
    assert "nothing to commit" in run(project, "status").stdout

    assert run(project, "checkout", "current", "--to", "copy.kuzu").returncode == 0
    with open_database(project / "copy.kuzu") as connection:
        connection.execute("CREATE (:N {id: 2})")
        rows = sorted(connection.execute("MATCH (n:N) RETURN n.id, n.d IS NULL"))
        assert [row[0] for row in rows] == [1, 2]
        assert rows[1][1]
        with pytest.raises(RuntimeError, match="does not exist"):
            connection.execute("RETURN `tw ice`(1)")


def test_one_name_is_not_enough_for_two(project: Path) -> None:
    done = run(project, "commit", "-m", "all", "--accept-loss", "N.d")
    assert done.returncode == 13
    assert "TW ICE" in done.stderr
    assert "N.d" not in done.stderr


def test_the_document_tells_it(project: Path) -> None:
    words = ["--accept-loss", "N.d", "--accept-loss", "TW ICE", "--json"]
    done = run(project, "commit", "-m", "without", *words)
    assert done.returncode == 0, done.stderr
    warnings = json.loads(done.stdout)["warnings"]
    assert [text.split(" (")[0] for text in warnings] == ["left out: N.d", "left out: TW ICE"]
