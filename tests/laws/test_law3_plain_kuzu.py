"""Law 3: plain Git and plain Kùzu, without kuzugit, restore a snapshot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import assume, given

from tests.laws.examples import FEWER, folder, lawful_refusal
from tests.support.databases import Database, databases
from tests.support.graphs import build_people, build_types
from tests.support.snapshots import archived, committed, lost, plainly_imported
from tests.support.soak import Soak


def restored(database: Path, directory: Path) -> Path:
    """Commit; then with git archive, tar and IMPORT DATABASE alone, build it again."""
    committed(database, directory / "store.git").close()
    tree = archived(directory / "store.git", "v0.1.0", directory / "tree")
    # The few types that plain Kùzu cannot restore: the tree says so when it is imported.
    assume("only kuzugit restores" not in (tree / "schema.cypher").read_text())
    return plainly_imported(tree, directory / "plain.kuzu")


def check(database: Database) -> None:
    with folder() as directory, lawful_refusal():
        path = database.build(directory / "live.kuzu")
        assert lost(path, restored(path, directory)) == []


@FEWER
@given(databases(plain=True))
def test_plain_kuzu_restores(database: Database) -> None:
    check(database)


@pytest.mark.soak
def test_plain_kuzu_restores_very_many(soak: Soak) -> None:
    soak.keep_trying(check, databases(plain=True))


@pytest.mark.parametrize("build", [build_people, build_types])
def test_plain_kuzu_restores_graphs(build: Callable[[Path], None], tmp_path: Path) -> None:
    build(tmp_path / "live.kuzu")
    assert lost(tmp_path / "live.kuzu", restored(tmp_path / "live.kuzu", tmp_path)) == []
