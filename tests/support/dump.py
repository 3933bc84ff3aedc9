"""All that a database holds, as JSON, read through its own engine in a process of its own.

`python -m tests.support.dump ENGINE DATABASE`. Both engines answer the same queries, so
the reader of `tests.support.content` is used with either; it is written for kuzu.
"""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def dump(engine: str, database: Path) -> dict[str, Any]:
    """Return the facts and the rows of each table, with counts, as texts."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.dump", engine, str(database)],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _told(engine: str, database: Path) -> dict[str, Any]:
    sys.modules["kuzu"] = import_module(engine)
    from tests.support import content

    # Ladybug exports no rel table of several pairs and has an index for each key. What
    # these tell is part of the tree, which the tests compare too.
    content.__dict__.update(_read_exported=_nothing, _read_indexes=_nothing)
    found = content.read_content(database)
    facts = {name: repr(value) for name, value in sorted(found.facts.items())}
    rows = {
        name: sorted(f"{count} {row!r}" for row, count in rows.items())
        for name, rows in sorted(found.rows.items())
    }
    return {"facts": facts, "rows": rows}


def _nothing(*_: object) -> None:
    return


if __name__ == "__main__":
    json.dump(_told(sys.argv[1], Path(sys.argv[2])), sys.stdout)
