"""What becomes of the chunks of a snapshot that is being taken."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from kuzugit.canonical.paths import chunk_path
from kuzugit.model.snapshot import Manifest, ObjectId, TableKey
from kuzugit.porcelain.reading import read_manifest
from kuzugit.store.history import Snapshot
from kuzugit.store.location import Store
from kuzugit.store.objects import read_blob, write_blob
from kuzugit.store.translate import git_errors

if TYPE_CHECKING:
    from kuzugit.canonical.encoding import EncodedChunk


_AHEAD = 8
"""Chunks that wait to be written at a time: compression keeps both cores busy."""


@dataclass
class Keeper:
    """Compares each chunk with those of the snapshot `before`.

    Chunks that are new are written as files below `directory`, in the tree's form, so
    that their rows can be compared, and into the store unless `write` is False. Those of
    tables that `before` has not are no files, unless `every` is set. Use it in a `with`
    statement, after which all of them are written. `added` counts the bytes of those that
    are new; `watch` is told of it.
    """

    store: Store
    before: Snapshot | None
    directory: Path
    write: bool = True
    every: bool = False
    watch: Callable[[int], None] = lambda _: None
    added: int = 0
    _old: Manifest | None = None
    _known: dict[TableKey, dict[str, ObjectId]] = field(default_factory=dict)
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(max_workers=2))
    _writes: deque[Future[ObjectId]] = field(default_factory=deque)

    def __enter__(self) -> Keeper:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Wait until all chunks are in the store; raise what kept one from it."""
        self._pool.shutdown(wait=True, cancel_futures=kind is not None)
        while kind is None and self._writes:
            self._writes.popleft().result()

    def __post_init__(self) -> None:
        if self.before is not None:
            self._old = read_manifest(self.store, self.before)

    def keep(self, key: TableKey, chunk: EncodedChunk) -> ObjectId:
        """Take one chunk; return the id of the blob that stands for it in the tree."""
        known = self._chunks_before(key)
        old = known.get(chunk.name)
        if old == chunk.blob:
            return chunk.blob
        if old is not None and self._written_otherwise(old, chunk):
            return old
        self.added += len(chunk.data)
        self.watch(self.added)
        if known or self.every:
            place = self.directory / chunk_path(key, chunk.name)
            with git_errors(self.store.path, "write a chunk to work on"):
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(chunk.data)
        if self.write:
            self._writes.append(self._pool.submit(write_blob, self.store, chunk.data))
            if len(self._writes) > _AHEAD:
                self._writes.popleft().result()
        return chunk.blob

    def _chunks_before(self, key: TableKey) -> dict[str, ObjectId]:
        if self._old is None:
            return {}
        if key not in self._known:
            chunks = self._old.table(key).chunks
            self._known[key] = {chunk.name: chunk.blob for chunk in chunks}
        return self._known[key]

    def _written_otherwise(self, old: ObjectId, chunk: EncodedChunk) -> bool:
        """Tell whether an older release wrote these very rows in other bytes."""
        from kuzugit.canonical.parquet import same_rows, writer

        if self.before is None or self.before.trailer("Kuzugit-Writer") == writer():
            return False
        return same_rows(read_blob(self.store, old), chunk.data)
