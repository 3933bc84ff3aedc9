"""Stores for tests, made without Kùzu: a file that only looks like a database, two snapshots."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kuzugit.canonical.manifest import manifest_text
from kuzugit.engine.dialect import KUZU
from kuzugit.model.catalog import Catalog, NodeTable, Property
from kuzugit.model.snapshot import Chunk, Manifest, ObjectId, TableData, TableKey
from kuzugit.model.types import Scalar
from kuzugit.store.history import Snapshot
from kuzugit.store.location import Store, create_store
from kuzugit.store.objects import write_blob, write_tree
from kuzugit.store.refs import publish
from kuzugit.store.signature import Signature

ADA = Signature("Ada Tester", "ada@example.org", 1_700_000_000, 60)


def write_database(path: Path) -> Path:
    """Write a file that begins as a Kùzu database does, and is none."""
    path.write_bytes(KUZU.magic + (KUZU.storage_version or 0).to_bytes(8, "little") + bytes(4084))
    return path


def manifest(rows: int) -> Manifest:
    table = NodeTable("Person", (Property("id", Scalar("INT64")),), "id")
    chunk = Chunk("start", rows, 8 * rows, ObjectId("0" * 40))
    return Manifest(Catalog(nodes=(table,)), (TableData(TableKey("Person"), (chunk,)),))


def add_snapshot(
    store: Store, version: str, message: str, *, rows: int = 3, parent: Snapshot | None = None
) -> Snapshot:
    blob = write_blob(store, manifest_text(manifest(rows)).encode())
    return publish(
        store,
        tree=write_tree(store, {"snapshot.json": blob}),
        message=message,
        tag_name=version,
        tag_message=f"{version}\n\nPerson: {rows} added\n",
        author=ADA,
        committer=ADA,
        expected_tip=None if parent is None else parent.commit,
    )


@dataclass(frozen=True)
class Project:
    """A directory with a database, its store, and the store's snapshots, oldest first."""

    directory: Path
    store: Store
    snapshots: tuple[Snapshot, ...]


def empty_project(directory: Path) -> Project:
    """Make a directory with a database and a store without snapshots."""
    directory.mkdir()
    database = write_database(directory / "my.kuzu")
    return Project(directory, create_store(directory / ".kuzugit", database), ())


def small_project(directory: Path) -> Project:
    """Make a directory with a database and a store with v0.1.0 and v0.2.0."""
    store = empty_project(directory).store
    first = add_snapshot(store, "v0.1.0", "first snapshot\n")
    second = add_snapshot(
        store,
        "v0.2.0",
        "three more\n\nBecause of the review.\n\nKuzugit-Format: 1\nevent-index: 42\n",
        rows=6,
        parent=first,
    )
    return Project(directory, store, (first, second))
