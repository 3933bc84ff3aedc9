"""Commit: the live database becomes a snapshot, a tagged tree on the branch."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kuzugit import atomic
from kuzugit.canonical.manifest import manifest_text
from kuzugit.diff.changelog import changelog_text
from kuzugit.errors import RefusedError, UsageError
from kuzugit.model.changes import Changes
from kuzugit.model.loss import CannotKeep, Loss
from kuzugit.model.progress import Progress, ProgressCallback, ignore_progress
from kuzugit.model.snapshot import Manifest, TableKey
from kuzugit.model.version import Bump
from kuzugit.porcelain import state
from kuzugit.porcelain.accepting import warning_trailers
from kuzugit.porcelain.checks import refuse_failing
from kuzugit.porcelain.content import Content
from kuzugit.porcelain.engine import choose_to_read
from kuzugit.porcelain.gc import GcResult, collect_if_due
from kuzugit.porcelain.growth import GrowthWarning
from kuzugit.porcelain.keeping import Keeper
from kuzugit.porcelain.live import check_connection, open_live
from kuzugit.porcelain.lock_file import follow
from kuzugit.porcelain.numbering import check_new_tag, next_version
from kuzugit.porcelain.own_trailers import form_trailers
from kuzugit.porcelain.reading import read_manifest
from kuzugit.porcelain.snapshot_tree import write_snapshot
from kuzugit.porcelain.take import Source, take_snapshot
from kuzugit.porcelain.taken_back import taken_back
from kuzugit.porcelain.workspace import Workspace
from kuzugit.store.history import Snapshot, branch_tip
from kuzugit.store.location import Store
from kuzugit.store.refs import current, publish
from kuzugit.store.signature import Signature, configured_signature
from kuzugit.store.trailers import with_trailers

_OURS = "Kuzugit-"


class EmptyMessage(UsageError):
    """A commit without a message."""

    def __init__(self) -> None:
        super().__init__("the message is empty", hint='kuzugit commit -m "what changed"')


class NotReproduced(RefusedError):
    """The database that was rebuilt from the snapshot differs; nothing was published."""

    def __init__(self, parts: list[str]) -> None:
        self.parts = parts
        super().__init__(
            f"the rebuilt database differs in {', '.join(parts)}; nothing was committed",
            hint="this is a bug in kuzugit or in Kùzu: keep the database file and report it",
        )


class ReservedTrailer(UsageError):
    """A trailer that kuzugit itself writes and reads."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(
            f"the trailer {key!r} cannot be given: keys that begin with {_OURS} are kuzugit's own",
            hint="--trailer event-index=42",
        )


@dataclass(frozen=True)
class CommitResult:
    """What a commit did. `created` is False for a dry run and for nothing to commit.

    `collected` tells of the packing that the commit was followed by, see `collect_if_due`;
    `added` is how many bytes of chunks are new, before compression.
    """

    snapshot: Snapshot | None
    version: str | None
    changes: Changes
    created: bool
    warnings: tuple[str, ...] = ()
    collected: GcResult | None = None
    added: int = 0


@dataclass(frozen=True)
class Request:
    """What the caller asked for, checked as far as that is possible beforehand."""

    message: str
    tag: str | None = None
    bump: Bump | None = None
    trailers: Sequence[tuple[str, str]] = ()
    allow_empty: bool = False
    dry_run: bool = False
    verify: bool | None = None
    author: Signature | None = None
    committer: Signature | None = None
    accept_loss: frozenset[str] = frozenset()
    checks: bool = True
    tell: Callable[[str], None] = lambda _: None


