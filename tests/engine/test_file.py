"""What is no database of the storage version that is read here, is told apart and named."""

from __future__ import annotations

from pathlib import Path

import pytest

from kuzugit.engine.file import (
    DatabaseMissing,
    NotADatabase,
    StorageVersionUnknown,
    check_database_file,
    is_open_here,
    side_files,
)
from kuzugit.errors import ExitCode
from tests.support.graphs import open_database, run_statements


def head(version: int) -> bytes:
    return b"KUZU" + version.to_bytes(8, "little")


def test_a_database_passes(tmp_path: Path) -> None:
    run_statements(tmp_path / "a.kuzu", [])
    check_database_file(tmp_path / "a.kuzu")
    (tmp_path / "link").symlink_to("a.kuzu")
    check_database_file(tmp_path / "link")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b"KUZ", "does not begin with KUZU"),
        (b"KUZU\x27\0", "does not begin with KUZU"),
        (b"SQLite format 3\0" + bytes(100), "does not begin with KUZU"),
        (b"kuzu" + bytes(100), "does not begin with KUZU"),
    ],
)
def test_another_file(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "x.kuzu"
    path.write_bytes(content)
    with pytest.raises(NotADatabase, match=why) as caught:
        check_database_file(path)
    assert caught.value.exit_code == ExitCode.ENGINE
    assert str(path) in str(caught.value)


def test_a_missing_file(tmp_path: Path) -> None:
    for path in (tmp_path / "no.kuzu", tmp_path / "no" / "no.kuzu"):
        with pytest.raises(DatabaseMissing, match=r"no\.kuzu") as caught:
            check_database_file(path)
        assert caught.value.exit_code == ExitCode.NO_STORE
    (tmp_path / "dangling").symlink_to("nowhere")
    with pytest.raises(DatabaseMissing):
        check_database_file(tmp_path / "dangling")


def test_a_directory(tmp_path: Path) -> None:
    with pytest.raises(NotADatabase, match="directory"):
        check_database_file(tmp_path)


def test_a_path_through_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises((NotADatabase, DatabaseMissing)):
        check_database_file(tmp_path / "file" / "a.kuzu")


@pytest.mark.parametrize(
    ("version", "writer"),
    [(38, "Kùzu 0.10"), (37, "Kùzu 0.9"), (40, "another release"), (1 << 40, "another release")],
)
def test_another_storage_version(tmp_path: Path, version: int, writer: str) -> None:
    path = tmp_path / "old.kuzu"
    path.write_bytes(head(version) + bytes(4084))
    with pytest.raises(StorageVersionUnknown, match=writer) as caught:
        check_database_file(path)
    assert caught.value.exit_code == ExitCode.UNSUPPORTED
    assert caught.value.version == version
    assert "EXPORT DATABASE" in (caught.value.hint or "")


def test_the_directory_of_an_older_release(tmp_path: Path) -> None:
    (tmp_path / "catalog.kz").write_bytes(head(36) + bytes(100))
    (tmp_path / "data.kz").write_bytes(b"")
    with pytest.raises(StorageVersionUnknown, match=r"Kùzu 0\.8") as caught:
        check_database_file(tmp_path)
    assert caught.value.version == 36
    (tmp_path / "catalog.kz").write_bytes(b"x")
    with pytest.raises(StorageVersionUnknown, match="a directory"):
        check_database_file(tmp_path)


def test_side_files(tmp_path: Path) -> None:
    path = tmp_path / "a.kuzu"
    path.write_bytes(head(39))
    assert side_files(path) == []
    for name in ("a.kuzu.wal", "a.kuzu.shadow", "a.kuzu.tmp", "a.kuzu.bak", "b.kuzu.wal"):
        (tmp_path / name).touch()
    assert {file.name for file in side_files(path)} == {
        "a.kuzu.wal", "a.kuzu.shadow", "a.kuzu.tmp",
    }  # fmt: skip
    (tmp_path / "other").mkdir()
    link = tmp_path / "other" / "link.kuzu"
    link.symlink_to(path)
    (tmp_path / "other" / "link.kuzu.wal").touch()
    assert {file.name for file in side_files(link)} == {
        "link.kuzu.wal", "a.kuzu.wal", "a.kuzu.shadow", "a.kuzu.tmp",
    }  # fmt: skip


def test_whether_this_process_has_it_open(tmp_path: Path) -> None:
    path = tmp_path / "a.kuzu"
    run_statements(path, [])
    (tmp_path / "link").symlink_to(path)
    assert not is_open_here(path)
    with open_database(path, read_only=True):
        assert is_open_here(path)
        assert is_open_here(tmp_path / "link")
    assert not is_open_here(path)
