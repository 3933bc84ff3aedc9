"""An error as the three lines that a user reads."""

from __future__ import annotations

from kuzugit.cli.render.escape import printable
from kuzugit.cli.render.paint import PLAIN, Paint


def failure(message: str, causes: list[str], hint: str | None, paint: Paint = PLAIN) -> str:
    """Return `error:`, `caused by:` and `hint:`, each on a line and only where known.

    A cause that an earlier part says word by word is left out.
    """
    said = [_one_line(message)]
    for cause in map(_one_line, causes):
        if not any(cause in earlier for earlier in said):
            said.append(cause)
    lines = [f"{paint.red('error:')} {said[0]}"]
    if said[1:]:
        lines.append(f"caused by: {': '.join(said[1:])}")
    if hint:
        lines.append(f"hint: {_one_line(hint)}")
    return "\n".join(lines)


def causes(error: BaseException) -> list[str]:
    """Return what the errors behind `error` say, nearest first."""
    found = []
    cause = error.__cause__
    while cause is not None:
        found.append(says(cause))
        cause = cause.__cause__
    return found


def says(error: BaseException) -> str:
    """Return the text of an error, or the name of its class where it has none.

    `str` of a KeyError is the repr of its key, here it is the key; that of an
    OSError begins with a number, here with the file.
    """
    if isinstance(error, KeyError) and error.args:
        text = str(error.args[0])
    elif isinstance(error, OSError) and error.strerror:
        files = [str(name) for name in (error.filename, error.filename2) if name is not None]
        text = ": ".join([" -> ".join(files), error.strerror] if files else [error.strerror])
    else:
        text = str(error)
    return text or type(error).__name__


def _one_line(text: str) -> str:
    return printable(" ".join(line.strip() for line in text.splitlines() if line.strip()))
