from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kuzugit.model.default_text import has_one_meaning, is_default, lacks_sign_only

EXACT = [
    "'it\\'s'", "'\\\\'", "'a\nb;`'", "''", "true", "False", "0", "[]", "[1,-2]", "[-1.5, 2e5]",
    "['a', 'b\\'']", "[true,false]", "date('2020-01-01')", "current_timestamp()",
    "nextval('s q')", "concat('a', 'b')",
]  # fmt: skip
UNSIGNED = ["5", "1.5", "1e3", "1.5e-3", "0.0", "9223372036854775807"]
REFUSED = [
    "", "NULL", "1 + 2", "1 + 2 * 3", "abs(-5)", "f(1)", "f(g('x'))", "NOT true", '"text"', "[[1]]",
    "'a' + 'b'", "'a", "'a\\'", "'a''b'", "f('a');", "0; DROP TABLE x", "'a'); x('b'", "{a: 1}",
    "٣", "f٣()", "-", "--5", "1e", "[1", "f(", "CAST(-5 AS INT64)", "date('2020-01-01') - 5",
]  # fmt: skip


@pytest.mark.parametrize("text", EXACT)
def test_a_text_of_one_meaning(text: str) -> None:
    assert has_one_meaning(text)
    assert is_default(text)


@pytest.mark.parametrize("text", UNSIGNED)
def test_a_number_may_have_lost_its_sign(text: str) -> None:
    assert lacks_sign_only(text)
    assert not has_one_meaning(text)
    assert is_default(text)
    assert is_default(f"-{text}")


@pytest.mark.parametrize("text", REFUSED)
def test_a_text_that_may_mean_more(text: str) -> None:
    assert not has_one_meaning(text)
    assert not lacks_sign_only(text)
    assert not is_default(text)


@given(st.text(alphabet="'\\;()a1-[], \n`\"", max_size=12))
def test_no_default_ends_its_statement(text: str) -> None:
    if not is_default(text):
        return
    open_text, escaped = False, False
    for letter in text:
        if escaped:
            escaped = False
        elif open_text and letter == "\\":
            escaped = True
        elif letter == "'":
            open_text = not open_text
        else:
            assert open_text or letter not in ';`"'
    assert not open_text
