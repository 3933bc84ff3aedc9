from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from kuzugit.cli.date import parse_date
from kuzugit.errors import UsageError


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.parametrize(
    ("text", "seconds", "offset"),
    [
        ("@1700000000 +0000", 1700000000, 0),
        ("@1700000000", 1700000000, 0),
        ("@7 -0330", 7, -210),
        ("1700000000 +0100", 1700000000, 60),
        ("Tue, 14 Nov 2023 23:13:20 +0100", 1700000000, 60),
        ("2023-11-14T22:13:20Z", 1700000000, 0),
        ("2023-11-14 16:43:20-05:30", 1700000000, -330),
    ],
)
def test_the_forms_of_git(text: str, seconds: int, offset: int) -> None:
    assert parse_date(text) == (seconds, offset)


@pytest.mark.usefixtures("berlin")
def test_a_date_without_an_offset_is_local() -> None:
    assert parse_date("2023-11-14T23:13:20") == (1700000000, 60)
    assert parse_date("20231114") == (1699916400, 60)


@pytest.mark.parametrize("text", ["yesterday", "", "@", "@1 +1", "2023-13-01", "@٣"])
def test_what_is_no_date_is_refused_by_name(text: str) -> None:
    with pytest.raises(UsageError, match="invalid date") as refused:
        parse_date(text)
    assert repr(text) in str(refused.value)
