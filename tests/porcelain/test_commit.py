"""Commit: versions, what is refused, what is written and what is not."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import kuzu
import pygit2
import pytest
from pygit2.enums import ConfigLevel

from kuzugit.engine import session
from kuzugit.engine.session import DatabaseLocked
from kuzugit.errors import ExitCode, GitError, LockedError, NoStoreError, UsageError
from kuzugit.model.version import Bump
from kuzugit.porcelain.commit import EmptyMessage, NotReproduced, commit
from kuzugit.porcelain.live import WrongDatabase
from kuzugit.porcelain.numbering import MalformedVersion
from kuzugit.porcelain.repository import Repository
from kuzugit.porcelain.workspace import Workspace
from kuzugit.store.location import BadSetting
from kuzugit.store.refs import BadTagName, TagExists
from kuzugit.store.signature import NoAuthor
from kuzugit.store.trailers import BadTrailer
from kuzugit.store.translate import StoreReadOnly
from tests.store.making import git, read_only
from tests.support.compare import assert_same_database
from tests.support.graphs import open_database
from tests.support.live import (
    ADD_COLUMN,
    ADD_PERSON,
    DROP_COLUMN,
    RENAME_PERSON,
    LiveProject,
    leave_log,
    make_project,
)
from tests.support.processes import holding


def objects(live: LiveProject) -> set[str]:
    return set(git(live.store, "cat-file", "--batch-all-objects", "--batch-check").splitlines())


class TestVersion:
    def test_the_first_is_v0_1_0(self, live: LiveProject) -> None:
        assert live.commit("first") == "v0.1.0"

    @pytest.mark.parametrize(
        ("statement", "version"),
        [
            (RENAME_PERSON, "v0.1.1"),
            (ADD_PERSON, "v0.1.1"),
            (ADD_COLUMN, "v0.2.0"),
            ("CREATE NODE TABLE Other(id INT64 PRIMARY KEY)", "v0.2.0"),
            (DROP_COLUMN, "v1.0.0"),
            ("DROP TABLE knows", "v1.0.0"),
            ("ALTER TABLE Person RENAME name TO title", "v1.0.0"),
        ],
    )
    def test_follows_what_changed(
        self, committed: LiveProject, statement: str, version: str
    ) -> None:
        assert committed.commit("second", statement) == version

    def test_a_breaking_change_outweighs_an_additive_one(self, committed: LiveProject) -> None:
        assert committed.commit("both", ADD_COLUMN, DROP_COLUMN) == "v1.0.0"

    @pytest.mark.parametrize(
        ("bump", "version"),
        [(Bump.PATCH, "v0.1.1"), (Bump.MINOR, "v0.2.0"), (Bump.MAJOR, "v1.0.0")],
    )
    def test_bump_overrides(self, committed: LiveProject, bump: Bump, version: str) -> None:
        committed.run(DROP_COLUMN)
        with committed.open() as repository:
            assert repository.commit("bumped", bump=bump).version == version

    def test_follows_the_highest_not_the_newest(self, committed: LiveProject) -> None:
        with committed.open() as repository:
            committed.run(ADD_PERSON)
            repository.commit("high", tag="v3.0.0")
            repository.checkout("v0.1.0")
            committed.run(RENAME_PERSON)
            assert repository.commit("after").version == "v3.0.1"

    def test_a_tag_of_another_form(self, committed: LiveProject) -> None:
        committed.run(ADD_PERSON)
        with committed.open() as repository:
            assert repository.commit("named", tag="release/spring").version == "release/spring"
            committed.run(RENAME_PERSON)
            assert repository.commit("numbered").version == "v0.1.1"

    @pytest.mark.parametrize("tag", ["v1", "v1.2", "v1.2.3.4", "v01.2.3", "V1.2.3", "v1.2.3-rc1"])
    def test_a_malformed_version_is_refused(self, committed: LiveProject, tag: str) -> None:
        with committed.open() as repository, pytest.raises(MalformedVersion) as caught:
            repository.commit("x", tag=tag)
        assert caught.value.exit_code == ExitCode.USAGE
        assert tag in str(caught.value)

    @pytest.mark.parametrize("tag", ["a b", "-x", "HEAD", "current", "a..b", "", "x.lock"])
    def test_a_bad_name_is_refused(self, committed: LiveProject, tag: str) -> None:
        with committed.open() as repository, pytest.raises(BadTagName):
            repository.commit("x", tag=tag)

    def test_a_tag_that_exists_is_refused(self, committed: LiveProject) -> None:
        before = objects(committed)
        committed.run(ADD_PERSON)
        with committed.open() as repository, pytest.raises(TagExists) as caught:
            repository.commit("x", tag="v0.1.0")
        assert caught.value.exit_code == ExitCode.USAGE
        assert objects(committed) == before


class TestHistory:
    def test_trailers(self, committed: LiveProject) -> None:
        committed.run(ADD_PERSON)
        with committed.open() as repository:
            snapshot = repository.commit(
                "why\n\nBecause.", trailers=[("event-index", "42"), ("event-index", "43")]
            ).snapshot
        assert snapshot is not None
        assert (snapshot.subject, snapshot.body) == ("why", "Because.")
        found = dict(snapshot.trailers)
        assert found["event-index"] == "43"
        assert found["Kuzugit-Format"] == "1"
        assert found["Kuzugit-Engine"].startswith("kuzu 0.11")
        assert "Kuzugit-Base" not in found
        listed = git(committed.store, "log", "-1", "--format=%(trailers:key=event-index)")
        assert listed.split() == ["event-index:", "42", "event-index:", "43"]

    @pytest.mark.parametrize("trailer", [("a b", "c"), ("a", "b\nc"), ("", "b"), ("a:", "b")])
    def test_bad_trailers_are_refused(
        self, committed: LiveProject, trailer: tuple[str, str]
    ) -> None:
        committed.run(ADD_PERSON)
        with committed.open() as repository, pytest.raises(BadTrailer):
            repository.commit("x", trailers=[trailer])

    @pytest.mark.parametrize("key", ["Kuzugit-Format", "kuzugit-writer", "KUZUGIT-Base"])
    def test_a_trailer_of_kuzugits_own_cannot_be_given(
        self, committed: LiveProject, key: str
    ) -> None:
        committed.run(ADD_PERSON)
        with committed.open() as repository, pytest.raises(UsageError, match=key):
            repository.commit("x", trailers=[(key, "99")])

    def test_a_message_that_ends_like_kuzugits_trailers_does_not_replace_them(
        self, committed: LiveProject
    ) -> None:
        committed.run(ADD_PERSON)
        with committed.open() as repository:
            snapshot = repository.commit("x\n\nKuzugit-Format: 99").snapshot
            assert snapshot is not None
            assert snapshot.trailer("Kuzugit-Format") == "1"

    def test_after_a_rollback_the_branch_goes_on_and_the_base_is_named(
        self, committed: LiveProject
    ) -> None:
        committed.commit("second", ADD_PERSON)
        tip = git(committed.store, "rev-parse", "main")
        with committed.open() as repository:
            repository.checkout("v0.1.0")
            committed.run(RENAME_PERSON)
            snapshot = repository.commit("third").snapshot
            assert snapshot is not None
            assert snapshot.parents == (tip,)
            assert snapshot.trailer("Kuzugit-Base") == "v0.1.0"
            committed.run(ADD_COLUMN)
            after = repository.commit("fourth").snapshot
            assert after is not None
            assert after.trailer("Kuzugit-Base") is None
        subjects = git(committed.store, "log", "--format=%s").splitlines()
        assert subjects == ["fourth", "third", "second", "first"]

    def test_what_came_to_the_branch_alone_is_told(
        self, committed: LiveProject, tmp_path: Path
    ) -> None:
        with committed.open() as repository:
            committed.run(ADD_PERSON)
            repository.commit("second")
            repository.export("v0.1.1", tmp_path / "exported")
            repository.checkout("v0.1.0")
            committed.run(RENAME_PERSON)
            assert repository.commit("a rollback is wanted").warnings == ()
            repository.import_directory(tmp_path / "exported", "imported")
            repository.compact()
            committed.run(ADD_COLUMN)
            for dry_run in (True, False):
                (told,) = repository.commit("over it", dry_run=dry_run).warnings
                assert "the branch has 1 snapshot that the database never had" in told
                assert "kuzugit log v0.1.2..v0.1.3" in told
            repository.import_directory(tmp_path / "exported", "imported")
            committed.run(DROP_COLUMN)
            (told,) = repository.checkout("v0.1.1", save=True).warnings
            assert "1 snapshot that" in told
            committed.run(RENAME_PERSON)
            assert repository.commit("a rollback is wanted").warnings == ()

    def test_a_database_from_elsewhere_is_told(self, committed: LiveProject) -> None:
        # As in a plain clone, where a database was made before any checkout.
        (committed.store / "refs" / "current").unlink()
        committed.run(RENAME_PERSON)
        with committed.open() as repository:
            (told,) = repository.commit("over it").warnings
        assert "was made from no snapshot" in told
        assert "kuzugit checkout v0.1.0 --to PATH" in told

    def test_what_comes_to_the_same_as_the_branch_takes_nothing_back(
        self, committed: LiveProject, tmp_path: Path
    ) -> None:
        committed.commit("second", ADD_PERSON)
        with committed.open() as repository:
            repository.export("v0.1.0", tmp_path / "exported")
            repository.import_directory(tmp_path / "exported", "imported")
            committed.run("MATCH (p:Person {id: 21}) DELETE p")
            done = repository.commit("the same")
            assert (done.created, done.warnings) == (True, ())

    def test_after_a_rollback_without_a_change_there_is_nothing_to_commit(
        self, committed: LiveProject
    ) -> None:
        committed.commit("second", ADD_PERSON)
        with committed.open() as repository:
            repository.checkout("v0.1.0")
            # The file has other bytes, so it is read.
            committed.run("CREATE (:Person {id: 99})", "MATCH (p:Person {id: 99}) DELETE p")
            done = repository.commit("nothing")
            assert (done.created, done.version) == (False, "v0.1.0")
        assert git(committed.store, "rev-list", "--count", "main") == "2"

    def test_back_to_an_old_content_is_a_snapshot_with_the_old_tree(
        self, committed: LiveProject
    ) -> None:
        committed.commit("second", ADD_PERSON)
        version = committed.commit("back", "MATCH (p:Person {id: 21}) DELETE p")
        assert version == "v0.1.2"
        trees = [git(committed.store, "rev-parse", f"{v}^{{tree}}") for v in ("v0.1.0", version)]
        assert trees[0] == trees[1]

    def test_the_tags_message_is_the_changelog_entry(self, committed: LiveProject) -> None:
        committed.commit("second", ADD_PERSON, ADD_COLUMN)
        text = git(committed.store, "cat-file", "tag", "v0.2.0")
        assert "Person.email" in text
        assert "1 added" in text


class TestNothing:
    def test_nothing_to_commit(self, committed: LiveProject) -> None:
        before = objects(committed)
        with committed.open() as repository:
            done = repository.commit("again")
        assert not done.created
        assert not done.changes
        assert done.version == "v0.1.0"
        assert objects(committed) == before

    def test_the_file_whose_bytes_are_known_is_not_opened(
        self, committed: LiveProject, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_: object, **__: object) -> None:
            raise AssertionError("the engine was asked")

        monkeypatch.setattr(kuzu, "Database", refuse)
        with committed.open() as repository:
            assert not repository.commit("again").created
            assert repository.status().untouched
            # A copy of the file is as good: other inode, other time, same bytes.
            data = committed.database.read_bytes()
            committed.database.unlink()
            committed.database.write_bytes(data)
            assert not repository.commit("again").created

    def test_one_other_byte_and_it_is_opened(
        self, committed: LiveProject, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        status = committed.database.stat()
        data = bytearray(committed.database.read_bytes())
        data[-1] ^= 1
        committed.database.write_bytes(data)
        os.utime(committed.database, ns=(status.st_atime_ns, status.st_mtime_ns + 1))
        monkeypatch.setattr(session, "open_database", None)
        with committed.open() as repository:
            assert not repository.status().untouched

    def test_allow_empty(self, committed: LiveProject) -> None:
        with committed.open() as repository:
            done = repository.commit("again", allow_empty=True)
        assert done.created
        assert done.version == "v0.1.1"
        assert not done.changes

    def test_dry_run_writes_nothing(self, committed: LiveProject) -> None:
        committed.run(ADD_PERSON)
        state = committed.store / "kuzugit" / "state.json"
        before = objects(committed), git(committed.store, "for-each-ref"), state.read_bytes()
        with committed.open() as repository:
            done = repository.commit("would be", dry_run=True)
            assert (done.version, done.created, done.snapshot) == ("v0.1.1", False, None)
            assert done.changes
            assert repository.status().changes
        after = objects(committed), git(committed.store, "for-each-ref"), state.read_bytes()
        assert after == before
        assert list((committed.store / "kuzugit" / "tmp").iterdir()) == []
        assert committed.files() == [committed.name]

    def test_dry_run_of_the_first(self, live: LiveProject) -> None:
        with live.open() as repository:
            done = repository.commit("would be", dry_run=True)
        assert (done.version, done.created) == ("v0.1.0", False)
        assert objects(live) == set()

    def test_verify_rebuilds_before_it_publishes(self, committed: LiveProject) -> None:
        committed.run(ADD_PERSON)
        with committed.open() as repository:
            done = repository.commit("verified", verify=True)
            assert done.created
            assert done.snapshot is not None
            assert done.snapshot.trailer("Kuzugit-Verified") == "rebuilt"
            assert list((repository.path / "kuzugit" / "tmp").iterdir()) == []

    def test_the_store_can_make_verifying_the_habit(self, committed: LiveProject) -> None:
        git(committed.store, "config", "kuzugit.verify", "yes")
        told = []
        for number, choice in enumerate((None, False, True)):
            committed.run(f"CREATE (:Person {{id: {100 + number}}})")
            with committed.open() as repository:
                snapshot = repository.commit("habit", verify=choice).snapshot
            assert snapshot is not None
            told.append(snapshot.trailer("Kuzugit-Verified"))
        assert told == ["rebuilt", None, "rebuilt"]

    def test_what_is_rebuilt_in_another_way_is_not_published(
        self, committed: LiveProject, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        git(committed.store, "config", "kuzugit.verify", "true")
        committed.run(ADD_PERSON)
        before = git(committed.store, "for-each-ref")
        monkeypatch.setattr(
            "kuzugit.porcelain.rebuilding.differing_parts", lambda *_: ["Person", "catalog"]
        )
        with committed.open() as repository:
            with pytest.raises(NotReproduced, match="Person, catalog"):
                repository.commit("wrong")
            assert git(committed.store, "for-each-ref") == before
            assert repository.commit("unlooked", verify=False).created

    def test_a_habit_that_says_neither_yes_nor_no(self, committed: LiveProject) -> None:
        git(committed.store, "config", "kuzugit.verify", "perhaps")
        with pytest.raises(BadSetting, match=r"kuzugit\.verify .* neither true nor false"):
            committed.open()


class TestRefused:
    @pytest.mark.parametrize("message", ["", " \n\t\n"])
    def test_an_empty_message(self, live: LiveProject, message: str) -> None:
        with live.open() as repository, pytest.raises(EmptyMessage):
            repository.commit(message)

    def test_no_author_before_anything_is_read(
        self, live: LiveProject, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setattr(kuzu, "Database", None)
        levels = (ConfigLevel.GLOBAL, ConfigLevel.XDG)
        before = {level: pygit2.settings.search_path[level] for level in levels}
        for level in levels:
            pygit2.settings.search_path[level] = str(tmp_path)
        try:
            with live.open() as repository, pytest.raises(NoAuthor, match=r"user\.name") as caught:
                repository.commit("x")
        finally:
            for level, path in before.items():
                pygit2.settings.search_path[level] = path
        assert isinstance(caught.value, GitError)
        assert "git config" in (caught.value.hint or "")
        assert objects(live) == set()

    def test_a_missing_database(self, committed: LiveProject) -> None:
        committed.database.unlink()
        with committed.open() as repository, pytest.raises(NoStoreError, match="no database at"):
            repository.commit("x")

    def test_a_store_that_cannot_be_written(self, open_directory: Path) -> None:
        live = make_project(open_directory / "live")
        live.commit("first")
        live.run(ADD_PERSON)
        git(live.store, "config", "user.name", "Ada")
        git(live.store, "config", "user.email", "ada@example.org")
        with read_only(live.store), live.open() as repository:
            for action in (
                lambda: repository.commit("second"),
                lambda: repository.checkout("v0.1.0", force=True),
                repository.compact,
            ):
                with pytest.raises(StoreReadOnly, match="read-only") as caught:
                    action()
                assert caught.value.exit_code == ExitCode.GIT
        assert git(live.store, "rev-list", "--count", "main") == "1"

    @pytest.mark.parametrize("content", [b"", b"not a database", b"KUZU"])
    def test_what_is_no_database(self, committed: LiveProject, content: bytes) -> None:
        committed.database.write_bytes(content)
        with committed.open() as repository, pytest.raises(Exception, match="is not a Kùzu") as e:
            repository.commit("x")
        assert getattr(e.value, "exit_code", None) == ExitCode.ENGINE

    def test_another_storage_version_names_its_kuzu(self, committed: LiveProject) -> None:
        committed.database.write_bytes(b"KUZU" + (38).to_bytes(8, "little") + bytes(4096))
        with committed.open() as repository, pytest.raises(Exception, match=r"Kùzu 0\.10") as e:
            repository.commit("x")
        assert getattr(e.value, "exit_code", None) == ExitCode.UNSUPPORTED

    def test_a_file_that_a_writer_holds(self, committed: LiveProject) -> None:
        before = git(committed.store, "for-each-ref")
        with (
            holding(committed.database),
            committed.open() as repository,
            pytest.raises(DatabaseLocked) as caught,
        ):
            # Its bytes are known, but a writer may have more in its memory.
            repository.commit("x", allow_empty=True)
        assert isinstance(caught.value, LockedError)
        assert "connection=" in (caught.value.hint or "")
        assert git(committed.store, "for-each-ref") == before


class TestOpenElsewhere:
    def test_readers_do_not_matter(self, committed: LiveProject) -> None:
        committed.run(ADD_PERSON)
        with (
            holding(committed.database, read_only=True),
            holding(committed.database, read_only=True),
            committed.open() as repository,
        ):
            assert repository.status().changes
            assert repository.commit("second").version == "v0.1.1"

    def test_a_log_that_a_killed_writer_left_is_seen(
        self, committed: LiveProject, tmp_path: Path
    ) -> None:
        leave_log(committed.database, ADD_PERSON)
        with committed.open() as repository:
            assert repository.commit("second").version == "v0.1.1"
            assert not repository.status().changes
            repository.checkout("v0.1.1", to=tmp_path / "copy.kuzu")
        assert_same_database(committed.database, tmp_path / "copy.kuzu")

    def test_a_database_that_this_process_has_open_is_not_opened_twice(
        self, committed: LiveProject
    ) -> None:
        committed.run(ADD_PERSON)
        with (
            open_database(committed.database),
            committed.open() as repository,
            pytest.raises(DatabaseLocked, match="open for writing"),
        ):
            repository.commit("x")


class TestConnection:
    def test_a_connection_commits_what_is_committed_there(
        self, committed: LiveProject, tmp_path: Path
    ) -> None:
        with open_database(committed.database) as connection, committed.open() as repository:
            connection.execute(ADD_PERSON)
            assert repository.status(connection=connection).changes
            done = repository.commit("second", connection=connection)
            assert done.version == "v0.1.1"
            assert not repository.status(connection=connection).changes
            assert not repository.commit("third", connection=connection).created

    def test_the_callers_open_transaction_is_neither_seen_nor_ended(
        self, committed: LiveProject, tmp_path: Path
    ) -> None:
        with open_database(committed.database) as connection, committed.open() as repository:
            connection.execute(ADD_PERSON)
            connection.execute("BEGIN TRANSACTION")
            connection.execute("CREATE (:Person {id: 500, name: 'uncommitted'})")
            assert repository.commit("second", connection=connection).version == "v0.1.1"
            rows = repository.snapshot("v0.1.1").table("Person").column("id").to_pylist()
            assert 21 in rows
            assert 500 not in rows
            connection.execute("CREATE (:Person {id: 501, name: 'still in it'})")
            connection.execute("ROLLBACK")
            found = connection.execute("MATCH (p:Person) WHERE p.id >= 500 RETURN count(*)")
            assert isinstance(found, kuzu.QueryResult)
            assert found.get_next() == [0]

    def test_a_connection_to_another_database_is_refused(
        self, committed: LiveProject, tmp_path: Path
    ) -> None:
        other = make_project(tmp_path / "other")
        with (
            open_database(other.database) as connection,
            committed.open() as repository,
            pytest.raises(WrongDatabase) as caught,
        ):
            repository.commit("x", connection=connection)
        assert caught.value.exit_code == ExitCode.USAGE
        assert git(committed.store, "rev-list", "--count", "main") == "1"

    @pytest.mark.parametrize("given", ["other.kuzu", ":memory:", "elsewhere/graph.kuzu"])
    def test_a_connection_to_another_database_beside_the_right_one(
        self,
        committed: LiveProject,
        monkeypatch: pytest.MonkeyPatch,
        given: str,
    ) -> None:
        monkeypatch.chdir(committed.directory)
        Path("elsewhere").mkdir()
        with (
            open_database(Path(committed.name)),
            open_database(Path(given)) as other,
            committed.open() as repository,
        ):
            other.execute("CREATE NODE TABLE Z(id INT64 PRIMARY KEY)")
            with pytest.raises(WrongDatabase):
                repository.commit("x", connection=other)
            with pytest.raises(WrongDatabase):
                repository.status(connection=other)
        assert git(committed.store, "rev-list", "--count", "main") == "1"

    def test_a_connection_by_a_relative_path_after_a_change_of_directory(
        self, committed: LiveProject, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.chdir(committed.directory)
        with open_database(Path(committed.name)) as connection:
            connection.execute(ADD_PERSON)
            monkeypatch.chdir(tmp_path)
            with committed.open() as repository:
                assert repository.commit("x", connection=connection).created


ODD_NAMES = (
    "with space.kuzu",
    'it\'s "quoted".kuzu',
    "[a]*?.kuzu",
    "Köln 漢字 🦆.kuzu",
    "back\\slash.kuzu",
    "-dash.kuzu",
    "100%.kuzu",
    "semi;colon.kuzu",
    "{curly}$HOME.kuzu",
)


@pytest.mark.parametrize("name", ODD_NAMES)
def test_odd_names(tmp_path: Path, name: str) -> None:
    live = make_project(tmp_path / name.removesuffix(".kuzu"), name)
    decoy = live.directory / "a decoy.kuzu"
    decoy.write_bytes(b"as it was")
    live.commit("first")
    first = live.content()
    live.commit("second", ADD_PERSON)
    with live.open() as repository:
        repository.checkout("v0.1.0")
        assert live.content() == first
        live.run(RENAME_PERSON)
        repository.checkout("v0.1.1", force=True)
        target = live.directory / f"copy of {name}"
        repository.checkout("v0.1.0", to=target)
        assert LiveProject(live.directory, target.name).content() == first
        assert repository.verify(every=True, rebuild=True).findings == ()
    assert decoy.read_bytes() == b"as it was"
    assert git(live.store, "fsck", "--strict") == ""


def test_a_symbolic_link_to_the_database(tmp_path: Path) -> None:
    live = make_project(tmp_path / "live")
    real = tmp_path / "elsewhere" / "real.kuzu"
    real.parent.mkdir()
    live.database.rename(real)
    live.database.symlink_to(real)
    live.commit("first")
    first = live.content()
    live.commit("second", ADD_PERSON)
    with live.open() as repository:
        repository.checkout("v0.1.0")
        assert live.content() == first
        live.run(RENAME_PERSON)
        kept = repository.checkout("v0.1.1", force=True).kept_aside
    assert live.database.is_symlink()
    assert kept is not None
    assert sorted(path.name for path in real.parent.iterdir()) == sorted([real.name, kept.name])


def test_the_library_takes_a_workspace(live: LiveProject) -> None:
    with live.open() as repository:
        workspace = Workspace(repository._workspace.store, live.database)
        assert commit(workspace, "first").version == "v0.1.0"


@pytest.fixture(autouse=True)
def no_temporary_file_is_left(tmp_path: Path) -> Iterator[None]:
    yield
    assert list(tmp_path.rglob(".kuzugit-new-*")) == []
    assert list(tmp_path.glob("*/.kuzugit/kuzugit/tmp/*")) == []


def test_it_runs_where_git_is_not_installed(live: LiveProject, tmp_path: Path) -> None:
    program = (
        "import sys; from kuzugit import Repository\n"
        "with Repository.open(sys.argv[1]) as r:\n"
        "    r.commit('first'); r.checkout('v0.1.0')\n"
    )
    environment = {**os.environ, "PATH": str(tmp_path)}
    subprocess.run([sys.executable, "-c", program, live.directory], env=environment, check=True)


def test_a_repository_is_what_the_package_exports() -> None:
    import kuzugit

    assert kuzugit.Repository is Repository
