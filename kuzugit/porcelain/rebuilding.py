"""A snapshot built once more, to see whether it says what was read."""

from __future__ import annotations

from pathlib import Path

from kuzugit.canonical.manifest import manifest_text
from kuzugit.engine import binding
from kuzugit.engine.dialect import DIALECTS
from kuzugit.errors import RefusedError
from kuzugit.model.progress import ProgressCallback
from kuzugit.model.snapshot import Manifest
from kuzugit.porcelain.build import build_from_manifest, remove_database
from kuzugit.porcelain.live import open_live
from kuzugit.porcelain.reading import read_checked
from kuzugit.porcelain.scratch import scratch
from kuzugit.porcelain.soundness import blaming_chunks
from kuzugit.porcelain.take import table_label, take_snapshot
from kuzugit.store.history import Snapshot
from kuzugit.store.location import Store


class NotHeldExactly(RefusedError):
    """The engine does not hold what a snapshot says; the database that was built is removed."""

    def __init__(self, parts: list[str]) -> None:
        self.parts = parts
        title = binding.dialect().title
        others = [item.name for item in DIALECTS.values() if item is not binding.dialect()]
        super().__init__(
            f"{title} does not hold what the snapshot says in {', '.join(parts)}; "
            "the database was not made",
            hint=f"build it with the other engine: kuzugit --engine {others[0]} checkout ...",
        )


def build_exactly(
    store: Store, snapshot: Snapshot, path: Path, progress: ProgressCallback
) -> Manifest:
    """Build the database of `snapshot` in the new file `path`; return its manifest.

    The tree is compared with its manifest, and built as by `build_from_manifest`. The ways
    to load a value were measured on Kùzu. What another engine has built, and what holds
    floats that Kùzu may have changed, is read again and compared before anyone gets it.
    Raises SnapshotCorrupt, NotHeldExactly, and what `build_from_manifest` raises.
    """
    manifest = read_checked(store, snapshot)
    with blaming_chunks(store, manifest):
        build_exactly_from(store, manifest, path, progress)
    return manifest


def build_exactly_from(
    store: Store, manifest: Manifest, path: Path, progress: ProgressCallback
) -> None:
    """Build the database of a manifest whose chunks the store has, as `build_exactly`."""
    found = _built(store, manifest, path, progress, always=not binding.dialect().loads_as_measured)
    if found is not None and (parts := differing_parts(manifest, found)):
        raise NotHeldExactly(parts)


def rebuilt_manifest(
    store: Store, manifest: Manifest, scratch: Path, progress: ProgressCallback
) -> Manifest:
    """Build the manifest's database below `scratch`, take it again, return what was found."""
    return _built(store, manifest, scratch / "rebuilt.kuzu", progress, always=True) or manifest


def _built(
    store: Store, manifest: Manifest, path: Path, progress: ProgressCallback, *, always: bool
) -> Manifest | None:
    """Build the database and return what is in it, None where nobody needs to look.

    Where floats are not held, it is built once more, with others in their place at first.
    """
    found = None
    for mend in (False, True):
        if mend:
            remove_database(path)
        unsteady = build_from_manifest(store, manifest, path, progress, mend=mend)
        if not always and not mend and not unsteady:
            return None
        with scratch(store) as room:
            found = _taken(path, room, progress)
        if not unsteady or not differing_parts(manifest, found):
            break
    return found


def _taken(path: Path, work: Path, progress: ProgressCallback) -> Manifest:
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
