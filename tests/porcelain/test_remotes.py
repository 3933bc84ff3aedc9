"""Stores that travel, over paths and file://, with plain Git at the other end too."""

from __future__ import annotations

import errno
import shutil
import subprocess
from pathlib import Path

import pygit2
import pytest

from kuzugit.cli.app import main
from kuzugit.porcelain.clone import NoCloneName
from kuzugit.porcelain.new_directory import DirectoryNotEmpty
from kuzugit.porcelain.pull import HistoriesDiverged, OtherHistory, UnsavedBeforePull
from kuzugit.porcelain.repository import Repository
from kuzugit.store import quarantine
from kuzugit.store.advertisement import HostileReference, NamesCollide
from kuzugit.store.clashes import VersionClash
from kuzugit.store.history import UnknownRevision
from kuzugit.store.object_format import OtherObjectFormat
from kuzugit.store.remote_url import BadUrl
from kuzugit.store.remotes import BadRemoteName, NameInUse, RemoteExists, UnknownRemote
from kuzugit.store.sending import NotFastForward, NothingToPush, PushRejected, UnfitReference
from kuzugit.store.translate import GitFailed
from kuzugit.store.transport import TransferFailed
from tests.store.making import git
from tests.support.live import LiveProject, make_project
from tests.support.travel import Team, add_person, bare, copied, make_team, refs


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, hermetic: None) -> Team:
    return make_team(tmp_path_factory.mktemp("team") / "team")


@pytest.fixture
def team(made: Team, tmp_path: Path) -> Team:
    return copied(made, tmp_path / "team")


def check_sound(project: LiveProject) -> None:
    with project.open() as repository:
        assert repository.verify(every=True).findings == ()
    assert git(project.store, "fsck", "--strict", "--full") in ("", "notice: No default references")


