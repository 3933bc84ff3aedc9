from __future__ import annotations

import errno

from kuzugit.cli.render.failure import causes, failure, says
from kuzugit.cli.render.paint import Paint


def test_three_lines() -> None:
    assert failure("it broke", ["disk full", "no space"], "df") == (
        "error: it broke\ncaused by: disk full: no space\nhint: df"
    )


def test_a_cause_is_not_said_twice() -> None:
    assert failure("unknown revision 'v9'", ["v9"], None) == "error: unknown revision 'v9'"
    assert failure("it broke", ["x failed: disk full", "disk full"], None) == (
        "error: it broke\ncaused by: x failed: disk full"
    )


def test_lines_without_content_are_left_out() -> None:
    assert failure("it broke", [], None) == "error: it broke"


def test_every_part_stays_on_its_line_and_shows_no_control_character() -> None:
    text = failure("a\nb\x1b[31m", ["c\r\nd"], "e\n\n  f")
    assert text == "error: a b\\x1b[31m\ncaused by: c d\nhint: e f"


def test_only_the_label_is_painted() -> None:
    assert failure("x", [], None, Paint(on=True)) == "\x1b[31merror:\x1b[m x"


def test_the_cause_chain_is_nearest_first() -> None:
    error = RuntimeError("outer")
    error.__cause__ = ValueError("middle")
    error.__cause__.__cause__ = KeyError("inner")
    assert causes(error) == ["middle", "inner"]


def test_an_error_without_text_is_named_by_its_class() -> None:
    assert says(RuntimeError()) == "RuntimeError"


def test_an_error_of_the_system_names_its_file_first() -> None:
    full = OSError(errno.ENOSPC, "No space left on device", "a.kuzu")
    assert says(full) == "a.kuzu: No space left on device"
    assert says(OSError(errno.ENOSPC, "No space left on device")) == "No space left on device"
    moved = OSError(errno.EXDEV, "Invalid cross-device link", "a", None, "b")
    assert says(moved) == "a -> b: Invalid cross-device link"
