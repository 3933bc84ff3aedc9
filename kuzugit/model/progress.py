"""Progress as the library reports it: the caller passes a function, or None."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """Where long work stands: `stage` (a verb), `subject` (a table or a file).

    `done` and `total` count `unit`; a `total` of None is not known.
    """

    stage: str
    subject: str = ""
    done: int = 0
    total: int | None = None
    unit: str = "rows"


ProgressCallback = Callable[[Progress], None]
"""Called from several threads, one call at a time not promised."""


def ignore_progress(progress: Progress) -> None:
    """Take a report and do nothing with it: the default callback."""
