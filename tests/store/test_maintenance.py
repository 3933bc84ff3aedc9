from __future__ import annotations

from pathlib import Path

import pytest

from kuzugit.store.location import Store
from kuzugit.store.maintenance import (
    GitProgramFailed,
    GitProgramMissing,
    fsck,
    git_version,
    run_git,
)
from tests.store.making import commit, git


def test_the_version_is_digits() -> None:
    version = git_version()
    assert version is not None
    assert version in git(Path.cwd(), "--version")


def test_without_the_program(store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert git_version() is None
    with pytest.raises(GitProgramMissing):
        run_git(store, "status")
    with pytest.raises(GitProgramMissing):
        fsck(store)


def test_arguments_reach_git_as_they_are(store: Store, tmp_path: Path) -> None:
    commit(store, "v0.1.0")
    done = run_git(store, "rev-parse", f"$(touch {tmp_path}/x)")
    assert done.returncode != 0
    assert not (tmp_path / "x").exists()


def test_it_is_this_store_whatever_the_caller_has_set(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    assert run_git(store, "rev-parse", "--git-dir").stdout.strip() == str(store.path)


def test_a_sound_store_has_no_complaints(store: Store) -> None:
    assert fsck(store) == []
    commit(store, "v0.1.0")
    assert fsck(store) == []


def test_damage_is_told(store: Store) -> None:
    made = commit(store, "v0.1.0")
    (store.path / "objects" / made.tree[:2] / made.tree[2:]).unlink()
    assert any(made.tree in complaint for complaint in fsck(store))


def test_a_failure_without_a_word(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    program = store.path.parent / "git"
    program.write_text("#!/bin/sh\nexit 9\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    with pytest.raises(GitProgramFailed) as caught:
        fsck(store)
    assert caught.value.status == 9
