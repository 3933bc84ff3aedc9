"""A new database: settled at the end, left as it is where its making fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from kuzugit.engine.load import new_database

STATEMENTS = ("CREATE NODE TABLE N(id INT64 PRIMARY KEY)", "CREATE (:N {id: 1})")


def log_of(path: Path) -> Path:
    return Path(f"{path}.wal")


def test_a_finished_one_has_no_log(tmp_path: Path) -> None:
    with new_database(tmp_path / "g.kuzu") as session:
        for statement in STATEMENTS:
            session.run(statement)
    assert not log_of(tmp_path / "g.kuzu").exists()


def break_off(path: Path) -> None:
    with new_database(path) as session:
        for statement in STATEMENTS:
            session.run(statement)
        raise OSError("broken")


def test_a_failed_one_is_closed_without_a_checkpoint(tmp_path: Path) -> None:
    """After a failed read Kùzu's checkpoint waits for ever for the page, so none is made."""
    with pytest.raises(OSError, match="broken"):
        break_off(tmp_path / "g.kuzu")
    assert log_of(tmp_path / "g.kuzu").stat().st_size > 0
