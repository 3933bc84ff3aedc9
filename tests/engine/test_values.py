from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from kuzugit.engine.values import ValueUnreadable, plain_value
from kuzugit.model.types import parse_type

VALUES: list[tuple[Any, Any]] = [
    (None, None),
    (True, True),
    (-5, -5),
    (2**63 - 1, "9223372036854775807"),
    (0.1, 0.1),
    (float("nan"), "NaN"),
    (float("-inf"), "-Infinity"),
    ("é", "é"),
    (b"\x00\xff", "00ff"),
    (Decimal("-0.010"), "-0.010"),
    (Decimal("1E+3"), "1000"),
    (date(1, 1, 1), "0001-01-01"),
    (datetime(2024, 5, 1, 12, 30), "2024-05-01T12:30:00"),
    (datetime(2024, 5, 1, 12, 30, 0, 120, UTC), "2024-05-01T12:30:00.00012Z"),
    (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    ([1, [None, b"a"]], [1, [None, "61"]]),
    ({"_id": {"offset": 1, "table": 0}, "d": date(2020, 1, 1)},
     {"_id": {"offset": 1, "table": 0}, "d": "2020-01-01"}),
    ({1: b"a"}, [{"key": 1, "value": "61"}]),
    ({}, {}),
]  # fmt: skip


@pytest.mark.parametrize(("value", "plain"), VALUES, ids=[str(value) for value, _ in VALUES])
def test_values(value: Any, plain: Any) -> None:
    assert plain_value(value) == plain
    assert type(plain_value(value)) is type(plain)


TYPED = [
    ("MAP(STRING, INT64)", {"a": 1}, [{"key": "a", "value": 1}]),
    ("MAP(STRING, INT64)", {}, []),
    ("MAP(STRING, INT64)[]", [{"a": 1}], [[{"key": "a", "value": 1}]]),
    ("STRUCT(m MAP(STRING, MAP(INT64, BLOB)[2]), `b c` INT64)",
     {"m": {"a": [{1: b"a"}, None]}, "b c": 1},
     {"m": [{"key": "a", "value": [[{"key": 1, "value": "61"}], None]}], "b c": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "value", "plain"), TYPED)
def test_maps_of_a_known_type(text: str, value: Any, plain: Any) -> None:
    assert plain_value(value, parse_type(text)) == plain


def test_a_value_of_an_unknown_class() -> None:
    with pytest.raises(ValueUnreadable):
        plain_value(object())


def test_an_interval_that_has_lost_its_months() -> None:
    with pytest.raises(ValueUnreadable, match="months"):
        plain_value({"i": [timedelta(days=30)]})
