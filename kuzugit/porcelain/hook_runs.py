"""What the hooks of an application's repository do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

from kuzugit.errors import KuzugitError, RefusedError
from kuzugit.model.progress import ProgressCallback, ignore_progress
from kuzugit.porcelain.hooks import STORE
from kuzugit.porcelain.lock_file import Locked, lock_path, names, read_lock
from kuzugit.porcelain.status import Status, status
from kuzugit.porcelain.workspace import Workspace, open_workspace
from kuzugit.store.application import Application, NoApplication, find_application
from kuzugit.store.history import UnknownRevision, resolve, snapshot_at
from kuzugit.store.location import StoreNotFound
from kuzugit.store.signature import Signature

PRE_COMMIT = "kuzugit.preCommit"
ON_CHECKOUT = "kuzugit.postCheckout"

Identities: TypeAlias = "Callable[[Workspace], tuple[Signature | None, Signature | None]]"


class GraphUnsaved(RefusedError):
    """The live database holds changes that no snapshot has, and the code may not be committed."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"the code is not committed: {reason}",
            hint='kuzugit commit -m "what changed", or once without it: git commit --no-verify',
        )


def hooked_workspace(
    directory: Path, git_dir: Path | None, store: Path | None = None, database: Path | None = None
) -> tuple[Application, Workspace] | None:
    """Return the application's repository and its store; None where there is none to look at.

    `git_dir` is the repository that Git runs the hook of, where it says so.
    """
    try:
        application = find_application(directory, git_dir)
    except NoApplication:
        return None
    named = application.setting(STORE)
    # Another working tree of the repository need not have a store.
    if store is None and named is not None and (application.root / named).is_dir():
        store = application.root / named
    try:
        return application, open_workspace(application.root, store, database)
    except StoreNotFound:
        return None


def before_commit(
    application: Application,
    workspace: Workspace,
    environment: Mapping[str, str],
    progress: ProgressCallback = ignore_progress,
    *,
    identities: Identities = lambda _: (None, None),
) -> list[str]:
    """Look at the live database before the code is committed; return what is to be told.

    `kuzugit.preCommit` of the repository says what changes that no snapshot has lead to:
    `warn`, the default; `refuse`, by GraphUnsaved; `commit`, a snapshot, and
    `kuzugit.lock` is a part of the commit of the code, whose index `environment` names,
    also where the snapshot was made before; `off`, nothing is looked at. `identities`
    gives author and committer of the snapshot, None for whom Git's configuration names.
    """
    wish = application.choice(PRE_COMMIT, ("warn", "refuse", "commit", "off"))
    if wish == "off":
        return []
    try:
        found = status(workspace, progress=progress)
    except KuzugitError as error:
        reason = f"whether the graph has changes cannot be told: {error}"
        if wish != "warn":
            raise GraphUnsaved(reason) from error
        return [reason]
    if not found.changes:
        return _stage_lock(application, workspace, found, environment) if wish == "commit" else []
    if wish == "commit":
        return _snapshot(application, workspace, environment, identities, progress)
    if wish == "refuse":
        raise GraphUnsaved(_unsaved(found))
    return [_unsaved(found)]


def _unsaved(found: Status) -> str:
    since = found.current and (found.current.version or found.current.commit[:7])
    return f"{found.database.name} has changes since {since or 'the beginning'} that no commit has"


def _snapshot(
    application: Application,
    workspace: Workspace,
    environment: Mapping[str, str],
    identities: Identities,
    progress: ProgressCallback,
) -> list[str]:
    from kuzugit.porcelain.commit import commit

    author, committer = identities(workspace)
    done = commit(
        workspace,
        "Save before a commit of the code",
        author=author,
        committer=committer,
        progress=progress,
    )
    said = [*done.warnings, f"the graph is committed as {done.version}"]
    path = lock_path(workspace.store)
    if path.is_file() and path.is_relative_to(application.root):
        said += application.stage(path, environment)
    return said


def _stage_lock(
    application: Application, workspace: Workspace, found: Status, environment: Mapping[str, str]
) -> list[str]:
    """Make `kuzugit.lock` a part of the commit where it names current, and the index does not."""
    path = lock_path(workspace.store)
    if not path.is_relative_to(application.root) or not names(workspace.store, found.current):
        return []
    if application.is_staged(path, environment):
        return []
    version = found.current and found.current.name
    said = application.stage(path, environment)
    return said or [f"{path.name} of {version} is a part of the commit"]


def follow_lock(
    application: Application, workspace: Workspace, progress: ProgressCallback = ignore_progress
) -> list[str]:
    """Compare `kuzugit.lock` with current after the code was changed; return what is to be told.

    `kuzugit.postCheckout` of the repository says what a difference leads to: `say`, the
    default; `checkout`, the named version becomes live, unless the live database has
    changes that no snapshot has; `off`, nothing is looked at. What fails is told too: the
    code is changed already.
    """
    try:
        wish = application.choice(ON_CHECKOUT, ("say", "checkout", "off"))
        wanted = read_lock(workspace.store) if wish != "off" else None
        return [] if wanted is None else _follow(workspace, wanted, wish, progress)
    except KuzugitError as error:
        return [str(error), *([] if error.hint is None else [f"hint: {error.hint}"])]


def _follow(
    workspace: Workspace, wanted: Locked, wish: str, progress: ProgressCallback
) -> list[str]:
    from kuzugit.store.refs import current

    now = current(workspace.store)
    same_tree = now is not None and now.tree == wanted.tree
    if wanted.commit is None or same_tree or (now is not None and now.commit == wanted.commit):
        return []
    name = wanted.version or wanted.commit[:7]
    here = "no snapshot" if now is None else now.version or now.commit[:7]
    said = f"the code belongs to {name} of the graph, and the database is at {here}"
    try:
        target = snapshot_at(workspace.store, resolve(workspace.store, wanted.commit).commit)
    except UnknownRevision:
        return [said, f"hint: this store lacks {name}; fetch it, then: kuzugit checkout {name}"]
    if wish == "say":
        return [said, f"hint: kuzugit checkout {name}"]
    from kuzugit.porcelain.checkout import checkout

    checkout(workspace, target.commit, progress=progress)
    return [f"the database is at {name} now, as the code wants it"]
