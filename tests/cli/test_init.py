from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.support.project import Project, write_database


def test_the_only_database_is_the_one_that_is_meant(run: Run, tmp_path: Path) -> None:
    write_database(tmp_path / "my.kuzu")
    (tmp_path / "other.kuzu").write_bytes(b"no database")
    result = run("-C", tmp_path, "init")
    assert (result.code, result.err) == (0, "")
    assert result.out == f"Initialized the store {tmp_path}/.kuzugit for {tmp_path}/my.kuzu\n"
    assert run("-C", tmp_path, "tag").code == 0


def test_quiet(run: Run, tmp_path: Path) -> None:
    write_database(tmp_path / "my.kuzu")
    assert run("-C", tmp_path, "init", "-q").out == ""
    assert (tmp_path / ".kuzugit").is_dir()


def test_several_databases_are_listed(run: Run, tmp_path: Path) -> None:
    for name in ("b.kz", "a.kuzu", "c.db"):
        write_database(tmp_path / name)
    result = run("-C", tmp_path, "init")
    assert result.code == 2
    assert result.err == (
        "error: several databases to choose from: a.kuzu, b.kz, c.db\nhint: kuzugit init a.kuzu\n"
    )
    assert not (tmp_path / ".kuzugit").exists()


@pytest.mark.parametrize(
    ("content", "arguments", "code", "says"),
    [
        (None, [], 10, "no database (*.kuzu, *.kz, *.lbug, *.lbdb, *.db) in"),
        (None, ["x.kuzu"], 10, "there is no database at"),
        (b"", ["x.kuzu"], 16, "is not a Kùzu or Ladybug database: it is empty"),
        (b"SQLite format 3\0", ["x.kuzu"], 16, "is not a Kùzu or Ladybug database"),
        (b"KUZU" + (36).to_bytes(8, "little"), ["x.kuzu"], 18, "Kùzu 0.8"),
    ],
)
def test_bad_databases_leave_no_store(
    run: Run, tmp_path: Path, content: bytes | None, arguments: list[str], code: int, says: str
) -> None:
    if content is not None:
        (tmp_path / "x.kuzu").write_bytes(content)
    result = run("-C", tmp_path, "init", *arguments)
    assert (result.code, result.out) == (code, "")
    assert says in result.err.splitlines()[0]
    assert "hint: " in result.err
    assert not (tmp_path / ".kuzugit").exists()


def test_a_hint_for_a_missing_database_needs_no_store(run: Run, tmp_path: Path) -> None:
    result = run("-C", tmp_path, "init", "x.kuzu")
    assert result.err == (
        f"error: there is no database at {tmp_path}/x.kuzu\n"
        "hint: make it with Kùzu, or: kuzugit init DB\n"
    )


def test_a_store_is_made_once(run: Run, project: Project) -> None:
    result = run("-C", project.directory, "init")
    assert (result.code, result.out) == (13, "")
    assert "exists already" in result.err
    assert run("-C", project.directory, "tag").out == "v0.1.0\nv0.2.0\n"


def bare_clone(project: Project, place: Path) -> Path:
    subprocess.run(
        ["git", "clone", "-q", "--bare", str(project.store.path), str(place)], check=True
    )
    return place


def test_a_plain_clone_becomes_a_store(run: Run, project: Project, tmp_path: Path) -> None:
    clone = bare_clone(project, tmp_path / "clone.git")
    assert run("--store", clone, "tag").code == 10
    result = run("-C", tmp_path, "init", "new.kuzu", "--store", "clone.git")
    assert (result.code, result.err) == (0, "")
    assert run("--store", clone, "tag").out == "v0.1.0\nv0.2.0\n"
    again = run("-C", tmp_path, "init", "new.kuzu", "--store", "clone.git")
    assert again.code == 13


def test_a_clone_of_something_else_does_not(run: Run, tmp_path: Path) -> None:
    work, clone = tmp_path / "work", tmp_path / "code.git"
    for command in (
        ["init", "-q", str(work)],
        ["-C", str(work), "commit", "-q", "--allow-empty", "-m", "code"],
        ["clone", "-q", "--bare", str(work), str(clone)],
    ):
        subprocess.run(["git", *command], check=True)
    before = (clone / "config").read_bytes()
    result = run("-C", tmp_path, "init", "new.kuzu", "--store", "code.git")
    assert result.code == 10
    assert "is not a kuzugit store: its newest commit" in result.err
    assert (clone / "config").read_bytes() == before
