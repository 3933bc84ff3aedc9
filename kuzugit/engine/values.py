"""The engine's Python values, as JSON has them: the same forms as `model.json_value`."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from kuzugit.engine import binding
from kuzugit.errors import EngineError
from kuzugit.model.json_value import json_value
from kuzugit.model.types import Scalar


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

    A map whose keys are texts is an object, like a struct: the engine's Python interface has
    lost which it was. Raises ValueUnreadable.
    """
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return json_value(Scalar("INT64"), value)
    if isinstance(value, float):
        return json_value(Scalar("DOUBLE"), value)
    if isinstance(value, timedelta):
        raise ValueUnreadable("it is an INTERVAL, whose months would be 30 days each")
    if isinstance(value, list | tuple):
        return [plain_value(item) for item in value]
    if isinstance(value, dict):
        return _mapping(value)
    return _text(value)


def _mapping(value: dict[Any, Any]) -> Any:
    if all(isinstance(key, str) for key in value):
        return {key: plain_value(item) for key, item in value.items()}
    return [{"key": plain_value(key), "value": plain_value(item)} for key, item in value.items()]


def _text(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        text = value.isoformat().removesuffix("+00:00")
        whole = text.rstrip("0") if value.microsecond else text
        return whole if value.tzinfo is None else f"{whole}Z"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes | bytearray):
        return value.hex()
    if isinstance(value, UUID):
        return str(value)
    raise ValueUnreadable(f"it is a {type(value).__name__}")
