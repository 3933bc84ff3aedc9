"""What names a file or directory to write: never the live database, never within the store."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kuzugit.errors import ExitCode
from tests.cli.conftest import Run
from tests.store.making import git
from tests.support.live import ADD_PERSON, LiveProject, make_project

WRITERS = (
    ("diff", "v0.1.0", "--format", "patch", "-o"),
    ("diff", "v0.1.0", "--format", "csv", "-o"),
    ("export", "v0.1.0"),
    ("checkout", "v0.1.0", "--to"),
)
PLACES = (
    "graph.kuzu", "./graph.kuzu", "graph.kuzu.wal", "graph.kuzu.shadow", "graph.kuzu.tmp",
    ".kuzugit", ".kuzugit/HEAD", ".kuzugit/new", ".kuzugit/a/b", "link", "hard", "dangling",
    "inside/new", "sub/../graph.kuzu",
)  # fmt: skip


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory, hermetic: None) -> LiveProject:
    project = make_project(tmp_path_factory.mktemp("place") / "project")
    project.commit("first")
    project.run(ADD_PERSON)
    (project.directory / "sub").mkdir()
    (project.directory / "link").symlink_to("graph.kuzu")
    (project.directory / "dangling").symlink_to("graph.kuzu.wal")
    (project.directory / "inside").symlink_to(".kuzugit")
    os.link(project.database, project.directory / "hard")
    return project


def state(live: LiveProject) -> tuple[object, ...]:
    files = sorted(path for path in live.directory.rglob("*") if path.name != "kuzugit.lock")
    return live.database.read_bytes(), files, git(live.store, "fsck"), git(live.store, "show-ref")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("words", WRITERS, ids=lambda words: " ".join(words))
def test_it_is_refused(run: Run, live: LiveProject, words: tuple[str, ...], place: str) -> None:
    before = state(live)
    done = run("-C", live.directory, *words, place)
    assert (done.code, done.out) == (ExitCode.REFUSED, ""), done.err
    assert place in done.err or "graph.kuzu" in done.err
    assert state(live) == before


def test_of_a_database_that_is_a_link(run: Run, tmp_path: Path) -> None:
    """Kùzu names the log after the path that it was given, and after the file itself."""
    project = make_project(tmp_path / "project")
    project.commit("first")
    project.database.rename(tmp_path / "real.kuzu")
    project.database.symlink_to(tmp_path / "real.kuzu")
    for place in (tmp_path / "real.kuzu.wal", project.directory / "graph.kuzu.wal"):
        done = run("-C", project.directory, "checkout", "v0.1.0", "--to", place)
        assert done.code == ExitCode.REFUSED
        assert "a file of the live database" in done.err


def test_the_log_of_another_database_is_not_taken_over(run: Run, live: LiveProject) -> None:
    log = live.directory / "other.kuzu.wal"
    log.touch()
    done = run("-C", live.directory, "checkout", "v0.1.0", "--to", "other.kuzu")
    assert done.code == ExitCode.REFUSED
    assert "other.kuzu.wal exists already" in done.err
    assert not (live.directory / "other.kuzu").exists()
    log.unlink()


def test_through_a_link_and_into_a_pipe(run: Run, live: LiveProject, tmp_path: Path) -> None:
    words = ("-C", live.directory, *WRITERS[0])
    (tmp_path / "far").mkdir()
    (tmp_path / "link").symlink_to("far/changes")
    assert run(*words, tmp_path / "link").code == 0
    assert (tmp_path / "link").is_symlink()
    text = (tmp_path / "far" / "changes").read_text()
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    assert run(*words, tmp_path / "pipe").code == 0
    assert (tmp_path / "pipe").is_fifo()
    assert os.read(reader, 1 << 20).decode() == text
    os.close(reader)
