"""The statements of a directory that somebody else wrote, looked at before they run.

IMPORT DATABASE runs whatever stands in its .cypher files. Only the statements that
EXPORT DATABASE writes are let through.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kuzugit.errors import RefusedError

_PIECE = re.compile(
    r"""(?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`[^`]*`)"""
    r"|(?P<comment>//[^\n]*|/\*.*?\*/)"
    r"|(?P<end>;)"
    r"|(?P<other>.)",
    re.DOTALL,
)
_NAME = r"(?:`[^`]*`|\w+)"
_PATH = r"""(?:"[^"]*"|'[^']*')"""
_KNOWN = re.compile(
    rf"CREATE\s+(?:NODE|REL)\s+TABLE(?:\s+GROUP)?(?:\s+IF\s+NOT\s+EXISTS)?\s+{_NAME}\s*\(.*\)"
    r"(?:\s*WITH\s*\([^()]*\))?"
    rf"|CREATE\s+SEQUENCE\s+(?:IF\s+NOT\s+EXISTS\s+)?{_NAME}[\w\s-]*"
    rf"|DROP\s+SEQUENCE\s+(?:IF\s+EXISTS\s+)?{_NAME}"
    r"|RETURN\s+nextval\('(?:[^'\\]|\\.)*'\)"
    rf"|CREATE\s+MACRO\s+{_NAME}\s*\(.*"
    rf"|COMMENT\s+ON\s+TABLE\s+{_NAME}\s+IS\s+'(?:[^'\\]|\\.)*'"
    rf"|COPY\s+{_NAME}\s*(?:\([^()]*\)\s*)?FROM\s+{_PATH}(?:\s*\(.*\))?"
    r"|CALL\s+CREATE_(?:FTS|VECTOR|HNSW)_INDEX\s*\(.*\)",
    re.DOTALL | re.IGNORECASE,
)
_COPY_PATH = re.compile(rf"\ACOPY\s.*?\sFROM\s+({_PATH})", re.DOTALL | re.IGNORECASE)


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
        if not _KNOWN.fullmatch(statement):
            raise StatementRefused(file, statement)
        path = _COPY_PATH.match(statement)
        if path and _leads_away(path[1][1:-1]):
            raise StatementRefused(file, statement)


def _leads_away(path: str) -> bool:
    parts = re.split(r"[/\\]", path)
    return path.startswith(("/", "~")) or ".." in parts or ":" in path
