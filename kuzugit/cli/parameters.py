"""Parameters of a query as words of the command line."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

import typer

_NAMED = re.compile(r"(\w+)=(.*)", re.DOTALL)


def parameters_of(texts: Sequence[str] | None) -> dict[str, Any]:
    """Return `KEY=VALUE` texts as a dict; a value is JSON, or the text itself where it is none.

    Raise typer.BadParameter where a text is not of that form, or a key stands twice.
    """
    found: dict[str, Any] = {}
    for text in texts or ():
        match = _NAMED.fullmatch(text)
        if match is None:
            raise _bad(f"{text!r} is not KEY=VALUE")
        if match[1] in found:
            raise _bad(f"{match[1]!r} has two values")
        found[match[1]] = _value(match[2])
    return found


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _bad(problem: str) -> typer.BadParameter:
    return typer.BadParameter(problem, param_hint="'--param'")
