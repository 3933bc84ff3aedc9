"""Whether what another store sent is a history of snapshots: looked at before it is kept.

Hashes and completeness are the git program's work. Here each new snapshot is held against
its manifest, and each chunk that the snapshot before does not have is decoded. So the work
grows with what is new.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kuzugit.canonical.checking import ChunkChecker
from kuzugit.canonical.columns import Columns, chunk_columns
from kuzugit.errors import CorruptError, UnsupportedError
from kuzugit.model.object_id import ObjectId
from kuzugit.model.progress import Progress, ProgressCallback
from kuzugit.model.snapshot import Chunk, Manifest, TableData
from kuzugit.porcelain.background import ahead
from kuzugit.porcelain.reading import ChunkCorrupt, read_checked, read_chunk, read_manifest
from kuzugit.store.history import Snapshot, commit_at
from kuzugit.store.location import Store
from kuzugit.store.receiving import Received

_Place = tuple[object, ...]
"""A table's columns, a chunk, and the chunk before it: what is sound once stays so."""


def admit(received: Received, progress: ProgressCallback) -> None:
    """Raise unless every snapshot that was received is sound; nothing is written.

    A snapshot that one of our references leads to counts as sound, and so does what it
    shares with a new one. Raises SnapshotCorrupt, ChunkCorrupt, DamagedObject, HostileTree,
    and the errors of `canonical.manifest.parse_manifest`.
    """
    work = _Admission(received.store)
    new = {snapshot.commit for snapshot in received.new}
    for at, snapshot in enumerate(received.new):
        progress(Progress("checking", received.remote, at, len(received.new), "snapshots"))
        for parent in snapshot.parents:
            if parent not in new:
                work.trust(parent)
        work.admit(snapshot)


def admit_fetched(
    store: Store, name: str, snapshot: Snapshot, ours: Snapshot | None, progress: ProgressCallback
) -> None:
    """Raise unless a snapshot that came by other ways, such as plain Git, is sound.

    What it shares with `ours` is. Raises as `admit`.
    """
    progress(Progress("checking", name, 0, 1, "snapshots"))
    work = _Admission(store)
    if ours is not None:
        work.trust(ours.commit)
    work.admit(snapshot)


class _Admission:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._sound: set[_Place] = set()
        self._trusted: set[ObjectId] = set()

    def trust(self, commit: ObjectId) -> None:
        """Take the chunks of a snapshot that we had before for sound."""
        if commit in self._trusted:
            return
        self._trusted.add(commit)
        try:
            manifest = read_manifest(self._store, commit_at(self._store, commit))
        except (CorruptError, UnsupportedError):
            return  # ours is damaged: then what comes is looked at from its beginning
        for data in manifest.data:
            self._sound |= {place for place, _, _ in _places(manifest, data)}

    def admit(self, snapshot: Snapshot) -> None:
        """Raise unless `snapshot` is sound."""
        manifest = read_checked(self._store, snapshot)
        for data in manifest.data:
            self._check_table(manifest, data)

    def _check_table(self, manifest: Manifest, data: TableData) -> None:
        columns = chunk_columns(manifest.catalog, data.key)
        steps, last = list[_Step](), None
        for place, before, chunk in _places(manifest, data):
            if place in self._sound:
                continue
            if before is not last and before is not None:
                # The order goes on from the chunk before, which is sound itself.
                steps.append(_Step(before, starts=True))
            steps.append(_Step(chunk, starts=before is None, place=place))
            last = chunk

        def read(step: _Step) -> bytes:
            return read_chunk(self._store, data.key, step.chunk)

        checker = ChunkChecker(columns)
        with ahead(read, steps) as contents:
            for step, content in zip(steps, contents, strict=True):
                if step.starts:
                    checker = ChunkChecker(columns)
                for problem in checker.problems(step.chunk, content):
                    raise ChunkCorrupt(data.key, step.chunk, problem)
                if step.place is not None:
                    self._sound.add(step.place)


@dataclass(frozen=True)
class _Step:
    """A chunk to check; `starts` where it does not go on from the one checked before it."""

    chunk: Chunk
    starts: bool
    place: _Place | None = None


def _places(manifest: Manifest, data: TableData) -> Iterator[tuple[_Place, Chunk | None, Chunk]]:
    """Yield each chunk of a table with the one before it."""
    columns = _identity(chunk_columns(manifest.catalog, data.key))
    before = None
    for chunk in data.chunks:
        yield (data.key, columns, before, chunk), before, chunk
        before = chunk


def _identity(columns: Columns) -> tuple[object, ...]:
    return (columns.types, columns.key)
