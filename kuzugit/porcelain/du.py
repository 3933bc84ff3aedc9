"""What versions take: of rows, and of the disk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from kuzugit.model.object_id import ObjectId
from kuzugit.model.progress import Progress, ProgressCallback, ignore_progress
from kuzugit.model.snapshot import Chunk, Manifest, TableData
from kuzugit.porcelain.reading import read_manifest
from kuzugit.porcelain.workspace import Workspace
from kuzugit.store.history import Snapshot, branch_tip, log, resolve, snapshot_at
from kuzugit.store.location import Store
from kuzugit.store.sizes import StoreSize, disk_sizes, measure


@dataclass(frozen=True)
class TableUsage:
    """One table, or one pair of a rel table, in a version: bytes of its chunks.

    `size` is all of them, `added` those that the version before has not, `disk` what the
    latter take in the store, None without a git program.
    """

    table: str
    rows: int
    size: int
    added: int
    disk: int | None


@dataclass(frozen=True)
class VersionUsage:
    """A version and its tables; the sums of theirs."""

    snapshot: Snapshot
    tables: tuple[TableUsage, ...]

    @property
    def size(self) -> int:
        """The bytes of all chunks."""
        return sum(table.size for table in self.tables)

    @property
    def added(self) -> int:
        """The bytes of the chunks that the version before has not."""
        return sum(table.added for table in self.tables)

    @property
    def disk(self) -> int | None:
        """What those take in the store."""
        found = [table.disk for table in self.tables if table.disk is not None]
        return None if self.tables and not found else sum(found)


@dataclass(frozen=True)
class Usage:
    """What the store takes, and the versions that were asked for, newest first."""

    store: StoreSize
    versions: tuple[VersionUsage, ...]


def disk_usage(
    workspace: Workspace,
    revision: str | None = None,
    *,
    limit: int | None = None,
    progress: ProgressCallback = ignore_progress,
) -> Usage:
    """Return what each version of the branch takes, or that of `revision` alone.

    Sizes are of chunks, the rows; not of manifests, trees and tags. What a version adds is
    told against its first parent. On disk a chunk takes what its object takes: much, where
    it is stored whole, little where it is stored as what it differs by, which packing may
    change round. Raises UnknownRevision, SnapshotCorrupt.
    """
    store = workspace.store
    chosen = tuple(islice(_snapshots(store, revision), limit))
    manifests: dict[ObjectId, Manifest] = {}
    found = []
    for at, snapshot in enumerate(chosen):
        progress(Progress("reading", "versions", at, len(chosen), "versions"))
        manifest = _manifest(store, manifests, snapshot)
        parent = next(iter(snapshot.parents), None)
        before = parent and _manifest(store, manifests, snapshot_at(store, parent))
        found.append((snapshot, [*_tables(manifest, before or None)]))
        manifests.pop(snapshot.commit)
    new = {chunk.blob for _, tables in found for _, chunks in tables for chunk in chunks}
    disk = disk_sizes(store, sorted(new))
    versions = (
        VersionUsage(snapshot, tuple(_usage(data, chunks, disk) for data, chunks in tables))
        for snapshot, tables in found
    )
    return Usage(measure(store), tuple(versions))


def _snapshots(store: Store, revision: str | None) -> Iterator[Snapshot]:
    if revision is not None:
        yield resolve(store, revision)
        return
    tip = branch_tip(store)
    if tip is not None:
        yield from log(store, tip)


def _manifest(store: Store, known: dict[ObjectId, Manifest], snapshot: Snapshot) -> Manifest:
    # The version before is the next one that is asked for.
    if snapshot.commit not in known:
        known[snapshot.commit] = read_manifest(store, snapshot)
    return known[snapshot.commit]


def _tables(manifest: Manifest, before: Manifest | None) -> Iterator[tuple[TableData, list[Chunk]]]:
    """Yield each table and its chunks that the version before has not."""
    for data in manifest.data:
        old = set() if before is None else {chunk.blob for chunk in before.table(data.key).chunks}
        yield data, [chunk for chunk in data.chunks if chunk.blob not in old]


def _usage(data: TableData, new: Iterable[Chunk], disk: dict[ObjectId, int] | None) -> TableUsage:
    chunks = list(new)
    return TableUsage(
        data.key.label,
        data.rows,
        sum(chunk.size for chunk in data.chunks),
        sum(chunk.size for chunk in chunks),
        None if disk is None else sum(disk.get(chunk.blob, 0) for chunk in chunks),
    )
