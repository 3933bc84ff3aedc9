"""Verify: whether the store still holds what was committed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from kuzugit.canonical.checking import ChunkChecker
from kuzugit.canonical.columns import chunk_columns
from kuzugit.canonical.manifest import parse_manifest
from kuzugit.canonical.paths import MANIFEST_FILE, chunk_path
from kuzugit.errors import (
    CorruptError,
    GitError,
    KuzugitError,
    UnknownNameError,
    UnsupportedError,
)
from kuzugit.model.progress import Progress, ProgressCallback, ignore_progress
from kuzugit.model.snapshot import Manifest, ObjectId, TableData
from kuzugit.porcelain.engine import choose_to_build
from kuzugit.porcelain.reading import (
    MANIFEST_LIMIT,
    NoCurrent,
    chunk_limit,
    differences_from_manifest,
    read_checked,
)
from kuzugit.porcelain.rebuilding import differing_parts, rebuilt_manifest
from kuzugit.porcelain.scratch import scratch
from kuzugit.porcelain.take import table_label
from kuzugit.porcelain.workspace import Workspace
from kuzugit.store.history import (
    Snapshot,
    branch_tip,
    broken_tags,
    commit_at,
    log,
    resolve,
    versions,
)
from kuzugit.store.lineage import lineage
from kuzugit.store.location import Store
from kuzugit.store.objects import list_tree, read_blob
from kuzugit.store.refs import current


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: in which snapshot, at which path of its tree, and what."""

    version_or_commit: str
    path: str
    problem: str


@dataclass(frozen=True)
class VerifyReport:
    """What was verified: the snapshots, the objects read and their bytes, the findings."""

    snapshots: tuple[Snapshot, ...]
    findings: tuple[Finding, ...]
    objects: int
    bytes: int


def verify(
    workspace: Workspace,
    revision: str | None,
    *,
    every: bool = False,
    rebuild: bool = False,
    progress: ProgressCallback = ignore_progress,
) -> VerifyReport:
    """Read every object of a snapshot and check it against its id and the manifest.

    `revision` None is current; `every` takes all snapshots that the branch or a tag
    leads to, and finds the tags that lead to none. A tag or a commit that is damaged is a
    finding too, named by its id. Checked are: hashes; the tree
    against the manifest; the .cypher files against the statements that follow from it;
    of each chunk its columns, its number of rows, its order and its place. `rebuild`
    also builds the database, takes its snapshot again and compares. Raises
    UnknownRevision, NoCurrent.
    """
    store = workspace.store
    if rebuild:
        choose_to_build(workspace)
    work = _Verification(store, progress)
    snapshots = work.every() if every else work.one(revision)
    for snapshot in snapshots:
        sound = work.check(snapshot)
        if rebuild and sound:
            work.rebuild(snapshot)
    return VerifyReport(snapshots, tuple(work.findings), len(work.sizes), sum(work.sizes.values()))


def _one(store: Store, revision: str | None) -> Snapshot:
    if revision is not None:
        return resolve(store, revision)
    found = current(store) or branch_tip(store)
    if found is None:
        raise NoCurrent
    return found


def _every(store: Store) -> tuple[Snapshot, ...]:
    tip = branch_tip(store)
    found = {item.commit: item for item in log(store, tip)} if tip else {}
    for tag in versions(store):
        for snapshot in log(store, tag.snapshot):
            if snapshot.commit in found:
                break
            found[snapshot.commit] = snapshot
    return tuple(found.values())