def commit(
    workspace: Workspace,
    message: str,
    *,
    tag: str | None = None,
    bump: Bump | None = None,
    trailers: Sequence[tuple[str, str]] = (),
    allow_empty: bool = False,
    dry_run: bool = False,
    verify: bool | None = None,
    accept_loss: Collection[str] = (),
    checks: bool = True,
    tell: Callable[[str], None] = lambda _: None,
    connection: Any | None = None,
    author: Signature | None = None,
    committer: Signature | None = None,
    progress: ProgressCallback = ignore_progress,
) -> CommitResult:
    """Snapshot the live database, and publish it as the newest of the branch.

    Give the application's open `connection` to commit from inside the process that
    writes; its own transaction is neither seen nor touched. `accept_loss` names what may
    be left out, where that touches no value; a warning and a trailer tell it. `verify`
    builds the snapshot again and compares it before it is published; None leaves that to
    `kuzugit.verify` of the store's Git configuration. It is done all the same where floats
    may be held in no way, see `porcelain.doubtful`. `checks` asks the queries beside the
    store, which must find nothing: see `porcelain.checks`. `tell` is told at once of a
    warning that does not wait for the end: the snapshot is large. Steps, and what a crash after
    each leaves behind:

    1. The store is locked, the author, the tag and the message are checked. Nothing.
    2. One read-only transaction is opened; catalog and rows are read, sorted, cut
       and encoded; each chunk that the store lacks is written. Blobs that nothing
       names, which `git gc` removes, and a scratch directory, which the next command
       removes.
    3. The tree is written. The same.
    4. Commit and tag are written and published: see `store.refs.publish`. Its moving
       of the branch is THE COMMIT POINT.
    5. The file's fingerprint is remembered. Without it the next command reads the
       database where it could have answered at once.
    6. `kuzugit.lock` beside the store, where there is one, names the snapshot. Without it
       the next commit writes it.
    7. The store is packed where that is due, see `porcelain.gc`. Without it the next
       commit does so.

    Raises EmptyMessage, NoAuthor, TagExists, BadTagName, BadTrailer, ReservedTrailer,
    WrongDatabase before anything is read; DatabaseLocked, CannotKeep before anything is
    written; ChecksFailed, NotReproduced before anything is published; LockHeld, TipMoved.
    """
    request = Request(message, tag, bump, trailers, allow_empty, dry_run, verify, author, committer)
    request = replace(request, accept_loss=frozenset(accept_loss), checks=checks, tell=tell)
    store = workspace.store
    check_request(store, request)
    if connection is not None:
        check_connection(connection, workspace.database)
    choose_to_read(workspace)
    with store.lock():
        base = current(store)
        if connection is None and not allow_empty and base is not None:
            known = state.snapshot_of_file(store.state_path, workspace.database)
            if known == base.commit:
                told = () if dry_run else follow(store, base)
                return CommitResult(base, base.version, Changes(), created=False, warnings=told)
        atomic.step("commit:checked")
        with open_live(workspace.database, connection) as live:
            result = commit_source(store, live.source, base, request, progress)
        if live.fingerprint and result.snapshot and not dry_run:
            state.note(store.state_path, result.snapshot.commit, live.fingerprint)
            atomic.step("commit:remembered")
        if result.snapshot is not None and not dry_run:
            told = follow(store, result.snapshot)
            result = replace(result, warnings=(*result.warnings, *told))
    return collected_after(store, result, progress)


def collected_after(store: Store, result: CommitResult, progress: ProgressCallback) -> CommitResult:
    """Pack the store after a commit, where that is due, and add to the result what came of it."""
    if not result.created:
        return result
    done = collect_if_due(store, progress)
    told = () if done.warning is None else (done.warning,)
    return replace(result, collected=done.result, warnings=(*result.warnings, *told))


