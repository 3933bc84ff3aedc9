"""What a terminal must never be sent: control characters that stand in data."""

from __future__ import annotations

_CONTROLS = (*range(0x20), *range(0x7F, 0xA0))
# Marks, embeddings, overrides and isolates of the bidirectional algorithm, and the two line
# ends that are no control characters: each makes a line read as another than it is.
_DECEIVERS = (0x061C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A))
_NAMED = {0x09: "\\t", 0x0A: "\\n", 0x0D: "\\r"}


def _escaped(code: int) -> str:
    if code in _NAMED:
        return _NAMED[code]
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


_TABLE = {code: _escaped(code) for code in (*_CONTROLS, *_DECEIVERS)}


def printable(text: str) -> str:
    """Return `text` as one line that a terminal shows and does not obey.

    Control characters, bidirectional marks and lone surrogates become escapes
    (`\\x1b`, `\\u202e`). The result is for people: it cannot be turned back,
    because a backslash of the text stays as it is.
    """
    # Nothing that is escaped below counts as printable.
    if text.isprintable():
        return text
    return text.translate(_TABLE).encode("utf-8", "backslashreplace").decode("utf-8")


def printable_lines(text: str) -> list[str]:
    """Return the lines of `text`, each of them printable."""
    return [printable(line) for line in text.split("\n")]
