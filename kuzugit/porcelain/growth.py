"""A word about a commit that makes the store grow by much."""

from __future__ import annotations

from collections.abc import Callable

from kuzugit.store.location import Store
from kuzugit.store.settings import size

SETTING = "kuzugit.warnBytes"
DEFAULT_BYTES = 1 << 30
"""Bytes of chunks, before compression, that a commit adds without a word."""


class GrowthWarning:
    """Told how many bytes of chunks are new so far, it says once that they are many.

    It is said while the chunks are written: who does not want that can still stop it, and
    nothing is published. Raises BadValue where the setting is no size. 0 is never.
    """

    def __init__(self, store: Store, tell: Callable[[str], None]) -> None:
        self._limit = size(store, SETTING, DEFAULT_BYTES)
        self._tell = tell

    def __call__(self, added: int) -> None:
        """Take the number of new bytes so far."""
        if 0 < self._limit < added:
            self._tell(
                f"this snapshot adds more than {self._limit:,} bytes of rows, before compression"
                f" ({SETTING} of the store's Git configuration)"
            )
            self._limit = 0
