"""A snapshot out of the store: its manifest, its chunks, checked on the way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kuzugit.canonical.cypher import build_plan
from kuzugit.canonical.manifest import parse_manifest
from kuzugit.canonical.paths import (
    COPY_FILE,
    INDEX_FILE,
    MANIFEST_FILE,
    SCHEMA_FILE,
    chunk_path,
)
from kuzugit.canonical.plain_form import ChunkUnreadable, check_plain
from kuzugit.errors import CorruptError, UnknownNameError
from kuzugit.model.catalog import Catalog
from kuzugit.model.snapshot import Chunk, Manifest, ObjectId, TableKey, blob_id
from kuzugit.store.history import Snapshot
from kuzugit.store.location import Store
from kuzugit.store.objects import list_tree, read_blob
from kuzugit.store.translate import git_errors

MANIFEST_LIMIT = 1 << 27
"""Bytes of a manifest that are read at most: a million chunks. Parsed, it takes some times
as much memory."""


_USUAL_CHUNK = 1 << 24


class NoCurrent(UnknownNameError):
    """There is no snapshot that the live database was made from."""

    def __init__(self) -> None:
        super().__init__("there is no snapshot yet", hint='kuzugit commit -m "first"')


class ChunkCorrupt(CorruptError):
    """A chunk is not what its manifest says."""

    def __init__(self, key: TableKey, chunk: Chunk, why: str) -> None:
        self.key = key
        self.chunk = chunk
        path = chunk_path(key, chunk.name)
        super().__init__(f"the snapshot is not sound: {path!r} {why}", hint="kuzugit verify --all")


class SnapshotCorrupt(CorruptError):
    """A snapshot's tree is not the one that its manifest describes."""

    def __init__(self, snapshot: Snapshot, path: str, why: str) -> None:
        self.snapshot = snapshot
        self.path = path
        name = snapshot.version or snapshot.commit[:12]
        super().__init__(
            f"the snapshot {name} is not sound: {path!r} {why}", hint=f"kuzugit verify {name}"
        )


def read_manifest(store: Store, snapshot: Snapshot) -> Manifest:
    """Return the manifest of a snapshot.

    Raises SnapshotCorrupt where the tree has none, and the errors of
    `canonical.manifest.parse_manifest`.
    """
    blob = list_tree(store, snapshot.tree).get(MANIFEST_FILE)
    if blob is None:
        raise SnapshotCorrupt(snapshot, MANIFEST_FILE, "is missing: kuzugit did not write this")
    return _parsed(snapshot, read_blob(store, blob, MANIFEST_LIMIT))


def read_checked(store: Store, snapshot: Snapshot) -> Manifest:
    """Return the manifest after comparing the whole tree with it.

    Every file of the tree must be one that the manifest calls for, with the id that
    follows from it. No chunk is read.
    """
    found = list_tree(store, snapshot.tree)
    blob = found.get(MANIFEST_FILE)
    if blob is None:
        raise SnapshotCorrupt(snapshot, MANIFEST_FILE, "is missing: kuzugit did not write this")
    data = read_blob(store, blob, MANIFEST_LIMIT)
    manifest = _parsed(snapshot, data)
    for path, why in differences_from_manifest(found, manifest, blob):
        raise SnapshotCorrupt(snapshot, path, why)
    return manifest


def differences_from_manifest(
    found: dict[str, ObjectId], manifest: Manifest, manifest_blob: ObjectId
) -> Iterator[tuple[str, str]]:
    """Yield each path of a tree that is not as the manifest says, and how."""
    wanted = tree_entries(manifest, manifest_blob)
    for path in sorted({*found, *wanted}):
        if path not in found:
            yield path, "is missing"
        elif path not in wanted:
            yield path, "does not belong there"
        elif found[path] != wanted[path]:
            yield path, "is not the file that the manifest names"


def tree_entries(manifest: Manifest, manifest_blob: ObjectId) -> dict[str, ObjectId]:
    """Return every path of the manifest's tree and the id of its content."""
    entries = {
        chunk_path(data.key, chunk.name): chunk.blob
        for data in manifest.data
        for chunk in data.chunks
    }
    for path, text in statement_files(manifest).items():
        entries[path] = blob_id(text.encode())
    entries[MANIFEST_FILE] = manifest_blob
    return entries


def statement_files(manifest: Manifest) -> dict[str, str]:
    """Return the .cypher files that the manifest calls for, by path."""
    names = (SCHEMA_FILE, COPY_FILE, INDEX_FILE)
    return dict(zip(names, build_plan(manifest).files(), strict=True))


def chunk_limit(chunk: Chunk) -> int:
    """Return how long the blob of a chunk may be: what its manifest says, or a usual size."""
    return max(chunk.size, _USUAL_CHUNK)


def read_chunk(store: Store, key: TableKey, chunk: Chunk) -> bytes:
    """Return the bytes of a chunk, compared with its id, its size and its number of rows.

    They are plain Parquet, which whoever reads them may trust to be as small as it looks.
    Several threads may call it at once. Raises DamagedObject, ChunkCorrupt.
    """
    data = read_blob(store, chunk.blob, chunk_limit(chunk))
    if len(data) != chunk.size:
        raise ChunkCorrupt(key, chunk, f"has {len(data)} bytes, and the manifest says {chunk.size}")
    try:
        rows = check_plain(data)
    except ChunkUnreadable as error:
        raise ChunkCorrupt(key, chunk, "is not as kuzugit writes it") from error
    if rows != chunk.rows:
        raise ChunkCorrupt(key, chunk, f"has {rows} rows, and the manifest says {chunk.rows}")
    return data


def read_typed_chunk(store: Store, catalog: Catalog, key: TableKey, chunk: Chunk) -> bytes:
    """Return the bytes of a chunk, as `read_chunk`, whose columns are those of its table."""
    # Here, because Arrow takes time to import, and a checkout does without it.
    from kuzugit.canonical.columns import chunk_columns
    from kuzugit.canonical.parquet import check_columns

    data = read_chunk(store, key, chunk)
    try:
        check_columns(data, chunk_columns(catalog, key).schema)
    except ChunkUnreadable as error:
        raise ChunkCorrupt(key, chunk, "does not hold its table's columns") from error
    return data


def write_chunk(store: Store, key: TableKey, chunk: Chunk, directory: Path) -> Path:
    """Write a chunk below `directory` as in the tree; return its path.

    It is checked before, as in `read_chunk`. Several threads may call it at once.
    """
    data = read_chunk(store, key, chunk)
    place = directory / chunk_path(key, chunk.name)
    with git_errors(store.path, "write a chunk to work on"):
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    return place


def _parsed(snapshot: Snapshot, data: bytes) -> Manifest:
    try:
        return parse_manifest(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise SnapshotCorrupt(snapshot, MANIFEST_FILE, "is not UTF-8") from error
