"""The options that name one row: a node by its key, a rel by its two ends."""

from __future__ import annotations

import typer


def row_key(key: str | None, from_key: str | None, to_key: str | None) -> tuple[str, ...]:
    """Return the key, or the two ends, that the options name; empty where they name none.

    Raise typer.BadParameter where they name half a rel, or both.
    """
    ends = tuple(item for item in (from_key, to_key) if item is not None)
    if len(ends) == 1:
        raise typer.BadParameter("a rel has two ends", param_hint="'--from' / '--to'")
    if key is not None and ends:
        raise typer.BadParameter("a row is a node or a rel", param_hint="'--key'")
    return ends if key is None else (key,)
