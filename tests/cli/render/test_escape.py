from __future__ import annotations

import pytest

from kuzugit.cli.render.escape import printable, printable_lines


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        ("Prüfung ☂ 漢字", "Prüfung ☂ 漢字"),
        ("\x1b[2J", "\\x1b[2J"),
        ("a\x00b\x7f", "a\\x00b\\x7f"),
        ("\x9b31m", "\\x9b31m"),
        ("line\nline\tcell\r", "line\\nline\\tcell\\r"),
        ("safe\u202egnp.exe", "safe\\u202egnp.exe"),
        ("\u2066x\u2069 \u200f", "\\u2066x\\u2069 \\u200f"),
        ("a\u2028b", "a\\u2028b"),
        ("\udcff", "\\udcff"),
        ("C:\\new", "C:\\new"),
    ],
)
def test_what_a_terminal_would_obey_is_escaped(data: str, shown: str) -> None:
    assert printable(data) == shown


def test_no_control_character_of_the_first_256_survives() -> None:
    shown = printable("".join(map(chr, range(256))))
    assert not [
        character for character in shown if ord(character) < 32 or 127 <= ord(character) < 160
    ]


def test_lines_stay_lines() -> None:
    assert printable_lines("a\n\x1bb\n") == ["a", "\\x1bb", ""]
