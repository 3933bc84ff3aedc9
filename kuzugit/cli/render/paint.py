"""Colours, for a terminal that wants them."""

from __future__ import annotations


class Paint:
    """Wraps text in the escapes of a colour, or leaves it alone when not `on`."""

    def __init__(self, on: bool) -> None:
        self._on = on

    def yellow(self, text: str) -> str:
        """Return `text` as Git shows the id of a commit."""
        return self._wrap("33", text)

    def green(self, text: str) -> str:
        """Return `text` as what came."""
        return self._wrap("32", text)

    def red(self, text: str) -> str:
        """Return `text` as what is wrong."""
        return self._wrap("31", text)

    def bold(self, text: str) -> str:
        """Return `text` as a heading."""
        return self._wrap("1", text)

    def _wrap(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[m" if self._on else text


PLAIN = Paint(on=False)
"""The paint of a file, a pipe, and of a terminal with NO_COLOR."""
