"""Dates and times of any year, written and read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kuzugit.model.times import date_text, days_of, micros_of, time_text

FAR = [
    (-(2**63) + 1, "-290308-12-21T19:59:05.224193"),
    (2**63 - 1, "+294247-01-10T04:00:54.775807"),
    (0, "1970-01-01T00:00:00"),
    (-1, "1969-12-31T23:59:59.999999"),
    (-62_167_219_200_000_000, "0000-01-01T00:00:00"),
    (-62_167_219_200_000_001, "-0001-12-31T23:59:59.999999"),
    (253_402_300_800_000_000, "+10000-01-01T00:00:00"),
]


@pytest.mark.parametrize(("micros", "text"), FAR)
def test_years_that_python_lacks(micros: int, text: str) -> None:
    assert time_text(micros) == text
    assert micros_of(text) == micros


@given(st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)))
def test_the_others_are_as_python_writes_them(moment: datetime) -> None:
    passed = moment.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    micros = (passed.days * 86_400 + passed.seconds) * 1_000_000 + passed.microseconds
    written = moment.isoformat()
    assert time_text(micros) == (written.rstrip("0") if moment.microsecond else written)
    assert micros_of(written) == micros_of(written.replace("T", " ") + "Z") == micros
    assert date_text(passed.days) == moment.date().isoformat()


@given(st.integers(-(2**31), 2**31 - 1))
def test_days_there_and_back(days: int) -> None:
    assert days_of(date_text(days)) == days
    assert micros_of(date_text(days)) == days * 86_400_000_000


@pytest.mark.parametrize(
    "text",
    [
        *("", "today", "2024-1-1", "2024-02-30", "2023-02-29", "2024-13-01", "2024-00-10"),
        *("2024-01-01T24:00:00", "2024-01-01T00:60:00", "2024-01-01T00:00:60"),
        *("2024-01-01T00:00", "2024-01-01T00:00:00.", "2024-01-01T00:00:00.1234567"),
        *("2024-01-01T00:00:00+02:00", "+24-01-01", "٢٠٢٤-01-01", "2024-01-01\n"),
    ],
)
def test_what_is_no_time(text: str) -> None:
    assert micros_of(text) is None
    assert days_of(text) is None


def test_a_time_is_no_date() -> None:
    assert days_of("2024-01-01T00:00:00") is None
    assert days_of("2024-01-01Z") is None
