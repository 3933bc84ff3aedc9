from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kuzugit.model.types import (
    SCALARS,
    Array,
    Decimal,
    Field,
    List,
    Map,
    Scalar,
    Struct,
    Type,
    TypeTextError,
    Union,
    children,
    parse_type,
    walk,
)

INT64, STRING = Scalar("INT64"), Scalar("STRING")

PRINTED_BY_KUZU = {
    "INT64": INT64,
    "TIMESTAMP_TZ": Scalar("TIMESTAMP_TZ"),
    "DECIMAL(18, 3)": Decimal(18, 3),
    "FLOAT[3]": Array(Scalar("FLOAT"), 3),
    "INT64[][]": List(List(INT64)),
    "FLOAT[3][]": List(Array(Scalar("FLOAT"), 3)),
    "FLOAT[][3]": Array(List(Scalar("FLOAT")), 3),
    "STRUCT(a INT64, b STRING[])": Struct((Field("a", INT64), Field("b", List(STRING)))),
    "STRUCT(a INT64)[]": List(Struct((Field("a", INT64),))),
    "STRUCT(`from` INT64, `a b` INT64)": Struct((Field("`from`", INT64), Field("`a b`", INT64))),
    "MAP(STRING, MAP(INT64, DECIMAL(6, 2)))": Map(STRING, Map(INT64, Decimal(6, 2))),
    "UNION(a INT64, b STRING)": Union((Field("a", INT64), Field("b", STRING))),
    "STRUCT(map MAP(INT64, INT64), struct INT64)": Struct(
        (Field("map", Map(INT64, INT64)), Field("struct", INT64))
    ),
    "STRUCT(größe INT64)": Struct((Field("größe", INT64),)),
}


@pytest.mark.parametrize("text", PRINTED_BY_KUZU)
def test_parses_what_kuzu_prints(text: str) -> None:
    assert parse_type(text) == PRINTED_BY_KUZU[text]
    assert str(parse_type(text)) == text


def test_kuzu_prints_json_in_lower_case() -> None:
    assert parse_type("json") == Scalar("JSON")


@pytest.mark.parametrize("text", [" INT64 ", "DECIMAL( 18,3 )", "MAP(STRING,INT64)", "int64[ ]"])
def test_spaces_and_case_mean_nothing(text: str) -> None:
    assert parse_type(text) == parse_type("".join(text.split()).upper())


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "INT65",
        "NODE",
        "INT64 STRING",
        "INT64[",
        "INT64]",
        "INT64[-1]",
        "INT64[x]",
        "INT64[²]",
        "DECIMAL",
        "DECIMAL(18)",
        "DECIMAL(a, b)",
        "DECIMAL(18, -3)",
        "STRUCT",
        "STRUCT()",
        "STRUCT(a)",
        "STRUCT(a INT64",
        "STRUCT(a INT64,)",
        "STRUCT(`a INT64)",
        "STRUCT(a: INT64)",
        "MAP(INT64)",
        "MAP(INT64, INT64, INT64)",
        "UNION()",
        "INT64); DROP TABLE x",
    ],
)
def test_refuses_what_is_no_type(text: str) -> None:
    with pytest.raises(TypeTextError):
        parse_type(text)


def test_walk_goes_through_every_type_outermost_first() -> None:
    type_ = parse_type("MAP(STRING, STRUCT(a INT64[2], b UNION(c BOOL, d DATE)))")
    assert list(map(str, walk(type_))) == [
        "MAP(STRING, STRUCT(a INT64[2], b UNION(c BOOL, d DATE)))",
        "STRING",
        "STRUCT(a INT64[2], b UNION(c BOOL, d DATE))",
        "INT64[2]",
        "INT64",
        "UNION(c BOOL, d DATE)",
        "BOOL",
        "DATE",
    ]
    assert children(INT64) == children(Decimal(1, 0)) == ()


NAMES = st.from_regex(r"[A-Za-z_äß漢][A-Za-z0-9_äß漢]*", fullmatch=True) | st.from_regex(
    r"`[^`\n]+`", fullmatch=True
)
LEAVES = st.sampled_from(sorted(SCALARS)).map(Scalar) | st.builds(
    Decimal, st.integers(1, 38), st.integers(0, 38)
)


def nested(inner: st.SearchStrategy[Type]) -> st.SearchStrategy[Type]:
    fields = st.lists(st.builds(Field, NAMES, inner), min_size=1, max_size=3).map(tuple)
    return (
        st.builds(List, inner)
        | st.builds(Array, inner, st.integers(1, 1000))
        | st.builds(Struct, fields)
        | st.builds(Map, inner, inner)
        | st.builds(Union, fields)
    )


TYPES = st.recursive(LEAVES, nested, max_leaves=8)


@given(TYPES)
@example(Struct((Field("`a, b) c`", Array(Union((Field("STRUCT", INT64),)), 2)),)))
def test_the_text_of_a_type_gives_the_type(type_: Type) -> None:
    assert parse_type(str(type_)) == type_


@given(TYPES)
def test_walk_visits_what_the_text_names(type_: Type) -> None:
    assert next(walk(type_)) == type_
    assert all(str(inner) in str(type_) for inner in walk(type_))


@given(st.text(alphabet="INT64STRUCT(),[]` \n\x00ab²", max_size=20))
def test_any_text_is_a_type_or_refused(text: str) -> None:
    try:
        type_ = parse_type(text)
    except TypeTextError:
        return
    assert parse_type(str(type_)) == type_
