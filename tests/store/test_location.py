from __future__ import annotations

import os
import signal
import subprocess
import threading
from pathlib import Path

import pygit2
import pytest

from kuzugit import atomic
from kuzugit.atomic import LockHeld
from kuzugit.store.location import (
    STORE_NAME,
    NotAStore,
    Store,
    StoreExists,
    StoreFormatError,
    StoreNotFound,
    create_store,
    find_store,
    open_store,
)
from kuzugit.store.translate import GitFailed, StoreReadOnly
from tests.store.making import commit, git, in_child, names, read_only


class TestFind:
    def test_here_above_and_from_inside(self, store: Store, tmp_path: Path) -> None:
        below = tmp_path / "a" / "b"
        below.mkdir(parents=True)
        for start in (tmp_path, below, store.path / "objects", tmp_path / "a" / ".." / "a"):
            assert find_store(start) == store.path

    def test_the_nearest_one_wins(self, store: Store, tmp_path: Path) -> None:
        inner = tmp_path / "inner" / STORE_NAME
        create_store(inner, tmp_path / "inner" / "g").close()
        assert find_store(inner.parent) == inner

    def test_parents_are_those_of_the_real_directory(self, store: Store, tmp_path: Path) -> None:
        (tmp_path / "real").mkdir()
        link = tmp_path.parent / f"{tmp_path.name}-link"
        link.symlink_to(tmp_path / "real")
        assert find_store(link) == store.path

    def test_a_file_of_that_name_is_none(self, tmp_path: Path) -> None:
        (tmp_path / STORE_NAME).write_text("x")
        with pytest.raises(StoreNotFound) as caught:
            find_store(tmp_path)
        assert caught.value.start == tmp_path
        assert caught.value.hint == "kuzugit init DB"


