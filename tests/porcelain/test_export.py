"""Export: a directory that a bare Kùzu takes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kuzugit.errors import ExitCode
from kuzugit.porcelain.export import CsvFailed, UnknownFormat, export
from kuzugit.porcelain.new_directory import DirectoryNotEmpty
from kuzugit.porcelain.repository import Repository
from kuzugit.porcelain.workspace import Workspace
from kuzugit.store.history import UnknownRevision
from tests.store.making import git
from tests.support.compare import assert_same_database, differences
from tests.support.graphs import build_people, build_types
from tests.support.live import ADD_PERSON, LiveProject, make_project
from tests.support.tampering import damage_loose_object

RESTORE = (
    "import sys, kuzu\n"
    "connection = kuzu.Connection(kuzu.Database(sys.argv[1]))\n"
    "connection.execute('IMPORT DATABASE \\'' + sys.argv[2] + '\\'')\n"
    "assert not [name for name in sys.modules if name.startswith('kuzugit')]\n"
)


def restore(directory: Path, database: Path) -> None:
    """Import the directory in a process that knows nothing of kuzugit."""
    subprocess.run([sys.executable, "-I", "-c", RESTORE, database, directory], check=True)


def tree(directory: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(directory)): path.read_bytes()
        for path in directory.rglob("*")
        if path.is_file()
    }


def workspace(repository: Repository) -> Workspace:
    return repository._workspace


@pytest.mark.parametrize("build", [build_people, build_types])
def test_parquet_restores_by_plain_import(
    committed: LiveProject, tmp_path: Path, build: object
) -> None:
    assert callable(build)
    committed.database.unlink()
    build(committed.database)
    committed.commit("another")
    with committed.open() as repository:
        done = repository.export("current", tmp_path / "out")
    files = tree(tmp_path / "out")
    assert (done.files, done.bytes) == (len(files), sum(map(len, files.values())))
    restore(tmp_path / "out", tmp_path / "restored.kuzu")
    assert_same_database(committed.database, tmp_path / "restored.kuzu")


def test_it_is_the_tree_as_git_archive_gives_it(committed: LiveProject, tmp_path: Path) -> None:
    with committed.open() as repository:
        repository.export("v0.1.0", tmp_path / "out")
    (tmp_path / "archive").mkdir()
    archive = subprocess.run(
        ["git", f"--git-dir={committed.store}", "archive", "v0.1.0"],
        capture_output=True,
        check=True,
    )
    subprocess.run(["tar", "-x", "-C", tmp_path / "archive"], input=archive.stdout, check=True)
    assert tree(tmp_path / "out") == tree(tmp_path / "archive")


def test_csv_restores_what_csv_can_hold(committed: LiveProject, tmp_path: Path) -> None:
    with committed.open() as repository:
        done = repository.export("v0.1.0", tmp_path / "out", format="csv")
    assert done.warnings == ()
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"schema.cypher", "copy.cypher", "index.cypher"} < names
    assert [name for name in names if name.endswith(".csv")]
    restore(tmp_path / "out", tmp_path / "restored.kuzu")
    assert_same_database(committed.database, tmp_path / "restored.kuzu")


def test_csv_says_what_it_cannot_hold(committed: LiveProject, tmp_path: Path) -> None:
    committed.commit("an empty text and none", "CREATE (:Person {id: 50, name: ''})")
    with committed.open() as repository:
        (warning,) = repository.export("current", tmp_path / "out", format="csv").warnings
    assert "CSV" in warning
    restore(tmp_path / "out", tmp_path / "restored.kuzu")
    assert differences(committed.database, tmp_path / "restored.kuzu")


def test_csv_of_a_key_that_kuzu_cannot_name(tmp_path: Path) -> None:
    project = LiveProject(tmp_path)
    project.run(
        "CREATE NODE TABLE A(`a.b` INT64 PRIMARY KEY)",
        "CREATE REL TABLE R(FROM A TO A)",
        "CREATE (a:A {`a.b`: 1})-[:R]->(a)",
    )
    Repository.init(project.database, directory=tmp_path).close()
    project.commit("odd")
    with project.open() as repository:
        with pytest.raises(CsvFailed) as caught:
            repository.export("current", tmp_path / "out", format="csv")
        assert "without backticks, which A.a.b needs" in str(caught.value)
        assert caught.value.hint == "--format parquet"
        assert not (tmp_path / "out").exists()
        repository.export("current", tmp_path / "out")


def test_schema_only(committed: LiveProject, tmp_path: Path) -> None:
    with committed.open() as repository:
        export(workspace(repository), "v0.1.0", tmp_path / "out", schema_only=True)
    restore(tmp_path / "out", tmp_path / "restored.kuzu")
    restored = LiveProject(tmp_path, "restored.kuzu").content()
    assert restored.facts == committed.content().facts
    assert not any(restored.rows.values())


@pytest.mark.parametrize("name", ["with space", "it's", '"q"', "[a]*?", "Köln 🦆", "a/b/c", "-x"])
@pytest.mark.parametrize("format", ["parquet", "csv"])
def test_odd_directories(committed: LiveProject, tmp_path: Path, name: str, format: str) -> None:
    with committed.open() as repository:
        done = repository.export("v0.1.0", tmp_path / name, format=format)
        assert done.warnings == ()
        assert not repository.import_directory(tmp_path / name, "back").created


def test_an_empty_directory_is_filled_and_stays_the_same(
    committed: LiveProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "here"
    place.mkdir()
    link = tmp_path / "link"
    link.symlink_to(place)
    monkeypatch.chdir(place)
    with committed.open() as repository:
        repository.export("v0.1.0", link)
    assert Path("snapshot.json").is_file()
    assert link.is_symlink()


def test_a_directory_with_something_in_it_is_refused(
    committed: LiveProject, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("mine")
    (tmp_path / "file").write_text("mine")
    with committed.open() as repository:
        for name in ("out", "file"):
            with pytest.raises(DirectoryNotEmpty) as caught:
                repository.export("v0.1.0", tmp_path / name)
            assert caught.value.exit_code == ExitCode.REFUSED
    assert tree(tmp_path / "out") == {"mine": b"mine"}


def test_what_cannot_be_exported_leaves_nothing(committed: LiveProject, tmp_path: Path) -> None:
    before = sorted(tmp_path.iterdir())
    blob = git(committed.store, "rev-parse", "v0.1.0:nodes/Person/start.parquet")
    with committed.open() as repository:
        with pytest.raises(UnknownRevision):
            repository.export("v9.9.9", tmp_path / "out")
        with pytest.raises(UnknownFormat):
            repository.export("v0.1.0", tmp_path / "out", format="xml")
        with damage_loose_object(committed.store, blob):
            for format in ("parquet", "csv"):
                with pytest.raises(Exception, match=blob):
                    repository.export("v0.1.0", tmp_path / "out", format=format)
    assert sorted(tmp_path.iterdir()) == before


def test_the_live_database_does_not_matter(tmp_path: Path) -> None:
    live = make_project(tmp_path / "live")
    live.commit("first")
    live.commit("second", ADD_PERSON)
    live.database.unlink()
    with live.open() as repository:
        repository.export("v0.1.0", tmp_path / "out")
    assert not live.database.exists()
