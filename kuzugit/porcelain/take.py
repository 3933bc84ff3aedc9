"""A snapshot out of an open database: catalog and rows in one state, as chunks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from kuzugit.canonical.cypher import only_with_kuzugit
from kuzugit.canonical.restoring import unrestorable
from kuzugit.engine.catalog import read_catalog, with_defaults
from kuzugit.engine.defaults import read_signs
from kuzugit.engine.session import Session
from kuzugit.engine.unload import RawRows, Suspect, unload
from kuzugit.model.catalog import Catalog
from kuzugit.model.loss import CannotKeep, Loss
from kuzugit.model.progress import Progress, ProgressCallback
from kuzugit.model.snapshot import Chunk, Manifest, ObjectId, TableData, TableKey, table_keys

if TYPE_CHECKING:
    from kuzugit.canonical.encoding import EncodedChunk

Keep: TypeAlias = "Callable[[TableKey, EncodedChunk], ObjectId]"
"""What to do with a chunk; returns the id of the blob that stands for it."""


@dataclass(frozen=True)
class Source:
    """An open database in a read-only transaction, and the path of its file."""

    session: Session
    database: Path


def take_snapshot(
    source: Source,
    scratch: Path,
    keep: Keep,
    progress: ProgressCallback,
    *,
    accepted: frozenset[str] = frozenset(),
    warn: Callable[[str], None] = lambda _: None,
) -> Manifest:
    """Read the whole database and return its manifest; each chunk goes to `keep`.

    The caller holds the transaction in which all is read. `scratch` is an empty
    directory with room for the largest two tables. `accepted` are the names of losses to
    leave out instead of refusing them; `warn` is told of those, and of what a snapshot or
    a plain IMPORT DATABASE keeps in another way. Raises CannotKeep where a snapshot
    would lose something: of the catalog before any row is read, of a table's values
    before a chunk of that table is kept.
    """
    catalog = _catalog(source, scratch, accepted, warn)
    keys = table_keys(catalog)
    raw = scratch / "raw"
    raw.mkdir()
    spill = scratch / "spill"
    spill.mkdir()
    # One table is read while the one before is sorted, cut and encoded.
    with ThreadPoolExecutor(max_workers=1) as reader:
        pending = [
            reader.submit(unload, source.session, catalog, key, raw / f"{at}.parquet")
            for at, key in enumerate(keys)
        ]
        try:
            data = tuple(_table(rows, catalog, spill, keep, progress, warn) for rows in pending)
        except BaseException:
            reader.shutdown(wait=True, cancel_futures=True)
            raise
    return Manifest(catalog, data)


def left_out(source: Source, scratch: Path, accepted: frozenset[str]) -> list[Loss]:
    """Return what a snapshot of the open database leaves out of those `accepted`; reads no rows."""
    reading = read_catalog(source.session, scratch / "schema")
    losses = [*reading.losses, *unrestorable(reading.catalog)]
    return [loss for loss in losses if loss.left_out and loss.name in accepted]


def _catalog(
    source: Source, scratch: Path, accepted: frozenset[str], warn: Callable[[str], None]
) -> Catalog:
    reading = read_catalog(source.session, scratch / "schema")
    losses = [*reading.losses, *unrestorable(reading.catalog)]
    refused = [loss for loss in losses if not (loss.left_out and loss.name in accepted)]
    if refused:
        raise CannotKeep(refused)
    for loss in losses:
        warn(f"left out: {loss}")
    for text in [*reading.warnings, *only_with_kuzugit(reading.catalog)]:
        warn(text)
    if not reading.undecided:
        return reading.catalog
    signs = read_signs(source.database, scratch, reading.catalog, reading.undecided)
    return with_defaults(reading.catalog, signs)


def _table(
    pending: Future[RawRows],
    catalog: Catalog,
    spill: Path,
    keep: Keep,
    progress: ProgressCallback,
    warn: Callable[[str], None],
) -> TableData:
    # Here, so that DuckDB and Arrow are imported while Kùzu writes the first rows.
    from kuzugit.canonical.encoding import encode_chunks

    rows = pending.result()
    least, nan = check_values(rows)
    for text in _warnings(least, nan):
        warn(text)
    name = table_label(rows.key)
    progress(Progress("reading", name))
    chunks = []
    done = 0
    for chunk in encode_chunks(rows.source, rows.columns, catalog, rows.key, spill):
        chunks.append(Chunk(chunk.name, chunk.rows, len(chunk.data), keep(rows.key, chunk)))
        done += chunk.rows
        progress(Progress("reading", name, done))
    for file in rows.files:
        file.unlink()
    return TableData(rows.key, tuple(chunks), least=bool(least))


def check_values(rows: RawRows) -> tuple[list[Suspect], list[Suspect]]:
    """Return which properties hold least values, and which NaN, each once; raise CannotKeep."""
    from kuzugit.canonical.conditions import which_hold

    losses: list[Loss] = []
    found: dict[Suspect, None] = {}
    for file in rows.files:
        perishable = [item for item in rows.perishable if item.file == file]
        suspects = [item for item in (*rows.least, *rows.nan) if item.file == file]
        asked = [item.condition for item in perishable]
        asked += [item.condition for item in suspects]
        for at in which_hold(file, asked):
            if at < len(perishable):
                losses.append(perishable[at].loss)
            else:
                found[suspects[at - len(perishable)]] = None
    if losses:
        raise CannotKeep(tuple(dict.fromkeys(losses)))
    return _once(rows.least, found), _once(rows.nan, found)


def _once(suspects: Iterable[Suspect], found: Collection[Suspect]) -> list[Suspect]:
    """Return those that were found, the first one of each property."""
    return list({item.name: item for item in suspects if item in found}.values())


def _warnings(least: list[Suspect], nan: list[Suspect]) -> Iterator[str]:
    for item in least:
        yield (
            f"{item.name} ({item.type}) holds the least integer of a type or the nil UUID, which "
            "Kùzu may destroy here at a checkpoint, and IMPORT DATABASE fails at; kuzugit keeps it"
        )
    for item in nan:
        yield (
            f"{item.name} ({item.type}) holds NaN, for which Kùzu may change it and other values "
            "here at a checkpoint, and at IMPORT DATABASE; kuzugit keeps them"
        )


def table_label(key: TableKey) -> str:
    """Return a table's name for people, with the pair of a rel table."""
    return key.label
