"""Who commits and who tags, where the environment says so and Git's configuration does not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pygit2
import pytest

from kuzugit.cli.app import main
from tests.hooks.application import Application
from tests.store.making import HOMES, git
from tests.support.live import ADD_PERSON, LiveProject, make_project

AUTHOR, COMMITTER = "Eve <eve@x>", "Tom <tom@x>"


@pytest.fixture
def live(tmp_path: Path) -> LiveProject:
    project = make_project(tmp_path / "project")
    project.commit("first")
    return project


@pytest.fixture(autouse=True)
def environment(
    live: LiveProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    for role, name in (("AUTHOR", "Eve"), ("COMMITTER", "Tom")):
        monkeypatch.setenv(f"GIT_{role}_NAME", name)
        monkeypatch.setenv(f"GIT_{role}_EMAIL", f"{name.lower()}@x")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "none"))
    before = {level: pygit2.settings.search_path[level] for level in HOMES}
    for level in HOMES:
        pygit2.settings.search_path[level] = str(tmp_path / "none")
    yield
    for level, path in before.items():
        pygit2.settings.search_path[level] = path


def check_signed(live: LiveProject, *versions: str) -> None:
    for version in versions:
        said = git(live.store, "log", "-1", "--format=%an <%ae>, %cn <%ce>", version)
        assert said == f"{AUTHOR}, {COMMITTER}"
        tagger = git(live.store, "for-each-ref", "--format=%(taggername)", f"refs/tags/{version}")
        assert tagger == "Tom"


@pytest.mark.parametrize("configured", [False, True])
@pytest.mark.parametrize(
    "words", [("commit", "-m", "x"), ("checkout", "v0.1.0", "--save"), ("compact", "--save")]
)
def test_of_what_is_saved(live: LiveProject, words: tuple[str, ...], configured: bool) -> None:
    if configured:
        git(live.store, "config", "user.name", "Cfg")
        git(live.store, "config", "user.email", "cfg@x")
    live.run(ADD_PERSON)
    assert main(["-q", "-C", str(live.directory), *words]) == 0
    check_signed(live, "v0.1.1")


def test_of_a_sync(live: LiveProject, tmp_path: Path) -> None:
    other = make_project(tmp_path / "other")
    other.run("CREATE NODE TABLE Ours(id INT64 PRIMARY KEY)")
    assert main(["-q", "-C", str(other.directory), "commit", "-m", "theirs"]) == 0
    live.run(ADD_PERSON)
    words = ["sync", str(other.directory), "--save", "--ours"]
    assert main(["-q", "-C", str(live.directory), *words]) == 0
    check_signed(live, "v0.1.1", "v0.2.0")


def test_of_a_hook(live: LiveProject) -> None:
    application = Application(live.directory, live)
    assert application.git("init", "-q").code == 0
    application.set("kuzugit.preCommit", "commit")
    live.run(ADD_PERSON)
    assert main(["-q", "-C", str(live.directory), "hooks", "run", "pre-commit"]) == 0
    check_signed(live, "v0.1.1")
