"""`.pre-commit-hooks.yaml`: its shape, and its hooks run by pre-commit itself."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest

from kuzugit.cli.app import main
from kuzugit.porcelain.hooks import FOR_APPLICATION
from tests.hooks.application import Application, make_application
from tests.support.live import ADD_PERSON

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / ".pre-commit-hooks.yaml"
PROGRAM = Path(sys.executable).with_name("pre-commit")
STAGES = ("pre-commit", "post-checkout", "post-merge")


def test_its_shape() -> None:
    """Without a reader of YAML: each hook is one block of the same lines."""
    blocks = re.split(r"(?m)^- ", FILE.read_text())[1:]
    fields = [dict(line.strip().split(": ", 1) for line in block.splitlines()) for block in blocks]
    assert [item["entry"] for item in fields] == [f"kuzugit hooks run {name}" for name in STAGES]
    assert FOR_APPLICATION == STAGES
    for item, stage in zip(fields, STAGES, strict=True):
        assert item.pop("name")
        assert item == {
            "id": f"kuzugit-{stage}",
            "entry": f"kuzugit hooks run {stage}",
            "language": "python",
            "stages": f"[{stage}]",
            "pass_filenames": "false",
            "always_run": "true",
            "verbose": "true",
        }


@pytest.fixture
def application(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Application:
    """A repository that uses pre-commit with our hooks; kuzugit is the one that is tested here."""
    if not PROGRAM.is_file():
        pytest.skip("pre-commit is not installed beside this Python")
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PATH", f"{PROGRAM.parent}:{_path()}")
    # To install our package into an environment of its own would need the network.
    hooks = FILE.read_text().replace("language: python", "language: system")
    made = make_application(tmp_path / "application")
    indented = "".join(f"      {line}\n" for line in hooks.splitlines() if line[:1] in "- ")
    (made.root / ".pre-commit-config.yaml").write_text(
        f"repos:\n  - repo: local\n    hooks:\n{indented}"
    )
    words = [word for stage in STAGES for word in ("-t", stage)]
    assert made.git("add", ".pre-commit-config.yaml").code == 0
    assert made.commit_code("with pre-commit").code == 0
    done = made.run(PROGRAM, "install", *words)
    assert done.code == 0, done.text
    return made


def _path() -> str:
    return str(Path(shutil.which("git") or "/usr/bin/git").parent) + ":/usr/bin:/bin"


def test_pre_commit_runs_them(application: Application) -> None:
    said = application.commit_code("more")
    assert said.code == 0, said.text
    assert "Passed" in said.text
    application.live.run(ADD_PERSON)
    assert "graph.kuzu has changes since v0.1.0" in application.commit_code("warned").text
    application.set("kuzugit.preCommit", "refuse")
    refused = application.commit_code("refused")
    assert refused.code == 1
    assert "the code is not committed" in refused.text


def test_it_commits_and_follows(application: Application) -> None:
    (application.root / "kuzugit.lock").write_text('{"format": 1}\n')
    application.live.commit("fills the lock", ADD_PERSON)
    application.git("add", "kuzugit.lock")
    assert application.commit_code("first").code == 0
    application.set("kuzugit.preCommit", "commit")
    application.live.run("CREATE (:Person {id: 33})")
    said = application.commit_code("second")
    assert said.code == 0, said.text
    assert "v0.1.2" in application.git("show", "HEAD:kuzugit.lock").text
    assert application.git("status", "--porcelain").text == ""
    back = application.git("checkout", "-q", "HEAD~1")
    assert "the code belongs to v0.1.1 of the graph" in back.text


def test_ours_and_theirs_together(application: Application) -> None:
    """`hooks install` keeps the hook of pre-commit, and takes itself away again."""
    hooks = application.root / ".git" / "hooks"
    before = {item.name: item.read_bytes() for item in hooks.iterdir()}
    assert main(["-C", str(application.root), "hooks", "install", "-q", "--no-lock"]) == 0
    application.live.run(ADD_PERSON)
    assert application.commit_code("twice").text.count("has changes since v0.1.0") == 2
    assert main(["-C", str(application.root), "hooks", "uninstall", "-q"]) == 0
    assert {item.name: item.read_bytes() for item in hooks.iterdir()} == before
