from __future__ import annotations

import subprocess

import pytest

from kuzugit.store.trailers import BadTrailer, Trailers, split_trailers, with_trailers


@pytest.mark.parametrize(
    ("message", "text", "trailers"),
    [
        ("Subject", "Subject", ()),
        ("", "", ()),
        ("Fix: a thing", "Fix: a thing", ()),
        ("S\n\nK: v\n", "S", (("K", "v"),)),
        ("S\n\nBody: no\nreally\n", "S\n\nBody: no\nreally", ()),
        ("S\n\nB\n\nK: v\nK: w\nEvent-Index: 4 2\n", "S\n\nB",
         (("K", "v"), ("K", "w"), ("Event-Index", "4 2"))),
        ("S\n\nK: v\n more\n\tyet\nL: w", "S", (("K", "v more yet"), ("L", "w"))),
        ("S\n\nK:v\nL:", "S", (("K", "v"), ("L", ""))),
        # Git takes this for a trailer as well.
        ("S\n\nhttp://x.y/z", "S", (("http", "//x.y/z"),)),
        ("S\n\n K: v", "S\n\n K: v", ()),
    ],
)  # fmt: skip
def test_the_last_paragraph(message: str, text: str, trailers: Trailers) -> None:
    assert split_trailers(message) == (text, trailers)


@pytest.mark.parametrize("message", ["S", "S\n", "S\n\nBody", "S\n\nOld: 1\n", "A: b"])
def test_what_is_added_is_found_again_also_by_git(message: str) -> None:
    made = with_trailers(message, [("Kuzugit-Format", "1"), ("event-index", "42")])
    assert split_trailers(made)[1][-2:] == (("Kuzugit-Format", "1"), ("event-index", "42"))
    assert split_trailers(made)[0] == split_trailers(message)[0]
    parsed = subprocess.run(
        ["git", "interpret-trailers", "--parse"],
        input=made,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert parsed.splitlines()[-2:] == ["Kuzugit-Format: 1", "event-index: 42"]


def test_nothing_to_add() -> None:
    assert with_trailers("S\n\nBody", []) == "S\n\nBody"


@pytest.mark.parametrize(
    ("key", "value"),
    [("", "x"), ("a b", "x"), ("a:b", "x"), ("-a", "x"), ("k", "a\nb"), ("ü", "x")],
)
def test_what_a_message_cannot_carry(key: str, value: str) -> None:
    with pytest.raises(BadTrailer) as caught:
        with_trailers("S", [(key, value)])
    assert (caught.value.key, caught.value.value) == (key, value)
