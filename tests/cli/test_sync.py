"""`kuzugit sync` on the command line: what it says, and the code of each way to fail."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
from pathlib import Path

import kuzu
import pytest

from kuzugit.errors import ExitCode
from kuzugit.porcelain.repository import Repository
from tests.cli.conftest import Run
from tests.cli.process import command, run_on_terminal
from tests.support.graphs import open_database
from tests.support.live import LiveProject, make_project, run_statements

THERE = "MATCH (p:Person {id: 3}) SET p.name = 'theirs'"
HERE = "MATCH (p:Person {id: 3}) SET p.name = 'ours'"
HOSTILE = "evil\x1b[31m\u202e"


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two projects: here knows there as the remote `req`, and has a table of its own."""
    directory = tmp_path_factory.mktemp("sync")
    make_project(directory / "there").commit("first")
    here = LiveProject(directory / "here")
    here.directory.mkdir()
    run_statements(
        here.database,
        [
            "CREATE NODE TABLE Component(name STRING PRIMARY KEY)",
            "CREATE (:Component {name: 'wing'})",
        ],
    )
    with Repository.init(here.database, directory=here.directory) as repository:
        repository.commit("own")
        repository.add_remote("req", str(directory / "there"))
    return directory


@pytest.fixture
def there(scene: Path, tmp_path: Path) -> LiveProject:
    shutil.copytree(scene / "there", tmp_path / "there")
    return LiveProject(tmp_path / "there")


@pytest.fixture
def here(scene: Path, there: LiveProject, tmp_path: Path) -> LiveProject:
    shutil.copytree(scene / "here", tmp_path / "here")
    project = LiveProject(tmp_path / "here")
    with project.open() as repository:
        repository.set_remote_url("req", str(there.directory))
    return project


@pytest.fixture
def clashing(here: LiveProject, there: LiveProject) -> LiveProject:
    """Both sides have changed one name since the first sync."""
    with here.open() as repository:
        repository.sync("req")
    here.commit("ours", HERE)
    there.commit("theirs", THERE)
    return here


def test_what_came_is_said(run: Run, here: LiveProject) -> None:
    done = run("-C", here.directory, "sync", "req")
    assert (done.code, done.err) == (0, "")
    first, *changes = done.out.splitlines()
    assert first.startswith("[main v0.2.0 ")
    assert first.endswith("] Sync req v0.1.0")
    assert " Person: 20 added" in changes
    again = run("-C", here.directory, "sync", "req")
    assert (again.code, again.out, again.err) == (0, "Nothing new in req v0.1.0\n", "")


def test_quiet(run: Run, here: LiveProject) -> None:
    done = run("-C", here.directory, "sync", "req", "-q")
    assert (done.code, done.out, done.err) == (0, "", "")


def test_json(run: Run, here: LiveProject) -> None:
    done = run("-C", here.directory, "sync", "req", "--json", "--tag", "v9.0.0", "-m", "More")
    assert (done.code, done.err) == (0, "")
    found = json.loads(done.out)
    assert (found["format"], found["created"]) == (1, True)
    assert (found["source"], found["source_version"]) == ("req", "v0.1.0")
    assert found["version"] == found["snapshot"]["version"] == "v9.0.0"
    assert found["snapshot"]["subject"] == "More"
    assert {"key": "Kuzugit-Source", "value": "req"} in found["snapshot"]["trailers"]
    assert (found["saved"], found["collected"]) == (None, None)
    assert found["changes"]["rows"][0]["added"] == 20
    assert found["warnings"] == []


def test_a_dry_run(run: Run, here: LiveProject) -> None:
    before = here.content()
    done = run("-C", here.directory, "sync", "req", "--dry-run")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("would take over req v0.1.0 as v0.2.0\n added node table Person")
    found = json.loads(run("-C", here.directory, "sync", "req", "--dry-run", "--json").out)
    assert (found["created"], found["version"], found["snapshot"]) == (False, "v0.2.0", None)
    assert here.content() == before


def test_a_choice_is_about_a_table_also_where_nothing_is_new(run: Run, here: LiveProject) -> None:
    assert run("-C", here.directory, "sync", "req", "--ours-in", "Pers*").code == 0
    done = run("-C", here.directory, "sync", "req", "--ours-in", "Persons")
    assert (done.code, done.out) == (ExitCode.UNKNOWN_NAME, "")


