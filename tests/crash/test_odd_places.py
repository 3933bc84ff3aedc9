"""Too little memory, odd paths, another's transaction, and a live database that is a link."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import kuzu
import pytest

from kuzugit.engine import load
from kuzugit.engine.file import LogsApart
from kuzugit.errors import EngineError, LockedError
from kuzugit.porcelain import live as live_module
from tests.crash.killing import fsck, leftovers
from tests.support.live import ADD_PERSON, RENAME_PERSON, LiveProject, leave_log, make_project

LARGE = (
    "UNWIND range(1000, 120000) AS i "
    "CREATE (:Person {id: i, name: repeat(CAST(i * 7919 AS STRING), 20), balance: i})"
)
SMALLEST = 4 << 20
"""Bytes: Kùzu opens a database within them, and reads or builds no large one."""


@pytest.fixture
def large(tmp_path: Path) -> LiveProject:
    """v0.1.0 is small; the live database holds a table of 20 MB that no snapshot has."""
    project = make_project(tmp_path / "large")
    project.commit("first")
    project.run(LARGE)
    return project


def test_a_buffer_pool_too_small_to_read(
    large: LiveProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = large.database.read_bytes()
    with large.open() as repository:
        with monkeypatch.context() as patch:
            patch.setattr(live_module, "READ_BUFFER", SMALLEST)
            try:
                created = repository.commit("second").created
            except EngineError as error:
                assert "uffer" in f"{error} {error.__cause__}", error  # noqa: PT017
                created = False
        assert large.database.read_bytes() == before
        assert repository.verify(every=True).findings == ()
        assert repository.commit("second").created is not created
        assert repository.verify(every=True, rebuild=True).findings == ()
    fsck(large)
    assert leftovers(large) == []


def test_a_buffer_pool_too_small_to_build(
    large: LiveProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = large.commit("second")
    with large.open() as repository:
        repository.checkout("v0.1.0")
        before = large.database.read_bytes()
        with monkeypatch.context() as patch:
            small = partial(load.open_database, buffer_bytes=SMALLEST)
            patch.setattr(load, "open_database", small)
            with pytest.raises(EngineError, match="uffer"):
                repository.checkout(version)
        assert large.database.read_bytes() == before
        assert not repository.status().changes
        assert leftovers(large) == []
        repository.checkout(version)
    fsck(large)


@pytest.mark.parametrize("through", ["link", "real"])
@pytest.mark.parametrize("option", ["save", "force"])
def test_a_link_with_a_log(tmp_path: Path, through: str, option: str) -> None:
    """The log lies beside the path that the killed application had opened."""
    project = make_project(tmp_path / "live")
    real = tmp_path / "elsewhere" / "real.kuzu"
    real.parent.mkdir()
    project.database.rename(real)
    project.database.symlink_to(real)
    project.commit("first")
    first = project.content()
    project.commit("second", RENAME_PERSON)
    opened = project.database if through == "link" else real
    leave_log(opened, ADD_PERSON)
    with project.open() as repository:
        done = repository.checkout("v0.1.0", **{option: True})  # type: ignore[arg-type]
    assert project.content() == first
    assert project.database.is_symlink()
    assert not list(tmp_path.rglob(f"{opened.name}.wal"))
    if option == "save":
        assert done.saved is not None
        with project.open() as repository:
            repository.checkout(done.saved.commit)
        kept = project
    else:
        assert done.kept_aside is not None
        kept = LiveProject(done.kept_aside.parent, done.kept_aside.name)
    assert any(row[0] == "21" or row[0] == 21 for row in kept.content().rows["Person"])
    fsck(project)


def test_a_link_with_two_logs_is_read_by_nobody(tmp_path: Path) -> None:
    project = make_project(tmp_path / "live")
    real = project.directory / "real.kuzu"
    project.database.rename(real)
    project.database.symlink_to(real)
    project.commit("first")
    leave_log(real, ADD_PERSON)
    (project.directory / f"{project.name}.wal").write_bytes(b"another")
    with project.open() as repository:
        for call in (repository.status, partial(repository.commit, "second")):
            with pytest.raises(LogsApart):
                call()
        with pytest.raises(EngineError):
            repository.checkout("v0.1.0")
    assert Path(f"{real}.wal").stat().st_size > 0


@pytest.mark.parametrize(
    "name", ["a b", "it's", 'say "hi"', "[a]*?{b}", "back\\slash", "Köln 漢 🦆", "-x", "new\nline"]
)
def test_an_odd_path(tmp_path: Path, name: str) -> None:
    """Of the directory and of the database: everything that Kùzu, DuckDB and Git are told."""
    project = make_project(tmp_path / name, f"{name}.kuzu")
    version = project.commit("first")
    first = project.content()
    project.commit("second", RENAME_PERSON)
    with project.open() as repository:
        assert not repository.status().changes
        assert repository.verify(every=True, rebuild=True).findings == ()
        leave_log(project.database, ADD_PERSON)
        done = repository.checkout(version, force=True)
        assert done.kept_aside is not None
        assert project.content() == first
        repository.checkout("HEAD", to=project.directory / f"copy of {name}")
        repository.export(version, project.directory / f"exported {name}")
    fsck(project)


def test_a_transaction_of_the_caller_that_is_open(tmp_path: Path) -> None:
    """What it has not committed is not seen, and it goes on as if nothing had been."""
    project = make_project(tmp_path / "live")
    project.commit("first")
    first = project.content()
    with (
        project.open() as repository,
        kuzu.Database(project.database) as database,
        kuzu.Connection(database) as connection,
    ):
        connection.execute("BEGIN TRANSACTION")
        connection.execute(ADD_PERSON)
        assert not repository.commit("nothing yet", connection=connection).created
        connection.execute("COMMIT")
        assert repository.commit("second", connection=connection).created
        connection.execute("BEGIN TRANSACTION")
        connection.execute(RENAME_PERSON)
        with pytest.raises(LockedError):
            repository.checkout("v0.1.0")
        connection.execute("ROLLBACK")
        assert not repository.status(connection=connection).changes
    with project.open() as repository:
        repository.checkout("v0.1.0")
    assert project.content() == first
