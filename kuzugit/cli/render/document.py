"""A JSON document: one line, sorted as written, with the number of its format."""

from __future__ import annotations

import json
from typing import TypeAlias

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"

FORMAT = 1
"""The format of every JSON document that the command line writes."""


def document(fields: dict[str, Json]) -> str:
    """Return `fields` as the text of one JSON document, in ASCII.

    ASCII keeps control characters and lone surrogates of the data in escapes.
    """
    return json.dumps({"format": FORMAT, **fields}, ensure_ascii=True)
