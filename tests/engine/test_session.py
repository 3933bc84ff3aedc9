"""Sessions: what others hold stays theirs, and every error of the engine has a name."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import kuzu
import pytest

from kuzugit.engine.file import DatabaseMissing, NotADatabase
from kuzugit.engine.session import (
    DatabaseLocked,
    OpenFailed,
    Session,
    StatementFailed,
    beside,
    database_path,
    exclusive,
    open_database,
    read_transaction,
)
from kuzugit.errors import EngineError, ExitCode
from tests.support.graphs import run_statements

HOLDER = """
import sys, kuzu
database = kuzu.Database(sys.argv[1], read_only=sys.argv[2] == "read")
connection = kuzu.Connection(database)
print("open", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "live.kuzu"
    run_statements(found, ["CREATE NODE TABLE N(id INT64 PRIMARY KEY)", "CREATE (:N {id: 1})"])
    return found


@contextmanager
def held_elsewhere(path: Path, how: str) -> Iterator[None]:
    words = [sys.executable, "-c", HOLDER, str(path), how]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        assert process.stdout.readline() == b"open\n"
        yield
        process.stdin.close()
    assert process.returncode == 0


def count(session: Session) -> int:
    return int(session.rows("MATCH (n:N) RETURN count(*)")[0][0])


@pytest.mark.parametrize("read_only", [True, False])
def test_what_another_process_writes_is_locked(path: Path, read_only: bool) -> None:
    with held_elsewhere(path, "write"):
        with (
            pytest.raises(
                DatabaseLocked, match=r"live\.kuzu is open (for writing )?else"
            ) as caught,
            open_database(path, read_only=read_only),
        ):
            pass
        assert caught.value.exit_code == ExitCode.LOCKED == 11
        assert "connection=" in (caught.value.hint or "")
        with pytest.raises(DatabaseLocked), exclusive(path):
            pass
    with open_database(path, read_only=read_only) as session:
        assert count(session) == 1


def test_what_another_process_reads_can_be_read(path: Path) -> None:
    with held_elsewhere(path, "read"):
        with open_database(path, read_only=True) as session:
            assert count(session) == 1
        with pytest.raises(DatabaseLocked), open_database(path, read_only=False):
            pass
        with pytest.raises(DatabaseLocked), exclusive(path):
            pass


@pytest.mark.parametrize("how", [True, False])
def test_what_this_process_has_open_is_locked(path: Path, how: bool) -> None:
    # POSIX locks do not hold inside a process: Kùzu would open it twice and break it.
    with kuzu.Database(path, read_only=how), pytest.raises(DatabaseLocked):  # noqa: SIM117
        with open_database(path, read_only=True):
            pass
    with kuzu.Database(path) as database, kuzu.Connection(database) as connection:
        with pytest.raises(DatabaseLocked), exclusive(path):
            pass
        connection.execute("CREATE (:N {id: 2})")
        # The refusal has not cost the application its lock.
        words = [sys.executable, "-c", HOLDER, str(path), "write"]
        done = subprocess.run(words, input=b"", capture_output=True, check=False)
        assert b"Could not set lock" in done.stderr
    with open_database(path, read_only=True) as session:
        assert count(session) == 2


def test_exclusive_keeps_others_out(path: Path) -> None:
    words = [sys.executable, "-c", HOLDER, str(path), "read"]
    with exclusive(path):
        done = subprocess.run(words, input=b"", capture_output=True, check=False)
        assert b"Could not set lock" in done.stderr
    assert subprocess.run(words, input=b"", capture_output=True, check=True).stdout == b"open\n"


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "x.kuzu").write_text("something else altogether")
    with pytest.raises(NotADatabase), open_database(tmp_path / "x.kuzu", read_only=True):
        pass
    with pytest.raises(NotADatabase), open_database(tmp_path / "x.kuzu", read_only=False):
        pass
    with pytest.raises(DatabaseMissing), open_database(tmp_path / "no.kuzu", read_only=True):
        pass
    assert not (tmp_path / "no.kuzu").exists()


