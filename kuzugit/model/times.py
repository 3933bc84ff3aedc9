"""Dates and times of any year as ISO 8601 has them; Python's own end at the years 1 and 9999."""

from __future__ import annotations

import re

TIMES = ("TIMESTAMP", "TIMESTAMP_TZ", "TIMESTAMP_MS", "TIMESTAMP_SEC", "TIMESTAMP_NS")
"""The types of an instant, by name."""

_DAY = 24 * 60 * 60 * 1_000_000

# Years of more than four digits, and those before 0, bear a sign.
_ISO_DATE = r"(?P<year>[+-]\d{4,7}|\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"
_CLOCK = r"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)(?:\.(?P<fraction>\d{1,6}))?"
_DATE = re.compile(_ISO_DATE, re.ASCII)
_TIME = re.compile(f"{_ISO_DATE}(?:[T ]{_CLOCK})?Z?", re.ASCII)


def date_text(days: int) -> str:
    """Return the ISO 8601 text of a number of days since 1970."""
    year, month, day = _civil(days)
    written = f"{year:04}" if 0 <= year <= 9999 else f"{year:+05}"
    return f"{written}-{month:02}-{day:02}"


def time_text(micros: int) -> str:
    """Return the ISO 8601 text of a number of microseconds since 1970."""
    days, left = divmod(micros, _DAY)
    seconds, fraction = divmod(left, 1_000_000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    text = f"{date_text(days)}T{hour:02}:{minute:02}:{second:02}"
    return f"{text}.{fraction:06}".rstrip("0") if fraction else text


def days_of(text: str) -> int | None:
    """Return the days since 1970 that `date_text` wrote, None for any other text."""
    match = _DATE.fullmatch(text)
    return None if match is None else _days_of(match)


def micros_of(text: str) -> int | None:
    """Return the microseconds since 1970 that `time_text` wrote, None for any other text.

    A space may stand for the `T`, and a `Z` at the end; a date alone is its first instant.
    """
    match = _TIME.fullmatch(text)
    days = None if match is None else _days_of(match)
    if match is None or days is None:
        return None
    hour, minute, second = (int(part or 0) for part in match.group("hour", "minute", "second"))
    if hour > 23 or minute > 59 or second > 59:
        return None
    fraction = int((match["fraction"] or "").ljust(6, "0"))
    return days * _DAY + (hour * 3600 + minute * 60 + second) * 1_000_000 + fraction


def _days_of(match: re.Match[str]) -> int | None:
    date = int(match["year"]), int(match["month"]), int(match["day"])
    days = _days(*date)
    return days if 1 <= date[1] <= 12 and _civil(days) == date else None


def _civil(days: int) -> tuple[int, int, int]:
    """Return year, month and day of a number of days since 1970, in the Gregorian calendar.

    Howard Hinnant's algorithm: years begin in March, eras of 400 years have 146,097 days.
    """
    era, day_of_era = divmod(days + 719_468, 146_097)
    year_of_era = (
        day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096
    ) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted = (5 * day_of_year + 2) // 153
    month = shifted + 3 if shifted < 10 else shifted - 9
    return (
        year_of_era + era * 400 + (month <= 2),
        month,
        day_of_year - (153 * shifted + 2) // 5 + 1,
    )


def _days(year: int, month: int, day: int) -> int:
    """Return the days since 1970 of a date: what `_civil` takes apart."""
    era, year_of_era = divmod(year - (month <= 2), 400)
    shifted = month - 3 if month > 2 else month + 9
    day_of_year = (153 * shifted + 2) // 5 + day - 1
    day_of_era = 365 * year_of_era + year_of_era // 4 - year_of_era // 100 + day_of_year
    return era * 146_097 + day_of_era - 719_468
