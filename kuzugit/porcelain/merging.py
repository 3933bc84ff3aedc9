"""Three snapshots into one: the catalogs, then the tables that both sides changed."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from kuzugit.canonical.columns import chunk_columns
from kuzugit.canonical.encoding import EncodedChunk, encode_chunks
from kuzugit.canonical.parquet import decode
from kuzugit.canonical.paths import chunk_path
from kuzugit.diff.chunk_rows import chunk_rows
from kuzugit.diff.merge_catalog import Part, merge_catalogs
from kuzugit.diff.merge_ends import End, Ends
from kuzugit.diff.merge_rows import MergeTable, RowMerger, Rows
from kuzugit.model.catalog import Catalog, Multiplicity
from kuzugit.model.json_value import json_value
from kuzugit.model.least import holds_least
from kuzugit.model.merge import Choice, Choices, MergeConflict
from kuzugit.model.progress import Progress, ProgressCallback
from kuzugit.model.snapshot import Chunk, Manifest, ObjectId, TableData, TableKey, table_keys
from kuzugit.porcelain.content import Content
from kuzugit.porcelain.merge_defaults import Defaults, differ, lacking

Keep = Callable[[TableKey, EncodedChunk], ObjectId]

_FLOATS = ("FLOAT", "DOUBLE")

_SINGLE = {
    Multiplicity.MANY_MANY: (),
    Multiplicity.MANY_ONE: (0,),
    Multiplicity.ONE_MANY: (1,),
    Multiplicity.ONE_ONE: (0, 1),
}
"""The ends that may have one rel: 0 is `from`, 1 is `to`."""


@dataclass(frozen=True)
class Merged:
    """The manifest that is wanted, and what no choice settled; then it is not to be used.

    `warnings` name the properties of which some rows have no value.
    """

    manifest: Manifest
    conflicts: tuple[MergeConflict, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sides:
    """What is merged: how it was, and both sides as they are. Their chunks are in one store."""

    base: Content
    theirs: Content
    ours: Content

    def __iter__(self) -> Iterator[Content]:
        return iter((self.base, self.theirs, self.ours))


def merge(
    sides: Sides,
    choices: Choices,
    room: Path,
    keep: Keep,
    kept_in: Path,
    progress: ProgressCallback,
) -> Merged:
    """Return ours with what changed from the base to theirs.

    A table that one side alone has changed is taken as it is; of the others the rows are
    merged by DuckDB, and their chunks go to `keep`, which writes them as files below
    `kept_in`. Rows that come without a property get its default, as Kùzu gives it to the
    rows of a table when a property is added. In the result every rel has its ends. `room`
    is an empty directory. Raises SnapshotCorrupt, UnreadableChunksError,
    ComparisonMemoryError.
    """
    with RowMerger(room) as rows:
        return _Merge(sides, choices, room, keep, kept_in, progress, rows).run()


@dataclass
class _Merge:
    sides: Sides
    choices: Choices
    room: Path
    keep: Keep
    kept_in: Path
    progress: ProgressCallback
    rows: RowMerger
    conflicts: list[MergeConflict] = field(default_factory=list)
    catalog: Catalog = field(default_factory=Catalog)
    data: dict[TableKey, TableData] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.defaults = Defaults(self.room / "defaults")

    def run(self) -> Merged:
        base, theirs, ours = (side.manifest.catalog for side in self.sides)
        merged = merge_catalogs(base, theirs, ours, self.choices, self._touched)
        self.conflicts += merged.conflicts
        if any(not conflict.settleable for conflict in merged.conflicts):
            return Merged(self.sides.ours.manifest, tuple(self.conflicts))
        self.catalog = merged.catalog
        self.data = {key: self._chosen(key) for key in table_keys(self.catalog)}
        self._attach()
        self._count_rels()
        data = tuple(self.data[key] for key in table_keys(self.catalog))
        return Merged(Manifest(self.catalog, data), tuple(self.conflicts), self.defaults.told)

    def _touched(self, table: str, part: Part) -> bool:
        side = self.sides.theirs if part is Part.THEIRS else self.sides.ours
        before, after = (
            {item.key: _ids(item) for item in content.manifest.data if item.key.table == table}
            for content in (self.sides.base, side)
        )
        return any(before.get(key, ()) != after.get(key, ()) for key in {*before, *after})

    def _chosen(self, key: TableKey) -> TableData:
        """Return the rows of a table after the merge; read only what both have changed."""
        base, theirs, ours = self.sides
        _, t, o = (self._as_it_is(side, key) for side in self.sides)
        if not _has(theirs, key) or not _has(ours, key):
            return o or t or self._merged(key)
        if o is not None and (_equal(theirs, base, key) or (t and _ids(t) == _ids(o))):
            return o
        if t is not None and _equal(ours, base, key):
            return t
        return self._merged(key)

    def _as_it_is(self, side: Content, key: TableKey) -> TableData | None:
        """Return the side's rows where they have the columns of the merged table."""
        catalog = side.manifest.catalog
        if not _has(side, key):
            return None
        mine, wanted = chunk_columns(catalog, key), chunk_columns(self.catalog, key)
        same = (mine.types, mine.schema.names) == (wanted.types, wanted.schema.names)
        return side.manifest.table(key) if same else None

    def _merged(self, key: TableKey, kept: tuple[tuple[Path, bool], ...] = ()) -> TableData:
        self.progress(Progress("merging", key.label))
        path = self.room / "merged.parquet"
        with self._table(key, kept) as table:
            if not kept and not table.choice:
                self.conflicts += self.rows.conflicts(table)
            self.rows.write(table, path)
            unsaid = lacking(self.catalog, key, (table.theirs, table.ours))
            self.defaults.tell_unfilled(key, unsaid, path)
        return self._encoded(key, path)

    @contextmanager
    def _table(self, key: TableKey, kept: tuple[tuple[Path, bool], ...]) -> Iterator[MergeTable]:
        """Yield the table with the files of its sides, which are removed after."""
        columns = chunk_columns(self.catalog, key)
        with ExitStack() as stack:
            base, theirs, ours = (
                self._rows(stack, side, key, name)
                for side, name in zip(self.sides, "bto", strict=True)
            )
            if not theirs.columns or not ours.columns:
                # A side without the table did not remove its rows one by one.
                base = Rows()
            added = lacking(self.catalog, key, (base, theirs, ours))
            both = [side for side in (self.sides.theirs, self.sides.ours) if _has(side, key)]
            yield MergeTable(
                label=key.label,
                schema=columns.schema,
                types=columns.types,
                key=columns.key,
                several=key.is_rel or str(columns.types[columns.key[0]]) in _FLOATS,
                base=base,
                theirs=theirs,
                ours=ours,
                choice=self.choices.of(key.table),
                kept=kept,
                fill=self.defaults.fill(key, added),
                apart=differ(key, added.values(), [side.manifest.catalog for side in both]),
            )

    def _rows(self, stack: ExitStack, side: Content, key: TableKey, name: str) -> Rows:
        if not _has(side, key):
            return Rows()
        chunks = side.manifest.table(key).chunks
        files = stack.enter_context(side.chunks(key, chunks, self.room / name))
        wanted = chunk_columns(self.catalog, key)
        known = set(zip(wanted.schema.names, wanted.types, strict=True))
        mine = chunk_columns(side.manifest.catalog, key)
        names = (
            name if (name, type_) in known else ""
            for name, type_ in zip(mine.schema.names, mine.types, strict=True)
        )
        return Rows(tuple(files), tuple(names))

    def _encoded(self, key: TableKey, path: Path) -> TableData:
        """Return the table of the rows in a file, which is removed."""
        columns = chunk_columns(self.catalog, key)
        names = [f"c{at}" for at in range(len(columns.types))]
        source = "read_parquet('" + str(path).replace("'", "''") + "')"
        spill = self.room / "sorted"
        spill.mkdir(exist_ok=True)
        sides = (self.sides.theirs, self.sides.ours)
        suspect = any(side.manifest.table(key).least for side in sides)
        suspect = suspect or self.defaults.may_be_least(key.table)
        least = False
        chunks = []
        # What an earlier turn has written under the same names is not what stands there now.
        shutil.rmtree((self.kept_in / chunk_path(key, "x")).parent, ignore_errors=True)
        for chunk in encode_chunks(source, names, self.catalog, key, spill):
            blob = self.keep(key, chunk)
            chunks.append(Chunk(chunk.name, chunk.rows, len(chunk.data), blob))
            if suspect and not least:
                least = any(
                    holds_least(type_, value)
                    for row in chunk_rows(decode(chunk.data, columns.schema))
                    for type_, value in zip(columns.types, row, strict=True)
                )
        path.unlink()
        return TableData(key, tuple(chunks), least=least)

    def _attach(self) -> None:
        """See that every rel has its ends: as the choices say, or note the conflicts."""
        open_rels = [
            key for key in table_keys(self.catalog) if key.is_rel and not self._is_closed(key)
        ]
        kept: dict[TableKey, list[tuple[Path, bool]]] = {}
        loose = []
        for key in open_rels:
            for place, node in enumerate(_ends(key)):
                path = self._lost(key, place, node)
                if path is not None:
                    loose.append(key)
                    choice = self.choices.of(node.table)
                    if choice is None:
                        self.conflicts += self._hanging(key, node, path)
                    else:
                        kept.setdefault(node, []).append((path, choice is Choice.OURS))
        if self.conflicts:
            return
        for node, files in kept.items():
            self.data[node] = self._merged(node, tuple(files))
        for key in dict.fromkeys(loose):
            path = self.room / "attached.parquet"
            with self._opened(key) as rels, ExitStack() as stack:
                nodes = [stack.enter_context(self._opened(node)) for node in _ends(key)]
                columns = chunk_columns(self.catalog, key)
                self.rows.write_attached(rels, nodes, columns.schema, path)
            self.data[key] = self._encoded(key, path)

    def _count_rels(self) -> None:
        """Note where both sides' rels together are more than their table allows."""
        for key in table_keys(self.catalog):
            sides = (self.sides.theirs, self.sides.ours)
            if not key.is_rel or any(
                _ids(self.data[key]) == _ids(side.manifest.table(key)) for side in sides
            ):
                continue
            columns = chunk_columns(self.catalog, key)
            for place in _SINGLE[self.catalog.rel(key.table).multiplicity]:
                with self._opened(key) as rels:
                    for value, count in self.rows.crowded(End(rels, place)):
                        shown = json_value(columns.types[place], value)
                        why = f"has {count} rels after the merge, and the table allows one"
                        self.conflicts.append(
                            MergeConflict(key.label, (shown,), "", why, settleable=False)
                        )

    def _is_closed(self, key: TableKey) -> bool:
        """Whether rels and both ends are those of one side, where each rel has its ends."""
        wanted = (key, *_ends(key))
        return not self.data[key].rows or any(
            all(_ids(self.data[item]) == _ids(side.manifest.table(item)) for item in wanted)
            for side in (self.sides.theirs, self.sides.ours)
        )

    def _lost(self, key: TableKey, place: int, node: TableKey) -> Path | None:
        """Write the ends that no node has to a file, with whether ours has the node."""
        path = self.room / f"lost-{len(list(self.room.glob('lost-*')))}.parquet"
        ours = Ends(node.label, (), chunk_columns(self.catalog, node).key[0], 0)
        with ExitStack() as stack:
            rels = stack.enter_context(self._opened(key))
            nodes = stack.enter_context(self._opened(node))
            if _has(self.sides.ours, node):
                ours = stack.enter_context(self._opened(node, self.sides.ours))
            found = self.rows.write_dangling(End(rels, place), nodes, ours, path)
        return path if found else None

    def _hanging(self, key: TableKey, node: TableKey, path: Path) -> Iterator[MergeConflict]:
        type_ = chunk_columns(self.catalog, node).types[chunk_columns(self.catalog, node).key[0]]
        for value, here in self.rows.lost_ends(key.label, path):
            gone, there = ("there", "here") if here else ("here", "there")
            why = f"was removed {gone}, and rels of {key.label} hang on it {there}"
            yield MergeConflict(node.label, (json_value(type_, value),), "", why)

    @contextmanager
    def _opened(self, key: TableKey, side: Content | None = None) -> Iterator[Ends]:
        """Yield the files of a table of one side, or of the merged one."""
        ours = self.sides.ours
        data = self.data[key] if side is None else side.manifest.table(key)
        catalog = self.catalog if side is None else side.manifest.catalog
        content = Content(ours.manifest, ours.store, self.kept_in if side is None else None)
        columns = chunk_columns(catalog, key)
        number = len(list(self.room.glob("end-*")))
        directory = self.room / f"end-{number}"
        directory.mkdir()
        with content.chunks(key, data.chunks, directory) as files:
            yield Ends(key.label, tuple(files), columns.key[0], len(columns.types))


def _has(side: Content, key: TableKey) -> bool:
    return key in table_keys(side.manifest.catalog)


def _equal(one: Content, other: Content, key: TableKey) -> bool:
    """Whether two sides have a table with the same columns and the same chunks."""
    if not _has(one, key) or not _has(other, key):
        return False
    first, second = (chunk_columns(side.manifest.catalog, key) for side in (one, other))
    return (first.types, first.schema.names) == (second.types, second.schema.names) and _ids(
        one.manifest.table(key)
    ) == _ids(other.manifest.table(key))


def _ids(data: TableData) -> tuple[ObjectId, ...]:
    return tuple(chunk.blob for chunk in data.chunks)


def _ends(key: TableKey) -> tuple[TableKey, TableKey]:
    assert key.pair is not None, "a rel table has pairs"
    return TableKey(key.pair.from_table), TableKey(key.pair.to_table)
