"""The directory that the demo leaves behind, and what becomes of an earlier one."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

_SEAL = ".as-the-demo-left-it"


def make_way(directory: Path) -> str | None:
    """Clear `directory` for a new demo; return what was done, or None if it was not there.

    An earlier demo in which nothing was changed is removed; anything else is moved aside.
    """
    if not directory.exists():
        return None
    if _sealed(directory):
        shutil.rmtree(directory)
        return f"removed {directory.name}/, in which nothing had changed since the last demo"
    aside = _free_name(directory)
    directory.rename(aside)
    return f"moved your {directory.name}/ to {aside.name}/"


def seal(directory: Path) -> None:
    """Remember the state in which the demo leaves `directory`."""
    (directory / _SEAL).write_text(_digest(directory))


def _sealed(directory: Path) -> bool:
    note = directory / _SEAL
    return note.is_file() and note.read_text() == _digest(directory)


def _digest(directory: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(directory.rglob("*")):
        if file.is_file() and file.name != _SEAL:
            digest.update(f"{file.relative_to(directory)}\0{file.stat().st_size}\0".encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()


def _free_name(directory: Path) -> Path:
    number = 1
    while (aside := directory.with_name(f"{directory.name}.{number}")).exists():
        number += 1
    return aside
