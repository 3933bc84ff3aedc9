"""A patch of two databases turns the one into the other, and back."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given

from kuzugit.porcelain.apply import apply
from kuzugit.porcelain.diff import diff
from kuzugit.porcelain.patch import patch_lines, read_patch
from kuzugit.porcelain.workspace import open_workspace
from tests.laws.examples import FEW, folder, lawful_refusal
from tests.support.databases import Database, databases
from tests.support.pairs import Pair, pairs
from tests.support.snapshots import tree_id
from tests.support.soak import Soak


def patch_between(directory: Path, old: str, new: str, *, reverse: bool = False) -> list[str]:
    workspace = open_workspace(directory)
    with diff(workspace, old, new, reverse=reverse) as found:
        lines = list(patch_lines(found))
    workspace.store.close()
    return lines


def check(pair: Pair) -> None:
    with folder() as directory, lawful_refusal():
        project = pair.committed(directory / "project")
        forth = patch_between(project.directory, "one", "two")
        back = patch_between(project.directory, "one", "two", reverse=True)
        assert back == patch_between(project.directory, "two", "one")
        with project.open() as repository:
            trees = {name: tree_id(repository, name) for name in ("one", "two")}
            repository.checkout("one")
        for number, (lines, reverse, wanted) in enumerate(
            (
                (forth, False, "two"),
                (forth, True, "one"),
                (forth, False, "two"),
                (back, False, "one"),
            )
        ):
            patch = read_patch(lines)
            assert (patch is None) == (trees["one"] == trees["two"])
            if patch is not None:
                workspace = open_workspace(project.directory)
                apply(workspace, patch.reversed() if reverse else patch)
                workspace.store.close()
            with project.open() as repository:
                repository.commit("applied", tag=f"x{number}", allow_empty=True)
                assert tree_id(repository, "HEAD") == trees[wanted]


@FEW
@given(pairs())
def test_diff_then_apply_gives_the_other(pair: Pair) -> None:
    check(pair)


@FEW
@given(databases(), databases())
def test_of_databases_that_have_nothing_in_common(one: Database, two: Database) -> None:
    check(Pair(one, two))


@pytest.mark.soak
def test_of_very_many(soak: Soak) -> None:
    soak.keep_trying(check, pairs())
