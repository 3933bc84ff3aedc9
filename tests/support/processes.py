"""Other processes that have a database open."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.store.making import start_child, wait
from tests.support.graphs import open_database


@contextmanager
def holding(database: Path, *, read_only: bool = False) -> Iterator[None]:
    """Let another process have the database open, for writing or only to read."""
    ready, tell = os.pipe()

    def hold() -> None:
        with open_database(database, read_only=read_only):
            os.write(tell, b"x")
            signal.pause()

    child = start_child(hold)
    os.close(tell)
    try:
        assert os.read(ready, 1) == b"x", "the database could not be opened"
        yield
    finally:
        os.close(ready)
        os.kill(child, signal.SIGKILL)
        wait(child)
