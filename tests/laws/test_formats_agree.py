"""Text, JSON and CSV tell the same changes; that Cypher does is a law of its own format."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from hypothesis import given, settings

from tests.laws.examples import FEWER, folder, lawful_refusal
from tests.support.pairs import Pair, pairs

KUZUGIT = Path(sys.executable).with_name("kuzugit")
SIGNS = {"+ ": "added", "- ": "removed", "~ ": "changed"}


def diff(directory: Path, *words: str) -> str:
    command = [str(KUZUGIT), "-C", str(directory), "--no-pager", "diff", "one", "two", *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def cells_of(line: dict[str, Any]) -> tuple[str, ...]:
    """Return the cells that the CSV has for a line of JSON, in any order."""
    columns = [line["columns"]] if line["change"] == "changed" else []
    values = [*columns, *(line["old"] or {}).values(), *(line["new"] or {}).values()]
    return (line["change"], *sorted(map(cell, values)))


def csv_rows(directory: Path) -> Counter[tuple[str, ...]]:
    found: Counter[tuple[str, ...]] = Counter()
    for kind in ("nodes", "rels"):
        for path in (directory / kind).rglob("*.csv"):
            with path.open(newline="", encoding="utf-8") as file:
                _, *records = csv.reader(file)
            found.update((path.stem, *sorted(record)) for record in records)
    return found


@settings(FEWER, max_examples=14)
@given(pairs())
def test_formats_tell_the_same(pair: Pair) -> None:
    with folder() as directory, lawful_refusal():
        project = pair.committed(directory / "project")
        lines = [
            json.loads(line) for line in diff(project.directory, "--format", "jsonl").splitlines()
        ]
        rows = [line for line in lines if line.get("kind") in ("node", "rel")]
        diff(project.directory, "--format", "csv", "-o", str(directory / "csv"))
        assert csv_rows(directory / "csv") == Counter(map(cells_of, rows))
        document = json.loads(diff(project.directory, "--json"))
        told = Counter(row["change"] for table in document["tables"] for row in table["changes"])
        changes = Counter(line["change"] for line in rows)
        assert told == changes
        text = diff(project.directory, "--data").splitlines()
        assert Counter(SIGNS[line[:2]] for line in text if line[:2] in SIGNS) == changes
