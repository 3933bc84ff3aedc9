"""What docs/reading.md and docs/diff-formats.md show is what happens."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.sessions import replay, settled, steps

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.parametrize("name", ["reading.md", "diff-formats.md"])
def test_the_session_gives_what_the_page_shows(name: str, tmp_path: Path) -> None:
    page = DOCS / name
    shown = [settled(step) for step in steps(page)]
    assert len(shown) > 15
    assert [settled(step, tmp_path) for step in replay(page, tmp_path)] == shown
