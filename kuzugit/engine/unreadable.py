"""Numbers of 128 bits that the engine stored and cannot read again.

It packs them as their distance from the least one of a column. To each distance, and to what
stands in the place of a NULL, it adds the least one again; where all of them are large, the
second sum overflows. UUIDs and decimals of more than 18 digits are such numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from kuzugit.engine import binding
from kuzugit.engine.session import StatementFailed
from kuzugit.errors import EngineError
from kuzugit.model.snapshot import TableKey

_OVERFLOW = "cannot add in place"


class NumbersUnreadable(EngineError):
    """A table has large numbers of 128 bits, packed beside NULL, that cannot be unpacked."""

    def __init__(self, key: TableKey | None) -> None:
        self.key = key
        what = "what it loaded" if key is None else key.label
        super().__init__(
            f"{binding.dialect().title} cannot read {what} again: it packed large numbers of "
            "128 bits (UUIDs, long decimals) beside NULL so that it cannot unpack them",
            hint="kuzugit checkout --force REV brings back a snapshot, and keeps this file aside",
        )


@contextmanager
def telling_unreadable(key: TableKey | None = None) -> Iterator[None]:
    """Raise NumbersUnreadable where a statement fails for that reason; `key` is what it reads."""
    try:
        yield
    except StatementFailed as error:
        if _OVERFLOW not in error.reason:
            raise
        raise NumbersUnreadable(key) from error
