"""Histories that met more than once: each side has joined the other's, apart.

Then several snapshots are the newest that both have, and each may have been decided
otherwise. Compared with one of them alone, what the other decided is lost in silence.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import fields
from itertools import chain
from pathlib import Path
from typing import Any

from kuzugit.model.catalog import Catalog, Index
from kuzugit.model.merge import Choice, Choices, MergeConflict
from kuzugit.model.progress import ProgressCallback
from kuzugit.model.snapshot import Manifest
from kuzugit.porcelain.content import Content
from kuzugit.porcelain.disk import writing
from kuzugit.porcelain.keeping import Keeper
from kuzugit.porcelain.merging import Merged, Sides, merge
from kuzugit.porcelain.reading import read_manifest
from kuzugit.store.history import Snapshot
from kuzugit.store.location import Store


class CrissCross:
    """A merge with several bases, in `room`, an empty directory.

    It is made once with each base. Where these come to the same, that is the merge. Where
    they do not, ours and theirs are the two answers: a conflict, unless the choices say who
    wins. What is made on the way comes into the store, where `git gc` removes it.
    """

    def __init__(
        self,
        store: Store,
        tip: Snapshot | None,
        bases: Sequence[Snapshot],
        choices: Choices,
        room: Path,
        progress: ProgressCallback,
    ) -> None:
        self._store = store
        self._tip = tip
        self._bases = bases
        self._choices = choices
        self._room = room
        self._progress = progress
        self._turns = 0

    def merge(self, theirs: Manifest, ours: Manifest) -> Merged:
        """Return the merge; raises what `merging.merge` raises."""
        found = [
            self._merged(read_manifest(self._store, base), theirs, ours) for base in self._bases
        ]
        conflicts = tuple(
            {(c.table, c.key, c.column): c for m in found for c in m.conflicts}.values()
        )
        warnings = tuple(dict.fromkeys(chain.from_iterable(item.warnings for item in found)))
        done = found[0].manifest
        if conflicts:
            return Merged(done, conflicts, warnings)
        for other in found[1:]:
            names = _differing(done, other.manifest)
            open_names = sorted(name for name in names if self._choices.of(name) is None)
            if open_names:
                return Merged(done, tuple(map(self._conflict, open_names)), warnings)
            base = done
            for choice, loser in ((Choice.OURS, theirs), (Choice.THEIRS, ours)):
                # Each of the two is what one side has. That it is what the base had makes the
                # other one the change.
                base = _with(base, loser, {n for n in names if self._choices.of(n) is choice})
            last = self._merged(base, done, other.manifest)
            if last.conflicts:
                return Merged(done, last.conflicts, warnings)
            done = last.manifest
        return Merged(done, (), warnings)

    def _merged(self, base: Manifest, theirs: Manifest, ours: Manifest) -> Merged:
        self._turns += 1
        work = self._room / f"turn-{self._turns}"
        new = self._room / f"new-{self._turns}"
        sides = Sides(*(Content(item, self._store) for item in (base, theirs, ours)))
        with (
            writing(work, "merge the rows in"),
            # In the store, because the next turn reads them from there.
            Keeper(self._store, self._tip, new, every=True) as keeper,
        ):
            work.mkdir(parents=True)
            return merge(sides, self._choices, work, keeper.keep, new, self._progress)

    def _conflict(self, name: str) -> MergeConflict:
        names = " and ".join(base.name for base in self._bases)
        return MergeConflict(name, why=f"both sides come from {names}, which decided it otherwise")


def _differing(one: Manifest, other: Manifest) -> set[str]:
    """Return the names of what two manifests do not have alike; of an index, its table's."""
    things = {_name(item) for item in _things(one.catalog) ^ _things(other.catalog)}
    return things | {item.key.table for item in {*one.data} ^ {*other.data}}


def _things(catalog: Catalog) -> set[Any]:
    return {item for kind in fields(catalog) for item in getattr(catalog, kind.name)}


def _name(item: Any) -> str:
    return str(item.table if isinstance(item, Index) else item.name)


def _with(manifest: Manifest, other: Manifest, names: Collection[str]) -> Manifest:
    """Return `manifest` with what has one of `names` as `other` has it."""
    kinds = {}
    for kind in fields(Catalog):
        mine, theirs = (getattr(item.catalog, kind.name) for item in (manifest, other))
        kept = [item for item in mine if _name(item) not in names]
        kinds[kind.name] = (*kept, *(item for item in theirs if _name(item) in names))
    data = [item for item in manifest.data if item.key.table not in names]
    data += [item for item in other.data if item.key.table in names]
    return Manifest(Catalog(**kinds), tuple(data))
