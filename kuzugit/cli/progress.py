"""Progress for people: one line on a terminal, written again and again."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable
from typing import TextIO

from kuzugit.cli.render.escape import printable
from kuzugit.cli.render.quantity import size
from kuzugit.model.progress import Progress

_PAUSE = 0.1
_CLEAR = "\r\x1b[K"


def progress_text(progress: Progress) -> str:
    """Return a report as text: `sort Person: 1,000 of 5,000 rows (20%)`."""
    subject = f" {printable(progress.subject)}" if progress.subject else ""
    return f"{printable(progress.stage)}{subject}{_amount(progress)}"


def _amount(progress: Progress) -> str:
    if not progress.done and progress.total is None:
        return ""
    if progress.total is None:
        return f": {_number(progress.done, progress.unit)}"
    shown = size(progress.done) if progress.unit == "bytes" else f"{progress.done:,}"
    percent = f" ({100 * progress.done // progress.total}%)" if progress.total else ""
    return f": {shown} of {_number(progress.total, progress.unit)}{percent}"


def _number(amount: int, unit: str) -> str:
    return size(amount) if unit == "bytes" else f"{amount:,} {unit}"


class ProgressLine:
    """Shows the newest report on `stream`, ten times a second at most.

    The library may report from several threads at once, so `show` takes a lock.
    """

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._lock = threading.Lock()
        self._next = clock()
        self._shown = False

    def show(self, progress: Progress) -> None:
        """Write `progress` over the line, unless the last one is younger than a moment."""
        with self._lock:
            now = self._clock()
            if now < self._next:
                return
            self._next = now + _PAUSE
            self._write(_CLEAR + _fitting(progress_text(progress)))
            self._shown = True

    def clear(self) -> None:
        """Leave the line empty, as it was before the first report."""
        with self._lock:
            if self._shown:
                self._write(_CLEAR)
                self._shown = False

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


def _fitting(text: str) -> str:
    # A line that wraps cannot be written over.
    width = shutil.get_terminal_size().columns - 1
    return text if len(text) <= width else text[: max(width - 3, 0)] + "..."