def test_a_damaged_database_is_an_engine_error(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:12] + bytes(len(data) - 12))
    with pytest.raises(OpenFailed, match=r"live\.kuzu") as caught:  # noqa: SIM117
        with open_database(path, read_only=True):
            pass
    assert caught.value.exit_code == ExitCode.ENGINE
    assert isinstance(caught.value.__cause__, RuntimeError)


def test_a_failed_statement_is_named(path: Path) -> None:
    with open_database(path, read_only=False) as session:
        with pytest.raises(StatementFailed, match="MATCH \\(m:Nobody\\)") as caught:
            session.rows("MATCH (m:Nobody) RETURN m")
        assert "Nobody does not exist" in caught.value.reason
        with pytest.raises(StatementFailed, match="more than one"):
            session.run("RETURN 1; RETURN 2")
        with pytest.raises(StatementFailed) as caught:
            session.run(f"RETURN '{'x' * 5000}' garbage")
        assert len(str(caught.value)) < 1500
        assert session.column_names("RETURN 1 AS a, 2 AS b") == ["a", "b"]


def test_a_read_only_session_does_not_write(path: Path) -> None:
    before = path.read_bytes()
    with open_database(path, read_only=True) as session:
        with pytest.raises(StatementFailed, match="read-only"):
            session.run("CREATE (:N {id: 2})")
        assert count(session) == 1
    assert path.read_bytes() == before
    assert sorted(file.name for file in path.parent.iterdir()) == ["live.kuzu"]


def test_a_transaction_sees_one_state(path: Path) -> None:
    with kuzu.Database(path) as database, kuzu.Connection(database) as writer:
        with beside(writer) as session, read_transaction(session):
            assert count(session) == 1
            writer.execute("CREATE (:N {id: 2})")
            assert count(session) == 1
        with beside(writer) as session:
            assert count(session) == 2


def test_what_fails_beside_does_not_end_a_transaction(path: Path) -> None:
    with kuzu.Database(path) as database, kuzu.Connection(database) as writer:
        writer.execute("CREATE SEQUENCE s")
        with beside(writer) as session, read_transaction(session):
            assert count(session) == 1
            assert "not yet defined" in (session.reason_against("RETURN currval('s')") or "")
            assert session.reason_against("RETURN 1") is None
            writer.execute("CREATE (:N {id: 2})")
            assert count(session) == 1


def test_an_error_in_a_transaction_is_the_one_that_is_told(path: Path) -> None:
    with (
        open_database(path, read_only=True) as session,
        pytest.raises(StatementFailed, match="Nobody"),
        read_transaction(session),
    ):
        session.run("MATCH (m:Nobody) RETURN m")
    with (
        open_database(path, read_only=True) as session,
        pytest.raises(KeyError),
        read_transaction(session),
    ):
        raise KeyError


def test_the_caller_s_own_transaction_is_neither_seen_nor_touched(path: Path) -> None:
    with kuzu.Database(path) as database, kuzu.Connection(database) as writer:
        writer.execute("BEGIN TRANSACTION")
        writer.execute("CREATE (:N {id: 2})")
        with beside(writer) as session, read_transaction(session):
            assert count(session) == 1
        writer.execute("COMMIT")
        with beside(writer) as session:
            assert count(session) == 2
        assert database_path(writer) == path


def test_a_closed_connection_cannot_be_used(path: Path) -> None:
    database = kuzu.Database(path)
    connection = kuzu.Connection(database)
    connection.close()
    database.close()
    with pytest.raises(EngineError), beside(connection) as session:
        count(session)


@pytest.mark.parametrize("read_only", [True, False])
def test_a_path_of_other_bytes_than_utf_8_is_refused(tmp_path: Path, read_only: bool) -> None:
    odd = tmp_path / "b\udcff"
    odd.mkdir()
    with (
        pytest.raises(OpenFailed, match=r"its path is no UTF-8"),
        open_database(odd / "new.kuzu", read_only=read_only),
    ):
        pass
    assert list(odd.iterdir()) == []
