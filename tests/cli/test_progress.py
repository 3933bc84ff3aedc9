from __future__ import annotations

import io

import pytest

from kuzugit.cli.progress import ProgressLine, progress_text
from kuzugit.model.progress import Progress


@pytest.mark.parametrize(
    ("progress", "text"),
    [
        (Progress("open"), "open"),
        (Progress("export", "Person", 1500), "export Person: 1,500 rows"),
        (Progress("sort", "Person", 1, 3), "sort Person: 1 of 3 rows (33%)"),
        (Progress("sort", "Person", 0, 0), "sort Person: 0 of 0 rows"),
        (Progress("write", "", 1024, 2048, "bytes"), "write: 1.0 KiB of 2.0 KiB (50%)"),
        (Progress("write", "\x1b", 5, None, "bytes"), "write \\x1b: 5 B"),
    ],
)
def test_a_report_as_text(progress: Progress, text: str) -> None:
    assert progress_text(progress) == text


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_line_is_written_over_and_cleared() -> None:
    stream, clock = io.StringIO(), Clock()
    line = ProgressLine(stream, clock)
    line.show(Progress("a"))
    clock.now = 1.0
    line.show(Progress("b"))
    line.clear()
    assert stream.getvalue() == "\r\x1b[Ka\r\x1b[Kb\r\x1b[K"


def test_reports_in_quick_succession_are_left_out() -> None:
    stream, clock = io.StringIO(), Clock()
    line = ProgressLine(stream, clock)
    line.show(Progress("a"))
    clock.now = 0.05
    line.show(Progress("b"))
    assert stream.getvalue() == "\r\x1b[Ka"


def test_nothing_is_cleared_that_was_not_shown() -> None:
    stream = io.StringIO()
    ProgressLine(stream).clear()
    assert stream.getvalue() == ""


def test_a_line_never_wraps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    stream = io.StringIO()
    ProgressLine(stream).show(Progress("export", "x" * 100))
    assert stream.getvalue() == "\r\x1b[Kexport " + "x" * 9 + "..."
