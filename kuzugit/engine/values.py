"""The engine's Python values, as JSON has them."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from kuzugit.engine import binding
from kuzugit.errors import EngineError


class ValueUnreadable(EngineError):
    """A value that the engine's Python interface cannot hand over."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(
            f"{binding.dialect().title} could not hand over a value: {reason}",
            hint="ask for its text: CAST(x AS STRING)",
        )


def plain_value(value: Any) -> Any:
    """Return a value as numbers, texts, booleans, None, lists and dicts of text to those.

    Decimals and integers of 128 bits are their digits, dates and times ISO 8601 with a
    space in the middle, intervals days and a time, BLOBs hexadecimal digits, a float that
    is no number its name. A map whose keys are no texts is a list of `key` and `value`.
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, list | tuple):
        return [plain_value(item) for item in value]
    if isinstance(value, dict):
        return _mapping(value)
    return _text(value)


def _number(value: float) -> float | str:
    if math.isfinite(value):
        return value
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def _mapping(value: dict[Any, Any]) -> Any:
    if all(isinstance(key, str) for key in value):
        return {key: plain_value(item) for key, item in value.items()}
    return [{"key": plain_value(key), "value": plain_value(item)} for key, item in value.items()]


def _text(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return value.isoformat(" ").replace("+00:00", "+00")
    if isinstance(value, timedelta):
        return _interval(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes | bytearray):
        return value.hex()
    if isinstance(value, UUID):
        return str(value)
    raise ValueUnreadable(f"it is a {type(value).__name__}")


def _interval(value: timedelta) -> str:
    sign = "-" if value < timedelta(0) else ""
    whole = abs(value)
    minutes, seconds = divmod(whole.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    rest = f".{whole.microseconds:06d}" if whole.microseconds else ""
    return f"{sign}{whole.days} days {sign}{hours:02d}:{minutes:02d}:{seconds:02d}{rest}"
