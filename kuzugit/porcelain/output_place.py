"""Where output may go: anywhere but over the live database, or into the store."""

from __future__ import annotations

import os
from pathlib import Path

from kuzugit.engine.file import SIDE_SUFFIXES
from kuzugit.errors import RefusedError
from kuzugit.porcelain.workspace import Workspace


class PlaceTaken(RefusedError):
    """A path for output that is the live database's, or in the store."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        super().__init__(
            f"nothing is written to {path}: {reason}", hint="name a path outside of the store"
        )


def check_place(workspace: Workspace, target: Path) -> None:
    """Raise PlaceTaken unless a file or a directory may be made at `target`, or replaced.

    The live database and its side files, which need not exist, are not to be had under any
    name, nor is anything in the store. Offered for a check before long work.
    """
    place = Path(os.path.realpath(target))
    store = Path(os.path.realpath(workspace.store.path))
    if place.is_relative_to(store):
        raise PlaceTaken(target, f"it is in the store {workspace.store.path}")
    database = workspace.database
    for path in {database, Path(os.path.realpath(database))}:
        for suffix in ("", *SIDE_SUFFIXES):
            if _is_one(place, Path(f"{path}{suffix}")):
                what = "the live database" if not suffix else "a file of the live database"
                raise PlaceTaken(target, f"it is {what}, {database}")


def _is_one(place: Path, path: Path) -> bool:
    # The same file too: a hard link, or a file system to which letters have no case.
    return place == Path(os.path.realpath(path)) or (
        place.exists() and path.exists() and place.samefile(path)
    )
