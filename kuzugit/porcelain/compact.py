"""Compact: the live database rebuilt from its own snapshot, without its dead space."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kuzugit.engine.file import DatabaseMissing, side_files
from kuzugit.errors import RefusedError
from kuzugit.model.progress import ProgressCallback, ignore_progress
from kuzugit.porcelain.checkout import UnsavedChanges, checkout
from kuzugit.porcelain.reading import NoCurrent
from kuzugit.porcelain.workspace import Workspace
from kuzugit.store.refs import current
from kuzugit.store.signature import Signature


@dataclass(frozen=True)
class CompactResult:
    """The bytes of the database and its side files, before and after.

    `warnings` are what the snapshot was told with that `save` made.
    """

    before: int
    after: int
    warnings: tuple[str, ...] = ()


class UnsavedBeforeCompact(RefusedError):
    """The live database holds changes that no snapshot has, so it cannot be built again."""

    def __init__(self, database: Path) -> None:
        self.database = database
        super().__init__(
            f"{database} holds changes that no snapshot has", hint="kuzugit compact --save"
        )


def compact(
    workspace: Workspace,
    *,
    save: bool = False,
    author: Signature | None = None,
    committer: Signature | None = None,
    progress: ProgressCallback = ignore_progress,
) -> CompactResult:
    """Rebuild the live database from current; `save` commits changes first.

    Kùzu's files only grow. Raises NoCurrent, DatabaseMissing, UnsavedBeforeCompact and what
    `checkout` raises; then nothing has changed.
    """
    if not workspace.database.exists():
        raise DatabaseMissing(workspace.database)
    if current(workspace.store) is None and not save:
        raise NoCurrent
    before = _bytes(workspace.database)
    warnings: tuple[str, ...] = ()
    if save:
        from kuzugit.porcelain.commit import commit

        with workspace.store.lock():
            done = commit(
                workspace,
                "Save before compact",
                author=author,
                committer=committer,
                progress=progress,
            )
            warnings = done.warnings
    try:
        checkout(workspace, "current", progress=progress)
    except UnsavedChanges as error:
        raise UnsavedBeforeCompact(workspace.database) from error
    return CompactResult(before, _bytes(workspace.database), warnings)


def _bytes(database: Path) -> int:
    return sum(path.stat().st_size for path in (database, *side_files(database)))
