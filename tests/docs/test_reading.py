"""What docs/reading.md shows is what happens."""

from __future__ import annotations

from pathlib import Path

from tests.docs.sessions import replay, settled, steps

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reading.md"


def test_the_session_gives_what_the_page_shows(tmp_path: Path) -> None:
    shown = [settled(step) for step in steps(PAGE)]
    assert len(shown) > 15
    assert [settled(step, tmp_path) for step in replay(PAGE, tmp_path)] == shown
