"""Which values hold a least one."""

from __future__ import annotations

from typing import Any

import pytest

from kuzugit.model.least import holds_least
from kuzugit.model.types import parse_type

NIL = "00000000-0000-0000-0000-000000000000"


@pytest.mark.parametrize(
    ("type_", "least", "other"),
    [
        ("INT8", -128, -127),
        ("INT16", -32768, -128),
        ("INT64", -(1 << 63), -(1 << 31)),
        ("INT128", str(-(1 << 127)), "0"),
        ("UUID", NIL, NIL[:-1] + "1"),
        ("STRING", None, NIL),
        ("UINT8", None, 0),
        ("INT8[]", [1, None, -128], []),
        ("INT8[2][]", [None, [1, -128]], [None]),
        ("STRUCT(a INT8, b STRING)", {"a": -128, "b": "x"}, {"a": None, "b": "x"}),
        ("UNION(a INT8, b INT16)", {"tag": 0, "a": -128, "b": None}, {"tag": 1, "a": -128, "b": 3}),
        ("MAP(STRING, INT8)", [("a", -128)], [("a", 1)]),
        ("MAP(INT8, STRING)", [(-128, "a")], [(1, "a")]),
        ("MAP(UUID, DECIMAL(3, 1))", {"keys": [NIL], "values": ["1.0"]}, None),
    ],
)
def test_holds_least(type_: str, least: Any, other: Any) -> None:
    parsed = parse_type(type_)
    assert holds_least(parsed, least) == (least is not None)
    assert not holds_least(parsed, other)
    assert not holds_least(parsed, None)
