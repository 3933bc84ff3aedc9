"""The commands that the crash tests kill, and the scenes that they are killed in."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from kuzugit.porcelain.apply import PatchConflicts
from kuzugit.porcelain.repository import Repository
from tests.crash import killing
from tests.crash.killing import Command, Scene


def commit(repository: Repository) -> None:
    repository.commit("third")


def checkout(repository: Repository) -> None:
    repository.checkout("v0.1.0")


def checkout_by_force(repository: Repository) -> None:
    repository.checkout("v0.1.0", force=True)


def checkout_and_save(repository: Repository) -> None:
    repository.checkout("v0.1.0", save=True)


def checkout_elsewhere(repository: Repository) -> None:
    target = repository.database.with_name("copy.kuzu")
    target.unlink(missing_ok=True)
    repository.checkout("v0.1.0", to=target)


def compact(repository: Repository) -> None:
    repository.compact()


def sync_from_path(repository: Repository) -> None:
    repository.sync(str(repository.database.parents[1] / "source"))


def collect(repository: Repository) -> None:
    """Collect twice, the second time two days later: then what a git that failed left goes."""
    store = repository.database.with_name(".kuzugit")
    repository.gc(prune_older="now")
    for path in (store / "objects" / "pack").iterdir():
        os.utime(path, (time.time() - 2 * 24 * 3600,) * 2)
    repository.gc(prune_older="now")
    found = subprocess.run(
        ["git", f"--git-dir={store}", "count-objects", "-v"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert {"count: 0", "packs: 1", "garbage: 0"} <= set(found.splitlines()), found


def import_directory(repository: Repository) -> None:
    repository.import_directory(repository.database.with_name("exported"), "imported")


def apply(repository: Repository) -> None:
    patch = repository.database.with_name(killing.PATCH)
    try:
        repository.apply(patch)
    except PatchConflicts:
        # After a kill behind the commit point: it is applied, and so it can be undone.
        repository.apply(patch, reverse=True)
        repository.apply(patch)


CASES: list[tuple[Command, Callable[[Path], Scene]]] = [
    (commit, killing.changed_scene),
    (commit, killing.logged_scene),
    (checkout, killing.clean_scene),
    (checkout, killing.missing_scene),
    (checkout, killing.settled_log_scene),
    (checkout_by_force, killing.changed_scene),
    (checkout_by_force, killing.logged_scene),
    (checkout_and_save, killing.changed_scene),
    (checkout_elsewhere, killing.changed_scene),
    (compact, killing.clean_scene),
    (import_directory, killing.exported_scene),
    (apply, killing.patched_scene),
]

NAMES = [f"{command.__name__}-{scene.__name__}" for command, scene in CASES]
