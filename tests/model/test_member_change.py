"""Members that changed, inside values."""

from __future__ import annotations

import math
from typing import Any

import pytest

from kuzugit.model.member_change import member_changes
from kuzugit.model.types import parse_type

CASES: list[tuple[str, Any, Any, list[tuple[str, str, Any, Any]]]] = [
    ("INT64", 1, 2, [("", "changed", 1, 2)]),
    ("INT64[]", None, [], [("", "changed", None, [])]),
    ("INT64[]", [1, 2, 3], [1, 5, 3], [("[1]", "changed", 2, 5)]),
    ("INT64[]", [1, 2, 3], [1, 3], [("[1]", "removed", 2, None)]),
    ("INT64[]", [1, 3], [1, None, 3], [("[1]", "added", None, None)]),
    ("DOUBLE[]", [0.0, math.nan], [-0.0, math.nan], [("[0]", "changed", 0.0, -0.0)]),
    ("INT64[]", list(range(300)), [*range(299)], [("[299]", "removed", 299, None)]),
    (
        "STRUCT(a INT64, b STRUCT(c STRING[]))",
        {"a": 1, "b": {"c": ["x"]}},
        {"a": 1, "b": {"c": ["x", "y"]}},
        [(".b.c[1]", "added", None, "y")],
    ),
    (
        "MAP(STRING, INT64)",
        [("a", 1), ("b", 2)],
        [("b", 3), ("c", 4)],
        [
            ('["a"]', "removed", 1, None),
            ('["b"]', "changed", 2, 3),
            ('["c"]', "added", None, 4),
        ],
    ),
    (
        "MAP(STRING, INT64)",
        [("a", 1), ("b", 2)],
        [("b", 2), ("a", 1)],
        [(" (order)", "changed", ["a", "b"], ["b", "a"])],
    ),
    ("MAP(DATE, INT128)", {"keys": [0], "values": ["1"]}, {"keys": [0], "values": ["2"]},
     [('["1970-01-01"]', "changed", 1, 2)]),
]  # fmt: skip


@pytest.mark.parametrize(("type_", "old", "new", "expected"), CASES)
def test_each(type_: str, old: Any, new: Any, expected: list[Any]) -> None:
    found = member_changes(parse_type(type_), old, new)
    assert [(item.path, item.change, item.old, item.new) for item in found] == expected
    assert not list(member_changes(parse_type(type_), new, new))