def test_conflicts(run: Run, clashing: LiveProject) -> None:
    before = clashing.content()
    done = run("-C", clashing.directory, "sync", "req")
    assert (done.code, done.out) == (ExitCode.REFUSED, "")
    listed, error, hint = done.err.splitlines()
    assert listed == (
        '  conflict: Person 3 name: changed on both sides (theirs "theirs", ours "ours")'
    )
    assert error.startswith("error: 1 conflict with req: Person 3 name: changed on both sides")
    assert "--theirs" in hint
    assert clashing.content() == before


def hinted(err: str, after: str) -> list[str]:
    """Return the words of the command that a hint begins with, without the program's name."""
    text = err.partition(f"hint: {after}")[2].partition(" (")[0].strip()
    words = shlex.split(text)
    assert words[0] == "kuzugit"
    return words[1:]


def test_the_hint_takes_over_what_was_asked_for(
    run: Run, here: LiveProject, there: LiveProject
) -> None:
    """Not the newest, nor the other tables; and a path with a space is one word."""
    odd = shutil.copytree(there.directory, there.directory.parent / "an other")
    words = ["sync", "../an other", "--tables", "Person", "--prefix", "x y_"]
    assert run("-C", here.directory, *words).code == 0
    here.commit("ours", HERE.replace("Person", "`x y_Person`"))
    LiveProject(odd).commit("theirs", THERE)
    LiveProject(odd).commit("newer", THERE.replace("theirs", "newer"))
    asked = run("-C", here.directory, "sync", "../an other", "v0.1.1", *words[2:])
    assert asked.code == ExitCode.REFUSED
    done = run("-C", here.directory, *hinted(asked.err, "say who wins:"))
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[0].endswith("Sync ../an other v0.1.1")
    assert done.out.splitlines()[1:] == [" x y_Person: 1 changed"]


def test_the_hint_for_what_no_choice_settles(
    run: Run, here: LiveProject, there: LiveProject
) -> None:
    here.commit("ours", "CREATE NODE TABLE Person(name STRING PRIMARY KEY)")
    asked = run("-C", here.directory, "sync", "req", "--theirs")
    assert asked.code == ExitCode.REFUSED
    assert run("-C", here.directory, *hinted(asked.err, "take it beside ours:")).code == 0


@pytest.mark.parametrize("by_path", [False, True])
def test_the_hint_for_what_is_only_ahead(run: Run, there: LiveProject, by_path: bool) -> None:
    place = there.directory.parent / "a clone"
    with Repository.clone(str(there.directory), place, checkout=True) as repository:
        clone = LiveProject(place, repository.database.name)
    clone.commit("further", THERE)
    if not by_path:
        with there.open() as repository:
            repository.add_remote("clone", str(place))
    source = "../a clone" if by_path else "clone"
    done = run("-C", there.directory, "sync", source)
    assert done.code == ExitCode.REFUSED
    for text in done.err.partition("hint: ")[2].split(";"):
        assert run("-C", there.directory, *shlex.split(text)[1:]).code == 0
    assert there.content() == clone.content()
    pulled = run("-C", there.directory, "pull", "../nowhere")
    assert pulled.err.splitlines()[-1] == "hint: kuzugit remote add NAME ../nowhere"


def test_conflicts_as_json(run: Run, clashing: LiveProject) -> None:
    done = run("-C", clashing.directory, "sync", "req", "--json")
    assert done.code == ExitCode.REFUSED
    found = json.loads(done.out)
    assert found == {
        "format": 1,
        "conflicts": [
            {
                "table": "Person",
                "key": [3],
                "column": "name",
                "why": "changed on both sides",
                "base": "p3",
                "theirs": "theirs",
                "ours": "ours",
                "settleable": True,
            }
        ],
        "saved": None,
    }
    assert "error: 1 conflict" in done.err


