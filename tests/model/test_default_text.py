from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kuzugit.model.default_text import has_one_meaning, is_default, lacks_sign_only
from kuzugit.model.expression_text import holds_condition

EXACT = [
    "'it\\'s'", "'\\\\'", "'a\nb;`'", "''", "true", "False", "0", "[]", "[1,-2]", "[-1.5, 2e5]",
    "['a', 'b\\'']", "[true,false]", "date('2020-01-01')", "current_timestamp()",
    "nextval('s q')", "concat('a', 'b')", "NULL", "abs(-5)", "f((1+2)*-3)", "f(g('x'))", '"t;"',
    "[[-1]]", "{a: -1, b: 'x'}", "CAST(-5 AS INT64)", "CASE WHEN true THEN -1 ELSE (2) END",
    "CAST('1' AS STRUCT(`a;b` INT64))", "union_value(a := -1)", "map(['a'],[-1])",
]  # fmt: skip
UNSIGNED = ["5", "1.5", "1e3", "1.5e-3", "0.0", "9223372036854775807"]
REFUSED = [
    "", "1 + 2", "1 + 2 * 3", "-abs(5)", "(5)", "f(1) + 1", "f(1)(2)", "[1][1]", "NOT true", "x",
    "f(1]", "f(1))", "f(//)", "f(/*)*/)", "CASE 1", "CASE 1 END)", "f(CASE)END", "`x`", "'a' + 'b'",
    "'a", "'a\\'", "'a''b'", "f('a');", "0; DROP TABLE x", "'a'); x('b'", "f(;)",
    "٣", "-", "--5", "1e", "[1", "f(", "date('2020-01-01') - 5",
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
    quote, escaped = "", False
    depth = 0
    for letter in text:
        if escaped:
            escaped = False
        elif quote and letter == "\\" and quote != "`":
            escaped = True
        elif quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"`":
            quote = letter
        else:
            assert letter != ";"
            depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(letter, 0)
            assert depth >= 0
    assert not quote
    assert not depth


@pytest.mark.parametrize(
    "text", ["1 < 2", "f(x -> x)", "CASE WHEN NOT true THEN 1 END", "1 IS NULL"]
)
def test_a_condition_is_seen(text: str) -> None:
    assert holds_condition(text)


@pytest.mark.parametrize("text", ["'a < b'", "union_value(a := -1)", "CAST(-5 AS INT64)"])
def test_no_condition(text: str) -> None:
    assert not holds_condition(text)
