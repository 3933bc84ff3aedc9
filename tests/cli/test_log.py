from __future__ import annotations

import json

from tests.cli.conftest import Run
from tests.support.project import Project, add_snapshot


def test_the_history_as_git_shows_it(run: Run, project: Project) -> None:
    first, second = project.snapshots
    result = run("-C", project.directory, "log")
    assert result.code == 0
    assert result.err == ""
    assert result.out == (
        f"commit {second.commit} (current, HEAD -> main, tag: v0.2.0)\n"
        "Author: Ada Tester <ada@example.org>\n"
        "Date:   Tue Nov 14 23:13:20 2023 +0100\n"
        "\n"
        "    three more\n"
        "\n"
        "    Because of the review.\n"
        "\n"
        "    Kuzugit-Format: 1\n"
        "    event-index: 42\n"
        "\n"
        f"commit {first.commit} (tag: v0.1.0)\n"
        "Author: Ada Tester <ada@example.org>\n"
        "Date:   Tue Nov 14 23:13:20 2023 +0100\n"
        "\n"
        "    first snapshot\n"
    )


def test_a_line_for_each(run: Run, project: Project) -> None:
    first, second = (snapshot.commit[:7] for snapshot in project.snapshots)
    result = run("-C", project.directory, "log", "--oneline")
    assert result.out == (
        f"{second} (current, HEAD -> main, tag: v0.2.0) three more\n"
        f"{first} (tag: v0.1.0) first snapshot\n"
    )


def test_a_range_and_a_limit(run: Run, project: Project) -> None:
    log = ("-C", project.directory, "log", "--oneline")
    assert "first" not in run(*log, "v0.1.0..v0.2.0").out
    assert "first" not in run(*log, "-n", "1").out
    assert "three" not in run(*log, "v0.1.0").out
    assert run(*log, "-n", "0").out == ""
    assert run(*log, "v0.2.0..").out == ""


def test_json_is_one_document(run: Run, project: Project) -> None:
    first, second = project.snapshots
    result = run("-C", project.directory, "log", "--json")
    found = json.loads(result.out)
    assert result.out.count("\n") == 1
    assert found["format"] == 1
    assert found["snapshots"][0] == {
        "commit": second.commit,
        "version": "v0.2.0",
        "remote_version": None,
        "tree": second.tree,
        "parents": [first.commit],
        "author": {"name": "Ada Tester", "email": "ada@example.org"},
        "date": "2023-11-14T23:13:20+01:00",
        "subject": "three more",
        "body": "Because of the review.",
        "trailers": [
            {"key": "Kuzugit-Format", "value": "1"},
            {"key": "event-index", "value": "42"},
        ],
        "tags": ["v0.2.0"],
        "branch": "main",
        "remotes": [],
        "current": True,
    }
    assert [item["commit"] for item in found["snapshots"]] == [second.commit, first.commit]


def test_before_the_first_commit(run: Run, empty: Project) -> None:
    result = run("-C", empty.directory, "log")
    assert (result.code, result.out, result.err) == (0, "", "no snapshots yet\n")
    assert run("-q", "-C", empty.directory, "log").err == ""
    assert json.loads(run("-C", empty.directory, "log", "--json").out) == {
        "format": 1,
        "snapshots": [],
    }


def test_an_unknown_revision(run: Run, project: Project) -> None:
    result = run("-C", project.directory, "log", "v0.3.0")
    assert result.code == 12
    assert result.out == ""
    error, hint = result.err.splitlines()
    assert error.startswith("error: unknown revision 'v0.3.0'")
    assert hint.startswith("hint: ")
    assert "v0.2.0" in hint


def test_a_hostile_message_is_shown_and_not_obeyed(run: Run, project: Project) -> None:
    add_snapshot(
        project.store, "v0.3.0", "\x1b[2Jgone\n\n\u202etxt\rx\n", parent=project.snapshots[1]
    )
    for arguments in (["log"], ["log", "--oneline"], ["show"], ["log", "--json"]):
        out = run("-C", project.directory, *arguments).out
        assert not {"\x1b", "\u202e", "\r"} & set(out)
        assert "[2Jgone" in out


def test_a_negative_limit_is_refused(run: Run, project: Project) -> None:
    result = run("-C", project.directory, "log", "-n", "-1")
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("error: invalid value for '-n' / '--max-count'")