def test_quiet_conflicts_are_an_error_alone(run: Run, clashing: LiveProject) -> None:
    done = run("-C", clashing.directory, "sync", "req", "-q")
    assert done.code == ExitCode.REFUSED
    assert [line.split(":")[0] for line in done.err.splitlines()] == ["error", "hint"]


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["--theirs"], "theirs"),
        (["--ours"], "ours"),
        (["--theirs-in", "Person"], "theirs"),
        (["--ours", "--theirs-in", "P*"], "theirs"),
        (["--theirs", "--ours-in", "Person"], "ours"),
    ],
    ids=lambda value: "_".join(value) if isinstance(value, list) else "",
)
def test_who_wins(run: Run, clashing: LiveProject, words: list[str], name: str) -> None:
    done = run("-C", clashing.directory, "sync", "req", *words)
    assert done.code == 0, done.err
    with open_database(clashing.database) as connection:
        answer = connection.execute("MATCH (p:Person {id: 3}) RETURN p.name")
        assert isinstance(answer, kuzu.QueryResult)
        assert answer.get_all() == [[name]]


def test_help(run: Run) -> None:
    done = run("sync", "--help")
    assert done.code == 0
    assert "kuzugit sync requirement v1.2.0" in done.out
    for word in ("--tables", "--prefix", "--theirs", "--ours", "--dry-run", "--save", "--json"):
        assert word in done.out


BAD: list[tuple[list[str], ExitCode, str]] = [
    ([], ExitCode.USAGE, "missing argument"),
    (["elsewhere"], ExitCode.UNKNOWN_NAME, "'elsewhere' is no remote"),
    ([""], ExitCode.USAGE, "this store itself"),
    (["."], ExitCode.USAGE, "this store itself"),
    (["graph.kuzu"], ExitCode.USAGE, "this store itself"),
    (["../there/graph.kuzu", "v0.1.0"], ExitCode.USAGE, "has no revisions"),
    (["req", "v7.0.0"], ExitCode.UNKNOWN_NAME, "req/v7.0.0"),
    (["req", "--tables", "Nobody"], ExitCode.UNKNOWN_NAME, "Nobody"),
    (["req", "--theirs-in", "Nobody"], ExitCode.UNKNOWN_NAME, "there is no table 'Nobody'"),
    (["req", "--theirs", "--ours-in", "N*"], ExitCode.UNKNOWN_NAME, "there is no table 'N*'"),
    (["req", "--tables", "knows"], ExitCode.USAGE, "hang on Person"),
    (["req", "--theirs", "--ours"], ExitCode.USAGE, "cannot both win"),
    (["req", "--tag", "no tag"], ExitCode.USAGE, "no tag"),
    (["req", "--tag", "v0.1.0"], ExitCode.USAGE, "v0.1.0"),
    (["req", "--trailer", "nonsense"], ExitCode.USAGE, "nonsense"),
    (["req", "-m", ""], ExitCode.USAGE, "message"),
    (["req", "--prefix", "a`b"], ExitCode.USAGE, "can begin with"),
    (["../empty"], ExitCode.UNKNOWN_NAME, "has no snapshot yet"),
    (["../text"], ExitCode.ENGINE, "text"),
]


@pytest.mark.parametrize(("words", "code", "told"), BAD, ids=lambda value: str(value)[:40])
def test_bad_input(
    run: Run, here: LiveProject, words: list[str], code: ExitCode, told: str
) -> None:
    make_project(here.directory.parent / "empty")
    (here.directory.parent / "text").write_text("no database\n" * 1000)
    before = here.content()
    done = run("-C", here.directory, "sync", *words)
    assert (done.code, done.out) == (code, ""), done.err
    assert told in done.err
    assert done.err.startswith("error: ")
    assert here.content() == before


def test_changes_that_no_snapshot_has(run: Run, here: LiveProject) -> None:
    here.run("CREATE (:Component {name: 'rudder'})")
    done = run("-C", here.directory, "sync", "req")
    assert (done.code, done.out) == (ExitCode.REFUSED, "")
    assert "holds changes that no snapshot has" in done.err
    assert "kuzugit sync req --save" in done.err
    saved = run("-C", here.directory, "sync", "req", "--save")
    assert saved.code == 0
    assert saved.out.startswith("Saved the changes here as v0.1.1\n[main v0.2.0 ")

    assert run("-C", here.directory, "log", "--oneline", "v0.1.1", "-n1").out.endswith(
        "Save before sync\n"
    )
    here.run("CREATE (:Component {name: 'flap'})")
    nothing = run("-C", here.directory, "sync", "req", "--save")
    assert nothing.out == "Saved the changes here as v0.2.1\nNothing new in req v0.1.0\n"


