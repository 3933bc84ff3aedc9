"""Checks: queries that must find nothing, or nothing is published."""

from __future__ import annotations

from pathlib import Path

import pytest

from kuzugit.errors import ExitCode
from kuzugit.porcelain.checks import (
    ChecksFailed,
    ChecksUnreadable,
    Failure,
    run_checks,
    run_checks_on,
)
from tests.store.making import git
from tests.support.graphs import open_database
from tests.support.live import ADD_PERSON, RENAME_PERSON, LiveProject

NO_OTHER = "MATCH (p:Person) WHERE p.name = 'other' RETURN p.id, p.name"
MANY = "MATCH (p:Person) RETURN p.id ORDER BY p.id"


def write(live: LiveProject, **queries: str) -> Path:
    directory = live.directory / "checks"
    directory.mkdir(exist_ok=True)
    for name, query in queries.items():
        (directory / f"{name}.cypher").write_text(query)
    return directory


def refused(live: LiveProject, **options: object) -> tuple[Failure, ...]:
    tags = git(live.store, "tag")
    with live.open() as repository, pytest.raises(ChecksFailed) as caught:
        repository.commit("checked", **options)  # type: ignore[arg-type]
    assert caught.value.exit_code == ExitCode.REFUSED
    assert git(live.store, "tag") == tags
    assert git(live.store, "fsck", "--strict", "--no-dangling") == ""
    return caught.value.failures


def test_a_check_that_finds_nothing(committed: LiveProject) -> None:
    write(committed, other=NO_OTHER)
    assert committed.commit("second", ADD_PERSON) == "v0.1.1"


def test_a_check_that_finds_rows(committed: LiveProject) -> None:
    write(committed, other=NO_OTHER, some="MATCH (p:Person {id: 999}) RETURN p")
    committed.run(RENAME_PERSON)
    (failure,) = refused(committed)
    assert failure == Failure("other.cypher", ("p.id", "p.name"), ((3, "other"),))
    assert str(failure) == "other.cypher found 1 row"
    with committed.open() as repository:
        assert repository.status().changes
        assert repository.commit("all the same", checks=False).created


def test_a_dry_run_tells_too(committed: LiveProject) -> None:
    write(committed, other=NO_OTHER)
    committed.run(RENAME_PERSON)
    assert refused(committed, dry_run=True)


def test_all_that_fail_are_told_in_their_order(committed: LiveProject) -> None:
    write(committed, b=MANY, a=NO_OTHER)
    committed.run(RENAME_PERSON)
    first, second = refused(committed)
    assert (first.check, second.check) == ("a.cypher", "b.cypher")
    assert [row[0] for row in second.rows] == list(range(1, 11))
    assert second.more == 10
    assert str(second) == "b.cypher found 20 rows"


def test_nothing_to_commit_is_not_checked(committed: LiveProject) -> None:
    write(committed, many=MANY)
    with committed.open() as repository:
        assert not repository.commit("again").created
    committed.run("CREATE (:Person {id: 77})", "MATCH (p:Person {id: 77}) DELETE p")
    with committed.open() as repository:
        assert not repository.commit("again").created


def test_what_only_others_are_named_is_left_alone(committed: LiveProject) -> None:
    (write(committed) / "notes.txt").write_text(MANY)
    assert committed.commit("second", ADD_PERSON) == "v0.1.1"


@pytest.mark.parametrize("kind", ["a file", "a link that leads nowhere"])
def test_checks_that_cannot_be_looked_into(committed: LiveProject, kind: str) -> None:
    """A gate does not vanish silently."""
    place = committed.directory / "checks"
    if kind == "a file":
        place.write_text(MANY)
    else:
        place.symlink_to("elsewhere")
    committed.run(ADD_PERSON)
    with committed.open() as repository, pytest.raises(ChecksUnreadable):
        repository.commit("second")
    place.unlink()
    assert committed.commit("second") == "v0.1.1"


