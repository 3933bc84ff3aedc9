"""Floats that Kùzu changes as it stores them, kept: others stand in for them at first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from kuzugit.canonical.columns import chunk_columns
from kuzugit.canonical.parquet import decode, decode_all, encode, footer_rows
from kuzugit.canonical.stand_ins import (
    StandIns,
    exact_numbers,
    free_stand_ins,
    nested_values,
    parted_by_nan,
    with_stand_ins,
)
from kuzugit.canonical.unsteady import holds_unsteady
from kuzugit.model.floats import has_floats
from kuzugit.model.snapshot import Manifest, TableKey
from kuzugit.porcelain.content import read_scratch
from kuzugit.porcelain.disk import writing
from kuzugit.porcelain.reading import read_chunk
from kuzugit.store.location import Store


def _write(path: Path, data: bytes) -> None:
    with writing(path, "write a chunk to work on"):
        path.write_bytes(data)


class Mending:
    """The stand-ins of the tables of one database while it is built.

    See `canonical.stand_ins`: the database must be without compression, and written down
    after `begin` of the last table and again after the statements of `change`.
    """

    def __init__(self, store: Store, manifest: Manifest) -> None:
        self._store = store
        self._manifest = manifest
        self._stand_ins: dict[TableKey, tuple[StandIns, StandIns]] = {}

    def begin(self, key: TableKey, paths: Iterable[Path]) -> None:
        """Put stand-ins into the chunks of a table, which are at `paths`, where it needs some."""
        if not has_floats(self._manifest.catalog, key):
            return
        columns = chunk_columns(self._manifest.catalog, key)
        files = list(paths)
        if not any(holds_unsteady(read_scratch(path), columns) for path in files):
            return
        rows = (decode(read_scratch(path), columns.schema) for path in files)
        stand_ins = self._stand_ins[key] = free_stand_ins(rows, columns)
        late = []
        for path in files:
            table = decode(read_scratch(path), columns.schema)
            # Kùzu orders rels itself.
            if not key.is_rel:
                table, with_nan = parted_by_nan(table, columns)
                late.append(with_stand_ins(with_nan, columns, stand_ins[0]))
            _write(path, with_stand_ins(table, columns, stand_ins[0]))
        if any(map(footer_rows, late)):
            # In one file with all others before them, for Kùzu reads several at a time.
            whole = decode_all([*map(read_scratch, files), *late], columns.schema)
            _write(files[0], encode(whole.combine_chunks()))
            for path in files[1:]:
                _write(path, encode(columns.schema.empty_table()))

    def change(self) -> Iterator[str]:
        """Yield the statements that put other stand-ins into lists and the like."""
        for key, (first, second) in self._stand_ins.items():
            yield from self._nested(key, first, second)

    def finish(self) -> Iterator[str]:
        """Yield the statements that put the exact values back."""
        for key, (first, second) in self._stand_ins.items():
            columns = chunk_columns(self._manifest.catalog, key)
            yield from exact_numbers(key, columns, first)
            yield from self._nested(key, second, None)

    def _nested(self, key: TableKey, now: StandIns, then: StandIns | None) -> Iterator[str]:
        catalog = self._manifest.catalog
        columns = chunk_columns(catalog, key)
        for chunk in self._manifest.table(key).chunks:
            rows = decode(read_chunk(self._store, key, chunk), columns.schema)
            yield from nested_values(catalog, key, columns, rows, now, then)
