"""A chunk that was written to work on, and cannot be read again."""

from __future__ import annotations

from pathlib import Path

import pytest

from kuzugit.canonical.paths import chunk_path
from kuzugit.errors import ExitCode
from kuzugit.porcelain.content import Content, ScratchUnreadable
from kuzugit.porcelain.reading import read_manifest
from kuzugit.porcelain.workspace import open_workspace
from kuzugit.store.history import resolve
from tests.support.live import LiveProject


def test_it_is_told(committed: LiveProject, tmp_path: Path) -> None:
    workspace = open_workspace(committed.directory)
    manifest = read_manifest(workspace.store, resolve(workspace.store, "HEAD"))
    data = next(item for item in manifest.data if item.chunks)
    place = tmp_path / "new" / chunk_path(data.key, data.chunks[0].name)
    place.mkdir(parents=True)
    with pytest.raises(ScratchUnreadable, match="cannot read") as caught:
        Content(manifest, workspace.store, tmp_path / "new").read(data.key, data.chunks[0])
    assert caught.value.exit_code == ExitCode.ENGINE
    workspace.store.close()
