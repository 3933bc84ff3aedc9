"""The text of an expression: its pieces, and whether it can be anything more than that.

The engine prints what stands inside brackets, CASE and calls as it was written, and
drops parentheses and minus signs outside of them. So such a piece is exact.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

TEXT = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\""""
NUMBER = r"[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?"
_TOKEN = re.compile(
    rf"(?P<space>\s+)|(?P<text>{TEXT})|(?P<name>`[^`]+`)|(?P<number>{NUMBER})"
    r"|(?P<word>[^\W\d]\w*)|(?P<open>[(\[{])|(?P<close>[)\]}])"
    r"|(?P<mark>[-+*%^=<>!~|&.,:?]|/(?![/*]))",
    re.DOTALL,
)
_CLOSES = {"(": ")", "[": "]", "{": "}", "case": "end"}


class ExpressionTextError(ValueError):
    """A text that is no single, whole expression."""


def tokens(text: str) -> Iterator[tuple[str, str]]:
    """Yield the kind and the text of each token, spaces left out.

    Raises ExpressionTextError where brackets do not match, and for what no expression
    holds: a semicolon, a comment, an open quote.
    """
    waiting: list[str] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise ExpressionTextError(f"unexpected {text[at]!r} in {text!r}")
        kind, found = match.lastgroup, match[0]
        at = match.end()
        low = found.lower()
        if kind == "open" or (kind == "word" and low == "case"):
            waiting.append(_CLOSES[low])
        elif (kind == "close" or (kind == "word" and low == "end")) and (
            not waiting or waiting.pop() != low
        ):
            raise ExpressionTextError(f"{found!r} closes nothing in {text!r}")
        if kind != "space":
            yield kind, found
    if waiting:
        raise ExpressionTextError(f"{waiting[-1]!r} is missing in {text!r}")


def is_expression(text: str) -> bool:
    """Tell whether `text` can stand for one expression, and for nothing beside it."""
    try:
        return bool(list(tokens(text)))
    except ExpressionTextError:
        return False


def pieces(text: str) -> list[tuple[str, str]]:
    """Return the text's pieces: a text, a number, a name, a mark, or `whole`.

    A whole piece is a bracket, a CASE, or a call with all that is in it, as written.
    Raises ExpressionTextError.
    """
    list(tokens(text))
    found: list[tuple[str, str]] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        assert match is not None
        assert match.lastgroup is not None
        end = match.end()
        low = match[0].lower()
        if match.lastgroup == "open" or low == "case":
            end = _end_of_group(text, at)
            called = low == "(" and found and found[-1][0] == "word" and text[at - 1] != " "
            if called:
                found[-1] = ("whole", found[-1][1] + text[at:end])
            else:
                found.append(("whole", text[at:end]))
        elif match.lastgroup != "space":
            found.append((match.lastgroup, match[0]))
        at = end
    return found


def _end_of_group(text: str, start: int) -> int:
    depth, at = 0, start
    while True:
        match = _TOKEN.match(text, at)
        assert match is not None
        low = match[0].lower()
        at = match.end()
        if match.lastgroup == "open" or (match.lastgroup == "word" and low == "case"):
            depth += 1
        elif match.lastgroup == "close" or (match.lastgroup == "word" and low == "end"):
            depth -= 1
        if not depth:
            return at


CONSTANTS = ("true", "false", "null")


def is_exact(text: str) -> bool:
    """Tell whether the engine prints this expression, and no other, as `text`."""
    try:
        found = pieces(text)
    except ExpressionTextError:
        return False
    if len(found) != 1:
        return False
    kind, piece = found[0]
    if kind == "whole":
        return piece[0] != "("
    return kind == "text" or (kind == "word" and piece.lower() in CONSTANTS)


def called_functions(text: str) -> set[str]:
    """Return the names of what is called in `text`, in lower case; CAST is one."""
    listed = list(tokens(text))
    return {
        one[1].lower()
        for one, other in pairwise(listed)
        if one[0] == "word" and other == ("open", "(")
    }


def holds_condition(text: str) -> bool:
    """Tell whether a comparison, a logical operator, a test for NULL or a lambda is in it.

    A database with such an expression in its catalog cannot be opened again (measured).
    """
    listed = ["", *(found.lower() for _, found in tokens(text))]
    return any(
        (one in ("<", ">", "=") and before != ":") or one in ("and", "or", "xor", "not", "is")
        for before, one in pairwise(listed)
    )
