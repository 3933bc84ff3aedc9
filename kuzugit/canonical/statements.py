"""The statements of a directory that somebody else wrote, looked at before they run.

IMPORT DATABASE runs whatever stands in its .cypher files. Only the statements that
EXPORT DATABASE writes are let through.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kuzugit.errors import RefusedError

_QUOTED = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`[^`]*`"""
_PIECE = re.compile(
    rf"(?P<text>{_QUOTED})"
    r"|(?P<comment>//[^\n]*|/\*.*?\*/)"
    r"|(?P<end>;)"
    r"|(?P<other>.)",
    re.DOTALL,
)
_NAME = r"(?:`[^`]*`|\w+)"
_PATH = r"""(?:"[^"]*"|'[^']*')"""


def _parentheses(depth: int) -> str:
    """Return the pattern of balanced parentheses, nested up to `depth` inside."""
    inner = rf"""{_QUOTED}|[^()'"`]"""
    return rf"\((?:{inner}|{_parentheses(depth - 1)})*\)" if depth else rf"\((?:{inner})*\)"


_GROUP = _parentheses(20)
_KNOWN = re.compile(
    rf"CREATE\s+(?:NODE|REL)\s+TABLE(?:\s+GROUP)?(?:\s+IF\s+NOT\s+EXISTS)?\s+{_NAME}\s*{_GROUP}"
    r"(?:\s*WITH\s*\(\s*storage_direction\s*=\s*'\w*'\s*\))?"
    rf"|CREATE\s+SEQUENCE\s+(?:IF\s+NOT\s+EXISTS\s+)?{_NAME}[\w\s-]*"
    rf"|ALTER\s+TABLE\s+{_NAME}\s+RENAME(?:\s+{_NAME})?\s+TO\s+{_NAME}"
    rf"|DROP\s+SEQUENCE\s+(?:IF\s+EXISTS\s+)?{_NAME}"
    r"|RETURN\s+nextval\('(?:[^'\\]|\\.)*'\)"
    rf"|CREATE\s+MACRO\s+{_NAME}\s*{_GROUP}\s*AS\b.*"
    rf"|COMMENT\s+ON\s+TABLE\s+{_NAME}\s+IS\s+'(?:[^'\\]|\\.)*'"
    rf"|COPY\s+{_NAME}\s*(?:{_GROUP}\s*)?FROM\s+(?P<path>{_PATH})(?:\s*{_GROUP})?"
    rf"|CALL\s+CREATE_(?:FTS|VECTOR|HNSW)_INDEX\s*(?P<arguments>{_GROUP})",
    re.DOTALL | re.IGNORECASE,
)
_TEXT = re.compile(_QUOTED, re.DOTALL)


class StatementRefused(RefusedError):
    """A statement that no export writes."""

    def __init__(self, file: str, statement: str) -> None:
        self.file = file
        self.statement = statement
        short = statement if len(statement) <= 120 else f"{statement[:117]}..."
        super().__init__(
            f"{file} holds a statement that no export writes: {short!r}",
            hint="look at it; load the directory with Kùzu yourself, then commit that database",
        )


def split_statements(text: str) -> Iterator[str]:
    """Yield the statements of `text` without their `;` and without comments."""
    parts: list[str] = []
    for match in _PIECE.finditer(text):
        if match.lastgroup == "end":
            yield from filter(None, ["".join(parts).strip()])
            parts = []
        elif match.lastgroup != "comment":
            parts.append(match[0])
    yield from filter(None, ["".join(parts).strip()])


def check_statements(file: str, text: str) -> None:
    """Raise StatementRefused unless every statement is one that an export writes."""
    for statement in split_statements(text):
        known = _KNOWN.fullmatch(statement)
        if known is None or any(map(_leads_away, _paths(known))):
            raise StatementRefused(file, statement)


def _paths(known: re.Match[str]) -> Iterator[str]:
    if known["path"]:
        yield known["path"][1:-1]
    # An index may take its stop words from a file.
    for text in _TEXT.findall(known["arguments"] or ""):
        yield text[1:-1]


def _leads_away(path: str) -> bool:
    parts = re.split(r"[/\\]", path)
    return path.startswith(("/", "~")) or ".." in parts or ":" in path
