"""Losses that are told, those that can be accepted, and those that cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

import kuzugit
from kuzugit.model.loss import CannotKeep
from kuzugit.porcelain.checkout import HoldsLeftOut
from tests.support.graphs import run_statements
from tests.support.snapshots import git

ODD = "CREATE MACRO `tw ice`(x) AS x * 2"


def test_a_warning_stands_in_the_result_and_in_the_message(tmp_path: Path) -> None:
    path = tmp_path / "live.kuzu"
    run_statements(path, [
        "CREATE SEQUENCE `s q` START 5", "RETURN nextval('s q')", "RETURN nextval('s q')",
        "CREATE NODE TABLE N(id INT64 PRIMARY KEY, v INTERVAL[])",
    ])  # fmt: skip
    with kuzugit.Repository.init(path, directory=tmp_path) as repository:
        result = repository.commit("all of it")
        told = "\n".join(result.warnings)
        assert "s q" in told
        assert "5 is not kept" in told
        assert "IMPORT DATABASE fails at the table N" in told
        message = git(repository.path, "log", "-1", "--format=%(trailers:key=Kuzugit-Warning)")
        assert message.strip().count("\n") + 1 == len(result.warnings) == 2


def test_what_is_accepted_is_left_out_and_is_no_change_since(tmp_path: Path) -> None:
    path = tmp_path / "live.kuzu"
    run_statements(path, [
        ODD,
        "CREATE NODE TABLE N(id INT64 PRIMARY KEY, d DATE DEFAULT current_date() + 1)",
        "CREATE (:N {id: 1})",
        "CREATE REL TABLE B(FROM N TO N) WITH (storage_direction = 'bwd')",
    ])  # fmt: skip
    with kuzugit.Repository.init(path, directory=tmp_path) as repository:
        with pytest.raises(CannotKeep) as caught:
            repository.commit("all", accept_loss=["B", "N.d"])
        assert [loss.name for loss in caught.value.losses] == ["TW ICE"]
        result = repository.commit("all", accept_loss=["B", "N.d", "TW ICE", "unheard of"])
        assert len(result.warnings) == 3
        assert result.snapshot is not None
        accepted = [v for k, v in result.snapshot.trailers if k == "Kuzugit-Accepted-Loss"]
        assert accepted == ['"B"', '"N.d"', '"TW ICE"']
        run_statements(path, ["CREATE (:N {id: 2})"])
        changes = repository.status().changes
        assert not changes.schema
        assert len(changes.rows) == 1
        with pytest.raises(CannotKeep):
            repository.commit("again")


def test_what_was_left_out_is_not_taken_from_the_live_database(tmp_path: Path) -> None:
    path = tmp_path / "live.kuzu"
    run_statements(path, [ODD, "CREATE NODE TABLE N(id INT64 PRIMARY KEY)"])
    with kuzugit.Repository.init(path, directory=tmp_path) as repository:
        repository.commit("all", accept_loss=["TW ICE"])
        for act in (
            repository.compact,
            lambda: repository.checkout("current"),
            lambda: repository.checkout("current", save=True),
        ):
            with pytest.raises(HoldsLeftOut, match="TW ICE"):
                act()
        done = repository.checkout("current", force=True)
        assert done.kept_aside is not None
        # The old file has it still; the new one, which never had it, may be replaced.
        run_statements(done.kept_aside, ["RETURN `tw ice`(3)"])
        assert repository.compact().after


def test_the_loss_of_a_value_cannot_be_accepted(tmp_path: Path) -> None:
    path = tmp_path / "live.kuzu"
    run_statements(path, ["CREATE NODE TABLE N(id INT64 PRIMARY KEY, v STRUCT(`from` INT64))"])
    with (
        kuzugit.Repository.init(path, directory=tmp_path) as repository,
        pytest.raises(CannotKeep),
    ):
        repository.commit("all", accept_loss=["N.v"])
