"""Projects for the porcelain: without Kùzu, and with a real small database."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.live import LiveProject, make_project
from tests.support.project import Project, empty_project, small_project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return small_project(tmp_path / "project")


@pytest.fixture
def empty(tmp_path: Path) -> Project:
    return empty_project(tmp_path / "empty")


@pytest.fixture
def open_directory() -> Iterator[Path]:
    """A directory that every user may enter, which pytest's own is not."""
    path = Path(tempfile.mkdtemp(prefix="kuzugit-test-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def live(tmp_path: Path) -> LiveProject:
    """A real database, and a store without snapshots."""
    return make_project(tmp_path / "live")


@pytest.fixture
def committed(live: LiveProject) -> LiveProject:
    """A real database that is committed as v0.1.0."""
    live.commit("first")
    return live
