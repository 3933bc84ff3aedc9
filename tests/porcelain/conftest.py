"""Projects for the porcelain that needs no Kùzu."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.project import Project, empty_project, small_project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return small_project(tmp_path / "project")


@pytest.fixture
def empty(tmp_path: Path) -> Project:
    return empty_project(tmp_path / "empty")
