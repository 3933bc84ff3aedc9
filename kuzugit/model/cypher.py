"""How Cypher writes names and texts. Pure, and needed wherever a statement is made."""

from __future__ import annotations


def quoted(name: str) -> str:
    """Return a name in backticks. A name of Kùzu cannot hold a lone backtick."""
    return f"`{name}`"


def text_literal(text: str) -> str:
    """Return a string literal. Kùzu 0.11 knows no escapes but `\\\\` and the quote's."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
