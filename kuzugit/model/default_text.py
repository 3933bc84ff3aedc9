"""Which texts of a default have one meaning, so that a snapshot may hold them.

The engine keeps no other default, and the manifest's reader lets no other pass: the
text becomes part of a statement, so it must be no more than a value or a call.
"""

from __future__ import annotations

import re

_TEXT = r"'(?:[^'\\]|\\.)*'"
_NUMBER = r"\d+(?:\.\d*)?(?:[eE][+-]?\d+)?"
_ARGUMENT = rf"(?:{_TEXT}|true|false)"
_EXACT = re.compile(
    rf"{_TEXT}|true|false|0+"
    rf"|[A-Za-z_]\w*\((?:{_ARGUMENT}(?:,\s*{_ARGUMENT})*)?\)"
    # Inside brackets Kùzu keeps the sign of a number (measured).
    rf"|\[(?:-?{_NUMBER}|{_ARGUMENT})?(?:,\s*(?:-?{_NUMBER}|{_ARGUMENT}))*\]",
    re.DOTALL | re.IGNORECASE | re.ASCII,
)
_UNSIGNED = re.compile(_NUMBER, re.ASCII)
_SIGNED = re.compile(rf"-?{_NUMBER}", re.ASCII)


def has_one_meaning(text: str) -> bool:
    """Tell whether a default that Kùzu prints as `text` can be nothing else."""
    return _EXACT.fullmatch(text) is not None


def lacks_sign_only(text: str) -> bool:
    """Tell whether `text` is a plain number, of which Kùzu prints all but the sign."""
    return _UNSIGNED.fullmatch(text) is not None


def is_default(text: str) -> bool:
    """Tell whether `text` is a default as a manifest holds it."""
    return has_one_meaning(text) or _SIGNED.fullmatch(text) is not None
