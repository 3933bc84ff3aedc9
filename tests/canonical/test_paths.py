from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kuzugit.canonical.paths import chunk_path, encoded, is_chunk_name, table_directory
from kuzugit.model.catalog import Pair
from kuzugit.model.snapshot import TableKey

NAMES = st.text(st.characters(blacklist_categories=["Cs"]), min_size=1)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Person", "Person"),
        ("depends_on-2", "depends_on-2"),
        ("a b", "a%20b"),
        ("a/b", "a%2Fb"),
        ("..", "%2E%2E"),
        (".git", "%2Egit"),
        ("100%", "100%25"),
        ("%41", "%2541"),
        ("Zoë", "Zo%C3%AB"),
        ("*?[]'\"\\:", "%2A%3F%5B%5D%27%22%5C%3A"),
        ("\n\0", "%0A%00"),
        ("²", "%C2%B2"),
    ],
)
def test_a_name_is_this_for_ever(name: str, expected: str) -> None:
    assert encoded(name) == expected


@given(NAMES)
@example("x" * 500)
def test_a_component_is_plain_and_short(name: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_%-]{1,200}", encoded(name))


LONG = st.integers(150, 260).flatmap(
    lambda length: st.tuples(st.just("x" * length), st.text("xy%\u00e9", max_size=60)).map("".join)
)


@given(st.lists(NAMES | LONG, unique=True, min_size=2))
def test_two_names_never_meet(names: list[str]) -> None:
    assert len({encoded(name) for name in names}) == len(names)


def test_a_long_name_does_not_meet_one_made_like_it() -> None:
    long = "x" * 300
    made = encoded(long)
    assert len(made) <= 200
    assert encoded(made) != made


@given(NAMES, NAMES, NAMES, NAMES)
def test_directories_do_not_meet(a: str, b: str, c: str, d: str) -> None:
    keys = {TableKey(a), TableKey(b), TableKey(a, Pair(b, c)), TableKey(a, Pair(b, d)),
            TableKey(d, Pair(b, c))}  # fmt: skip
    assert len({table_directory(key) for key in keys}) == len(keys)


def test_the_directories() -> None:
    assert table_directory(TableKey("My Table")) == "nodes/My%20Table"
    assert table_directory(TableKey("a", Pair("b_c", "d"))) == "rels/a/b_c/d"
    assert table_directory(TableKey("a_b", Pair("c", "d"))) == "rels/a_b/c/d"
    assert chunk_path(TableKey("A"), "start") == "nodes/A/start.parquet"


@pytest.mark.parametrize("name", ["start", "start-1", "0123456789abcdef", "0123456789abcdef-12"])
def test_names_of_chunks(name: str) -> None:
    assert is_chunk_name(name)


@pytest.mark.parametrize(
    "name",
    ["", "Start", "start-0", "start-01", "start-", "start\n", "../start", "0123456789abcde",
     "0123456789abcdeg", "0123456789ABCDEF", "٠123456789abcdef", "start-²", "start.parquet"],
)  # fmt: skip
def test_no_names_of_chunks(name: str) -> None:
    assert not is_chunk_name(name)