class TestClone:
    def test_it_has_what_the_origin_has(self, team: Team) -> None:
        there, here = refs(team.shared), refs(team.bob.store)
        for name in ("refs/heads/main", "refs/tags/v0.1.0", "refs/tags/v0.1.1"):
            assert here[name] == there[name]
        assert here["refs/remotes/origin/main"] == there["refs/heads/main"]
        assert here["refs/remotes/origin/v0.1.0"] == there["refs/tags/v0.1.0"]
        assert team.bob.content() == team.ada.content()
        check_sound(team.bob)

    def test_nothing_is_built_unless_asked(self, team: Team, tmp_path: Path) -> None:
        with Repository.clone(str(team.ada.directory), tmp_path / "new") as repository:
            assert repository.database == tmp_path / "new" / "ada.kuzu"
            assert not repository.database.exists()
            assert not repository.status().exists
            repository.checkout("v0.1.0")
        assert sorted(item.name for item in (tmp_path / "new").iterdir()) == [
            ".kuzugit", "ada.kuzu",
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("url", "directory", "database"),
        [
            ("{}/shared.git", "shared", "shared.kuzu"),
            ("file://{}/ada", "ada", "ada.kuzu"),
            ("{}/ada/.kuzugit", "ada", "ada.kuzu"),
            ("{}/ada/.kuzugit/", "ada", "ada.kuzu"),
        ],
    )
    def test_names(
        self, team: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
        url: str, directory: str, database: str,
    ) -> None:  # fmt: skip
        home = tmp_path / "home"
        home.mkdir()
        monkeypatch.chdir(home)
        with Repository.clone(url.format(team.shared.parent)) as repository:
            assert repository.path == home / directory / ".kuzugit"
            assert repository.database == home / directory / database

    def test_a_url_without_a_name(self, tmp_path: Path) -> None:
        with pytest.raises(NoCloneName):
            Repository.clone("https://127.0.0.1:1/")

    def test_a_directory_with_something_in_it_is_left_alone(
        self, team: Team, tmp_path: Path
    ) -> None:
        (tmp_path / "full").mkdir()
        (tmp_path / "full" / "x").touch()
        with pytest.raises(DirectoryNotEmpty):
            Repository.clone(str(team.shared), tmp_path / "full")
        assert [item.name for item in (tmp_path / "full").iterdir()] == ["x"]

    def test_of_nothing(self, tmp_path: Path) -> None:
        (tmp_path / "here").mkdir()
        url = tmp_path / "nothing.git"
        with pytest.raises(TransferFailed) as caught:
            Repository.clone(str(url), tmp_path / "here" / "new")
        assert caught.value.hint == f"git ls-remote {url} says more; is there a store?"
        assert list((tmp_path / "here").iterdir()) == []

    def test_of_code(self, tmp_path: Path) -> None:
        code = tmp_path / "code"
        for words in (
            ["init", "-q", code],
            ["-C", code, "commit", "-q", "--allow-empty", "-m", "x"],
        ):
            subprocess.run(["git", *map(str, words)], check=True)
        with pytest.raises(Exception, match="kuzugit did not write this"):
            Repository.clone(str(code), tmp_path / "new")
        assert not (tmp_path / "new").exists()

    def test_of_an_empty_repository_which_a_push_fills(self, tmp_path: Path) -> None:
        shared = bare(tmp_path / "empty.git")
        Repository.clone(str(shared), tmp_path / "first").close()
        Repository.clone(str(shared), tmp_path / "second").close()
        first = LiveProject(tmp_path / "first", "empty.kuzu")
        with first.open() as repository, pytest.raises(NothingToPush):
            repository.push()
        first.commit("one", "CREATE NODE TABLE T(id INT64 PRIMARY KEY)")
        second = LiveProject(tmp_path / "second", "empty.kuzu")
        with first.open() as repository:
            repository.push()
        with second.open() as repository:
            assert repository.pull().after is not None
            repository.checkout("main")
        assert second.content() == first.content()

    @pytest.mark.parametrize("filled", [False, True])
    def test_of_one_with_another_hash(self, team: Team, tmp_path: Path, filled: bool) -> None:
        other = tmp_path / "other"
        words = ["git", "init", "-q", "--object-format=sha256", *([] if filled else ["--bare"])]
        subprocess.run([*words, other], check=True)
        if filled:
            words = ["git", "-C", str(other), "commit", "-q", "--allow-empty", "-m", "x"]
            subprocess.run(words, check=True)
        for url in (str(other), f"file://{other}"):
            with pytest.raises(OtherObjectFormat):
                Repository.clone(url, tmp_path / "new")
        with team.ada.open() as repository:
            repository.set_remote_url("origin", str(other))
            with pytest.raises(OtherObjectFormat):
                repository.push()
        assert not (tmp_path / "new").exists()

    def test_a_push_into_another_hash_elsewhere(
        self, team: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Of a store on another machine only the git program can tell."""
        other = tmp_path / "other.git"
        subprocess.run(["git", "init", "-q", "--bare", "--object-format=sha256", other], check=True)
        monkeypatch.setattr(quarantine, "check_object_format", lambda _: None)
        with team.ada.open() as repository:
            repository.set_remote_url("origin", str(other))
            with pytest.raises(OtherObjectFormat):
                repository.push()

    def test_the_branch_is_the_one_of_the_origin(self, team: Team, tmp_path: Path) -> None:
        git(team.shared, "branch", "-m", "main", "trunk")
        git(team.shared, "symbolic-ref", "HEAD", "refs/heads/trunk")
        with Repository.clone(str(team.shared), tmp_path / "new") as repository:
            assert repository.status().branch == "trunk"
            assert repository.status().tip is not None


class TestFetch:
    def test_of_another_history(self, team: Team, tmp_path: Path) -> None:
        other = make_project(tmp_path / "other")
        other.commit("theirs", "CREATE (:Person {id: 99, name: 'x'})")
        before = refs(team.bob.store)
        with team.bob.open() as repository:
            repository.add_remote("requirement", str(other.directory))
            done = repository.fetch("requirement")
            assert done.updated == ("requirement/main", "requirement/v0.1.0")
            assert (done.versions, done.clashes, done.snapshots) == ((), (), 1)
            subjects = [entry.snapshot.subject for entry in repository.log("requirement/v0.1.0")]
            assert subjects == ["theirs"]
            with repository.diff("v0.1.0", "requirement/v0.1.0") as diff:
                assert not diff.same
            assert repository.snapshot("requirement/v0.1.0").table("Person").num_rows == 21
            repository.checkout("requirement/v0.1.0", to=tmp_path / "x.kuzu")
            assert repository.fetch("requirement").updated == ()
        assert LiveProject(tmp_path, "x.kuzu").content() == other.content()
        after = refs(team.bob.store)
        assert {name: value for name, value in after.items() if "requirement" not in name} == before
        check_sound(team.bob)

    def test_of_a_store_that_has_fetched_itself(self, team: Team) -> None:
        with team.ada.open() as repository:
            repository.fetch()
        assert "refs/remotes/origin/HEAD" in refs(team.ada.store)
        with team.bob.open() as repository:
            repository.add_remote("ada", str(team.ada.directory))
            assert repository.fetch("ada").updated == ("ada/main", "ada/v0.1.0", "ada/v0.1.1")

    def test_an_object_that_the_disk_does_not_give(
        self, team: Team, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*_: object) -> None:
            raise OSError(errno.EIO, "could not open it")

        add_person(team.ada, 30, "third")
        with team.ada.open() as repository:
            repository.push()
        with team.bob.open() as repository:
            monkeypatch.setattr(pygit2.Repository, "__getitem__", fail)
            with pytest.raises(GitFailed):
                repository.fetch()
            monkeypatch.undo()
            assert repository.fetch().snapshots == 1

    def test_of_more(self, team: Team) -> None:
        add_person(team.ada, 30, "third")
        with team.ada.open() as repository:
            repository.push()
        with team.bob.open() as repository:
            done = repository.fetch()
            assert done.updated == ("origin/main", "origin/v0.1.2")
            assert (done.versions, done.snapshots) == (("v0.1.2",), 1)
            assert 0 < done.bytes < 10_000
            status = repository.status()
            assert status.tip is not None
            assert status.tip.version == "v0.1.1"
            assert not status.changes
        check_sound(team.bob)

    def test_plain_git_brings_the_same(self, team: Team) -> None:
        add_person(team.ada, 30, "third")
        with team.ada.open() as repository:
            repository.push()
        twin = copied(team, team.shared.parent.parent / "twin")
        with team.bob.open() as repository:
            repository.fetch()
        git(twin.bob.store, "fetch", "-q", "origin")
        assert refs(twin.bob.store) == refs(team.bob.store)
        with twin.bob.open() as repository:
            assert repository.fetch().updated == ()
            assert repository.verify("origin/v0.1.2").findings == ()

    def test_after_plain_git_has_written_the_references(self, team: Team) -> None:
        add_person(team.ada, 30, "third")
        with team.ada.open() as repository:
            repository.push()
        git(team.bob.store, "update-ref", "refs/remotes/origin/main", "v0.1.0^{commit}")
        with team.bob.open() as repository:
            assert "origin/main" in repository.fetch().updated
        assert (
            refs(team.bob.store)["refs/remotes/origin/main"] == refs(team.shared)["refs/heads/main"]
        )

    def test_a_version_of_both_is_named_and_stays(self, team: Team) -> None:
        add_person(team.ada, 30, "hers")
        add_person(team.bob, 31, "his")
        with team.ada.open() as repository:
            repository.push()
        before = refs(team.bob.store)
        with team.bob.open() as repository:
            done = repository.fetch()
            assert [clash.version for clash in done.clashes] == ["v0.1.2"]
            after = refs(team.bob.store)
            assert after["refs/tags/v0.1.2"] == before["refs/tags/v0.1.2"]
            assert after["refs/remotes/origin/v0.1.2"] == refs(team.shared)["refs/tags/v0.1.2"]
            with pytest.raises(NotFastForward):
                repository.push()
            with pytest.raises(HistoriesDiverged) as caught:
                repository.pull()
        assert (caught.value.ahead, caught.value.behind) == (1, 1)
        assert caught.value.hint is not None
        assert "kuzugit sync origin" in caught.value.hint

    def test_a_version_that_was_moved_there_stays_here(self, team: Team) -> None:
        with team.bob.open() as repository:
            git(team.shared, "tag", "-f", "-a", "-m", "moved", "v0.1.0", "v0.1.1^{commit}")
            before = refs(team.bob.store)
            assert [clash.version for clash in repository.fetch().clashes] == ["v0.1.0"]
            assert refs(team.bob.store) == before

    def test_a_light_version_is_refused(self, team: Team) -> None:
        git(team.shared, "tag", "v9.0.0", "v0.1.0^{commit}")
        with team.bob.open() as repository, pytest.raises(HostileReference):
            repository.fetch()
        git(team.shared, "tag", "-d", "v9.0.0")
        git(team.shared, "tag", "light", "v0.1.0^{commit}")
        with team.bob.open() as repository:
            assert repository.fetch().versions == ("light",)

    def test_a_version_of_another_name_is_refused(self, team: Team) -> None:
        git(team.shared, "update-ref", "refs/tags/v9.0.0", "refs/tags/v0.1.0")
        with team.bob.open() as repository, pytest.raises(HostileReference, match=r"v9\.0\.0"):
            repository.fetch()

    @pytest.mark.parametrize("name", ["HEAD", "current", "-x", "a/-rf", "x" * 201, "a\u202eb"])
    def test_hostile_names(self, team: Team, name: str) -> None:
        path = team.shared / "refs" / "tags" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(refs(team.shared)["refs/heads/main"] + "\n")
        before = refs(team.bob.store)
        with team.bob.open() as repository, pytest.raises(HostileReference):
            repository.fetch()
        assert refs(team.bob.store) == before

    def test_names_that_meet(self, team: Team) -> None:
        git(team.shared, "branch", "v0.1.0")
        with team.bob.open() as repository, pytest.raises(NamesCollide):
            repository.fetch()

    def test_a_part_of_a_history_is_refused(self, team: Team, tmp_path: Path) -> None:
        shallow = tmp_path / "shallow.git"
        subprocess.run(
            ["git", "clone", "-q", "--bare", "--depth=1", f"file://{team.shared}", str(shallow)],
            check=True,
        )
        with pytest.raises((HostileReference, TransferFailed)):
            Repository.clone(str(shallow), tmp_path / "new")
        assert not (tmp_path / "new").exists()

    @pytest.mark.parametrize("name", ["new\nline", '"quoted', "#hash", "back\\slash", " "])
    def test_into_a_directory_of_any_name(self, team: Team, tmp_path: Path, name: str) -> None:
        Repository.clone(str(team.shared), tmp_path / name).close()
        add_person(team.ada, 30, "third")
        with team.ada.open() as repository:
            repository.push()
        with Repository.open(tmp_path / name) as repository:
            assert repository.fetch().snapshots == 1
            assert repository.pull().after is not None
            assert repository.verify(every=True).findings == ()

    def test_into_a_part_of_a_history(self, team: Team, tmp_path: Path) -> None:
        """`git clone --depth` leaves out what is old; what is new comes and goes all the same."""
        part = tmp_path / "part.git"
        words = ["git", "clone", "-q", "--bare", "--depth=1", f"file://{team.shared}", part]
        subprocess.run(words, check=True)
        Repository.init(tmp_path / "part.kuzu", directory=tmp_path, store=part).close()
        add_person(team.ada, 30, "third")
        with team.ada.open() as repository:
            repository.push()
        with Repository.open(tmp_path, store=part) as repository:
            assert repository.pull().after is not None
            repository.checkout("main")
        live = LiveProject(tmp_path, "part.kuzu")
        assert live.content() == team.ada.content()
        live.run("CREATE (:Person {id: 31})")
        with Repository.open(tmp_path, store=part) as repository:
            repository.commit("fourth", tag="v0.2.0")
            assert "v0.2.0" in repository.push().versions
            assert repository.verify(every=True).findings == ()
        with team.bob.open() as repository:
            repository.pull()
        assert team.bob.content() == live.content()
        git(team.shared, "fsck", "--strict", "--full")
        git(part, "fsck", "--strict", "--full")
        git(part, "fetch", "-q", "--unshallow")
        with Repository.open(tmp_path, store=part) as repository:
            assert len(list(repository.log())) == 4

    def test_the_cost_is_that_of_what_is_new(
        self, team: Team, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        add_person(team.ada, 30, "third")
        with team.ada.open() as repository:
            repository.push()
        from kuzugit.porcelain import admission

        read = []
        real = admission.read_chunk
        monkeypatch.setattr(
            admission, "read_chunk", lambda *words: read.append(words[1]) or real(*words)
        )
        with team.bob.open() as repository:
            repository.fetch()
        assert [key.table for key in read] == ["Person"]


class TestPush:
    def test_once_more_is_nothing(self, team: Team) -> None:
        with team.ada.open() as repository:
            assert not repository.push().changed

    def test_a_branch_without_versions(self, team: Team) -> None:
        add_person(team.ada, 30, "third")
        with team.ada.open() as repository:
            done = repository.push(tags=False)
            assert (done.changed, done.versions) == (True, ())
            assert "refs/tags/v0.1.2" not in refs(team.shared)
            assert repository.push().versions == ("v0.1.2",)
        assert refs(team.ada.store)["refs/remotes/origin/v0.1.2"]

    def test_what_would_be_lost_is_refused(self, team: Team) -> None:
        add_person(team.ada, 30, "hers")
        add_person(team.bob, 31, "his")
        with team.ada.open() as repository:
            repository.push()
        before = refs(team.shared)
        with team.bob.open() as repository, pytest.raises(NotFastForward) as caught:
            repository.push()
        assert caught.value.hint == "kuzugit pull origin"
        assert refs(team.shared) == before

    def test_a_version_of_both_is_refused(self, team: Team) -> None:
        git(team.shared, "tag", "-a", "-m", "x", "v0.1.2", "v0.1.0^{commit}")
        add_person(team.ada, 30, "third")
        before = refs(team.shared)
        with team.ada.open() as repository, pytest.raises(VersionClash) as caught:
            repository.push()
        assert [clash.version for clash in caught.value.clashes] == ["v0.1.2"]
        assert refs(team.shared) == before

    def test_what_no_version_is_stays_here(self, team: Team, tmp_path: Path) -> None:
        """Whoever fetches refuses a version that is no annotated tag of its own name."""
        git(team.ada.store, "tag", "-a", "-m", "x", "other", "v0.1.0^{commit}")
        git(team.ada.store, "update-ref", "refs/tags/v8.0.0", "refs/tags/other")
        git(team.ada.store, "tag", "v8.1.0", "v0.1.0^{commit}")
        with team.ada.open() as repository:
            assert repository.push().versions == ("other",)
        with team.bob.open() as repository:
            assert repository.fetch().versions == ("other",)
        Repository.clone(str(team.shared), tmp_path / "new").close()

    @pytest.mark.parametrize("name", ["HEAD", "current", "-x", "a/-b", "x" * 201, "main", "main/x"])
    def test_a_tag_that_nobody_could_fetch(self, team: Team, name: str) -> None:
        git(team.ada.store, "tag", "-a", "-m", "x", "good", "v0.1.0^{commit}")
        git(team.ada.store, "update-ref", f"refs/tags/{name}", "refs/tags/good")
        before = refs(team.shared)
        with team.ada.open() as repository:
            with pytest.raises(UnfitReference) as caught:
                repository.push()
            assert caught.value.hint == f"kuzugit tag NEW --rename {name}"
            assert refs(team.shared) == before
            words = caught.value.hint.replace("NEW", "renamed").split()[1:]
            assert main(["-C", str(team.ada.directory), *words]) == 0
            assert repository.push().versions == ("good", "renamed")
        with team.bob.open() as repository:
            assert repository.fetch().versions == ("good", "renamed")

    @pytest.mark.parametrize("branch", ["v0.1.0", "v0.1.0/x", "current", "theirs"])
    def test_a_branch_that_nobody_could_fetch(self, team: Team, branch: str) -> None:
        git(team.shared, "tag", "theirs", "v0.1.0^{commit}")
        git(team.ada.store, "update-ref", f"refs/heads/{branch}", "main")
        git(team.ada.store, "symbolic-ref", "HEAD", f"refs/heads/{branch}")
        before = refs(team.shared)
        with team.ada.open() as repository:
            with pytest.raises(UnfitReference) as caught:
                repository.push(tags=False)
            assert refs(team.shared) == before
            hint = caught.value.hint or ""
            subprocess.run(hint.replace("NEW", "side"), shell=True, check=True)
            repository.push()
        assert "refs/heads/side" in refs(team.shared)

    def test_two_tags_of_one_snapshot_are_no_clash(self, team: Team) -> None:
        for project, message in ((team.ada, "hers"), (team.bob, "his")):
            git(project.store, "tag", "-a", "-m", message, "release", "v0.1.0^{commit}")
        with team.ada.open() as repository:
            assert repository.push().versions == ("release",)
        with team.bob.open() as repository:
            assert repository.push().versions == ()
            assert repository.fetch().clashes == ()

    def test_a_clash_before_any_fetch_says_how_to_see_it(self, team: Team) -> None:
        add_person(team.ada, 30, "third")
        git(team.ada.store, "tag", "-a", "-m", "x", "release", "v0.1.2^{commit}")
        git(team.bob.store, "tag", "-a", "-m", "x", "release", "v0.1.0^{commit}")
        with team.ada.open() as repository:
            repository.push()
        hints = []
        with team.bob.open() as repository:
            repository.pull(checkout=False)
        git(team.bob.store, "update-ref", "-d", "refs/remotes/origin/release")
        for _ in range(2):
            with team.bob.open() as repository:
                with pytest.raises(VersionClash) as caught:
                    repository.push()
                hints.append(caught.value.hint or "")
                repository.fetch()
        assert hints[0] == f"kuzugit fetch origin brings theirs; {hints[1]}"
        command = hints[1].partition(" shows both")[0].split()[1:]
        assert main(["-C", str(team.bob.directory), *command]) == 0

    def test_a_hook_of_theirs_is_heard(self, team: Team) -> None:
        hook = team.shared / "hooks" / "pre-receive"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text("#!/bin/sh\necho not on a Friday\nexit 1\n")
        hook.chmod(0o755)
        add_person(team.ada, 30, "third")
        before = refs(team.shared)
        with team.ada.open() as repository, pytest.raises(PushRejected, match="not on a Friday"):
            repository.push()
        assert refs(team.shared) == before

    def test_to_one_that_knows_no_atomic_push(self, team: Team) -> None:
        git(team.shared, "config", "receive.advertiseAtomic", "false")
        add_person(team.ada, 30, "third")
        with team.ada.open() as repository:
            assert repository.push().versions == ("v0.1.2",)
        assert refs(team.shared)["refs/tags/v0.1.2"] == refs(team.ada.store)["refs/tags/v0.1.2"]

    def test_plain_git_pushes_the_same(self, team: Team, tmp_path: Path) -> None:
        add_person(team.ada, 30, "third")
        git(team.ada.store, "push", "-q", "origin", "main", "--tags")
        with team.bob.open() as repository:
            assert repository.pull().after is not None
        assert team.bob.content() == team.ada.content()

    def test_plain_git_clones_what_was_pushed(self, team: Team, tmp_path: Path) -> None:
        clone = tmp_path / "plain.git"
        subprocess.run(["git", "clone", "-q", "--bare", str(team.shared), str(clone)], check=True)
        with Repository.init(tmp_path / "p.kuzu", directory=tmp_path, store=clone) as repository:
            repository.checkout("v0.1.1")
            assert repository.verify(every=True).findings == ()
            assert repository.remotes()[0].name == "origin"
            assert repository.fetch().clashes == ()
        assert LiveProject(tmp_path, "p.kuzu").content() == team.ada.content()

    def test_from_inside_a_hook_of_git(self, team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
        """Git tells its hooks where their repository is, in variables that are not for us."""
        for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_OBJECT_DIRECTORY", "GIT_INDEX_FILE"):
            monkeypatch.setenv(name, "/nowhere")
        monkeypatch.setenv("GIT_ALTERNATE_OBJECT_DIRECTORIES", "/nowhere")
        with team.ada.open() as repository:
            assert not repository.push().changed
            assert repository.fetch().updated == ()


class TestPull:
    def test_branch_and_database_go_on(self, team: Team) -> None:
        add_person(team.ada, 30, "third")
        with team.ada.open() as repository:
            repository.push()
        with team.bob.open() as repository:
            done = repository.pull()
            assert done.checkout is not None
            status = repository.status()
            assert status.current is not None
            assert status.current == status.tip
            assert status.current.version == "v0.1.2"
            again = repository.pull()
            assert again.checkout is None
            assert again.before == again.after
        assert team.bob.content() == team.ada.content()

    def test_without_the_database(self, team: Team) -> None:
        add_person(team.ada, 30, "third")
        with team.ada.open() as repository:
            repository.push()
        before = team.bob.content()
        with team.bob.open() as repository:
            assert repository.pull(checkout=False).checkout is None
            assert repository.status().behind == 1
        assert team.bob.content() == before

    def test_a_database_that_was_rolled_back_stays(self, team: Team) -> None:
        add_person(team.ada, 30, "third")
        with team.ada.open() as repository:
            repository.push()
        with team.bob.open() as repository:
            repository.checkout("v0.1.0")
            assert repository.pull().checkout is None
            assert repository.status().behind == 2

    def test_unsaved_changes_are_not_lost(self, team: Team) -> None:
        add_person(team.ada, 30, "third")
        with team.ada.open() as repository:
            repository.push()
        team.bob.run("CREATE (:Person {id: 77, name: 'unsaved'})")
        before, live = refs(team.bob.store)["refs/heads/main"], team.bob.content()
        with team.bob.open() as repository, pytest.raises(UnsavedBeforePull):
            repository.pull()
        assert refs(team.bob.store)["refs/heads/main"] == before
        assert team.bob.content() == live

    @pytest.mark.parametrize("rolled_back", [False, True])
    def test_unsaved_changes_are_not_to_take_back_what_comes(
        self, team: Team, rolled_back: bool
    ) -> None:
        add_person(team.ada, 30, "third")
        with team.ada.open() as repository:
            repository.push()
        with team.bob.open() as repository:
            if rolled_back:
                repository.checkout("v0.1.0")
            team.bob.run("CREATE (:Person {id: 77, name: 'unsaved'})")
            before = refs(team.bob.store)["refs/heads/main"]
            with pytest.raises(UnsavedBeforePull) as caught:
                repository.pull(checkout=False)
            assert refs(team.bob.store)["refs/heads/main"] == before
            assert caught.value.hint == "kuzugit commit -m MSG, then kuzugit sync origin"
            repository.commit("his")
            repository.sync("origin")
            assert {30, 77} <= set(repository.snapshot("main").table("Person")["id"].to_pylist())

    def test_a_change_after_the_branch_went_on_alone_is_told(self, team: Team) -> None:
        add_person(team.ada, 30, "third")
        with team.ada.open() as repository:
            repository.push()
        with team.bob.open() as repository:
            repository.pull(checkout=False)
            team.bob.run("CREATE (:Person {id: 77, name: 'later'})")
            (told,) = repository.commit("his").warnings
            assert "1 snapshot that the database never had" in told
            assert "kuzugit log v0.1.1..v0.1.2" in told

    def test_what_a_rollback_left_and_what_came_after_are_two_things(self, team: Team) -> None:
        add_person(team.ada, 30, "third")
        with team.ada.open() as repository:
            repository.push()
        with team.bob.open() as repository:
            repository.checkout("v0.1.0")
            repository.pull()
            team.bob.run("CREATE (:Person {id: 77, name: 'later'})")
            (told,) = repository.commit("his").warnings
            assert "1 snapshot that the database never had" in told

    def test_another_history(self, team: Team, tmp_path: Path) -> None:
        other = make_project(tmp_path / "other")
        other.commit("theirs", "CREATE (:Person {id: 99, name: 'x'})")
        with team.bob.open() as repository:
            repository.add_remote("requirement", str(other.directory))
            with pytest.raises(OtherHistory) as caught:
                repository.pull("requirement")
        assert caught.value.hint == "kuzugit sync requirement takes over its data"

    def test_versions_come_along_from_any_remote(self, team: Team) -> None:
        add_person(team.bob, 30, "his")
        with team.ada.open() as repository:
            repository.add_remote("bob", str(team.bob.directory))
            repository.fetch("bob")
            done = repository.pull("bob")
            assert done.fetched.versions == ("v0.1.2",)
            assert done.after is not None
            assert done.after.version == "v0.1.2"
            team.ada.run("CREATE (:Person {id: 31, name: 'hers'})")
            assert repository.commit("hers").version == "v0.1.3"
            assert repository.push("bob").changed
            repository.remove_remote("bob")
            assert [entry.tags for entry in repository.log()][:2] == [("v0.1.3",), ("v0.1.2",)]
        check_sound(team.ada)

    def test_a_version_of_ours_stays_and_theirs_comes_when_it_is_free(self, team: Team) -> None:
        add_person(team.bob, 30, "his")
        with team.ada.open() as repository:
            git(team.ada.store, "tag", "-a", "-m", "ours", "v0.1.2", "v0.1.0^{commit}")
            repository.add_remote("bob", str(team.bob.directory))
            done = repository.pull("bob")
            assert [clash.version for clash in done.fetched.clashes] == ["v0.1.2"]
            assert done.after is not None
            assert (done.after.version, done.after.name) == (None, "bob/v0.1.2")
            git(team.ada.store, "tag", "-d", "v0.1.2")
            assert repository.pull("bob").fetched.versions == ("v0.1.2",)
            assert repository.snapshot("main").snapshot.version == "v0.1.2"

    def test_a_branch_that_is_not_there(self, team: Team) -> None:
        git(team.bob.store, "symbolic-ref", "HEAD", "refs/heads/other")
        with team.bob.open() as repository, pytest.raises(UnknownRevision, match="origin/other"):
            repository.pull()


class TestNames:
    def test_remotes_are_told_renamed_and_forgotten(self, team: Team, tmp_path: Path) -> None:
        with team.bob.open() as repository:
            repository.add_remote("requirement", str(team.ada.directory))
            repository.fetch("requirement")
            repository.rename_remote("requirement", "req")
            assert [item.name for item in repository.remotes()] == ["origin", "req"]
            assert repository.snapshot("req/v0.1.0").snapshot.subject == "first"
            with pytest.raises(UnknownRevision):
                repository.snapshot("requirement/v0.1.0")
            assert repository.fetch("req").updated == ()
            repository.remove_remote("req")
            with pytest.raises(UnknownRemote):
                repository.fetch("req")
        assert not [name for name in refs(team.bob.store) if "req" in name]
        assert "remote.req" not in (git(team.bob.store, "config", "--list"))

    def test_what_becomes_origin_shares_our_versions(self, team: Team) -> None:
        with team.bob.open() as repository:
            repository.remove_remote("origin")
            repository.add_remote("ada", str(team.ada.directory))
            assert [item.shares_versions for item in repository.remotes()] == [False]
            repository.rename_remote("ada", "origin")
            assert [item.shares_versions for item in repository.remotes()] == [True]

    @pytest.mark.parametrize(
        "name", ["", "-x", "a/b", "a..b", "x.lock", ".x", "a b", "a\nb", "HEAD", "current", "tags"]
    )
    def test_bad_names(self, team: Team, name: str) -> None:
        with team.bob.open() as repository, pytest.raises(BadRemoteName):
            repository.add_remote(name, "/srv/x")

    def test_taken_names(self, team: Team) -> None:
        with team.bob.open() as repository:
            with pytest.raises(RemoteExists):
                repository.add_remote("origin", "/srv/x")
            with pytest.raises(RemoteExists):
                repository.add_remote("Origin", "/srv/x")
            git(team.bob.store, "tag", "requirement/v1", "v0.1.0^{commit}")
            with pytest.raises(NameInUse):
                repository.add_remote("requirement", "/srv/x")
            with pytest.raises(UnknownRemote):
                repository.fetch("nobody")
            with pytest.raises(BadUrl):
                repository.add_remote("x", "ext::sh -c true")

    def test_a_relative_path_is_found_after_a_move(
        self, team: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        home = team.shared.parent
        with team.bob.open() as repository:
            repository.remove_remote("origin")
            monkeypatch.chdir(home)
            made = repository.add_remote("origin", "ada")
        assert made.url == "../ada/.kuzugit"
        shutil.move(home, tmp_path / "moved")
        monkeypatch.chdir(tmp_path)
        moved = LiveProject(tmp_path / "moved" / "bob", "shared.kuzu")
        with moved.open() as repository:
            assert repository.fetch().clashes == ()
        assert git(moved.directory / ".kuzugit", "config", "remote.origin.url") == made.url
