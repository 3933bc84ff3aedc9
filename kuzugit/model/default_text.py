"""Which texts of a default have one meaning, so that a snapshot may hold them.

The engine keeps no other default, and the manifest's reader lets no other pass: the
text becomes part of a statement, so it must be no more than an expression.
"""

from __future__ import annotations

import re

from kuzugit.model.expression_text import NUMBER, is_exact

_UNSIGNED = re.compile(NUMBER, re.ASCII)
_SIGNED = re.compile(rf"-?{NUMBER}", re.ASCII)
_ZERO = re.compile(r"0+", re.ASCII)


def has_one_meaning(text: str) -> bool:
    """Tell whether a default that Kùzu prints as `text` can be nothing else.

    That is a text, a truth value, zero, and what stands as a whole in a call, a CASE, a
    list or a struct: inside, Kùzu prints what was written (measured).
    """
    return is_exact(text) or _ZERO.fullmatch(text) is not None


def lacks_sign_only(text: str) -> bool:
    """Tell whether `text` is a plain number, of which Kùzu prints all but the sign."""
    return _UNSIGNED.fullmatch(text) is not None


def is_default(text: str) -> bool:
    """Tell whether `text` is a default as a manifest holds it."""
    return has_one_meaning(text) or _SIGNED.fullmatch(text) is not None
