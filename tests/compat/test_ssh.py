"""Stores over real ssh: keys, the agent, known hosts, and the user's own configuration."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kuzugit.porcelain.repository import Repository
from kuzugit.store.transport import AccessDenied, HostKeyUnknown, TransferFailed
from tests.store.making import git
from tests.support.live import LiveProject
from tests.support.ssh_server import ALIAS, SSHD, SshServer, ssh_serving
from tests.support.travel import Team, add_person, copied, make_team, refs

pytestmark = pytest.mark.skipif(SSHD is None, reason="no sshd here: apt-get install openssh-server")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, hermetic: None) -> Team:
    return make_team(tmp_path_factory.mktemp("team") / "team")


@pytest.fixture
def team(made: Team, tmp_path: Path) -> Team:
    return copied(made, tmp_path / "team")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshServer]:
    with ssh_serving(tmp_path_factory.mktemp("ssh") / "server") as running:
        yield running


@pytest.fixture(autouse=True)
def client(server: SshServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    monkeypatch.delenv("SSH_ASKPASS", raising=False)
    monkeypatch.setenv("GIT_SSH_COMMAND", server.command)


def test_clone_push_fetch(team: Team, server: SshServer, tmp_path: Path) -> None:
    url = server.url(team.shared)
    with Repository.clone(url, tmp_path / "carol", checkout=True) as carol:
        project = LiveProject(tmp_path / "carol", carol.database.name)
    add_person(project, 40, "hers")
    with project.open() as carol:
        assert carol.push().versions == ("v0.1.2",)
    with team.bob.open() as bob:
        bob.set_remote_url("origin", f"{ALIAS}:{team.shared}")
        assert bob.pull().checkout is not None
    assert team.bob.content() == project.content()
    assert git(team.bob.store, "fsck", "--strict") == ""


def test_plain_git_at_either_end(team: Team, server: SshServer) -> None:
    add_person(team.ada, 40, "hers")
    git(team.ada.store, "push", "-q", server.url(team.shared), "main", "--tags")
    with team.bob.open() as bob:
        bob.set_remote_url("origin", server.url(team.shared))
        bob.pull()
    add_person(team.bob, 41, "his")
    with team.bob.open() as bob:
        bob.push()
    git(team.ada.store, "fetch", "-q", server.url(team.shared), "main:refs/heads/came")
    assert refs(team.ada.store)["refs/heads/came"] == refs(team.bob.store)["refs/heads/main"]


def test_a_host_that_nobody_knows_is_refused(
    team: Team, server: SshServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = tmp_path / "none"
    monkeypatch.setenv("GIT_SSH_COMMAND", f"{server.command} -o UserKnownHostsFile={known}")
    with pytest.raises(HostKeyUnknown) as caught:
        Repository.clone(server.url(team.shared), tmp_path / "new")
    assert caught.value.hint is not None
    assert "known_hosts" in caught.value.hint
    assert not (tmp_path / "new").exists()
    assert not known.exists()


def test_a_host_with_another_key_is_refused(
    team: Team, server: SshServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = tmp_path / "known"
    public = Path(f"{server.key}.pub").read_text()
    known.write_text(f"[127.0.0.1]:{server.port} {public}")
    monkeypatch.setenv("GIT_SSH_COMMAND", f"{server.command} -o UserKnownHostsFile={known}")
    with pytest.raises(HostKeyUnknown):
        Repository.clone(server.url(team.shared), tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_without_a_key(
    team: Team, server: SshServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_SSH_COMMAND", f"{server.command} -o IdentityFile=/nowhere -F /dev/null "
                       f"-o UserKnownHostsFile={server.known_hosts}")  # fmt: skip
    with pytest.raises(AccessDenied):
        Repository.clone(server.url(team.shared), tmp_path / "new")


def test_a_key_of_the_agent(
    team: Team, server: SshServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    socket = tmp_path / "agent"
    monkeypatch.setenv("SSH_AUTH_SOCK", str(socket))
    monkeypatch.setenv(
        "GIT_SSH_COMMAND", f"ssh -F /dev/null -o UserKnownHostsFile={server.known_hosts}"
    )
    with subprocess.Popen(
        ["ssh-agent", "-D", "-a", str(socket)], stdout=subprocess.DEVNULL
    ) as agent:
        try:
            while not socket.exists():
                assert agent.poll() is None
                time.sleep(0.01)
            subprocess.run(["ssh-add", "-q", str(server.key)], check=True, env=os.environ)
            Repository.clone(server.url(team.shared), tmp_path / "new").close()
        finally:
            agent.terminate()


def test_nothing_is_there(server: SshServer, tmp_path: Path) -> None:
    with pytest.raises(TransferFailed, match="does not appear to be a git repository"):
        Repository.clone(f"{ALIAS}:/nothing.git", tmp_path / "new")
