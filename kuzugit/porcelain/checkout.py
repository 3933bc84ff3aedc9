"""Checkout: the live database becomes that of a snapshot, or a copy is built elsewhere."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

from kuzugit import atomic
from kuzugit.engine.binding import OtherEngineChosen
from kuzugit.engine.file import side_files
from kuzugit.engine.fingerprint import FileStat, fingerprint_built, stat_database
from kuzugit.errors import EngineError, RefusedError, UnsupportedError
from kuzugit.model.changes import Changes
from kuzugit.model.loss import Loss
from kuzugit.model.progress import ProgressCallback, ignore_progress
from kuzugit.porcelain import state
from kuzugit.porcelain.accepting import accepted_losses
from kuzugit.porcelain.aside import keep_aside
from kuzugit.porcelain.background import forgetting
from kuzugit.porcelain.disk import writing
from kuzugit.porcelain.engine import choose_to_build
from kuzugit.porcelain.live import finish_checkpoint, open_live
from kuzugit.porcelain.output_place import check_place
from kuzugit.porcelain.rebuilding import build_exactly
from kuzugit.porcelain.status import status
from kuzugit.porcelain.swap import (
    check_replaceable,
    new_file_beside,
    replace_database,
    settle,
)
from kuzugit.porcelain.take import left_out
from kuzugit.porcelain.workspace import Workspace
from kuzugit.store.history import Snapshot, resolve
from kuzugit.store.refs import current, make_current
from kuzugit.store.signature import Signature
from kuzugit.store.translate import git_errors


class UnsavedChanges(RefusedError):
    """The live database holds changes that no snapshot has."""

    def __init__(self, database: Path, changes: Changes) -> None:
        self.database = database
        self.changes = changes
        rows = sum(c.added + c.removed + c.changed for _, c in changes.rows)
        super().__init__(
            f"{database} holds changes that no snapshot has "
            f"({rows} rows, {len(changes.schema)} changes of the schema)",
            hint="kuzugit checkout --save REV commits them first, "
            "--force goes on and keeps the old file aside",
        )


class HoldsLeftOut(RefusedError):
    """The live database holds what its snapshot left out, so no snapshot brings it back."""

    def __init__(self, database: Path, losses: Sequence[Loss]) -> None:
        self.database = database
        self.losses = tuple(losses)
        listed = ", ".join(str(loss) for loss in losses)
        super().__init__(
            f"{database} holds what its snapshot left out, and a new database would not: {listed}",
            hint="kuzugit checkout --force REV goes on and keeps the old file aside",
        )


class ChangesUnknown(RefusedError):
    """The live database is of one engine, and another one is to be built in its place."""

    def __init__(self, database: Path, error: OtherEngineChosen) -> None:
        self.database = database
        mine, other = error.wanted, error.chosen
        super().__init__(
            f"{database} is a {mine.title} database; whether it holds changes that no snapshot "
            f"has, a process that builds for {other.title} cannot tell",
            hint=f"commit them first: kuzugit --engine {mine.name} commit -m MSG; "
            "--force goes on and keeps the old file aside",
        )


class PathExists(RefusedError):
    """There is something already where a copy is to be built."""

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(f"{path} exists already", hint="name a path that does not exist")


@dataclass(frozen=True)
class CheckoutResult:
    """What a checkout did.

    `database` is the file that was built; `kept_aside` the old live file where
    `force` kept it, or the log of a database that was gone; `saved` the snapshot that
    `save` made; `rows` the number of rows; `warnings` what that snapshot was told with.
    """

    snapshot: Snapshot
    database: Path
    kept_aside: Path | None
    saved: Snapshot | None
    rows: int
    warnings: tuple[str, ...] = ()


def checkout(
    workspace: Workspace,
    revision: str,
    *,
    to: Path | None = None,
    save: bool = False,
    force: bool = False,
    message: str | None = None,
    author: Signature | None = None,
    committer: Signature | None = None,
    progress: ProgressCallback = ignore_progress,
) -> CheckoutResult:
    """Make the live database that of `revision`, or build a copy at the new path `to`.

    Steps, and what a crash after each leaves behind:

    1. The store is locked; changes that no snapshot has are refused, committed
       (`save`) or going to be kept (`force`). Nothing, or the commit.
    2. The new database is built beside the live one, counted, flushed. A file that
       the next checkout removes.
    3. What is about to happen is remembered. The same.
    4. With `force`, the live file gets a second name, or is copied where it has a log
       that Kùzu has not yet written into it. A file kept aside.
    5. The live file's log is written into it. The same content, which a snapshot or
       the file kept aside has.
    6. The new file is renamed over the live one, which is held against other
       processes and is still the one of step 1. THE COMMIT POINT.
    7. `current` names the snapshot. Before it, the next command does that.

    Raises UnknownRevision, UnsavedChanges, HoldsLeftOut, DatabaseInUse, LockHeld,
    SnapshotCorrupt, PathExists, PlaceTaken, CannotWrite, ChangesUnknown, NotHeldExactly,
    ExtensionMissing: then nothing has changed.
    """
    store = workspace.store
    snapshot = resolve(store, revision)
    choose_to_build(workspace)
    if to is not None:
        return _build_copy(workspace, snapshot, to, progress)
    with store.lock():
        found = _settled(workspace, save, force, message, author, committer, progress)
        return _replace(workspace, snapshot, found, progress)


@dataclass(frozen=True)
class ToReplace:
    """The live file as it was found, without a `stat` where there is none.

    `unsaved` tells that it is to be kept aside; `saved` is the snapshot that `save` made,
    and `warnings` what it was told with.
    """

    stat: FileStat | None
    unsaved: bool = False
    saved: Snapshot | None = None
    warnings: tuple[str, ...] = ()


def live_to_replace(
    workspace: Workspace,
    save: bool,
    message: str,
    progress: ProgressCallback,
    *,
    author: Signature | None = None,
    committer: Signature | None = None,
) -> ToReplace:
    """Return the live file as it was found.

    Its changes that no snapshot has are refused, or committed first with `message`
    (`save`). The caller holds the store's lock. Raises UnsavedChanges, DatabaseInUse,
    ChangesUnknown.
    """
    return _settled(workspace, save, False, message, author, committer, progress)


def _settled(
    workspace: Workspace,
    save: bool,
    force: bool,
    message: str | None,
    author: Signature | None,
    committer: Signature | None,
    progress: ProgressCallback,
) -> ToReplace:
    database = workspace.database
    if not database.exists():
        return ToReplace(None)
    check_replaceable(database)
    if force:
        # What cannot be opened is kept as it is, and needs no finishing.
        with suppress(EngineError, UnsupportedError):
            finish_checkpoint(database)
        stat = stat_database(database)
        known = state.snapshot_of_file(workspace.store.state_path, database)
        unsaved = known is None or bool(accepted_losses(current(workspace.store)))
        return ToReplace(stat, unsaved=unsaved)
    try:
        return _committed(workspace, save, message, author, committer, progress)
    except OtherEngineChosen as error:
        raise ChangesUnknown(database, error) from error


def _committed(
    workspace: Workspace,
    save: bool,
    message: str | None,
    author: Signature | None,
    committer: Signature | None,
    progress: ProgressCallback,
) -> ToReplace:
    saved: Snapshot | None = None
    warnings: tuple[str, ...] = ()
    if save:
        from kuzugit.porcelain.commit import commit

        done = commit(
            workspace,
            message or "Save before checkout",
            author=author,
            committer=committer,
            progress=progress,
        )
        saved = done.snapshot if done.created else None
        warnings = done.warnings
    finish_checkpoint(workspace.database)
    stat = stat_database(workspace.database)
    changes = status(workspace, progress=progress).changes
    if changes:
        raise UnsavedChanges(workspace.database, changes)
    left = _left_out(workspace)
    if left:
        raise HoldsLeftOut(workspace.database, left)
    return ToReplace(stat, saved=saved, warnings=warnings)


def _left_out(workspace: Workspace) -> list[Loss]:
    """Return what the live database holds and its snapshot was allowed to leave out."""
    accepted = accepted_losses(current(workspace.store))
    if not accepted:
        return []
    with (
        workspace.store.scratch() as scratch,
        open_live(workspace.database, None) as live,
    ):
        return left_out(live.source, scratch, accepted)


def _without_log(database: Path, found: ToReplace) -> FileStat | None:
    if found.stat is None:
        return None
    try:
        return settle(database, found.stat)
    except (EngineError, UnsupportedError):
        # The engine cannot open it, or failed half way and may have left what nobody can
        # open. A snapshot or the file kept aside has all of it, so going on is safest.
        return stat_database(database)


def _replace(
    workspace: Workspace,
    snapshot: Snapshot,
    found: ToReplace,
    progress: ProgressCallback,
) -> CheckoutResult:
    store, database = workspace.store, workspace.database
    with new_file_beside(database) as path:
        # A file that is to be kept aside is read once more, any other is not.
        with nullcontext() if found.unsaved else forgetting(database):
            manifest = build_exactly(store, snapshot, path, progress)
        built = fingerprint_built(path)
        with git_errors(store.path, "write down what is about to happen"):
            state.remember(store.state_path, snapshot.commit, built, intent=True)
        atomic.step("checkout:intent-written")
        aside = keep_aside(database, path.parent) if found.unsaved else None
        atomic.step("checkout:kept-aside")
        settled = _without_log(database, found)
        atomic.step("checkout:settled")
        logs = replace_database(path, database, settled)
        atomic.step("checkout:renamed")
    make_current(store, snapshot)
    atomic.step("checkout:current-moved")
    state.note(store.state_path, snapshot.commit, built)
    rows = sum(data.rows for data in manifest.data)
    return CheckoutResult(snapshot, database, aside or logs, found.saved, rows, found.warnings)


def _build_copy(
    workspace: Workspace, snapshot: Snapshot, to: Path, progress: ProgressCallback
) -> CheckoutResult:
    target = to.absolute()
    for path in (target, *side_files(target)):
        # Kùzu would apply the log of another database to the new one.
        if os.path.lexists(path):
            raise PathExists(path)
    check_place(workspace, target)
    with new_file_beside(target) as path:
        manifest = build_exactly(workspace.store, snapshot, path, progress)
        with writing(target, "make"):
            try:
                os.link(path, target)
            except FileExistsError as error:
                raise PathExists(target) from error
            atomic.step("checkout:copied")
            atomic.fsync_directory(target.parent)
    rows = sum(data.rows for data in manifest.data)
    return CheckoutResult(snapshot, target, None, None, rows)
