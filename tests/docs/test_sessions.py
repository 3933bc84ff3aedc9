"""What the pages show is what happens."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.sessions import Step, replay, settled, steps

ROOT = Path(__file__).resolve().parents[2]
PAGES = (
    "README.md",
    "docs/tutorial.md",
    "docs/moving-to-ladybug.md",
    "docs/remotes.md",
    "docs/sync.md",
)


@pytest.mark.parametrize("name", PAGES)
def test_a_session_gives_what_its_page_shows(name: str, tmp_path: Path) -> None:
    page = ROOT / name
    shown = [settled(step) for step in steps(page)]
    given = [settled(step, tmp_path) for step in replay(page, tmp_path)]
    assert given == shown


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_a_session(name: str) -> None:
    checkout = re.compile(r"kuzugit (--engine \w+ )?checkout ")
    assert any(checkout.match(step.command) for step in steps(ROOT / name))


def test_another_output_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```console\n$ f() {\n> echo $1; }\n$ f one\none\n$ f two\n2\n```\n")
    assert steps(page) == [
        Step("f() {\necho $1; }", ""),
        Step("f one", "one\n"),
        Step("f two", "2\n"),
    ]
    assert replay(page, tmp_path)[1:] == [Step("f one", "one\n"), Step("f two", "two\n")]
