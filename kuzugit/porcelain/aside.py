"""Old files under new names, where a checkout replaces what no snapshot has."""

from __future__ import annotations

import itertools
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from kuzugit.atomic import fsync_file
from kuzugit.engine.file import log_files, log_suffix, side_files
from kuzugit.porcelain.disk import writing


def keep_aside(database: Path, work: Path) -> Path:
    """Give the live file a second name beside it, so that replacing it keeps it.

    Returns the new path. The live name stays what it is. A database with a log is
    copied together with the log, by way of the directory `work`, as it was found:
    Kùzu is going to write the log into the live one, and its checkpoint may damage
    rows. Raises CannotWrite.
    """
    target = Path(os.path.realpath(database))
    logs = log_files(database)
    with writing(database, "keep aside"):
        if not logs:
            return _link(target, target)
        copy = work / "aside"
        places = {log_suffix(log): work / f"aside{log_suffix(log)}" for log in logs}
        for source, place in zip((target, *logs), (copy, *places.values()), strict=True):
            shutil.copy2(source, place)
            fsync_file(place)
        return _link_with_logs(copy, places, target)


def move_logs_aside(database: Path) -> Path | None:
    """Give what is left beside the database a name that Kùzu does not look for.

    Returns the last new path, None where nothing is beside it. Raises CannotWrite.
    """
    target = Path(os.path.realpath(database))
    aside = None
    with writing(database, "keep aside the log of"):
        for item in side_files(database):
            aside = _link(item, target.with_name(item.name))
            item.unlink()
    return aside


def _link(path: Path, model: Path) -> Path:
    for aside in _new_names(model):
        try:
            os.link(path, aside)
        except FileExistsError:
            continue
        return aside
    raise AssertionError("the names do not end")


def _link_with_logs(copy: Path, logs: Mapping[str, Path], model: Path) -> Path:
    for aside in _new_names(model):
        beside = {Path(f"{aside}{suffix}"): log for suffix, log in logs.items()}
        if any(item.exists() for item in (aside, *beside)):
            continue
        # The logs first: without them the database would look whole and lack rows.
        for name, log in beside.items():
            os.link(log, name)
        os.link(copy, aside)
        return aside
    raise AssertionError("the names do not end")


def _new_names(path: Path) -> Iterator[Path]:
    """Yield names beside `path` that say when it was put aside."""
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    for number in itertools.count():
        suffix = f"-{number}" if number else ""
        yield path.with_name(f"{path.name}.aside-{stamp}{suffix}")
