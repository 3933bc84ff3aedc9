"""A snapshot built once more, to see whether it says what was read."""

from __future__ import annotations

from pathlib import Path

from kuzugit.canonical.manifest import manifest_text
from kuzugit.model.progress import ProgressCallback
from kuzugit.model.snapshot import Manifest
from kuzugit.porcelain.build import build_from_manifest
from kuzugit.porcelain.live import open_live
from kuzugit.porcelain.take import table_label, take_snapshot
from kuzugit.store.location import Store


def rebuilt_manifest(
    store: Store, manifest: Manifest, scratch: Path, progress: ProgressCallback
) -> Manifest:
    """Build the manifest's database below `scratch`, take it again, return what was found."""
    path = scratch / "rebuilt.kuzu"
    build_from_manifest(store, manifest, path, progress)
    work = scratch / "rebuilt"
    work.mkdir()
    with open_live(path, None) as live:
        return take_snapshot(live.source, work, lambda _, chunk: chunk.blob, progress)


def differing_parts(first: Manifest, second: Manifest) -> list[str]:
    """Return the names of the tables whose rows differ, and `catalog` if that does."""
    found = ["catalog"] if first.catalog != second.catalog else []
    for data in first.data:
        if second.table(data.key).chunks != data.chunks:
            found.append(table_label(data.key))
    return found


def same_manifest(first: Manifest, second: Manifest) -> bool:
    """Tell whether two manifests are the same text, so the same tree."""
    return manifest_text(first) == manifest_text(second)
