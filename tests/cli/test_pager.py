from __future__ import annotations

import os
from pathlib import Path

import pytest

from kuzugit.cli.pager import pager, pager_command


@pytest.mark.parametrize(
    ("environment", "command"),
    [
        ({"GIT_PAGER": "sort -r", "PAGER": "nl"}, "sort -r"),
        ({"PAGER": "sort"}, "sort"),
        ({"PAGER": ""}, None),
        ({"PAGER": "cat"}, None),
        ({"PAGER": "'open quote"}, None),
        ({"PAGER": "  "}, None),
        ({"PAGER": "no-such-pager-anywhere"}, None),
    ],
)
def test_the_pager_is_the_one_that_git_would_start(
    environment: dict[str, str], command: str | None
) -> None:
    assert pager_command(environment) == command


def test_the_pager_gets_the_text_and_gits_settings(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pager(f"(echo $LESS; sort) > '{out}'", dict(os.environ)) as stream:
        stream.write("b\na\n")
    assert out.read_text() == "FRX\na\nb\n"


def test_a_pager_that_is_left_early_is_no_error() -> None:
    with pager("true", dict(os.environ)) as stream:
        for _ in range(100_000):
            stream.write("more than a pipe holds\n")
