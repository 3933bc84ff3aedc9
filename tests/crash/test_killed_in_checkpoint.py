"""A database whose application was killed in the middle of a checkpoint of Kùzu's.

The archive holds such a one: the small graph, every balance set to 77, killed after the
checkpoint was decided and before it was applied. Kùzu opens it for writing only.
"""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from kuzugit.engine.session import OpenFailed, open_database
from kuzugit.porcelain.repository import Repository
from tests.support.live import LiveProject

ARCHIVE = Path(__file__).with_name("killed-in-checkpoint.tar.xz")


@pytest.fixture
def killed(tmp_path: Path) -> LiveProject:
    directory = tmp_path / "live"
    directory.mkdir()
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(directory, filter="data")
    live = LiveProject(directory)
    Repository.init(live.database, directory=directory).close()
    assert live.files() == ["graph.kuzu", "graph.kuzu.shadow", "graph.kuzu.wal"]
    return live


def balances(live: LiveProject) -> set[str]:
    return {balance for _, _, balance in live.content().rows["Person"]}


def test_it_cannot_be_opened_read_only(killed: LiveProject) -> None:
    with pytest.raises(OpenFailed), open_database(killed.database, read_only=True):
        pass


def test_status_and_commit_read_it(killed: LiveProject) -> None:
    with killed.open() as repository:
        assert repository.status().changes
    assert killed.commit("first") == "v0.1.0"
    assert balances(killed) == {"77"}


def test_commit_alone_reads_it(killed: LiveProject) -> None:
    assert killed.commit("first") == "v0.1.0"
    with killed.open() as repository:
        assert not repository.status().changes
        table = repository.snapshot("v0.1.0").table("Person")
    assert set(table.column("balance").to_pylist()) == {77}


@pytest.mark.parametrize("option", ["", "save", "force"])
def test_checkout_replaces_it(killed: LiveProject, option: str) -> None:
    side = [path for path in killed.directory.iterdir() if path.is_file()]
    copies = {path: path.read_bytes() for path in side}
    killed.commit("first")
    killed.commit("second", "MATCH (p:Person) SET p.balance = 78")
    with killed.open() as repository:
        repository.checkout("v0.1.0")
        for path, data in copies.items():
            path.write_bytes(data)
        options = {option: True} if option else {}
        done = repository.checkout("v0.1.1", **options)  # type: ignore[arg-type]
        assert done.saved is None
        assert not repository.status().changes
    assert balances(killed) == {"78"}
    kept = [name for name in killed.files() if name.endswith(tuple("0123456789"))]
    assert len(kept) == (1 if option == "force" else 0)
    for name in kept:
        assert balances(LiveProject(killed.directory, name)) == {"77"}
