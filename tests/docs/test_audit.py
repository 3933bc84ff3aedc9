"""What docs/audit.md shows is what happens."""

from __future__ import annotations

from pathlib import Path

from tests.docs.audit import PAGE, given, settle
from tests.docs.sessions import steps


def test_the_audit_gives_what_its_page_shows(tmp_path: Path) -> None:
    shown = [settle(step) for step in steps(PAGE)]
    assert len(shown) > 20
    assert [settle(step, tmp_path) for step in given(tmp_path)] == shown
