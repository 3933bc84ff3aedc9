"""Losses that somebody accepted, and the warnings that stand in a commit's message."""

from __future__ import annotations

import json
from collections.abc import Iterable

from kuzugit.store.history import Snapshot

WARNING = "Kuzugit-Warning"
ACCEPTED = "Kuzugit-Accepted-Loss"


def accepted_losses(base: Snapshot | None) -> frozenset[str]:
    """Return the names that were left out of a snapshot on purpose.

    What differs from it is asked without them: they are no changes since.
    """
    if base is None:
        return frozenset()
    return frozenset(
        json.loads(value) for key, value in base.trailers if key.lower() == ACCEPTED.lower()
    )


def warning_trailers(warnings: Iterable[str], accepted: Iterable[str]) -> list[tuple[str, str]]:
    """Return the trailers that tell what was left out, one line each."""
    told = [(WARNING, " ".join(text.split())) for text in warnings]
    # As JSON, because a name may hold a line's end.
    return [*told, *((ACCEPTED, json.dumps(name)) for name in sorted(accepted))]
