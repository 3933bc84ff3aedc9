"""The words of clone, remote, fetch, pull and push, and what they say."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from kuzugit.porcelain.repository import Repository
from tests.cli.conftest import Run
from tests.cli.process import command, run_on_terminal
from tests.support.graphs import run_statements
from tests.support.live import LiveProject
from tests.support.travel import Team, add_person, copied, make_team


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, hermetic: None) -> Team:
    return make_team(tmp_path_factory.mktemp("team") / "team")


@pytest.fixture
def team(made: Team, tmp_path: Path) -> Team:
    return copied(made, tmp_path / "team")


def plain(text: str) -> str:
    """Return `text` without numbers of bytes and names of commits."""
    return re.sub(r"\b[0-9a-f]{7}\b", "<id>", re.sub(r"\([\d.]+ (B|KiB)\)", "(some)", text))


def test_a_session(run: Run, team: Team, tmp_path: Path) -> None:
    ada, bob = team.ada.directory, team.bob.directory
    add_person(team.ada, 30, "third")
    done = run("-C", ada, "push")
    assert (done.code, done.err) == (0, "")
    assert plain(done.out) == "Pushed to origin (some)\n  main: <id> -> <id>\n  v0.1.2\n"
    assert run("-C", ada, "push").out == "origin has everything already\n"
    done = run("-C", bob, "fetch")
    assert (done.code, done.err) == (0, "")
    assert plain(done.out) == (
        "Fetched 1 snapshot (some) from origin\n  origin/main\n  origin/v0.1.2\n  v0.1.2\n"
    )
    assert 'Behind origin/main by 1 snapshot (use "kuzugit pull")' in run("-C", bob, "status").out
    done = run("-C", bob, "pull")
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        "Nothing new in origin\nMoved main from v0.1.1 to v0.1.2\n"
        "The database is at v0.1.2 (40 rows)\n"
    )
    assert run("-C", bob, "pull").out == "Already up to date: main is at v0.1.2\n"
    assert "Up to date with origin/main" in run("-C", bob, "status").out
    done = run("-C", tmp_path, "clone", "team/shared.git", "new", "--checkout")
    assert (done.code, done.err) == (0, "")
    assert plain(done.out) == (
        f"Cloned 3 snapshots (some) into {tmp_path}/new\nThe database is at v0.1.2 (40 rows)\n"
    )


def test_quiet(run: Run, team: Team, tmp_path: Path) -> None:
    add_person(team.ada, 30, "third")
    for words in (
        ("-C", team.ada.directory, "push", "-q"),
        ("-C", team.bob.directory, "fetch", "-q"),
        ("-C", team.bob.directory, "pull", "-q"),
        ("clone", "-q", team.shared, tmp_path / "new"),
        ("-C", team.bob.directory, "remote", "add", "-q", "x", "/srv/x"),
        ("-C", team.bob.directory, "remote", "remove", "-q", "x"),
    ):
        done = run(*words)
        assert (done.code, done.out, done.err) == (0, "", "")


def test_json(run: Run, team: Team, tmp_path: Path) -> None:
    add_person(team.ada, 30, "third")
    pushed = json.loads(run("-C", team.ada.directory, "push", "--json").out)
    assert (pushed["format"], pushed["changed"], pushed["versions"]) == (1, True, ["v0.1.2"])
    fetched = json.loads(run("-C", team.bob.directory, "fetch", "--json").out)
    assert (fetched["remote"], fetched["snapshots"], fetched["clashes"]) == ("origin", 1, [])
    assert fetched["updated"] == ["origin/main", "origin/v0.1.2"]
    pulled = json.loads(run("-C", team.bob.directory, "pull", "--json").out)
    assert (pulled["after"]["version"], pulled["checked_out"]) == ("v0.1.2", True)
    cloned = json.loads(run("clone", "--json", team.shared, tmp_path / "new").out)
    assert (cloned["head"], cloned["database"]) == ("main", f"{tmp_path}/new/shared.kuzu")
    status = json.loads(run("-C", team.bob.directory, "status", "--json").out)
    assert status["upstream"] == {"name": "origin/main", "ahead": 0, "behind": 0}


def test_a_clash_is_told_after_what_came(run: Run, team: Team) -> None:
    add_person(team.ada, 30, "hers")
    add_person(team.bob, 31, "his")
    run("-C", team.ada.directory, "push")
    done = run("-C", team.bob.directory, "fetch", "--json")
    assert done.code == 13
    assert [item["version"] for item in json.loads(done.out)["clashes"]] == ["v0.1.2"]
    assert done.err.startswith("error: v0.1.2: 'origin' has another content under this version")
    renamed = run("-C", team.bob.directory, "tag", "--rename", "v0.1.2", "v0.1.3")
    assert (renamed.code, renamed.out) == (0, "")
    assert run("-C", team.bob.directory, "fetch").code == 0


def test_remotes(run: Run, team: Team) -> None:
    bob = team.bob.directory
    assert run("-C", bob, "remote").out == f"origin\t{team.shared} (shares our versions)\n"
    assert run("-C", bob, "remote", "add", "req", "../ada").out == ("Added req: ../ada/.kuzugit\n")
    assert run("-C", bob, "remote", "rename", "req", "ada").out == "Renamed req to ada\n"
    listed = json.loads(run("-C", bob, "remote", "list", "--json").out)
    assert listed["remotes"][0] == {
        "name": "ada", "url": "../ada/.kuzugit", "shares_versions": False,
    }  # fmt: skip
    url = "https://ada:secret@example.org/x.git"
    assert run("-C", bob, "remote", "set-url", "ada", url).out == (
        "ada is at https://ada@example.org/x.git\n"
    )
    assert "secret" not in (team.bob.store / "config").read_text()
    assert run("-C", bob, "remote", "remove", "ada").out == "Removed ada\n"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("fetch", "nobody"), 12),
        (("remote", "remove", "nobody"), 12),
        (("remote", "add", "origin", "/srv/x"), 13),
        (("remote", "add", "a/b", "/srv/x"), 2),
        (("remote", "add", "x", "ext::sh -c touch% pwned"), 2),
        (("remote", "add", "x"), 2),
        (("clone", "ssh://-oProxyCommand=x/y"), 2),
        (("clone", "--", "--upload-pack=touch pwned"), 2),
        (("clone", "/nothing/is/here"), 17),
    ],
)
def test_refusals(run: Run, team: Team, words: tuple[str, ...], code: int) -> None:
    done = run("-C", team.bob.directory, *words)
    assert (done.code, done.out) == (code, ""), done.err
    assert done.err.startswith("error: ")
    assert "hint: " in done.err


def test_a_terminal_sees_bytes(team: Team, tmp_path: Path) -> None:
    code, text = run_on_terminal(command("clone", team.shared, tmp_path / "new"))
    assert code == 0
    assert "Cloned 2 snapshots" in text
    assert "checking origin: 0 of 2 snapshots" in text or "receiving origin" in text


class TestVersionsOfARemote:
    """What another store calls v0.1.0 is `there/v0.1.0` here, in headings too."""

    @pytest.fixture
    def at(self, run: Run, team: Team, tmp_path: Path) -> Path:
        other = LiveProject(tmp_path)
        run_statements(other.database, ["CREATE NODE TABLE N(id INT64 PRIMARY KEY)"])
        Repository.init(other.database, directory=tmp_path).close()
        other.commit("ours")
        run("-C", tmp_path, "remote", "add", "there", team.ada.directory)
        run("-C", tmp_path, "fetch", "there")
        return tmp_path

    @pytest.mark.parametrize(
        ("words", "heading"),
        [
            (("diff", "there/v0.1.0", "there/v0.1.1"), "diff there/v0.1.0 there/v0.1.1"),
            (("diff", "there/v0.1.0..there/main"), "diff there/v0.1.0 there/v0.1.1"),
            (
                ("diff", "there/v0.1.0", "there/v0.1.1", "--format", "markdown"),
                "### `there/v0.1.0` → `there/v0.1.1`",
            ),
            (("show", "there/v0.1.1", "--patch"), "diff there/v0.1.0 there/v0.1.1"),
            (("changelog", "there/main"), "## [there/v0.1.1] - "),
            (("verify", "there/v0.1.1"), "there/v0.1.1 sound: "),
            (("checkout", "there/v0.1.1", "--to", "copy.kuzu"), "Built there/v0.1.1 ("),
        ],
    )
    def test_headings(self, run: Run, at: Path, words: tuple[str, ...], heading: str) -> None:
        done = run("-C", at, *words)
        assert (done.code, done.err) == (0, "")
        assert any(line.startswith(heading) for line in done.out.splitlines()), done.out

    def test_what_their_tag_says(self, run: Run, at: Path, team: Team) -> None:
        here = json.loads(run("-C", at, "show", "there/v0.1.1", "--json").out)
        there = json.loads(run("-C", team.ada.directory, "show", "v0.1.1", "--json").out)
        assert here["changelog"] == there["changelog"] != ""
        assert (here["version"], here["remote_version"]) == (None, "there/v0.1.1")
        assert (there["version"], there["remote_version"]) == ("v0.1.1", None)
        rows = [
            json.loads(run("-C", where, "changelog", name, "--json").out)["releases"][0]["rows"]
            for where, name in ((at, "there/v0.1.1"), (team.ada.directory, "v0.1.1"))
        ]
        assert rows[0] == rows[1] != []
