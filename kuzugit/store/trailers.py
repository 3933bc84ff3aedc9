"""Trailers: the `Key: value` lines that end a commit message."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kuzugit.errors import UsageError

_TRAILER = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*):[ \t]*(.*)")

Trailers = tuple[tuple[str, str], ...]


class BadTrailer(UsageError):
    """A trailer whose key or value a commit message cannot carry."""

    def __init__(self, key: str, value: str) -> None:
        super().__init__(
            f"bad trailer {key!r}: {value!r}: a key is letters, digits and `-`, a value one line",
            hint="--trailer event-index=42",
        )
        self.key = key
        self.value = value


def split_trailers(message: str) -> tuple[str, Trailers]:
    """Return the message without its trailers, and the trailers in their order.

    They are the last paragraph, where each of its lines is `Key: value` or
    continues the one before with leading space. A first paragraph is the
    subject, never trailers.
    """
    text = message.rstrip()
    head, gap, last = text.rpartition("\n\n")
    if not gap:
        return text, ()
    found: list[tuple[str, str]] = []
    for line in last.splitlines():
        match = _TRAILER.fullmatch(line)
        if match:
            found.append((match[1], match[2].strip()))
        elif found and line[:1] in " \t":
            found[-1] = (found[-1][0], f"{found[-1][1]} {line.strip()}")
        else:
            return text, ()
    return head.rstrip(), tuple(found)


def with_trailers(message: str, trailers: Sequence[tuple[str, str]]) -> str:
    """Return `message` with `trailers` added at its end; raise BadTrailer."""
    for key, value in trailers:
        match = _TRAILER.fullmatch(f"{key}: {value}")
        if match is None or (match[1], match[2]) != (key, value.strip()):
            raise BadTrailer(key, value)
    if not trailers:
        return message
    body, old = split_trailers(message)
    lines = "\n".join(f"{key}: {value.strip()}" for key, value in (*old, *trailers))
    return f"{body}\n\n{lines}\n"
