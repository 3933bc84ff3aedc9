"""Stores over real smart HTTP, with a password, and plain Git at either end."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from kuzugit.porcelain.repository import Repository
from kuzugit.store.transport import AccessDenied, TransferFailed, TransferUnsound
from tests.cli.process import command
from tests.store.making import git
from tests.support.http_server import PASSWORD, USER, GitServer, serving
from tests.support.live import LiveProject
from tests.support.travel import Team, add_person, copied, make_team, refs


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, hermetic: None) -> Team:
    return make_team(tmp_path_factory.mktemp("team") / "team")


@pytest.fixture
def team(made: Team, tmp_path: Path) -> Team:
    return copied(made, tmp_path / "team")


@pytest.fixture
def server(team: Team) -> Iterator[GitServer]:
    with serving(team.shared.parent, password=True) as running:
        yield running


@pytest.fixture
def helper(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Let Git have a credential helper that knows the password; return where it keeps them."""
    kept = tmp_path / "credentials"
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "credential.helper")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", f"store --file={kept}")
    return kept


def know(helper: Path, server: GitServer) -> None:
    password = PASSWORD.replace(":", "%3a").replace("@", "%40")
    helper.write_text(f"http://{USER}:{password}@127.0.0.1%3a{server.port}\n")


def with_password(server: GitServer, password: str = PASSWORD) -> str:
    quoted = password.replace(":", "%3A").replace("@", "%40")
    return server.url("shared.git", f"{USER}:{quoted}")


def test_clone_push_fetch(team: Team, server: GitServer, helper: Path, tmp_path: Path) -> None:
    know(helper, server)
    url = server.url("shared.git")
    with Repository.clone(url, tmp_path / "carol", checkout=True) as carol:
        assert carol.status().upstream is not None
        carol_project = LiveProject(tmp_path / "carol", carol.database.name)
    add_person(carol_project, 40, "hers")
    with carol_project.open() as carol:
        assert carol.push().versions == ("v0.1.2",)
    with team.bob.open() as bob:
        bob.set_remote_url("origin", url)
        assert bob.pull().checkout is not None
    assert team.bob.content() == carol_project.content()
    assert any("git-upload-pack" in line for line in server.seen)
    assert any("git-receive-pack" in line for line in server.seen)
    assert git(team.bob.store, "fsck", "--strict") == ""


def test_plain_git_at_either_end(
    team: Team, server: GitServer, helper: Path, tmp_path: Path
) -> None:
    know(helper, server)
    add_person(team.ada, 40, "hers")
    git(team.ada.store, "push", "-q", server.url("shared.git"), "main", "--tags")
    with team.bob.open() as bob:
        bob.set_remote_url("origin", server.url("shared.git"))
        bob.pull()
    add_person(team.bob, 41, "his")
    with team.bob.open() as bob:
        bob.push()
    clone = tmp_path / "plain.git"
    subprocess.run(
        ["git", "clone", "-q", "--bare", server.url("shared.git"), str(clone)], check=True
    )
    with Repository.init(tmp_path / "p.kuzu", directory=tmp_path, store=clone) as repository:
        repository.checkout("v0.1.3")
    assert LiveProject(tmp_path, "p.kuzu").content() == team.bob.content()


def test_without_a_password_nobody_is_asked(
    server: GitServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GIT_ASKPASS", raising=False)
    monkeypatch.delenv("SSH_ASKPASS", raising=False)
    with pytest.raises(AccessDenied) as caught:
        Repository.clone(server.url("shared.git"), tmp_path / "new")
    assert caught.value.hint is not None
    assert "credential" in caught.value.hint
    assert not (tmp_path / "new").exists()


def test_a_password_of_the_url_is_used_and_not_kept(
    server: GitServer, helper: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trace = tmp_path / "trace"
    monkeypatch.setenv("GIT_TRACE", str(trace))
    with Repository.clone(with_password(server), tmp_path / "new") as repository:
        assert repository.remotes()[0].url == server.url("shared.git", USER)
        kept = [path for path in (tmp_path / "new").rglob("*") if path.is_file()]
        assert not [path for path in kept if b"s3cret" in path.read_bytes()]
        # The words of every program that Git has called:
        assert "remote-http" in trace.read_text()
        assert "s3cret" not in trace.read_text()
        # Git's helper has it from now on, as after a password that was typed.
        assert "s3cret" in helper.read_text()
        assert repository.fetch().updated == ()


def test_a_wrong_password_is_told_to_nobody(server: GitServer, tmp_path: Path) -> None:
    url = with_password(server, "wr0ng")
    done = subprocess.run(
        command("--debug", "clone", url, tmp_path / "new"),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert done.returncode == 17
    assert "wr0ng" not in done.stdout + done.stderr
    assert f"cannot read 'origin': Authentication failed for '{server.url('')}" in done.stderr
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("cut", [100, 1000, 3000])
def test_a_connection_that_breaks_leaves_the_store_as_it_was(
    team: Team, server: GitServer, helper: Path, cut: int
) -> None:
    know(helper, server)
    add_person(team.ada, 40, "hers")
    with team.ada.open() as ada:
        ada.push()
    with team.bob.open() as bob:
        bob.set_remote_url("origin", server.url("shared.git"))
        before = refs(team.bob.store), sorted((team.bob.store / "objects").rglob("*"))
        server.cut = cut
        try:
            bob.fetch()
        except (TransferFailed, TransferUnsound):
            after = refs(team.bob.store), sorted((team.bob.store / "objects").rglob("*"))
            assert after == before
            assert list((team.bob.store / "kuzugit" / "tmp").iterdir()) == []
        else:
            # The answer was shorter than that.
            assert cut == 3000
        server.cut = None
        bob.pull()
    assert team.bob.content() == team.ada.content()


def test_nothing_is_there(server: GitServer, helper: Path, tmp_path: Path) -> None:
    know(helper, server)
    with pytest.raises(TransferFailed, match="not found"):
        Repository.clone(server.url("nothing.git"), tmp_path / "new")
    with pytest.raises(TransferFailed, match=r"Failed to connect|Connection refused|unable"):
        Repository.clone("http://127.0.0.1:1/x.git", tmp_path / "new")
    assert not (tmp_path / "new").exists()
