"""The COPY statements of a directory that Kùzu exported, made to run where it stands.

IMPORT DATABASE cannot run all that EXPORT DATABASE writes: where delim, quote or escape
were given, the option's name stands twice (`delim=delim='|'`), and with options of older
releases it makes that mistake itself.
"""

from __future__ import annotations

import re

_COPY = re.compile(
    r"""(COPY\s+(?:`[^`]*`|\w+)\s*(?:\([^()]*\)\s*)?FROM\s+)("[^"]*"|'[^']*')\s*(?:\((.*)\))?""",
    re.DOTALL | re.IGNORECASE,
)
# The second name of one that stands twice is left out.
_OPTION = re.compile(
    r"""(\w+)\s*=\s*(?:\w+\s*=\s*)?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^\s,=]+)"""
)
_OF_ANY_FORMAT = ("from", "to", "ignore_errors")


def placed(statement: str, directory: str) -> str:
    """Return a COPY statement whose file is looked for in `directory`.

    `directory` holds no character that means something in a path. A CSV file is read
    as its options say and not as its first lines look, as IMPORT DATABASE does it.
    """
    match = _COPY.fullmatch(statement)
    if match is None:
        return statement
    quote, path = match[2][0], match[2][1:-1]
    found = {key.lower(): value for key, value in _OPTION.findall(match[3] or "")}
    if path.lower().endswith(".csv"):
        options = {"auto_detect": "false", **found}
    else:
        # Kùzu writes `parallel` for Parquet too, and does not take it back.
        options = {key: value for key, value in found.items() if key in _OF_ANY_FORMAT}
    listed = ", ".join(f"{key}={value}" for key, value in options.items())
    return f"{match[1]}{quote}{directory}/{path}{quote}" + (f" ({listed})" if listed else "")
