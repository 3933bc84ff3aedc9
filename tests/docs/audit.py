"""The session of docs/audit.md, in what `make demo` leaves behind."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.docs.sessions import Step, replay, settled

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "audit.md"

# What depends on the releases in the environment that the demo's graph is of.
_CHANGING = (
    (re.compile(r'"[^"]*" -> "99\.0\.0"'), '"<release>" -> "99.0.0"'),
    (re.compile(r'specifier: "[^"]*"'), 'specifier: "<releases>"'),
    (re.compile(r"^v0\.2\.0 sound: .*$", re.MULTILINE), "<sound>"),
)


def given(directory: Path) -> list[Step]:
    """Run the demo in `directory`, then the page's session beside it."""
    words = [sys.executable, ROOT / "docs" / "demo", directory / "demo"]
    subprocess.run(words, cwd=directory, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    return replay(PAGE, directory)


def settle(step: Step, directory: Path | None = None) -> Step:
    """Return `step` with what differs between machines made alike."""
    alike = settled(step, directory)
    output = alike.output
    for pattern, replacement in _CHANGING:
        output = pattern.sub(replacement, output)
    return Step(alike.command, output)