def test_what_was_saved_before_conflicts_is_told(run: Run, clashing: LiveProject) -> None:
    clashing.run("CREATE (:Component {name: 'rudder'})")
    words = ["-C", clashing.directory, "sync", "req", "--save"]
    dry = run(*words, "--dry-run")
    assert dry.code == ExitCode.REFUSED
    assert "which a dry run does not save" in dry.err
    done = run(*words)
    assert done.code == ExitCode.REFUSED
    assert "warning: the changes here are saved as v0.2.2, and nothing more was done" in done.err
    clashing.run("CREATE (:Component {name: 'flap'})")
    assert json.loads(run(*words, "--json").out)["saved"]["version"] == "v0.2.3"


def test_a_check_that_fails_is_shown(run: Run, here: LiveProject) -> None:
    (here.directory / "checks").mkdir()
    (here.directory / "checks" / "few.cypher").write_text("MATCH (p:Person) RETURN p.id AS id")
    before = here.content()
    done = run("-C", here.directory, "sync", "req", "--json")
    assert done.code == ExitCode.REFUSED
    (failed,) = json.loads(done.out)["failed_checks"]
    assert (failed["check"], len(failed["rows"]), failed["more"]) == ("few.cypher", 10, 10)
    done = run("-C", here.directory, "sync", "req")
    assert done.err.startswith("few.cypher found 20 rows\n")
    assert here.content() == before
    assert run("-C", here.directory, "sync", "req", "--no-checks").code == 0


@pytest.mark.parametrize("words", [["req"], ["../there/graph.kuzu"]])
def test_a_database_that_is_open_elsewhere(
    run: Run, here: LiveProject, there: LiveProject, words: list[str]
) -> None:
    busy = here if words == ["req"] else there
    busy.run("MATCH (n) RETURN count(n)")
    holder = kuzu.Database(busy.database, buffer_pool_size=1 << 26, max_db_size=1 << 30)
    try:
        kuzu.Connection(holder)
        done = run("-C", here.directory, "sync", *words)
    finally:
        holder.close()
    assert (done.code, done.out) == (ExitCode.LOCKED, ""), done.err
    assert run("-C", here.directory, "sync", *words).code == 0


def test_hostile_names_are_escaped(run: Run, here: LiveProject, there: LiveProject) -> None:
    there.commit("evil", f"MATCH (p:Person {{id: 3}}) SET p.name = '{HOSTILE}'")
    there.run(f"CREATE NODE TABLE `{HOSTILE}`(id INT64 PRIMARY KEY)")
    there.commit(HOSTILE)
    here.run(
        "CREATE NODE TABLE Person(id INT64 PRIMARY KEY, name STRING)",
        "CREATE (:Person {id: 3, name: 'x\x1b[5m'})",
        f"CREATE NODE TABLE `{HOSTILE}`(id STRING PRIMARY KEY)",
    )
    here.commit("clash")
    for words in ([], ["--tables", "Person"], ["--json"], ["--prefix", HOSTILE, "--dry-run"]):
        done = run("-C", here.directory, "sync", "req", *words)
        assert done.code in (0, ExitCode.REFUSED)
        for sign in "\x1b\u202e":
            assert sign not in done.out + done.err


def test_no_terminal_no_progress(here: LiveProject) -> None:
    done = subprocess.run(
        command("-C", here.directory, "sync", "req"), capture_output=True, check=True
    )
    assert done.stderr == b""
    assert b"\r" not in done.stdout


def test_a_terminal_sees_progress_and_no_rest_of_it(here: LiveProject) -> None:
    code, text = run_on_terminal(command("-C", here.directory, "sync", "req"))
    assert code == 0
    # Which of the reports are shown hangs on how long each takes.
    assert any(f"\x1b[K{stage}" in text for stage in ("receiving", "fetching", "loading"))
    assert "Person: 20 added" in text
