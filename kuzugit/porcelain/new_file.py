"""A file of lines that is there whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from kuzugit import atomic
from kuzugit.porcelain.disk import writing
from kuzugit.store.scratch import scratch_directory


def write_new_file(target: Path, lines: Iterable[str]) -> None:
    """Write lines of UTF-8 to `target`; what stood there stays until all are written.

    Where `target` is a link, what it leads to is written. A device or a pipe gets each line
    as it comes. Raises CannotWrite, and what `lines` raises: then `target` is as before.
    """
    place = Path(os.path.realpath(target))
    if place.exists() and not place.is_file():
        with writing(target, "write"), place.open("w", encoding="utf-8", newline="") as file:
            file.writelines(f"{line}\n" for line in lines)
        return
    home = place.parent
    with writing(target, "write"):
        with scratch_directory(home, ".kuzugit-file-") as work:
            new = work / "new"
            with new.open("w", encoding="utf-8", newline="") as file:
                for line in lines:
                    file.write(f"{line}\n")
            atomic.fsync_file(new)
            new.replace(place)
        atomic.fsync_directory(home)
