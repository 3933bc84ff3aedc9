"""docs/exit-codes.md and the enum say the same."""

from __future__ import annotations

import re
from pathlib import Path

from kuzugit.errors import ExitCode

PAGE = Path(__file__).parents[2] / "docs" / "exit-codes.md"
ROW = re.compile(r"\| (\d+) \| `(\w+)` \| \S.*\. \|")


def test_the_table_has_each_code_once_in_order() -> None:
    rows = [ROW.fullmatch(line) for line in PAGE.read_text().splitlines() if line[:3] != "|--"]
    found = [(int(row[1]), row[2]) for row in rows if row]
    assert found == [(code.value, code.name) for code in sorted(ExitCode)]