@dataclass
class _Verification:
    store: Store
    progress: ProgressCallback
    findings: list[Finding] = field(default_factory=list)
    sizes: dict[ObjectId, int] = field(default_factory=dict)
    readable: list[ObjectId] = field(default_factory=list)
    # A table whose chunks were found sound is not read again for another snapshot.
    _sound: set[tuple[object, ...]] = field(default_factory=set)

    def one(self, revision: str | None) -> tuple[Snapshot, ...]:
        """Return the snapshot that is asked for; none where what leads to it is damaged."""
        try:
            return (_one(self.store, revision),)
        except (CorruptError, GitError, UnknownNameError):
            if not self._find_damage():
                raise
            return ()

    def every(self) -> tuple[Snapshot, ...]:
        """Return all snapshots that can be read, and find the tags and commits that cannot."""
        damaged = self._find_damage()
        if not damaged:
            broken = broken_tags(self.store).items()
            self.findings += [Finding(name, "", problem) for name, problem in broken]
            return _every(self.store)
        tagged = {tag.snapshot.commit: tag.snapshot for tag in versions(self.store)}
        return tuple(tagged.get(id) or commit_at(self.store, id) for id in self.readable)

    def _find_damage(self) -> bool:
        found = lineage(self.store)
        self.readable = found.commits
        self.findings += [Finding(name, "", problem) for name, problem in found.problems.items()]
        return bool(found.problems)

    def check(self, snapshot: Snapshot) -> bool:
        """Check one snapshot; tell whether it is sound."""
        before = len(self.findings)
        for path, problem in self._problems(snapshot):
            self.findings.append(Finding(_name(snapshot), path, problem))
        return len(self.findings) == before

    def _problems(self, snapshot: Snapshot) -> Iterator[tuple[str, str]]:
        try:
            found = list_tree(self.store, snapshot.tree)
            blob = found.get(MANIFEST_FILE)
            if blob is None:
                yield MANIFEST_FILE, "is missing"
                return
            manifest = parse_manifest(self._read(blob, MANIFEST_LIMIT).decode("utf-8"))
        except (CorruptError, UnsupportedError, UnicodeDecodeError) as error:
            yield MANIFEST_FILE, str(error)
            return
        yield from differences_from_manifest(found, manifest, blob)
        known = {chunk.blob for data in manifest.data for chunk in data.chunks}
        for path, other in found.items():
            if other not in known:
                yield from self._unreadable(path, other)
        for data in manifest.data:
            yield from self._table_problems(manifest, data)

    def _unreadable(self, path: str, blob: ObjectId) -> Iterator[tuple[str, str]]:
        try:
            self._read(blob, MANIFEST_LIMIT)
        except CorruptError as error:
            yield path, str(error)

    def _table_problems(self, manifest: Manifest, data: TableData) -> Iterator[tuple[str, str]]:
        columns = chunk_columns(manifest.catalog, data.key)
        identity = (data.key, columns.types, columns.key, data.chunks)
        if identity in self._sound:
            return
        checker = ChunkChecker(columns)
        sound = True
        for at, chunk in enumerate(data.chunks):
            label = table_label(data.key)
            self.progress(Progress("verifying", label, at, len(data.chunks), "files"))
            path = chunk_path(data.key, chunk.name)
            try:
                problems = list(checker.problems(chunk, self._read(chunk.blob, chunk_limit(chunk))))
            except CorruptError as error:
                problems = [str(error)]
            sound = sound and not problems
            yield from ((path, problem) for problem in problems)
        if sound:
            self._sound.add(identity)

    def _read(self, blob: ObjectId, limit: int) -> bytes:
        data = read_blob(self.store, blob, limit)
        self.sizes[blob] = len(data)
        return data

    def rebuild(self, snapshot: Snapshot) -> None:
        """Build the snapshot's database, take it again and compare the manifests."""
        try:
            manifest = read_checked(self.store, snapshot)
            with scratch(self.store) as room:
                again = rebuilt_manifest(self.store, manifest, room, self.progress)
        except KuzugitError as error:
            self.findings.append(Finding(_name(snapshot), "", f"cannot be rebuilt: {error}"))
            return
        for part in differing_parts(manifest, again):
            self.findings.append(Finding(_name(snapshot), part, "differs in the rebuilt database"))


def _name(snapshot: Snapshot) -> str:
    return snapshot.version or snapshot.commit[:12]
