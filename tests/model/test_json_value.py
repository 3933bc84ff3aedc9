"""Values as JSON: nothing that two readers would read otherwise."""

from __future__ import annotations

import json
import math
import struct
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kuzugit.model.json_value import json_value
from kuzugit.model.types import Scalar, parse_type

CASES: list[tuple[str, Any, Any]] = [
    ("BOOL", True, True),
    ("INT64", 5, 5),
    ("INT64", 2**53 - 1, 2**53 - 1),
    ("INT64", 2**53, "9007199254740992"),
    ("INT64", -(2**63), "-9223372036854775808"),
    ("INT128", "7", 7),
    ("INT128", "-170141183460469231731687303715884105728", str(-(2**127))),
    ("FLOAT", struct.unpack("f", struct.pack("f", 0.1))[0], 0.1),
    ("FLOAT", struct.unpack("f", struct.pack("f", 3.4028235e38))[0], 3.40282347e38),
    ("DOUBLE", 0.1, 0.1),
    ("DOUBLE", math.nan, "NaN"),
    ("DOUBLE", -math.inf, "-Infinity"),
    ("STRING", "NaN", "NaN"),
    ("BLOB", b"\0\xff", "00ff"),
    ("DATE", 0, "1970-01-01"),
    ("DATE", -719_528, "0000-01-01"),
    ("DATE", -719_529, "-0001-12-31"),
    ("DATE", 2_932_897, "+10000-01-01"),
    ("TIMESTAMP", -1, "1969-12-31T23:59:59.999999"),
    ("TIMESTAMP_TZ", 1_500_000, "1970-01-01T00:00:01.5Z"),
    ("TIMESTAMP_MS", 1, "1970-01-01T00:00:00.001"),
    ("DECIMAL(5, 2)", "-0.01", "-0.01"),
    ("INTERVAL", {"months": 1, "days": -2, "micros": 3}, {"months": 1, "days": -2, "micros": 3}),
    ("JSON", {"json": '{"a": 1}'}, '{"a": 1}'),
    ("INT64[]", [None, 1], [None, 1]),
    ("MAP(STRING, INT64)", [("k", 1)], [{"key": "k", "value": 1}]),
    ("MAP(STRING, INT128)", {"keys": ["k"], "values": ["1"]}, [{"key": "k", "value": 1}]),
    ("UNION(a INT64, b DATE)", {"tag": 1, "a": None, "b": 0}, {"tag": "b", "value": "1970-01-01"}),
    ("STRUCT(a INT64, b STRUCT(c DATE))", {"a": 1, "b": None}, {"a": 1, "b": None}),
]


@pytest.mark.parametrize(("type_", "value", "expected"), CASES)
def test_each_type(type_: str, value: Any, expected: Any) -> None:
    found = json_value(parse_type(type_), value)
    assert (found, type(found)) == (expected, type(expected))
    assert json.loads(json.dumps(found, allow_nan=False)) == expected
    assert json_value(parse_type(type_), None) is None


def test_minus_zero_stays() -> None:
    assert json.dumps(json_value(Scalar("DOUBLE"), -0.0)) == "-0.0"


@given(st.dates())
def test_dates_are_those_of_python(day: date) -> None:
    days = (day - date(1970, 1, 1)).days
    assert json_value(Scalar("DATE"), days) == day.isoformat()


@given(st.datetimes())
def test_times_are_those_of_python(moment: datetime) -> None:
    micros = (moment.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(
        microseconds=1
    )
    text = json_value(Scalar("TIMESTAMP"), micros)
    assert isinstance(text, str)
    assert datetime.fromisoformat(text) == moment


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_short_floats_are_exact(value: float) -> None:
    found = json_value(Scalar("FLOAT"), value)
    assert struct.pack("f", found) == struct.pack("f", value)