UNASKABLE = {
    "nonsense": ("MATCH MATCH", "refused the query"),
    "an unknown table": ("MATCH (n:Nobody) RETURN n", "Nobody"),
    "nothing": ("", "refused the query"),
    "a parameter": ("MATCH (p:Person {id: $id}) RETURN p", "$id"),
    "two statements": ("RETURN 1; RETURN 2", "refused the query"),
    "a writing word": ("CREATE (:Person {id: 99})", "CREATE"),
    "writing further on": ("MATCH (p:Person) DETACH DELETE p", "only read"),
    "a sequence": ("CREATE SEQUENCE s", "CREATE"),
    "a file": ("UNWIND [1] AS x LOAD FROM 'secret.csv' RETURN *", "LOAD FROM"),
    "a file, spelt": ("MATCH (p:Person)\nload  /* */ with headers (a INT64)\nfrom 'x'", "LOAD"),
    "a setting": ("CALL checkpoint_threshold=5", "CALL CHECKPOINT_THRESHOLD ="),
    "another database": ("ATTACH 'other.kuzu' AS o (dbtype kuzu)", "ATTACH"),
    "an export": ("EXPORT DATABASE 'there'", "EXPORT"),
    "a copy": ("COPY (MATCH (p:Person) RETURN p.id) TO 'there.csv'", "COPY"),
    "an extension": ("INSTALL httpfs", "INSTALL"),
    "a failure on the way": ("MATCH (p:Person) RETURN 1 / (p.id - p.id)", "ivide"),
}


@pytest.mark.parametrize("query", UNASKABLE)
def test_what_cannot_be_asked_fails(committed: LiveProject, query: str) -> None:
    text, why = UNASKABLE[query]
    write(committed, a=text, b=MANY)
    committed.run(ADD_PERSON)
    before = committed.content()
    (failure,) = refused(committed)
    assert why.lower().replace(" =", "") in (failure.problem or "").lower()
    assert committed.content() == before
    assert committed.files() == ["checks", committed.name]


@pytest.mark.parametrize(
    "query", ["MATCH (p:Person) SET p.balance = 5", "CREATE (:Person {id: 9})"]
)
def test_inside_an_application_no_check_writes(committed: LiveProject, query: str) -> None:
    write(committed, a="MATCH (p:Person) RETURN 1 / (p.id - p.id)", b=query)
    with open_database(committed.database) as connection:
        connection.execute(ADD_PERSON)
        assert refused(committed, connection=connection)
        write(committed, a=query)
        assert refused(committed, connection=connection)
    (committed.directory / "checks" / "a.cypher").unlink()
    (committed.directory / "checks" / "b.cypher").unlink()
    before = committed.content()
    assert [row for row in before.rows["Person"] if row[2] == 5] == []


def test_a_check_sees_what_is_committed(committed: LiveProject) -> None:
    """Inside an application: not what its open transaction holds."""
    write(committed, other=NO_OTHER)
    with open_database(committed.database) as connection, committed.open() as repository:
        connection.execute(ADD_PERSON)
        connection.execute("BEGIN TRANSACTION")
        connection.execute(RENAME_PERSON)
        assert repository.commit("second", connection=connection).created
        connection.execute("COMMIT")
        with pytest.raises(ChecksFailed):
            repository.commit("third", connection=connection)


def test_no_text(committed: LiveProject) -> None:
    (write(committed) / "a.cypher").write_bytes(b"RETURN '\xff'")
    committed.run(ADD_PERSON)
    assert "decode" in (refused(committed)[0].problem or "")


def test_an_import_is_checked(committed: LiveProject, tmp_path: Path) -> None:
    committed.commit("second", ADD_PERSON)
    with committed.open() as repository:
        repository.export("v0.1.0", tmp_path / "exported")
        write(committed, many=MANY)
        with pytest.raises(ChecksFailed):
            repository.import_directory(tmp_path / "exported", "again")
        done = repository.import_directory(tmp_path / "exported", "again", checks=False)
    assert done.created


def test_any_database_can_be_asked(committed: LiveProject) -> None:
    directory = write(committed, many=MANY)
    (failure,) = run_checks_on(directory, committed.database)
    assert failure.more == 10
    assert run_checks_on(directory / "none", committed.directory / "none.kuzu") == ()
    assert run_checks.__doc__
