"""Sync: what another store changed since the last time comes into the live database."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path

from kuzugit import atomic
from kuzugit.canonical.manifest import manifest_text
from kuzugit.diff.changelog import changelog_text
from kuzugit.engine.binding import dialect
from kuzugit.engine.dialect import Dialect
from kuzugit.engine.fingerprint import FileStat, fingerprint_built
from kuzugit.errors import KuzugitError, RefusedError
from kuzugit.model.catalog import Catalog
from kuzugit.model.changes import Changes
from kuzugit.model.merge import Choices, MergeConflict
from kuzugit.model.object_id import ObjectId
from kuzugit.model.progress import ProgressCallback, ignore_progress
from kuzugit.model.snapshot import Manifest
from kuzugit.porcelain import state
from kuzugit.porcelain.checkout import ToReplace, UnsavedChanges, live_to_replace
from kuzugit.porcelain.checks import ChecksFailed, checks_directory, run_checks_on
from kuzugit.porcelain.compare import find_changes
from kuzugit.porcelain.content import Content
from kuzugit.porcelain.criss_cross import CrissCross
from kuzugit.porcelain.disk import writing
from kuzugit.porcelain.engine import choose_to_build, live_dialect
from kuzugit.porcelain.gc import GcResult, collect_if_due
from kuzugit.porcelain.keeping import Keeper
from kuzugit.porcelain.lock_file import follow
from kuzugit.porcelain.merging import Merged, Sides, merge
from kuzugit.porcelain.numbering import check_new_tag, next_version
from kuzugit.porcelain.own_trailers import form_trailers
from kuzugit.porcelain.reading import read_manifest
from kuzugit.porcelain.rebuilding import build_exactly_from
from kuzugit.porcelain.snapshot_tree import write_snapshot
from kuzugit.porcelain.swap import new_file_beside, replace_database, settle, sweep_beside
from kuzugit.porcelain.sync_base import LastTaken
from kuzugit.porcelain.sync_source import Source, read_source
from kuzugit.porcelain.taken_back import taken_back
from kuzugit.porcelain.taking_over import Part
from kuzugit.porcelain.unknown_table import UnknownTable
from kuzugit.porcelain.workspace import Workspace
from kuzugit.store.history import (
    Snapshot,
    branch_tip,
    is_ancestor,
    merge_bases,
)
from kuzugit.store.refs import current, make_current, publish
from kuzugit.store.remotes import remotes
from kuzugit.store.signature import Signature, configured_signature
from kuzugit.store.trailers import with_trailers
from kuzugit.store.translate import git_errors


class SyncConflicts(RefusedError):
    """Both sides changed the same, each in its own way; nothing was applied.

    `command` is the sync as it was asked for. `saved` is the snapshot that `save` made of
    the live database, which stays.
    """

    saved: Snapshot | None = None

    def __init__(self, source: str, conflicts: Sequence[MergeConflict], command: str) -> None:
        self.conflicts = tuple(conflicts)
        if all(conflict.settleable for conflict in self.conflicts):
            hint = f"say who wins: {command} --theirs (or --ours, or --theirs-in TABLE)"
        else:
            prefix = shlex.quote(f"{_word(source)}_")
            hint = f"take it beside ours: {command} --prefix {prefix} (or leave it out: --tables)"
        first = f"the first: {self.conflicts[0]}; " if len(self.conflicts) > 1 else ""
        told = first or f"{self.conflicts[0]}; "
        super().__init__(
            f"{_count(len(self.conflicts))} with {source}: {told}nothing was applied", hint=hint
        )


class UnsavedBeforeSync(RefusedError):
    """The live database holds changes that no snapshot has; `command` is what was asked for.

    `would_save` tells that saving was asked for too: a dry run does not do it.
    """

    def __init__(self, database: Path, command: str, *, would_save: bool = False) -> None:
        dry = ", which a dry run does not save" if would_save else ""
        super().__init__(
            f"{database} holds changes that no snapshot has{dry}",
            hint=f"kuzugit commit -m MSG, or {command} --save",
        )
        self.database = database


class LiveOfOtherEngine(RefusedError):
    """The live database is of one engine, and another one would build it anew."""

    def __init__(self, database: Path, mine: Dialect, other: Dialect, command: str) -> None:
        self.database = database
        super().__init__(
            f"{database} is a {mine.title} database, and {other.title} was chosen to build it; "
            f"what opens it with {mine.title} could not any more",
            hint=command.replace("kuzugit", f"kuzugit --engine {mine.name}", 1),
        )


class NotAtTheEnd(RefusedError):
    """The live database is of an older snapshot, so two histories cannot be joined in it."""

    def __init__(self, now: Snapshot, tip: Snapshot) -> None:
        super().__init__(
            f"the database is at {now.name}, and the branch at "
            f"{tip.name}; histories are joined at the end of the branch",
            hint=f"kuzugit checkout {tip.name}",
        )


class OnlyAhead(RefusedError):
    """The source's history is ours and more: there is nothing to merge.

    `path` is where it is, where that is no remote.
    """

    def __init__(self, source: str, path: str | None) -> None:
        add = "" if path is None else f"kuzugit remote add NAME {shlex.quote(path)}; "
        super().__init__(
            f"{source} has our history and goes on from it, so there is nothing to merge",
            hint=f"{add}kuzugit pull {source if path is None else 'NAME'}",
        )


@dataclass(frozen=True)
class SyncResult:
    """What a sync did, or would do.

    `created` is False for a dry run, and where the source brought nothing. `saved` is the
    snapshot that `save` made.
    """

    source: str
    source_version: str | None
    snapshot: Snapshot | None
    version: str | None
    changes: Changes
    created: bool
    rows: int = 0
    saved: Snapshot | None = None
    collected: GcResult | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Asked:
    """What the caller wants."""

    source: str
    revision: str | None
    part: Part
    choices: Choices
    message: str | None
    tag: str | None
    trailers: Sequence[tuple[str, str]]
    dry_run: bool
    checks: bool
    author: Signature | None
    committer: Signature | None
    fetching: bool

    @property
    def command(self) -> str:
        """The command line that asks for the same again, but for what is told of a snapshot."""
        words = ["kuzugit", "sync", self.source]
        words += [] if self.revision is None else [self.revision]
        for name in self.part.tables:
            words += ["--tables", name]
        words += ["--prefix", self.part.prefix] if self.part.prefix else []
        words += [] if self.choices.default is None else [f"--{self.choices.default}"]
        for name, choice in self.choices.tables:
            words += [f"--{choice}-in", name]
        words += [] if self.fetching else ["--no-fetch"]
        return shlex.join(words)


def sync(
    workspace: Workspace,
    source: str,
    revision: str | None = None,
    *,
    tables: Sequence[str] = (),
    prefix: str = "",
    choices: Choices = Choices(),  # noqa: B008  (it is frozen)
    dry_run: bool = False,
    save: bool = False,
    message: str | None = None,
    tag: str | None = None,
    trailers: Sequence[tuple[str, str]] = (),
    checks: bool = True,
    fetching: bool = True,
    prompt: bool = False,
    directory: Path = Path(),
    author: Signature | None = None,
    committer: Signature | None = None,
    tell: Callable[[str], None] = lambda _: None,
    progress: ProgressCallback = ignore_progress,
) -> SyncResult:
    """Bring the data of `source` into the live database, and commit it.

    The source is a remote, the path of a store, of a database, or of an exported
    directory. What it was at the last sync, what it is now and what is here are compared,
    table by table, row by row, property by property: what only they changed is taken, what
    only we changed stays, what both changed is a conflict unless `choices` says who wins.
    `tables` are names or globs; `prefix` is put before the names that tables have here.
    With a source whose history is ours too, and no part chosen, the snapshot joins both.
    `tell` is told of what stays where the sync fails: the snapshot that `save` made.
    Steps, and what a crash after each leaves behind:

    1. What the source has comes into our store: see `fetch`. Objects, and its references.
    2. Under the store lock: changes that no snapshot has are refused, or committed
       (`save`): that snapshot stays, whatever follows. The merge is made; new chunks are
       written, and a reference to the tree that is taken over. Objects that nothing else
       names.
    3. The new database is built beside the live one, counted, flushed, and asked the
       checks. A file that the next command removes.
    4. The snapshot is published on the branch, and `current` stays: see
       `store.refs.publish`. The branch is ahead of the database; status says so.
    5. What is about to happen is remembered, and the new file renamed over the live one.
       THE COMMIT POINT of the database. The next command lets `current` follow.
    6. `current` names the snapshot.

    Raises SyncConflicts, UnknownSource, NoSnapshotThere, RevisionOfFile, EndsNotTaken,
    UnknownTable, NotAtTheEnd, OnlyAhead, LiveOfOtherEngine, UnsavedBeforeSync,
    ChecksFailed, DatabaseInUse, LockHeld: then nothing was applied.
    """
    part = Part(tuple(tables), prefix)
    asked = _Asked(
        source, revision, part, choices, message, tag, trailers, dry_run, checks, author,
        committer, fetching,
    )  # fmt: skip
    store = workspace.store
    if not author or not committer:
        configured_signature(store)
    if tag is not None:
        check_new_tag(store, tag)
    choose_to_build(workspace)
    mine, chosen = live_dialect(workspace), dialect()
    if mine is not None and mine is not chosen:
        raise LiveOfOtherEngine(workspace.database, mine, chosen, asked.command)
    with store.scratch() as room:
        found = read_source(
            workspace,
            source,
            revision,
            directory,
            room,
            progress,
            fetching=fetching,
            prompt=prompt,
        )
        with store.lock():
            try:
                live = live_to_replace(
                    workspace,
                    save and not dry_run,
                    "Save before sync",
                    progress,
                    author=author,
                    committer=committer,
                )
            except UnsavedChanges as error:
                raise UnsavedBeforeSync(
                    workspace.database, asked.command, would_save=save
                ) from error
            sweep_beside(workspace.database)
            try:
                result = _Sync(workspace, asked, found, room, live.stat, progress).run()
            except KuzugitError as error:
                _tell_saved(live, error, tell)
                raise
    result = replace(result, saved=live.saved, warnings=(*live.warnings, *result.warnings))
    if not result.created:
        return result
    done = collect_if_due(store, progress)
    told = () if done.warning is None else (done.warning,)
    return replace(result, collected=done.result, warnings=(*result.warnings, *told))


def _tell_saved(live: ToReplace, error: KuzugitError, tell: Callable[[str], None]) -> None:
    """Tell of the snapshot that `save` made, which stays, though the rest came to nothing."""
    if live.saved is None:
        return
    if isinstance(error, SyncConflicts):
        error.saved = live.saved
    tell(f"the changes here are saved as {live.saved.name}, and nothing more was done")
    for text in live.warnings:
        tell(text)


class _Sync:
    """One sync under the store lock; `stat` is that of the live file that is replaced."""

    def __init__(
        self,
        workspace: Workspace,
        asked: _Asked,
        source: Source,
        room: Path,
        stat: FileStat | None,
        progress: ProgressCallback,
    ) -> None:
        self.workspace = workspace
        self.store = workspace.store
        self.asked = asked
        self.source = source
        self.room = room
        self.stat = stat
        self.progress = progress
        self.now = current(self.store)
        self.tip = branch_tip(self.store)
        self.taken = LastTaken(self.store, source, asked.part, self.now)
        self.joined = self._joined()
        self.told: tuple[str, ...] = ()

    def run(self) -> SyncResult:
        """Merge, and do what came of it."""
        sides = self._sides()
        self._check_choices(sides)
        if self.joined and self.joined[0].commit == _commit(self.source.snapshot):
            return self._nothing()
        new = self.room / "new"
        merged = self._merged(sides, new)
        if merged.conflicts:
            raise SyncConflicts(self.source.name, merged.conflicts, self.asked.command)
        atomic.step("sync:merged")
        manifest = merged.manifest
        same = manifest_text(manifest) == manifest_text(sides.ours.manifest)
        if same and not self.joined and not self._decides(sides):
            if not self.asked.dry_run and sides.theirs.manifest != sides.base.manifest:
                self.taken.note_alike()
            return self._nothing()
        changes = self._changes(manifest, new)
        warnings = (
            *self.told,
            *merged.warnings,
            *taken_back(self.store, self.now, self.tip, changes),
        )
        version = self.asked.tag or str(next_version(self.store, self.tip, changes.bump, None))
        if self.asked.dry_run:
            return SyncResult(
                self.source.name,
                self.source.version,
                None,
                version,
                changes,
                created=False,
                warnings=warnings,
            )
        # First, so that what the snapshot names is there as long as the snapshot.
        self.taken.keep()
        atomic.step("sync:remembered")
        if same and self.now == self.tip:
            snapshot, told = self._noted(manifest, changes, version)
        else:
            snapshot, told = self._apply(manifest, changes, version)
        rows = sum(data.rows for data in manifest.data)
        return SyncResult(
            self.source.name,
            self.source.version,
            snapshot,
            snapshot.version,
            changes,
            created=True,
            rows=rows,
            warnings=(*warnings, *told),
        )

    def _nothing(self) -> SyncResult:
        return SyncResult(
            self.source.name,
            self.source.version,
            self.now,
            None if self.now is None else self.now.version,
            Changes(),
            created=False,
            warnings=self.told,
        )

    # What is merged

    def _joined(self) -> list[Snapshot]:
        """Return the snapshots that both histories come from, none where they are apart."""
        theirs = self.source.snapshot
        if theirs is None or self.tip is None or not self.asked.part.is_whole:
            return []
        bases = merge_bases(self.store, self.tip, theirs)
        if not bases or bases[0].commit == theirs.commit:
            return bases
        if is_ancestor(self.store, self.tip, theirs):
            is_remote = any(item.name == self.source.name for item in remotes(self.store))
            raise OnlyAhead(self.source.name, None if is_remote else self.asked.source)
        if self.now is not None and self.now.commit != self.tip.commit:
            raise NotAtTheEnd(self.now, self.tip)
        return bases

    def _sides(self) -> Sides:
        part = self.asked.part
        ours = _EMPTY if self.now is None else read_manifest(self.store, self.now)
        theirs = part.of(self.source.manifest)
        return Sides(*(Content(item, self.store) for item in (self._base(), theirs, ours)))

    def _check_choices(self, sides: Sides) -> None:
        """Raise UnknownTable where a choice is about nothing that a side has."""
        catalogs = [side.manifest.catalog for side in sides]
        known = {table.name for catalog in catalogs for table in catalog.tables}
        names = known | {item.name for catalog in catalogs for item in catalog.sequences}
        names |= {item.name for catalog in catalogs for item in catalog.macros}
        for pattern, _ in self.asked.choices.tables:
            if not any(fnmatchcase(name, pattern) for name in names):
                raise UnknownTable(pattern, sorted(known))

    def _base(self) -> Manifest:
        """Return what we had from this source at the last sync; nothing the first time."""
        if self.joined:
            return read_manifest(self.store, self.joined[0])
        if self.taken.is_of_another():
            self.told = (
                f"the last sync of {self.source.name!r} was from another store, so this is a "
                "first one: what that store gave stays",
            )
            return _EMPTY
        return self.taken.manifest() or _EMPTY

    def _merged(self, sides: Sides, new: Path) -> Merged:
        """Merge; what is new goes to the store but for a dry run, and below `new`."""
        choices, work = self.asked.choices, self.room / "merge"
        with writing(work, "merge the rows in"):
            work.mkdir()
        if len(self.joined) > 1:
            several = CrissCross(self.store, self.tip, self.joined, choices, work, self.progress)
            return several.merge(sides.theirs.manifest, sides.ours.manifest)
        writes = not self.asked.dry_run
        with (
            writing(work, "merge the rows in"),
            Keeper(self.store, self.tip, new, write=writes, every=True) as keeper,
        ):
            return merge(sides, choices, work, keeper.keep, new, self.progress)

    # What becomes of it

    def _changes(self, manifest: Manifest, new: Path) -> Changes:
        old = None if self.tip is None else read_manifest(self.store, self.tip)
        work = self.room / "changes"
        with writing(work, "compare the rows in"):
            work.mkdir()
        return find_changes(self.store, old, manifest, new, work)

    def _decides(self, sides: Sides) -> bool:
        """Whether choices made ours stay: the snapshot tells it, and no sync asks again."""
        chosen = self.asked.choices != Choices()
        return (
            chosen and sides.theirs.manifest != sides.base.manifest and sides.theirs != sides.ours
        )

    def _noted(
        self, manifest: Manifest, changes: Changes, version: str
    ) -> tuple[Snapshot, tuple[str, ...]]:
        """Publish a snapshot of what the live database holds already."""
        known = state.recall(self.store.state_path)
        snapshot = self._published(manifest, changes, version)
        make_current(self.store, snapshot)
        if known is not None and self.now is not None and known.commit == self.now.commit:
            state.note(self.store.state_path, snapshot.commit, known.fingerprint)
        return snapshot, follow(self.store, snapshot)

    def _apply(
        self, manifest: Manifest, changes: Changes, version: str
    ) -> tuple[Snapshot, tuple[str, ...]]:
        database = self.workspace.database
        with new_file_beside(database) as path:
            build_exactly_from(self.store, manifest, path, self.progress)
            if self.asked.checks:
                failures = run_checks_on(checks_directory(self.store), path)
                if failures:
                    raise ChecksFailed(failures)
            built = fingerprint_built(path)
            snapshot = self._published(manifest, changes, version)
            atomic.step("sync:published")
            with git_errors(self.store.path, "write down what is about to happen"):
                state.remember(self.store.state_path, snapshot.commit, built, intent=True)
            atomic.step("sync:intent-written")
            settled = None if self.stat is None else settle(database, self.stat)
            replace_database(path, database, settled)
            atomic.step("sync:renamed")
        make_current(self.store, snapshot)
        atomic.step("sync:current-moved")
        state.note(self.store.state_path, snapshot.commit, built)
        return snapshot, (*self._missing(), *follow(self.store, snapshot))

    def _missing(self) -> tuple[str, ...]:
        """Return a warning where there was no live database, though there had been one."""
        if self.stat is not None or self.now is None:
            return ()
        return (f"{self.workspace.database} was missing; it is built from {self.now.name} again",)

    def _published(self, manifest: Manifest, changes: Changes, version: str) -> Snapshot:
        """Publish the snapshot; one that a killed sync has published is the one."""
        tree = write_snapshot(self.store, manifest)
        if self.tip is not None and self._is_published(self.tip, tree):
            return self.tip
        message = (
            self.asked.message or f"Sync {self.source.name} {self.source.version or ''}".strip()
        )
        signature = self.asked.author or configured_signature(self.store)
        theirs = _commit(self.source.snapshot)
        return publish(
            self.store,
            tree=tree,
            message=with_trailers(message, self._trailers()),
            tag_name=version,
            tag_message=changelog_text(version, changes, message),
            author=signature,
            committer=self.asked.committer or signature,
            expected_tip=None if self.tip is None else self.tip.commit,
            merged=(theirs,) if self.joined and theirs else (),
            make_current=False,
        )

    def _trailers(self) -> list[tuple[str, str]]:
        own = form_trailers(self.now, self.tip)
        return [*own, *self.taken.trailers(), *self.asked.trailers]

    def _is_published(self, tip: Snapshot, tree: ObjectId) -> bool:
        apart = self.now is None or self.now.commit != tip.commit
        return apart and tip.tree == tree and tip.trailer("Kuzugit-Source") == self.source.name


_EMPTY = Manifest(Catalog(), ())


def _commit(snapshot: Snapshot | None) -> ObjectId | None:
    return None if snapshot is None else snapshot.commit


def _count(conflicts: int) -> str:
    return f"{conflicts:,} {'conflict' if conflicts == 1 else 'conflicts'}"


def _word(source: str) -> str:
    return Path(source).stem or "their"
