"""The hooks of an application's repository, run by Git itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kuzugit.cli.app import main
from tests.cli.conftest import Run
from tests.cli.conftest import run as run
from tests.hooks.application import Application, make_application
from tests.support.live import ADD_PERSON, RENAME_PERSON
from tests.support.processes import holding
from tests.support.project import small_project


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Application:
    """Without hooks of ours; made once and copied, because that takes a second."""
    return make_application(tmp_path_factory.mktemp("plain") / "application")


@pytest.fixture(scope="module")
def hooked(plain: Application, tmp_path_factory: pytest.TempPathFactory) -> Application:
    """With its hooks in place, and `kuzugit.lock` tracked."""
    made = plain.copy(tmp_path_factory.mktemp("hooked") / "application")
    assert main(["-C", str(made.root), "hooks", "install", "-q"]) == 0
    made.git("add", "kuzugit.lock")
    assert made.commit_code("with the lock").text == ""
    return made


@pytest.fixture(scope="module")
def saved(hooked: Application, tmp_path_factory: pytest.TempPathFactory) -> Application:
    """The code was committed with either of two versions, and is at the second one."""
    made = hooked.copy(tmp_path_factory.mktemp("saved") / "application")
    made.live.commit("second", RENAME_PERSON)
    assert lock(made) == "v0.1.1"
    made.git("commit", "-qam", "second")
    return made


@pytest.fixture
def application(hooked: Application, tmp_path: Path) -> Application:
    return hooked.copy(tmp_path / "application")


@pytest.fixture
def apart(saved: Application, tmp_path: Path) -> Application:
    return saved.copy(tmp_path / "application")


@pytest.fixture
def bare(plain: Application, tmp_path: Path) -> Application:
    return plain.copy(tmp_path / "application")


def lock(application: Application) -> str:
    return str(json.loads((application.live.directory / "kuzugit.lock").read_text())["version"])


def current(application: Application) -> str | None:
    with application.live.open() as repository:
        now = repository.status().current
    return now and now.version


class TestPreCommit:
    def test_nothing_is_said_where_nothing_changed(self, application: Application) -> None:
        assert application.commit_code("more").text == ""

    def test_by_default_it_warns(self, application: Application) -> None:
        application.live.run(ADD_PERSON)
        said = application.commit_code("more")
        assert (said.code, application.count()) == (0, 3)
        assert said.text == "kuzugit: graph.kuzu has changes since v0.1.0 that no commit has\n"

    def test_refuse(self, application: Application) -> None:
        application.set("kuzugit.preCommit", "refuse")
        application.live.run(ADD_PERSON)
        said = application.commit_code("more")
        assert (said.code, application.count()) == (1, 2)
        assert said.text.startswith("error: the code is not committed: graph.kuzu has changes")
        assert application.git("commit", "-qm", "more", "--no-verify").code == 0
        application.live.commit("saved")
        application.git("add", "kuzugit.lock")
        assert application.commit_code("again").text == ""

    def test_commit(self, application: Application) -> None:
        application.set("kuzugit.preCommit", "commit")
        application.live.run(ADD_PERSON)
        said = application.commit_code("more")
        assert (said.code, said.text) == (0, "kuzugit: the graph is committed as v0.1.1\n")
        assert current(application) == lock(application) == "v0.1.1"
        assert application.git("status", "--porcelain").text == ""
        assert "v0.1.1" in application.git("show", "HEAD:kuzugit.lock").text

    def test_commit_of_some_files(self, application: Application) -> None:
        """Git throws the index away that such a commit is made with."""
        application.set("kuzugit.preCommit", "commit")
        application.live.run(ADD_PERSON)
        (application.root / "code").write_text("more")
        (application.root / "other").touch()
        application.git("add", "other")
        said = application.git("commit", "-qm", "code only", "code")
        assert (said.code, said.text) == (0, "kuzugit: the graph is committed as v0.1.1\n")
        assert "v0.1.1" in application.git("show", "HEAD:kuzugit.lock").text
        assert application.git("status", "--porcelain").text == "A  other\n"
        assert application.git("commit", "-qm", "other", "--no-verify").code == 0
        assert "v0.1.1" in application.git("show", "HEAD:kuzugit.lock").text
        assert application.git("fsck").code == 0

    def test_a_commit_of_some_files_that_is_given_up(self, application: Application) -> None:
        application.set("kuzugit.preCommit", "commit")
        application.live.run(ADD_PERSON)
        (application.root / "code").write_text("more")
        assert application.git("commit", "-qm", "", "code").code == 1
        assert application.git("status", "--porcelain").text == " M code\n M kuzugit.lock\n"

    @pytest.mark.parametrize("some", [(), ("code",)], ids=["all", "some files"])
    def test_the_graph_was_committed_before(
        self, application: Application, some: tuple[str, ...]
    ) -> None:
        application.set("kuzugit.preCommit", "commit")
        application.live.commit("by hand", ADD_PERSON)
        application.write_code("more")
        said = application.git("commit", "-qm", "more", *some)
        assert said.text == "kuzugit: kuzugit.lock of v0.1.1 is a part of the commit\n"
        assert "v0.1.1" in application.git("show", "HEAD:kuzugit.lock").text
        assert application.git("status", "--porcelain").text == ""

    def test_a_lock_that_names_another_snapshot_is_left_alone(self, apart: Application) -> None:
        apart.set("kuzugit.preCommit", "commit")
        apart.git("checkout", "HEAD~1", "--", "kuzugit.lock")
        assert apart.commit_code("the graph is ahead of the code").text == ""
        assert lock(apart) == "v0.1.0"
        assert "v0.1.0" in apart.git("show", "HEAD:kuzugit.lock").text

    def test_commit_that_a_check_refuses(self, application: Application) -> None:
        application.set("kuzugit.preCommit", "commit")
        (application.root / "checks").mkdir()
        (application.root / "checks" / "none.cypher").write_text("MATCH (p:Person) RETURN p.id")
        application.live.run(ADD_PERSON)
        said = application.commit_code("more")
        assert (said.code, application.count()) == (1, 2)
        assert "none.cypher found 21 rows" in said.text

    def test_off(self, application: Application) -> None:
        application.set("kuzugit.preCommit", "off")
        application.live.run(ADD_PERSON)
        assert application.commit_code("more").text == ""

    def test_a_value_that_means_nothing(self, application: Application) -> None:
        application.set("kuzugit.preCommit", "perhaps")
        said = application.commit_code("more")
        assert said.code == 1
        assert "warn, refuse, commit, off" in said.text

    @pytest.mark.parametrize(("wish", "code"), [("warn", 0), ("refuse", 1)])
    def test_while_an_application_writes(
        self, application: Application, wish: str, code: int
    ) -> None:
        application.set("kuzugit.preCommit", wish)
        application.live.run(ADD_PERSON)
        with holding(application.live.database):
            said = application.commit_code("more")
        assert said.code == code
        assert "cannot be told" in said.text


class TestFollowing:
    def test_it_says_so(self, apart: Application) -> None:
        said = apart.git("checkout", "-q", "HEAD~1")
        assert said.code == 0
        assert said.text.splitlines() == [
            "kuzugit: the code belongs to v0.1.0 of the graph, and the database is at v0.1.1",
            "kuzugit: hint: kuzugit checkout v0.1.0",
        ]
        assert current(apart) == "v0.1.1"
        assert apart.git("checkout", "-q", "main").text == ""

    def test_it_checks_out(self, apart: Application) -> None:
        apart.set("kuzugit.postCheckout", "checkout")
        said = apart.git("checkout", "-q", "HEAD~1")
        assert said.text == "kuzugit: the database is at v0.1.0 now, as the code wants it\n"
        assert current(apart) == "v0.1.0"

    def test_never_over_unsaved_changes(self, apart: Application) -> None:
        apart.set("kuzugit.postCheckout", "checkout")
        apart.live.run(ADD_PERSON)
        before = apart.live.content()
        said = apart.git("checkout", "-q", "HEAD~1")
        assert said.code == 0
        assert "holds changes that no snapshot has" in said.text
        assert (current(apart), apart.live.content()) == ("v0.1.1", before)

    def test_off(self, apart: Application) -> None:
        apart.set("kuzugit.postCheckout", "off")
        assert apart.git("checkout", "-q", "HEAD~1").text == ""

    def test_a_merge(self, apart: Application) -> None:
        apart.git("checkout", "-q", "-b", "side", "HEAD~1")
        apart.commit_code("beside")
        with apart.live.open() as repository:
            repository.checkout("v0.1.0")
        said = apart.git("merge", "-q", "-m", "both", "main")
        assert "the code belongs to v0.1.1 of the graph" in said.text

    def test_a_version_that_is_not_here(self, apart: Application) -> None:
        value = json.loads((apart.root / "kuzugit.lock").read_text())
        value |= {"version": "v9.0.0", "commit": "9" * 40, "tree": "9" * 40}
        (apart.root / "kuzugit.lock").write_text(json.dumps(value))
        apart.git("commit", "-qam", "from elsewhere")
        said = apart.git("checkout", "-q", "-b", "other")
        assert "this store lacks v9.0.0" in said.text

    @pytest.mark.parametrize("text", ["<<<<<<< ours\n", "[]", '{"format": 2}', "[" * 99999])
    def test_a_lock_that_is_none(self, apart: Application, text: str) -> None:
        (apart.root / "kuzugit.lock").write_text(text)
        said = apart.git("checkout", "-q", "-b", "other")
        assert said.code == 0
        assert "kuzugit.lock cannot be read" in said.text


class TestChaining:
    def hook(self, application: Application, name: str, text: str) -> Path:
        path = application.root / ".git" / "hooks" / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
        return path

    def test_theirs_runs_first_and_may_refuse(self, bare: Application, run: Run) -> None:
        place = self.hook(bare, "pre-commit", 'echo theirs "$@"; exit ${REFUSE:-0}')
        before = place.read_bytes()
        run("-C", bare.root, "hooks", "install")
        bare.live.run(ADD_PERSON)
        bare.write_code("more")
        refused = bare.git("commit", "-qm", "more", env={"REFUSE": "3"})
        assert (refused.code, refused.text) == (1, "theirs\n")
        said = bare.git("commit", "-qm", "more")
        assert said.code == 0
        assert said.text.startswith("theirs\nkuzugit: graph.kuzu has changes")
        run("-C", bare.root, "hooks", "uninstall")
        assert place.read_bytes() == before
        assert not list(place.parent.glob("*kuzugit*"))
        assert bare.git("config", "--get-regexp", "kuzugit").text == ""

    def test_its_exit_code_stands(self, bare: Application, run: Run) -> None:
        self.hook(bare, "post-checkout", 'echo "theirs $3"; exit 5')
        run("-C", bare.root, "hooks", "install")
        said = bare.git("checkout", "-q", "-b", "other")
        assert (said.code, said.text) == (1, "theirs 1\n")  # Git makes it 1

    def test_another_directory_of_hooks(self, bare: Application, run: Run) -> None:
        bare.set("core.hooksPath", "my hooks")
        done = run("-C", bare.root, "hooks", "install", "--no-lock")
        assert done.out.splitlines()[0] == f"Hooks in {bare.root / 'my hooks'}"
        assert not (bare.root / "kuzugit.lock").exists()
        bare.live.run(ADD_PERSON)
        assert "has changes" in bare.commit_code("more").text

    def test_status(self, bare: Application, run: Run) -> None:
        self.hook(bare, "pre-commit", "exit 0")
        assert "pre-commit: absent\n" in run("-C", bare.root, "hooks", "status").out
        run("-C", bare.root, "hooks", "install", "-q")
        found = json.loads(run("-C", bare.root, "hooks", "status", "--json").out)
        assert {hook["name"]: hook["state"] for hook in found["hooks"]} == {
            "pre-commit": "installed",
            "post-checkout": "installed",
            "post-merge": "installed",
        }
        assert found["hooks"][0]["before"].endswith("pre-commit.before-kuzugit")

    def test_without_kuzugit(self, bare: Application, run: Run) -> None:
        run("-C", bare.root, "hooks", "install")
        bare.set("kuzugit.program", "/nowhere/kuzugit")
        said = bare.commit_code("more")
        assert said.code == 0
        assert "kuzugit is not installed here" in said.text


def test_a_graph_below(tmp_path: Path, run: Run) -> None:
    made = make_application(tmp_path / "application", "data/graph")
    run("-C", made.live.directory, "hooks", "install")
    assert (made.live.directory / "kuzugit.lock").is_file()
    made.live.run(ADD_PERSON)
    assert "has changes" in made.commit_code("more").text


def test_another_working_tree_has_no_graph(application: Application, tmp_path: Path) -> None:
    said = application.git("worktree", "add", "-q", str(tmp_path / "other"))
    assert (said.code, said.text) == (0, "")


def test_no_repository(tmp_path: Path, run: Run) -> None:
    project = small_project(tmp_path / "project")
    done = run("-C", project.directory, "hooks", "install")
    assert done.code == 10
    assert "--shared" in done.err
    assert run("-C", project.directory, "hooks", "run", "pre-commit").code == 0