def commit_source(
    store: Store,
    source: Source,
    base: Snapshot | None,
    request: Request,
    progress: ProgressCallback,
    *,
    make_current: bool = True,
    look: Callable[[Manifest], None] = lambda _: None,
) -> CommitResult:
    """Publish what `source` holds; `base` is what it was made from.

    The caller holds the store's lock and the source's transaction. What `look` raises at
    the manifest keeps it from being published.
    """
    parent = branch_tip(store)
    warnings: list[str] = []
    told: list[str] = []

    def tell(text: str) -> None:
        told.append(text)
        request.tell(text)

    watch = GrowthWarning(store, tell)
    with store.scratch() as scratch:
        every = request.dry_run and parent is not None
        keeper = Keeper(
            store, parent, scratch / "new", write=not request.dry_run, every=every, watch=watch
        )
        with keeper:
            manifest = take_snapshot(
                source,
                scratch,
                keeper.keep,
                progress,
                accepted=request.accept_loss,
                warn=warnings.append,
            )
        look(manifest)
        atomic.step("commit:chunks-written")
        text = manifest_text(manifest).encode()
        progress(Progress("writing", unit="files"))
        tree = None if request.dry_run else write_snapshot(store, manifest)
        atomic.step("commit:tree-written")
        if base and _is_tree_of(store, base, manifest, text) and not request.allow_empty:
            return CommitResult(base, base.version, Changes(), created=False)
        if request.checks:
            refuse_failing(store, source.session)
        # DuckDB and Arrow are imported only now, and while Kùzu reads (see `take`).
        from kuzugit.porcelain.compare import find_changes
        from kuzugit.porcelain.doubtful import doubtful_losses

        old = read_manifest(store, parent) if parent else None
        changes = find_changes(store, old, manifest, keeper.directory, scratch)
        verified = store.verify if request.verify is None else request.verify
        # A dry run has no chunks in the store to build from.
        tried = Content(manifest, store, keeper.directory)
        doubtful = {} if request.dry_run else doubtful_losses(old, tried)
        if (verified or doubtful) and not request.dry_run:
            _check_rebuilt(store, manifest, doubtful, scratch, progress)
            atomic.step("commit:rebuilt")
            verified = True
    told += taken_back(store, base, parent, changes)
    version = request.tag or str(next_version(store, parent, changes.bump, request.bump))
    if request.dry_run or tree is None:
        return CommitResult(None, version, changes, False, (*told, *warnings), added=keeper.added)
    signature = request.author or configured_signature(store)
    snapshot = publish(
        store,
        tree=tree,
        message=with_trailers(
            request.message, _trailers(parent, base, request, warnings, verified=verified)
        ),
        tag_name=version,
        tag_message=changelog_text(version, changes, request.message),
        author=signature,
        committer=request.committer or signature,
        expected_tip=parent.commit if parent else None,
        make_current=make_current,
    )
    return CommitResult(snapshot, version, changes, True, (*told, *warnings), added=keeper.added)


def _check_rebuilt(
    store: Store,
    manifest: Manifest,
    doubtful: Mapping[TableKey, Sequence[Loss]],
    scratch: Path,
    progress: ProgressCallback,
) -> None:
    from kuzugit.porcelain.rebuilding import differing_parts, rebuilt_manifest

    parts = differing_parts(manifest, rebuilt_manifest(store, manifest, scratch, progress))
    known = {key.label: losses for key, losses in doubtful.items()}
    if parts and known.keys() >= set(parts):
        raise CannotKeep([loss for part in parts for loss in known[part]])
    if parts:
        raise NotReproduced(parts)


def check_request(store: Store, request: Request) -> None:
    """Raise what can be said before anything is read: message, tag, author, trailers."""
    if not request.message.strip():
        raise EmptyMessage
    if request.tag is not None:
        check_new_tag(store, request.tag)
    if not request.author or not request.committer:
        configured_signature(store)
    for key, _ in request.trailers:
        if key.lower().startswith(_OURS.lower()):
            raise ReservedTrailer(key)
    with_trailers(request.message, request.trailers)


def _is_tree_of(store: Store, base: Snapshot, manifest: Manifest, text: bytes) -> bool:
    # The manifest names every chunk by its id and the statements follow from it, so
    # an equal manifest is an equal tree.
    return manifest_text(read_manifest(store, base)).encode() == text


def _trailers(
    parent: Snapshot | None,
    base: Snapshot | None,
    request: Request,
    warnings: Sequence[str],
    *,
    verified: bool,
) -> list[tuple[str, str]]:
    found = form_trailers(base, parent)
    if verified:
        found.append(("Kuzugit-Verified", "rebuilt"))
    left_out = [name for name in request.accept_loss if _is_told(name, warnings)]
    return [*found, *warning_trailers(warnings, left_out), *request.trailers]


def _is_told(name: str, warnings: Sequence[str]) -> bool:
    return any(text.startswith(f"left out: {name} (") for text in warnings)
