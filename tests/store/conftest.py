from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pygit2
import pytest

from kuzugit.store.location import STORE_NAME, Store, create_store


@pytest.fixture(autouse=True)
def no_flush(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait for the disk: a killed process loses nothing that was not flushed."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    monkeypatch.setattr(type(pygit2.settings), "enable_fsync_gitdir", lambda self, value=True: None)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with create_store(tmp_path / STORE_NAME, tmp_path / "graph.kuzu") as made:
        yield made


@pytest.fixture
def open_directory() -> Iterator[Path]:
    """A directory that every user may enter, which pytest's own is not."""
    path = Path(tempfile.mkdtemp(prefix="kuzugit-test-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def shared_store(open_directory: Path) -> Iterator[Store]:
    umask = os.umask(0o022)
    with create_store(open_directory / STORE_NAME, open_directory / "graph.kuzu") as made:
        yield made
    os.umask(umask)
