"""A manifest whose chunks the store has, written as a tree."""

from __future__ import annotations

from kuzugit.canonical.manifest import manifest_text, parse_manifest
from kuzugit.canonical.paths import MANIFEST_FILE
from kuzugit.model.object_id import ObjectId
from kuzugit.model.snapshot import Manifest
from kuzugit.porcelain.reading import MANIFEST_LIMIT, statement_files, tree_entries
from kuzugit.store.location import Store
from kuzugit.store.objects import id_at, read_blob, write_blob, write_tree


def write_snapshot(store: Store, manifest: Manifest) -> ObjectId:
    """Write the tree of a manifest and return its id; nothing names it yet.

    Raises StoreReadOnly, GitFailed, ObjectTooLong.
    """
    for content in statement_files(manifest).values():
        write_blob(store, content.encode())
    text = manifest_text(manifest).encode()
    return write_tree(store, tree_entries(manifest, write_blob(store, text, MANIFEST_LIMIT)))


def read_tree_manifest(store: Store, tree: ObjectId) -> Manifest | None:
    """Return the manifest of a tree, None where the store has no such tree.

    Raises DamagedObject, ManifestInvalid.
    """
    blob = id_at(store, tree, MANIFEST_FILE)
    if blob is None:
        return None
    return parse_manifest(read_blob(store, blob, MANIFEST_LIMIT).decode("utf-8"))