class TestCreate:
    def test_a_bare_repository_with_our_marks(self, store: Store, tmp_path: Path) -> None:
        assert git(store, "config", "kuzugit.format") == "1"
        assert git(store, "config", "kuzugit.database") == "graph.kuzu"
        assert git(store, "symbolic-ref", "HEAD") == "refs/heads/main"
        assert git(store, "rev-parse", "--is-bare-repository") == "true"
        assert store.database == tmp_path / "graph.kuzu"
        assert store.state_path.parent.is_dir()

    def test_a_database_elsewhere_keeps_its_absolute_path(self, tmp_path: Path) -> None:
        database = tmp_path / "elsewhere" / "graph.kuzu"
        with create_store(tmp_path / "home" / STORE_NAME, database) as store:
            assert store.database == database
            assert git(store, "config", "kuzugit.database") == str(database)

    def test_a_moved_project_finds_its_database(self, tmp_path: Path) -> None:
        before, after = tmp_path / "before", tmp_path / "after"
        create_store(before / STORE_NAME, before / "data" / "graph.kuzu").close()
        before.rename(after)
        with open_store(after / STORE_NAME) as store:
            assert store.database == after / "data" / "graph.kuzu"

    def test_an_existing_store_is_refused_and_kept(self, store: Store) -> None:
        before = (store.path / "config").read_bytes()
        with pytest.raises(StoreExists) as caught:
            create_store(store.path, Path("other"))
        assert caught.value.path == store.path
        assert (store.path / "config").read_bytes() == before

    def test_a_directory_with_something_in_it_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / STORE_NAME).mkdir()
        (tmp_path / STORE_NAME / "mine").write_text("x")
        with pytest.raises(StoreExists):
            create_store(tmp_path / STORE_NAME, tmp_path / "g")

    def test_an_empty_directory_is_taken(self, tmp_path: Path) -> None:
        (tmp_path / STORE_NAME).mkdir()
        create_store(tmp_path / STORE_NAME, tmp_path / "g").close()

    def test_the_slower_of_two_is_refused(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / STORE_NAME

        def overtake(name: str) -> None:
            monkeypatch.undo()
            create_store(path, tmp_path / "first").close()

        monkeypatch.setattr(atomic, "step", overtake)
        with pytest.raises(StoreExists):
            create_store(path, tmp_path / "second")
        with open_store(path) as store:
            assert store.database.name == "first"
        assert names(tmp_path) == [STORE_NAME]

    def test_a_killed_one_leaves_no_store_and_its_remains_are_swept(self, tmp_path: Path) -> None:
        path = tmp_path / STORE_NAME

        def die() -> None:
            atomic.step = lambda name: os.kill(os.getpid(), signal.SIGKILL)
            create_store(path, tmp_path / "g")

        assert in_child(die) == -signal.SIGKILL
        with pytest.raises(StoreNotFound):
            find_store(tmp_path)
        create_store(path, tmp_path / "g").close()
        assert names(tmp_path) == [STORE_NAME]

    def test_the_store_has_the_umasks_mode(self, tmp_path: Path) -> None:
        before = os.umask(0o027)
        try:
            with create_store(tmp_path / STORE_NAME, tmp_path / "g") as store:
                assert store.path.stat().st_mode & 0o777 == 0o750
        finally:
            os.umask(before)

    def test_a_read_only_place(self, open_directory: Path) -> None:
        with read_only(open_directory), pytest.raises(StoreReadOnly):
            create_store(open_directory / STORE_NAME, open_directory / "g")


class TestOpen:
    def test_missing(self, tmp_path: Path) -> None:
        with pytest.raises(NotAStore, match="no such directory"):
            open_store(tmp_path / "none")

    def test_a_plain_directory(self, tmp_path: Path) -> None:
        with pytest.raises(NotAStore, match="no bare Git repository"):
            open_store(tmp_path)

    def test_a_bare_clone_is_not_a_store_yet(self, store: Store, tmp_path: Path) -> None:
        commit(store, "v0.1.0")
        clone = tmp_path / "clone"
        subprocess.run(["git", "clone", "-q", "--bare", store.path, clone], check=True)
        with pytest.raises(NotAStore, match=r"kuzugit\.format") as caught:
            open_store(clone)
        assert caught.value.hint == "kuzugit init --store DIR"

    def test_a_mark_in_the_global_configuration_makes_no_store(self, tmp_path: Path) -> None:
        pygit2.init_repository(str(tmp_path / "bare"), bare=True)
        home = Path(os.environ["GIT_CONFIG_GLOBAL"])
        before = home.read_text()
        home.write_text(f"{before}[kuzugit]\n\tformat = 1\n\tdatabase = x\n")
        try:
            with pytest.raises(NotAStore):
                open_store(tmp_path / "bare")
        finally:
            home.write_text(before)

    @pytest.mark.parametrize("found", ["2", "99", "x", "0", "-1", "1.0"])
    def test_a_format_that_is_not_ours(self, store: Store, found: str) -> None:
        git(store, "config", "kuzugit.format", found)
        with pytest.raises(StoreFormatError) as caught:
            open_store(store.path)
        assert caught.value.found == found

    def test_a_store_without_a_database(self, store: Store) -> None:
        git(store, "config", "--unset", "kuzugit.database")
        with pytest.raises(NotAStore, match=r"kuzugit\.database"):
            open_store(store.path)

    def test_a_broken_configuration(self, store: Store) -> None:
        (store.path / "config").write_text("[kuzugit\nformat")
        with pytest.raises(GitFailed):
            open_store(store.path)

    def test_a_repository_that_libgit2_cannot_read(self, store: Store) -> None:
        git(store, "config", "core.repositoryformatversion", "7")
        with pytest.raises(GitFailed) as caught:
            open_store(store.path)
        assert caught.value.__cause__ is not None


class TestLock:
    def test_a_store_that_may_not_be_looked_into(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refused(path: Path) -> bool:
            raise PermissionError(13, "Permission denied", str(path))

        monkeypatch.setattr(Path, "is_file", refused)
        with pytest.raises(GitFailed, match="cannot look into the store"):
            open_store(store.path)

    def test_another_store_object_is_refused(self, store: Store) -> None:
        with (
            open_store(store.path) as other,
            store.lock(),
            pytest.raises(LockHeld),
            other.lock(timeout=0),
        ):
            pass

    def test_the_holder_may_take_it_again(self, store: Store) -> None:
        with open_store(store.path) as other:
            with store.lock(), store.lock(timeout=0):
                pass
            with other.lock(timeout=0):
                pass

    def test_it_stays_held_after_an_inner_release(self, store: Store) -> None:
        with open_store(store.path) as other, store.lock():
            with store.lock():
                pass
            with pytest.raises(LockHeld), other.lock(timeout=0):
                pass

    def test_another_thread_of_the_same_store_is_refused(self, store: Store) -> None:
        caught: list[BaseException] = []

        def take() -> None:
            try:
                with store.lock(timeout=0):
                    pass
            except LockHeld as error:
                caught.append(error)

        with store.lock():
            thread = threading.Thread(target=take)
            thread.start()
            thread.join()
        assert len(caught) == 1

    def test_an_error_inside_frees_it(self, store: Store) -> None:
        with pytest.raises(ZeroDivisionError), store.lock():
            raise ZeroDivisionError
        with open_store(store.path) as other, other.lock(timeout=0):
            pass


class TestScratch:
    def test_an_empty_directory_inside_the_store_removed_at_the_end(self, store: Store) -> None:
        with store.scratch() as path:
            assert path.is_relative_to(store.path)
            assert list(path.iterdir()) == []
            (path / "deep").mkdir()
            (path / "deep" / "file").write_text("x")
        assert not path.exists()

    def test_two_at_once_are_two(self, store: Store) -> None:
        with store.scratch() as one, store.scratch() as two:
            assert one != two
            assert one.is_dir()
        assert not one.exists()

    def test_a_dead_processes_is_swept_and_a_living_ones_is_not(self, store: Store) -> None:
        def die() -> None:
            with store.scratch() as path:
                (path / "left").write_text("x")
                os.kill(os.getpid(), signal.SIGKILL)

        assert in_child(die) == -signal.SIGKILL
        root = store.path / "kuzugit" / "tmp"
        assert len(names(root)) == 1
        with store.scratch() as mine:
            assert names(root) == [mine.name]

            def use_another() -> None:
                with store.scratch():
                    assert mine.is_dir()

            assert in_child(use_another) == 0
            assert mine.is_dir()

    def test_a_file_or_a_link_that_looks_like_one_is_left_alone(
        self, store: Store, tmp_path: Path
    ) -> None:
        root = store.path / "kuzugit" / "tmp"
        target = tmp_path / "precious"
        target.mkdir()
        (root / "work-link").symlink_to(target)
        (root / "work-file").write_text("x")
        with store.scratch():
            assert target.is_dir()
            assert (root / "work-file").exists()


class TestReadOnly:
    def test_it_opens_and_says_that_it_cannot_be_written(self, shared_store: Store) -> None:
        with read_only(shared_store.path), open_store(shared_store.path) as store:
            with pytest.raises(StoreReadOnly) as caught, store.lock():
                pass
            assert caught.value.path == store.path
            with pytest.raises(StoreReadOnly), store.scratch():
                pass
