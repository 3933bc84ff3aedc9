"""The engine's Python values, as JSON has them: the same forms as `model.json_value`."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from kuzugit.engine import binding
from kuzugit.errors import EngineError
from kuzugit.model.json_value import json_value
from kuzugit.model.types import Array, List, Map, Scalar, Struct, Type


class ValueUnreadable(EngineError):
    """A value that the engine's Python interface cannot hand over."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(
            f"{binding.dialect().title} could not hand over a value: {reason}",
            hint="ask for its text: CAST(x AS STRING)",
        )


def plain_value(value: Any, type_: Type | None = None) -> Any:
    """Return a value as numbers, texts, booleans, None, lists and dicts of text to those.

    `type_` is what the engine says of it, None where that is not known, as inside of nodes
    and rels. There a map whose keys are texts is an object, like a struct: the engine's
    Python interface has lost which it was. Raises ValueUnreadable.
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
        element = type_.element if isinstance(type_, List | Array) else None
        return [plain_value(item, element) for item in value]
    if isinstance(value, dict):
        return _mapping(value, type_)
    return _text(value)


def _mapping(value: dict[Any, Any], type_: Type | None) -> Any:
    if isinstance(type_, Map):
        return _entries(value, type_.key, type_.value)
    if not all(isinstance(key, str) for key in value):
        return _entries(value, None, None)
    fields = {item.name: item.type for item in type_.fields} if isinstance(type_, Struct) else {}
    return {key: plain_value(item, fields.get(key)) for key, item in value.items()}


def _entries(
    value: dict[Any, Any], key: Type | None, of_value: Type | None
) -> list[dict[str, Any]]:
    return [
        {"key": plain_value(name, key), "value": plain_value(item, of_value)}
        for name, item in value.items()
    ]


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
