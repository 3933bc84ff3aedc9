"""The forms of a date that Git takes in GIT_AUTHOR_DATE and GIT_COMMITTER_DATE."""

from __future__ import annotations

import re
from datetime import datetime
from email.utils import parsedate_to_datetime

from kuzugit.errors import UsageError

_RAW = re.compile(r"@?(\d{1,12})(?: ([+-])(\d{2})(\d{2}))?", re.ASCII)
_SMALLEST_RAW = 100_000_000
"""Git takes a bare number below this one for a date (20200101), not for seconds."""


def parse_date(text: str) -> tuple[int, int]:
    """Return the seconds since 1970 and the offset in minutes that `text` names.

    Forms: `@1700000000 +0100`, `1700000000 +0100`, RFC 2822 and ISO 8601. A date
    without an offset is in the local time zone, except that seconds alone are UTC.
    Raise UsageError where `text` has none of these forms.
    """
    raw = _RAW.fullmatch(text.strip())
    if raw and (text.lstrip().startswith("@") or int(raw[1]) >= _SMALLEST_RAW):
        sign = -1 if raw[2] == "-" else 1
        return int(raw[1]), sign * (int(raw[3] or 0) * 60 + int(raw[4] or 0))
    moment = _moment(text.strip())
    if moment.tzinfo is None:
        moment = moment.astimezone()
    offset = moment.utcoffset()
    assert offset is not None
    return int(moment.timestamp()), int(offset.total_seconds()) // 60


def _moment(text: str) -> datetime:
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            return parse(text)
        except ValueError:
            continue
    raise UsageError(
        f"invalid date {text!r}",
        hint="write it as '@1700000000 +0000', '2023-11-14T22:13:20Z' or "
        "'Tue, 14 Nov 2023 22:13:20 +0000'",
    )
