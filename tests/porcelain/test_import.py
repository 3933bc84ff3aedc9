"""Import: a directory that somebody exported becomes a snapshot, and harms nobody."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kuzugit.errors import CorruptError, ExitCode, KuzugitError, RefusedError
from kuzugit.porcelain.import_ import ExportChanged, LeadsElsewhere, NotAnExport
from tests.porcelain.test_export import restore
from tests.store.making import git
from tests.support.compare import assert_same_database
from tests.support.graphs import build_people, open_database, run_statements
from tests.support.live import ADD_PERSON, RENAME_PERSON, SMALL, LiveProject


@pytest.fixture
def exported(committed: LiveProject, tmp_path: Path) -> Path:
    """v0.1.0, exported."""
    with committed.open() as repository:
        repository.export("v0.1.0", tmp_path / "exported")
    return tmp_path / "exported"


def kuzu_export(database: Path, directory: Path, options: str) -> Path:
    """Export as Kùzu itself does it."""
    with open_database(database) as connection:
        connection.execute(f"EXPORT DATABASE '{directory}' ({options})")
    return directory


def rebuilt(live: LiveProject, version: str, place: Path) -> Path:
    with live.open() as repository:
        repository.checkout(version, to=place)
    return place


class TestKuzusOwn:
    @pytest.mark.parametrize("options", ["format='parquet'", "format='csv', header=true",
                                         "format='csv', delim='|'", "format='csv'",
                                         "format='csv', quote='\\'', header=true"])  # fmt: skip
    def test_what_kuzu_exports(self, committed: LiveProject, tmp_path: Path, options: str) -> None:
        other = tmp_path / "other.kuzu"
        run_statements(other, [*SMALL, ADD_PERSON])
        directory = kuzu_export(other, tmp_path / "out", options)
        before = committed.content(), git(committed.store, "symbolic-ref", "refs/current")
        with committed.open() as repository:
            done = repository.import_directory(directory, "imported")
        assert (done.version, done.created) == ("v0.1.1", True)
        assert_same_database(rebuilt(committed, "v0.1.1", tmp_path / "copy.kuzu"), other)
        assert (committed.content(), git(committed.store, "symbolic-ref", "refs/current")) == before

    def test_parquet_of_every_plain_type(self, committed: LiveProject, tmp_path: Path) -> None:
        other = tmp_path / "other.kuzu"
        build_people(other)
        directory = kuzu_export(other, tmp_path / "out", "format='parquet'")
        with committed.open() as repository:
            assert repository.import_directory(directory, "imported").created
        restore(directory, tmp_path / "as-kuzu-does.kuzu")
        assert_same_database(
            rebuilt(committed, "main", tmp_path / "copy.kuzu"), tmp_path / "as-kuzu-does.kuzu"
        )

    def test_schema_alone(self, committed: LiveProject, tmp_path: Path) -> None:
        directory = kuzu_export(committed.database, tmp_path / "out", "schema_only=true")
        assert [path.name for path in directory.iterdir()] == ["schema.cypher"]
        with committed.open() as repository:
            repository.import_directory(directory, "imported")
            assert repository.snapshot("main").table("Person").num_rows == 0

    def test_the_first_snapshot(self, live: LiveProject, tmp_path: Path) -> None:
        directory = kuzu_export(live.database, tmp_path / "out", "format='parquet'")
        with live.open() as repository:
            assert repository.import_directory(directory, "imported").version == "v0.1.0"
            assert repository.status().current is None

    def test_an_old_flat_directory(self, committed: LiveProject, tmp_path: Path) -> None:
        """As Kùzu 0.6 wrote it: names without quotes, no columns, no index.cypher."""
        old = tmp_path / "migrations" / "v4.0.0"
        old.mkdir(parents=True)
        (old / "schema.cypher").write_text(
            "CREATE NODE TABLE User (name STRING,age INT64, PRIMARY KEY(name));\n"
            "CREATE NODE TABLE City (name STRING,population INT64, PRIMARY KEY(name));\n"
            "CREATE REL TABLE Follows (FROM User TO User, since INT64, MANY_MANY);\n"
            "CREATE REL TABLE LivesIn (FROM User TO City, MANY_MANY);\n"
        )
        (old / "copy.cypher").write_text(
            'COPY User FROM "User.csv" (escape="\\\\", delim=",", quote="\\"", header=false);\n'
            'COPY City FROM "City.csv" (escape="\\\\", delim=",", quote="\\"", header=false);\n'
            'COPY Follows FROM "Follows.csv" (escape="\\\\", delim=",", quote="\\"", '
            "header=false);\n"
            'COPY LivesIn FROM "LivesIn.csv" (escape="\\\\", delim=",", quote="\\"", '
            "header=false);\n"
        )
        (old / "macro.cypher").write_text("")
        (old / "User.csv").write_text('"Adam",30\n"Karissa",40\n')
        (old / "City.csv").write_text('"Waterloo",150000\n')
        (old / "Follows.csv").write_text('"Adam","Karissa",2020\n')
        (old / "LivesIn.csv").write_text('"Adam","Waterloo"\n')
        with committed.open() as repository:
            done = repository.import_directory(old, "from migrations/v4.0.0")
            assert done.version == "v1.0.0"
            table = repository.snapshot("v1.0.0").table("User")
        assert table.to_pydict() == {"name": ["Adam", "Karissa"], "age": [30, 40]}


class TestOurOwn:
    def test_the_same_content_is_nothing_to_commit(
        self, committed: LiveProject, exported: Path
    ) -> None:
        with committed.open() as repository:
            assert not repository.import_directory(exported, "again").created

    def test_gives_the_same_tree_in_another_store(
        self, committed: LiveProject, exported: Path, tmp_path: Path
    ) -> None:
        from tests.support.live import make_project

        other = make_project(tmp_path / "other")
        with other.open() as repository:
            repository.import_directory(exported, "from the first")
        trees = {git(live.store, "rev-parse", "v0.1.0^{tree}") for live in (committed, other)}
        assert len(trees) == 1

    def test_options(self, committed: LiveProject, tmp_path: Path) -> None:
        from kuzugit.porcelain.import_ import import_directory

        committed.commit("second", RENAME_PERSON)
        with committed.open() as repository:
            repository.export("v0.1.0", tmp_path / "out")
            snapshot = import_directory(
                repository._workspace,
                tmp_path / "out",
                "back",
                tag="v3.0.0",
                trailers=[("origin", "backup")],
            ).snapshot
            assert snapshot is not None
            assert snapshot.trailer("origin") == "backup"
            assert snapshot.version == "v3.0.0"
            current = repository.status().current
            assert current is not None
            assert current.version == "v0.1.1"

    def test_a_changed_file_is_refused(self, committed: LiveProject, exported: Path) -> None:
        file = next(exported.glob("nodes/Person/*.parquet"))
        file.write_bytes(file.read_bytes() + b" ")
        assert_refused(committed, exported, ExportChanged)

    def test_a_missing_file_is_refused(self, committed: LiveProject, exported: Path) -> None:
        next(exported.glob("rels/**/*.parquet")).unlink()
        assert_refused(committed, exported, ExportChanged)

    def test_an_extra_file_is_refused(self, committed: LiveProject, exported: Path) -> None:
        file = next(exported.glob("nodes/Person/*.parquet"))
        (file.parent / "zz.parquet").write_bytes(file.read_bytes())
        assert_refused(committed, exported, ExportChanged)

    def test_a_changed_statement_is_not_run(self, committed: LiveProject, exported: Path) -> None:
        # The statements follow from the manifest; what the files say is not looked at.
        (exported / "schema.cypher").write_text("CREATE NODE TABLE Evil(id INT64 PRIMARY KEY);")
        with committed.open() as repository:
            assert not repository.import_directory(exported, "x").created

    @pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": 99}', "\xff", "nul\0"])
    def test_a_manifest_that_is_none(
        self, committed: LiveProject, exported: Path, text: str
    ) -> None:
        (exported / "snapshot.json").write_bytes(text.encode("latin-1"))
        assert_refused(committed, exported, KuzugitError)


def assert_refused(live: LiveProject, directory: Path, kind: type[KuzugitError]) -> KuzugitError:
    before = git(live.store, "for-each-ref"), live.content()
    with live.open() as repository, pytest.raises(kind) as caught:
        repository.import_directory(directory, "x")
    assert caught.value.exit_code not in (ExitCode.DONE, ExitCode.BUG)
    assert (git(live.store, "for-each-ref"), live.content()) == before
    assert list((live.store / "kuzugit" / "tmp").iterdir()) == []
    return caught.value


class TestHostile:
    @pytest.fixture
    def directory(self, live: LiveProject, tmp_path: Path) -> Path:
        """A sound export of Kùzu's own."""
        return kuzu_export(live.database, tmp_path / "out", "format='csv'")

    @pytest.mark.parametrize("file", ["schema.cypher", "copy.cypher", "index.cypher"])
    @pytest.mark.parametrize(
        "statement",
        [
            "ATTACH '{target}' AS x (dbtype kuzu);",
            "COPY (MATCH (n) RETURN n) TO '{target}';",
            "COPY Person TO '{target}';",
            "EXPORT DATABASE '{target}';",
            "IMPORT DATABASE '{target}';",
            "INSTALL httpfs;",
            "LOAD EXTENSION '{target}';",
            "LOAD FROM '/etc/passwd' RETURN *;",
            "COPY Person FROM '/etc/passwd';",
            'COPY Person FROM "../../secret.csv";',
            "COPY Person FROM 'http://example.org/x.csv';",
            "COPY Person FROM (LOAD FROM '/etc/passwd' RETURN *);",
            "CREATE NODE TABLE X(id INT64 PRIMARY KEY); COPY Person TO '{target}';",
            "/* */ CALL spill_to_disk=true;",
            "MATCH (n) DETACH DELETE n;",
            "DROP TABLE Person;",
            "BEGIN TRANSACTION;",
        ],
    )
    def test_a_statement_that_no_export_writes(
        self, live: LiveProject, directory: Path, tmp_path: Path, file: str, statement: str
    ) -> None:
        target = tmp_path / "target"
        with (directory / file).open("a") as opened:
            opened.write(statement.format(target=target))
        error = assert_refused(live, directory, RefusedError)
        assert file in str(error)
        assert not target.exists()

    def test_a_link_that_leads_out(
        self, live: LiveProject, directory: Path, tmp_path: Path
    ) -> None:
        (tmp_path / "secret.csv").write_text("1,secret,1\n")
        data = next(directory.glob("Person.csv"))
        data.unlink()
        data.symlink_to(tmp_path / "secret.csv")
        assert_refused(live, directory, LeadsElsewhere)

    def test_a_link_to_a_directory_that_leads_out(
        self, live: LiveProject, directory: Path, tmp_path: Path
    ) -> None:
        (tmp_path / "secret").mkdir()
        (directory / "data").symlink_to(tmp_path / "secret")
        assert_refused(live, directory, LeadsElsewhere)

    def test_a_link_within_is_fine(self, live: LiveProject, directory: Path) -> None:
        data = directory / "Person.csv"
        data.rename(directory / "Real.csv")
        data.symlink_to("Real.csv")
        with live.open() as repository:
            assert repository.import_directory(directory, "x").created

    def test_a_pipe_is_not_waited_for(self, live: LiveProject, directory: Path) -> None:
        (directory / "Person.csv").unlink()
        os.mkfifo(directory / "Person.csv")
        assert_refused(live, directory, CorruptError)

    def test_a_truncated_file(self, live: LiveProject, tmp_path: Path) -> None:
        directory = kuzu_export(live.database, tmp_path / "parquet", "format='parquet'")
        file = directory / "Person.parquet"
        file.write_bytes(file.read_bytes()[:100])
        error = assert_refused(live, directory, KuzugitError)
        assert error.exit_code == ExitCode.ENGINE

    def test_text_that_is_not_utf8(self, live: LiveProject, directory: Path) -> None:
        (directory / "schema.cypher").write_bytes(b"\xff\xfe")
        assert_refused(live, directory, NotAnExport)


class TestNotAnExport:
    def test_no_directory(self, live: LiveProject, tmp_path: Path) -> None:
        assert_refused(live, tmp_path / "none", NotAnExport)

    def test_a_file(self, live: LiveProject) -> None:
        assert_refused(live, live.database, NotAnExport)

    def test_an_empty_directory(self, live: LiveProject, tmp_path: Path) -> None:
        (tmp_path / "empty").mkdir()
        error = assert_refused(live, tmp_path / "empty", NotAnExport)
        assert error.exit_code == ExitCode.USAGE

    def test_without_copy_cypher(self, live: LiveProject, tmp_path: Path) -> None:
        directory = kuzu_export(live.database, tmp_path / "out", "format='csv'")
        (directory / "copy.cypher").unlink()
        assert_refused(live, directory, KuzugitError)
