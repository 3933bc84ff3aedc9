"""Checkout: what it puts in place, what it refuses, and what it keeps."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pygit2
import pytest

from kuzugit.engine.file import NotADatabase, StorageVersionUnknown
from kuzugit.engine.session import DatabaseLocked, StatementFailed
from kuzugit.errors import CorruptError, ExitCode, LockedError, RefusedError
from kuzugit.porcelain import swap
from kuzugit.porcelain.checkout import PathExists, UnsavedChanges
from kuzugit.porcelain.disk import CannotWrite
from kuzugit.porcelain.swap import DatabaseInUse
from kuzugit.store.history import UnknownRevision
from kuzugit.store.location import StoreFormatError
from tests.store.making import HOMES, NOBODY, git, in_child
from tests.support.compare import assert_same_database
from tests.support.content import Content
from tests.support.graphs import build_people, build_types, open_database
from tests.support.live import (
    ADD_COLUMN,
    ADD_PERSON,
    DROP_COLUMN,
    RENAME_PERSON,
    LiveProject,
    leave_log,
)
from tests.support.processes import holding
from tests.support.tampering import damage_loose_object


@pytest.fixture
def two(committed: LiveProject) -> LiveProject:
    """A database with v0.1.0 and, current, v1.0.0."""
    committed.commit("second", RENAME_PERSON, ADD_PERSON, DROP_COLUMN)
    return committed


@pytest.fixture
def first(committed: LiveProject) -> Content:
    """The content of v0.1.0. Name it before `two`."""
    return committed.content()


@pytest.fixture(autouse=True)
def no_temporary_file_is_left(tmp_path: Path) -> Iterator[None]:
    yield
    assert list(tmp_path.rglob(".kuzugit-new-*")) == []
    assert list(tmp_path.glob("*/.kuzugit/kuzugit/tmp/*")) == []


class Unchanged:
    """The bytes of live, the references, and where current is: to compare with later."""

    def __init__(self, live: LiveProject) -> None:
        self._live = live
        self._found = self._look()

    def _look(self) -> tuple[object, ...]:
        live = self._live
        data = live.database.read_bytes() if live.database.is_file() else None
        return data, live.files(), git(live.store, "for-each-ref")

    def check(self) -> None:
        assert self._look() == self._found


class TestLive:
    def test_there_and_back(self, first: Content, two: LiveProject) -> None:
        second = two.content()
        with two.open() as repository:
            done = repository.checkout("v0.1.0")
            assert (done.snapshot.version, done.kept_aside, done.saved) == ("v0.1.0", None, None)
            assert done.rows == 20 + 19
            assert two.content() == first
            assert git(two.store, "rev-parse", "current^{commit}") == done.snapshot.commit
            assert git(two.store, "symbolic-ref", "refs/current") == "refs/tags/v0.1.0"
            status = repository.status()
            assert (status.ahead, status.behind, status.untouched) == (0, 1, True)
            repository.checkout("main")
            assert two.content() == second
        assert two.files() == [two.name]

    def test_the_branch_stays(self, two: LiveProject) -> None:
        tip = git(two.store, "rev-parse", "main")
        with two.open() as repository:
            repository.checkout("v0.1.0")
        assert git(two.store, "rev-parse", "main") == tip

    @pytest.mark.parametrize("revision", ["v0.1.0", "main~1", "HEAD^", "current~", "v1.0.0^0~1"])
    def test_any_revision_of_git(self, first: Content, two: LiveProject, revision: str) -> None:
        with two.open() as repository:
            assert repository.checkout(revision).snapshot.version == "v0.1.0"
        assert two.content() == first

    def test_a_snapshot_without_a_tag(self, first: Content, two: LiveProject) -> None:
        git(two.store, "tag", "-d", "v0.1.0")
        with two.open() as repository:
            done = repository.checkout("main~1")
            assert done.snapshot.version is None
            current = repository.status().current
            assert current is not None
            assert current.commit == done.snapshot.commit
        assert two.content() == first

    @pytest.mark.parametrize("build", [build_people, build_types])
    def test_commit_checkout_commit_is_one_tree(
        self, committed: LiveProject, build: object, tmp_path: Path
    ) -> None:
        assert callable(build)
        committed.database.unlink()
        build(committed.database)
        committed.commit("another")
        with committed.open() as repository:
            repository.checkout("current", to=tmp_path / "copy.kuzu")
            assert_same_database(committed.database, tmp_path / "copy.kuzu")
            committed.database.unlink()
            repository.checkout("current")
            (repository.path / "kuzugit" / "state.json").unlink()
            assert not repository.commit("again").created

    def test_the_mode_and_the_owner_of_the_file_stay(self, two: LiveProject) -> None:
        two.database.chmod(0o600)
        if os.geteuid() == 0:
            os.chown(two.database, NOBODY, NOBODY)
        before = two.database.stat()
        with two.open() as repository:
            repository.checkout("v0.1.0")
        after = two.database.stat()
        assert stat.S_IMODE(after.st_mode) == 0o600
        assert (after.st_uid, after.st_gid) == (before.st_uid, before.st_gid)
        assert after.st_ino != before.st_ino

    def test_what_another_store_builds_beside_it_stays(self, two: LiveProject) -> None:
        from kuzugit.porcelain.swap import new_file_beside

        with new_file_beside(two.database.with_name("graph.kuzu2")) as other:
            other.write_bytes(b"half built")
            with two.open() as repository:
                repository.checkout("v0.1.0")
            assert other.read_bytes() == b"half built"


class TestUnsaved:
    def test_is_refused(self, two: LiveProject) -> None:
        two.run("CREATE (:Person {id: 77, name: 'unsaved'})", ADD_COLUMN)
        unchanged = Unchanged(two)
        with two.open() as repository, pytest.raises(UnsavedChanges) as caught:
            repository.checkout("v0.1.0")
        assert caught.value.exit_code == ExitCode.REFUSED
        assert "--save" in (caught.value.hint or "")
        assert "--force" in (caught.value.hint or "")
        unchanged.check()

    def test_to_the_same_snapshot_too(self, two: LiveProject) -> None:
        two.run("CREATE (:Person {id: 77, name: 'unsaved'})")
        unchanged = Unchanged(two)
        with two.open() as repository, pytest.raises(UnsavedChanges):
            repository.checkout("current")
        unchanged.check()

    def test_changes_that_another_snapshot_has_are_unsaved_against_current(
        self, two: LiveProject
    ) -> None:
        with two.open() as repository:
            repository.checkout("v0.1.0")
            two.run(RENAME_PERSON, ADD_PERSON, DROP_COLUMN)
            with pytest.raises(UnsavedChanges):
                repository.checkout("v1.0.0")

    def test_before_the_first_commit(self, live: LiveProject) -> None:
        with live.open() as repository, pytest.raises(UnknownRevision):
            repository.checkout("current")

    def test_save_commits_them(self, first: Content, two: LiveProject) -> None:
        two.run("CREATE (:Person {id: 77, name: 'unsaved'})")
        unsaved = two.content()
        with two.open() as repository:
            done = repository.checkout("v0.1.0", save=True)
            assert done.saved is not None
            assert done.saved.version == "v1.0.1"
            assert two.content() == first
            repository.checkout("v1.0.1")
        assert two.content() == unsaved

    def test_save_with_nothing_to_save(self, first: Content, two: LiveProject) -> None:
        with two.open() as repository:
            assert repository.checkout("v0.1.0", save=True).saved is None
        assert two.content() == first

    def test_force_keeps_the_old_file(self, first: Content, two: LiveProject) -> None:
        two.run("CREATE (:Person {id: 77, name: 'unsaved'})")
        unsaved = two.content()
        with two.open() as repository:
            kept = repository.checkout("v0.1.0", force=True).kept_aside
        assert kept is not None
        assert two.content() == first
        assert LiveProject(two.directory, kept.name).content() == unsaved
        assert two.files() == sorted([two.name, kept.name])

    def test_force_twice_keeps_both(self, two: LiveProject) -> None:
        kept = []
        with two.open() as repository:
            for number in (77, 78):
                two.run(f"CREATE (:Person {{id: {number}, name: 'unsaved'}})")
                kept.append(repository.checkout("v0.1.0", force=True).kept_aside)
        assert len({*kept}) == 2
        assert all(path is not None and path.exists() for path in kept)

    def test_force_keeps_nothing_that_a_snapshot_has(self, two: LiveProject) -> None:
        with two.open() as repository:
            assert repository.checkout("v0.1.0", force=True).kept_aside is None
        assert two.files() == [two.name]


class TestLog:
    """A log that a killed application left beside the database."""

    def test_unsaved_changes_in_it_are_seen(self, first: Content, two: LiveProject) -> None:
        leave_log(two.database, "CREATE (:Person {id: 77, name: 'unsaved'})")
        unsaved = two.content()
        with two.open() as repository:
            with pytest.raises(UnsavedChanges):
                repository.checkout("v0.1.0")
            assert two.content() == unsaved
            kept = repository.checkout("v0.1.0", force=True).kept_aside
        assert kept is not None
        assert LiveProject(two.directory, kept.name).content() == unsaved
        assert two.content() == first
        assert two.files() == sorted([two.name, kept.name, f"{kept.name}.wal"])

    def test_save_commits_what_is_in_it(self, two: LiveProject) -> None:
        leave_log(two.database, "CREATE (:Person {id: 77, name: 'unsaved'})")
        unsaved = two.content()
        with two.open() as repository:
            saved = repository.checkout("v0.1.0", save=True).saved
            assert saved is not None
            repository.checkout(saved.version or "")
        assert two.content() == unsaved

    def test_of_a_database_that_is_gone_is_kept_and_not_applied(
        self, first: Content, two: LiveProject
    ) -> None:
        leave_log(two.database, "CREATE (:Person {id: 77, name: 'unsaved'})")
        log = Path(f"{two.database}.wal").read_bytes()
        two.database.unlink()
        with two.open() as repository:
            kept = repository.checkout("v0.1.0").kept_aside
        assert kept is not None
        assert kept.read_bytes() == log
        assert two.files() == sorted([two.name, kept.name])
        assert two.content() == first

    @pytest.mark.parametrize("save", [True, False])
    def test_rows_that_kuzu_damages_when_it_writes_its_log_are_kept(
        self, first: Content, committed: LiveProject, save: bool
    ) -> None:
        # Kùzu's checkpoint turns texts into others where a row without one comes after
        # one was rewritten.
        committed.commit("second", RENAME_PERSON, ADD_PERSON)
        leave_log(committed.database, "CREATE (:Person {id: 77})")
        unsaved = committed.content()
        with committed.open() as repository:
            done = repository.checkout("v0.1.0", save=save, force=not save)
            assert committed.content() == first
            if done.kept_aside is not None:
                kept = LiveProject(committed.directory, done.kept_aside.name).content()
            else:
                assert done.saved is not None
                repository.checkout(done.saved.version or "")
                kept = committed.content()
        assert kept == unsaved

    def test_garbage_in_its_place_harms_nobody(self, first: Content, two: LiveProject) -> None:
        Path(f"{two.database}.wal").write_bytes(b"\xff" * 5000)
        with two.open() as repository:
            repository.checkout("v0.1.0", force=True)
        assert two.content() == first
        assert not Path(f"{two.database}.wal").exists()


class TestOddLive:
    def test_missing(self, first: Content, two: LiveProject) -> None:
        two.database.unlink()
        with two.open() as repository:
            assert not repository.status().exists
            assert repository.checkout("v0.1.0").kept_aside is None
        assert two.content() == first
        assert two.files() == [two.name]

    def test_a_link_that_leads_nowhere(self, first: Content, two: LiveProject) -> None:
        real = two.directory / "real.kuzu"
        two.database.unlink()
        two.database.symlink_to(real)
        with two.open() as repository:
            repository.checkout("v0.1.0")
        assert two.database.is_symlink()
        assert LiveProject(two.directory, real.name).content() == first

    @pytest.mark.parametrize(
        "content",
        [b"", b"not a database", b"KUZU" + (39).to_bytes(8, "little") + b"\xa5" * 20000],
        ids=["empty", "text", "garbage"],
    )
    def test_garbage_is_replaced_by_force_only_and_kept(
        self, first: Content, two: LiveProject, content: bytes
    ) -> None:
        two.database.write_bytes(content)
        unchanged = Unchanged(two)
        with two.open() as repository:
            with pytest.raises(Exception, match=r"graph\.kuzu") as caught:
                repository.checkout("v0.1.0")
            assert getattr(caught.value, "exit_code", None) == ExitCode.ENGINE
            unchanged.check()
            kept = repository.checkout("v0.1.0", force=True).kept_aside
        assert kept is not None
        assert kept.read_bytes() == content
        assert two.content() == first

    def test_garbage_with_a_log(self, first: Content, two: LiveProject) -> None:
        two.database.write_bytes(b"not a database")
        Path(f"{two.database}.wal").write_bytes(b"nor a log")
        with two.open() as repository:
            repository.checkout("v0.1.0", force=True)
        assert two.content() == first
        kept = [two.directory / name for name in two.files() if ".aside-" in name]
        assert {path.read_bytes() for path in kept} == {b"nor a log", b"not a database"}
        assert not Path(f"{two.database}.wal").exists()

    @pytest.mark.parametrize("force", [False, True])
    def test_a_directory_is_left_alone(self, two: LiveProject, force: bool) -> None:
        two.database.unlink()
        two.database.mkdir()
        with two.open() as repository, pytest.raises(NotADatabase, match="a directory"):
            repository.checkout("v0.1.0", force=force)
        (two.database / "catalog.kz").write_bytes(b"KUZU" + (37).to_bytes(8, "little"))
        with two.open() as repository, pytest.raises(StorageVersionUnknown, match=r"0\.9"):
            repository.checkout("v0.1.0", force=force)

    @pytest.mark.parametrize("read_only", [False, True])
    @pytest.mark.parametrize("force", [False, True])
    def test_open_elsewhere(self, two: LiveProject, read_only: bool, force: bool) -> None:
        unchanged = Unchanged(two)
        with (
            holding(two.database, read_only=read_only),
            two.open() as repository,
            pytest.raises(LockedError) as caught,
        ):
            repository.checkout("v0.1.0", force=force)
        assert isinstance(caught.value, DatabaseInUse)
        assert "--to" in (caught.value.hint or "")
        unchanged.check()

    def test_open_in_this_process(self, two: LiveProject) -> None:
        with (
            open_database(two.database) as connection,
            two.open() as repository,
        ):
            with pytest.raises(DatabaseInUse):
                repository.checkout("v0.1.0")
            # The attempt has not dropped the lock of this process.
            assert in_child(lambda: _expect_locked(two)) == 0
            connection.execute(RENAME_PERSON)

    def test_written_to_while_the_new_one_is_built(
        self, two: LiveProject, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from kuzugit import atomic

        def write(name: str) -> None:
            if name == "checkout:intent-written":
                assert in_child(lambda: two.run("CREATE (:Person {id: 77, name: 'unsaved'})")) == 0

        monkeypatch.setattr(atomic, "step", write)
        with two.open() as repository:
            with pytest.raises(DatabaseInUse, match="written to meanwhile"):
                repository.checkout("v0.1.0")
            assert "77" in str(two.content().rows["Person"])
            current = repository.status().current
            assert current is not None
            assert current.version == "v1.0.0"

    def test_made_while_the_new_one_is_built(
        self, two: LiveProject, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from kuzugit import atomic

        data = two.database.read_bytes()
        two.database.unlink()

        def make(name: str) -> None:
            if name == "checkout:intent-written":
                two.database.write_bytes(data)

        monkeypatch.setattr(atomic, "step", make)
        with two.open() as repository, pytest.raises(DatabaseInUse, match="made meanwhile"):
            repository.checkout("v0.1.0")
        assert two.database.read_bytes() == data


def _expect_locked(live: LiveProject) -> None:
    with live.open() as repository, pytest.raises(DatabaseLocked):
        repository.commit("x", allow_empty=True)


class TestElsewhere:
    def test_a_copy_leaves_live_and_current_alone(
        self, first: Content, two: LiveProject, tmp_path: Path
    ) -> None:
        two.run("CREATE (:Person {id: 77, name: 'unsaved'})")
        unchanged = Unchanged(two)
        target = tmp_path / "deep" / "er" / "copy.kuzu"
        with holding(two.database), two.open() as repository:
            done = repository.checkout("v0.1.0", to=target)
        assert done.database == target
        assert LiveProject(target.parent, target.name).content() == first
        assert [path.name for path in target.parent.iterdir()] == ["copy.kuzu"]
        unchanged.check()

    @pytest.mark.parametrize("kind", ["file", "directory", "link"])
    def test_what_is_there_is_not_replaced(
        self, two: LiveProject, tmp_path: Path, kind: str
    ) -> None:
        target = tmp_path / "target"
        if kind == "file":
            target.write_bytes(b"mine")
        elif kind == "directory":
            target.mkdir()
        else:
            target.symlink_to(tmp_path / "nowhere")
        with two.open() as repository, pytest.raises(PathExists) as caught:
            repository.checkout("v0.1.0", to=target)
        assert isinstance(caught.value, RefusedError)
        assert not (tmp_path / "nowhere").exists()
        assert kind != "file" or target.read_bytes() == b"mine"

    def test_the_live_path_itself_is_not_replaced(self, two: LiveProject) -> None:
        unchanged = Unchanged(two)
        with two.open() as repository, pytest.raises(PathExists):
            repository.checkout("v0.1.0", to=two.database)
        unchanged.check()

    def test_two_at_once_to_one_place(self, two: LiveProject, tmp_path: Path) -> None:
        from tests.store.making import start_child, wait

        target = tmp_path / "copy.kuzu"

        def build() -> None:
            with two.open() as repository:
                repository.checkout("v0.1.0", to=target)

        children = [start_child(build) for _ in range(3)]
        assert sorted(wait(child) for child in children) == [0, 1, 1]
        assert LiveProject(tmp_path, target.name).content().rows


class TestRefused:
    @pytest.mark.parametrize(
        ("revision", "near"), [("v0.1.1", "v0.1.0"), ("v1.0.00", "v1.0.0"), ("mian", "main")]
    )
    def test_an_unknown_revision_suggests_near_ones(
        self, two: LiveProject, revision: str, near: str
    ) -> None:
        unchanged = Unchanged(two)
        with two.open() as repository, pytest.raises(UnknownRevision) as caught:
            repository.checkout(revision)
        assert caught.value.exit_code == ExitCode.UNKNOWN_NAME
        assert near in (caught.value.hint or "")
        unchanged.check()

    def test_a_store_of_a_newer_format(self, two: LiveProject) -> None:
        git(two.store, "config", "kuzugit.format", "2")
        unchanged = Unchanged(two)
        with pytest.raises(StoreFormatError, match="format 2"):
            two.open()
        unchanged.check()

    def test_a_damaged_chunk(self, two: LiveProject) -> None:
        tree = git(two.store, "ls-tree", "-r", "v0.1.0").splitlines()
        blobs = [line.split()[2] for line in tree if line.endswith(".parquet")]
        unchanged = Unchanged(two)
        for blob in blobs:
            with (
                damage_loose_object(two.store, blob),
                two.open() as repository,
                pytest.raises(CorruptError) as caught,
            ):
                repository.checkout("v0.1.0")
            assert caught.value.exit_code == ExitCode.CORRUPT
            assert blob in str(caught.value)
            unchanged.check()

    @pytest.mark.parametrize("force", [False, True])
    def test_a_missing_chunk(self, two: LiveProject, force: bool) -> None:
        blob = git(two.store, "rev-parse", "v0.1.0:nodes/Person/start.parquet")
        (two.store / "objects" / blob[:2] / blob[2:]).unlink()
        unchanged = Unchanged(two)
        with two.open() as repository, pytest.raises(CorruptError, match="missing"):
            repository.checkout("v0.1.0", force=force)
        unchanged.check()

    def test_a_directory_that_cannot_be_written(self, open_directory: Path) -> None:
        from tests.support.live import make_project

        live = make_project(open_directory / "live")
        live.commit("first")
        live.commit("second", ADD_PERSON)
        unchanged = Unchanged(live)

        def work() -> None:
            for level in HOMES:
                pygit2.settings.search_path[level] = str(live.store)
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            with live.open() as repository, pytest.raises(CannotWrite) as caught:
                repository.checkout("v0.1.0")
            assert caught.value.exit_code == ExitCode.ENGINE

        for path in (live.store, *live.store.rglob("*")):
            os.chown(path, NOBODY, NOBODY)
        os.chown(live.database, NOBODY, NOBODY)
        assert in_child(work) == 0
        unchanged.check()


@pytest.mark.parametrize("option", ["force", "save", ""])
def test_the_engine_breaks_the_old_file_while_it_writes_its_log_into_it(
    first: Content, two: LiveProject, monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    """What it holds is kept by then, so the checkout goes on, and nobody needs the old file."""
    statements = ["CREATE (:Person {id: 22, name: 'only in the log'})"]
    if not option:
        statements.append("MATCH (p:Person {id: 22}) DELETE p")
    leave_log(two.database, *statements)
    before = two.content()

    def break_off(path: Path) -> None:
        two.database.write_bytes(two.database.read_bytes()[:5000])
        raise StatementFailed("CHECKPOINT", "IO exception: no space left")

    monkeypatch.setattr(swap, "checkpoint", break_off)
    with two.open() as repository:
        done = repository.checkout("v0.1.0", force=option == "force", save=option == "save")
        assert two.content() == first
        assert not repository.status().changes
        if option == "force":
            assert done.kept_aside is not None
            assert LiveProject(two.directory, done.kept_aside.name).content() == before
        if option == "save":
            assert done.saved is not None
            repository.checkout(done.saved.commit)
            assert two.content() == before
