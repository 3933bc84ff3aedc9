"""What was taken over from a source the last time: what a sync compares both sides with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from kuzugit.model.object_id import ObjectId
from kuzugit.model.snapshot import Manifest
from kuzugit.porcelain.snapshot_tree import read_tree_manifest
from kuzugit.porcelain.sync_source import Source
from kuzugit.porcelain.taking_over import Part
from kuzugit.store.history import (
    NotASnapshot,
    Snapshot,
    UnknownRevision,
    commit_at,
    merge_base,
    resolve,
    with_tree,
)
from kuzugit.store.location import Store
from kuzugit.store.ref_file import read_ref, write_ref
from kuzugit.store.remotes import tracking_refs

SOURCES = "refs/kuzugit/sources/"
"""The trees that were taken over, which keeps them from `git gc`. Each is named by its own id."""

ALIKE = "refs/kuzugit/alike/"
"""The trees of which a snapshot of ours had everything already, so that none was made: named
by that snapshot, and by the source and its part."""


@dataclass(frozen=True)
class LastTaken:
    """What the live database, which is that of the snapshot `now`, has from a part of a source.

    The snapshots that it was made from tell it, in their trailers. So it goes back with a
    rollback, and travels with a clone.
    """

    store: Store
    source: Source
    part: Part
    now: Snapshot | None

    def manifest(self) -> Manifest | None:
        """Return it; None the first time, and where its tree is not in the store."""
        tree = self._tree()
        found = None if tree is None else read_tree_manifest(self.store, tree)
        return None if found is None else self.part.of(found, strict=False)

    def is_of_another(self) -> bool:
        """Whether another store had the source's name when it was taken.

        That is so where no snapshot of the source has the tree that was taken, or where that
        snapshot and the source as it is now have nothing in common.
        """
        now, tree = self.source.snapshot, self._tree()
        if now is None or self.source.remote is None or tree is None:
            return False
        if with_tree(self.store, [now], tree) is not None:
            return False
        # It may have been an older branch, or a tag, of the source.
        others = []
        for value in tracking_refs(self.store, self.source.remote).values():
            if value.startswith("ref: "):
                continue
            # A tag of something that is no snapshot gave nothing.
            with suppress(NotASnapshot, UnknownRevision):
                others.append(commit_at(self.store, ObjectId(value)))
        taken = with_tree(self.store, others, tree)
        return taken is None or merge_base(self.store, taken, now) is None

    def _tree(self) -> ObjectId | None:
        for snapshot in self._past():
            alike = read_ref(self.store, self._alike(snapshot))
            if alike is not None:
                return ObjectId(alike)
            if (
                snapshot.trailer("Kuzugit-Source") == self.source.name
                and snapshot.trailer("Kuzugit-Source-Part") == self._part_text()
            ):
                tree = snapshot.trailer("Kuzugit-Source-Tree")
                return None if tree is None else ObjectId(tree)
        return None

    def trailers(self) -> list[tuple[str, str]]:
        """Return the trailers of a snapshot that takes the source over as it is now."""
        found = [("Kuzugit-Source", self.source.name)]
        if self.source.version is not None:
            found.append(("Kuzugit-Source-Version", self.source.version))
        found.append(("Kuzugit-Source-Tree", self.source.tree))
        part = self._part_text()
        if part is not None:
            found.append(("Kuzugit-Source-Part", part))
        return found

    def keep(self) -> None:
        """Keep the source as it is now from `git gc`; call it under the store lock."""
        write_ref(self.store, SOURCES + self.source.tree, self.source.tree)

    def note_alike(self) -> None:
        """Remember that ours has all of theirs: what they change from now on is their change.

        Call it under the store lock.
        """
        if self.now is not None:
            write_ref(self.store, self._alike(self.now), self.source.tree)

    def _alike(self, snapshot: Snapshot) -> str:
        text = f"{self.source.name}\0{self._part_text() or ''}"
        return f"{ALIKE}{snapshot.commit}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"

    def _past(self) -> Iterator[Snapshot]:
        """Yield current and what it was made from, also across a rollback."""
        snapshot = self.now
        while snapshot is not None:
            yield snapshot
            base = snapshot.trailer("Kuzugit-Base")
            parents = snapshot.parents
            snapshot = commit_at(self.store, parents[0]) if parents else None
            if base is not None:
                # A version may have another name by now.
                with suppress(UnknownRevision):
                    snapshot = resolve(self.store, base)

    def _part_text(self) -> str | None:
        if self.part.is_whole:
            return None
        return json.dumps([self.part.prefix, *self.part.tables])
