from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import pytest

from kuzugit.errors import EngineError, NoStoreError, RefusedError, UsageError
from kuzugit.porcelain.init import SeveralDatabases, init
from kuzugit.porcelain.reading import read_manifest
from kuzugit.porcelain.workspace import open_workspace
from kuzugit.store.location import open_store
from kuzugit.store.object_format import OtherObjectFormat
from kuzugit.store.objects import DamagedObject
from kuzugit.store.partial import PartialClone
from tests.store.making import git
from tests.support.project import Project, write_database


def test_a_store_beside_its_database(tmp_path: Path) -> None:
    database = write_database(tmp_path / "my.kuzu")
    made = init(tmp_path, database)
    assert made.store.path == tmp_path / ".kuzugit"
    assert open_workspace(tmp_path).database == database


def test_a_store_elsewhere_finds_its_database(tmp_path: Path) -> None:
    database = write_database(tmp_path / "my.kuzu")
    init(tmp_path, database, tmp_path / "deep" / "history.git")
    assert open_workspace(tmp_path, tmp_path / "deep" / "history.git").database == database


def test_only_a_file_that_begins_as_a_database_is_a_candidate(tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_bytes(b"SQLite format 3\0")
    (tmp_path / "dir.kuzu").mkdir()
    write_database(tmp_path / "hidden.txt")
    with pytest.raises(NoStoreError):
        init(tmp_path, None)
    database = write_database(tmp_path / "my.kz")
    assert init(tmp_path, None).database == database


def test_several_candidates_are_named(tmp_path: Path) -> None:
    found = [write_database(tmp_path / name) for name in ("a.kuzu", "b.db")]
    with pytest.raises(SeveralDatabases) as refused:
        init(tmp_path, None)
    assert list(refused.value.candidates) == found
    assert isinstance(refused.value, UsageError)


def test_what_is_there_is_never_replaced(project: Project, tmp_path: Path) -> None:
    with pytest.raises(RefusedError):
        init(project.directory, None)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    with pytest.raises(RefusedError):
        init(project.directory, project.directory / "my.kuzu", tmp_path / "full")
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["file"]


def test_an_adopted_clone_has_the_history(project: Project, tmp_path: Path) -> None:
    clone = tmp_path / "clone.git"
    subprocess.run(
        ["git", "clone", "-q", "--bare", str(project.store.path), str(clone)], check=True
    )
    made = init(tmp_path, tmp_path / "not-yet.kuzu", clone)
    assert made.database == tmp_path / "not-yet.kuzu"
    assert made.branch == "main"


def test_one_with_another_hash(tmp_path: Path) -> None:
    other = tmp_path / "other.git"
    subprocess.run(["git", "init", "-q", "--bare", "--object-format=sha256", other], check=True)
    with pytest.raises(OtherObjectFormat):
        init(tmp_path, tmp_path / "not-yet.kuzu", other)
    git(other, "config", "kuzugit.format", "1")
    git(other, "config", "kuzugit.database", "not-yet.kuzu")
    with pytest.raises(OtherObjectFormat):
        open_store(other)


@pytest.mark.parametrize("left_out", ["blob:none", "tree:0"])
def test_a_partial_clone(project: Project, tmp_path: Path, left_out: str) -> None:
    """It is refused until all objects are there; one that becomes a store says what it lacks."""
    git(project.store, "config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "clone.git"
    words = ["git", "clone", "-q", "--bare", f"--filter={left_out}"]
    subprocess.run([*words, f"file://{project.store.path}", clone], check=True)
    with pytest.raises(PartialClone) as caught:
        init(tmp_path, tmp_path / "not-yet.kuzu", clone)
    hint = caught.value.hint or ""
    git(clone, "config", "kuzugit.database", "not-yet.kuzu")
    git(clone, "config", "kuzugit.format", "1")
    with open_store(clone) as store, pytest.raises(DamagedObject, match="partial clone") as missing:
        read_manifest(store, project.snapshots[0])
    assert missing.value.hint == hint
    subprocess.run(shlex.split(hint), check=True)
    with open_store(clone) as store:
        read_manifest(store, project.snapshots[0])
    git(clone, "config", "--unset", "kuzugit.format")
    init(tmp_path, tmp_path / "not-yet.kuzu", clone)


def test_an_adopted_clone_refuses_what_is_no_database(project: Project, tmp_path: Path) -> None:
    clone = tmp_path / "clone.git"
    subprocess.run(
        ["git", "clone", "-q", "--bare", str(project.store.path), str(clone)], check=True
    )
    (tmp_path / "text.kuzu").write_text("no database at all")
    before = (clone / "config").read_bytes()
    with pytest.raises(EngineError, match="is not a Kùzu or Ladybug database"):
        init(tmp_path, tmp_path / "text.kuzu", clone)
    assert (clone / "config").read_bytes() == before
