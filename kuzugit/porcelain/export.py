"""Export: a snapshot as a directory that IMPORT DATABASE takes."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from kuzugit.canonical.paths import COPY_FILE, INDEX_FILE, SCHEMA_FILE, chunk_path
from kuzugit.engine import binding
from kuzugit.engine.dialect import Dialect
from kuzugit.engine.load import export_database, import_database, new_database
from kuzugit.engine.session import StatementFailed
from kuzugit.errors import EngineError, KuzugitError, UnsupportedError, UsageError
from kuzugit.model.catalog import Catalog
from kuzugit.model.progress import Progress, ProgressCallback, ignore_progress
from kuzugit.model.snapshot import Manifest
from kuzugit.porcelain.build import plain_name
from kuzugit.porcelain.disk import writing
from kuzugit.porcelain.engine import choose_to_build
from kuzugit.porcelain.live import open_live
from kuzugit.porcelain.new_directory import check_new, new_directory
from kuzugit.porcelain.output_place import check_place
from kuzugit.porcelain.reading import read_checked, read_typed_chunk, statement_files
from kuzugit.porcelain.rebuilding import build_exactly, same_manifest
from kuzugit.porcelain.scratch import scratch
from kuzugit.porcelain.take import take_snapshot
from kuzugit.porcelain.workspace import Workspace
from kuzugit.store.history import Snapshot, resolve
from kuzugit.store.location import Store
from kuzugit.store.objects import list_tree, read_blob


class UnknownFormat(UsageError):
    """A format that exports are not written in."""

    def __init__(self, format: str) -> None:
        self.format = format
        super().__init__(f"there is no export format {format!r}", hint="--format parquet or csv")


class CsvNotWritten(UnsupportedError):
    """The engine exports no CSV."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        super().__init__(
            f"{dialect.title} does not export CSV",
            hint="--format parquet, or with Kùzu: kuzugit --engine kuzu export ...",
        )


class CsvFailed(EngineError):
    """The engine failed to write a snapshot as CSV; `keys` are those that it cannot name."""

    def __init__(self, keys: tuple[str, ...], reason: str) -> None:
        self.keys = keys
        why = (
            f"it writes the keys of rels without backticks, which {', '.join(keys)} needs"
            if keys
            else reason
        )
        super().__init__(
            f"{binding.dialect().title} cannot export this as CSV: {why}", hint="--format parquet"
        )


@dataclass(frozen=True)
class ExportResult:
    """What an export wrote; `warnings` say what its format does not hold."""

    directory: Path
    files: int
    bytes: int
    warnings: tuple[str, ...] = ()


def export(
    workspace: Workspace,
    revision: str,
    directory: Path,
    *,
    format: str = "parquet",
    schema_only: bool = False,
    progress: ProgressCallback = ignore_progress,
) -> ExportResult:
    """Write the snapshot `revision` into `directory`, which is new or empty.

    Parquet is the tree as it stands. CSV is written by the engine itself, with the complete
    schema put in; it is then loaded and compared, and where CSV cannot hold the rows
    exactly a warning says so. Raises UnknownRevision, PlaceTaken, DirectoryNotEmpty,
    SnapshotCorrupt, CsvNotWritten, CsvFailed.
    """
    store = workspace.store
    if format not in ("parquet", "csv"):
        raise UnknownFormat(format)
    snapshot = resolve(store, revision)
    target = directory.absolute()
    check_place(workspace, target)
    check_new(target)
    if format == "csv" and not schema_only:
        choose_to_build(workspace)
        if not binding.dialect().exports_csv:
            raise CsvNotWritten(binding.dialect())
    warnings: tuple[str, ...] = ()
    with new_directory(target, ".kuzugit-export-", "export into") as new:
        if schema_only:
            _write_schema(read_checked(store, snapshot), new)
        elif format == "csv":
            warnings = _write_csv(store, snapshot, new, progress)
        else:
            _write_tree(store, snapshot, new, progress)
        with writing(target, "export into"):
            files = [path for path in new.rglob("*") if path.is_file()]
            size = sum(path.stat().st_size for path in files)
    return ExportResult(target, len(files), size, warnings)


def _write_tree(store: Store, snapshot: Snapshot, target: Path, progress: ProgressCallback) -> None:
    manifest = read_checked(store, snapshot)
    chunks = {
        chunk_path(data.key, chunk.name): (data.key, chunk)
        for data in manifest.data
        for chunk in data.chunks
    }
    found = list_tree(store, snapshot.tree)
    for done, (path, blob) in enumerate(found.items(), 1):
        if path in chunks:
            # It is going to be given to an engine as it is.
            data = read_typed_chunk(store, manifest.catalog, *chunks[path])
        else:
            data = read_blob(store, blob)
        with writing(target, "export into"):
            place = target / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
        progress(Progress("exporting", "", done, len(found), "files"))


def _write_schema(manifest: Manifest, target: Path) -> None:
    texts = statement_files(manifest)
    with writing(target, "export into"):
        for name in (SCHEMA_FILE, INDEX_FILE):
            (target / name).write_text(texts[name], encoding="utf-8")
        (target / COPY_FILE).write_text("", encoding="utf-8")


def _write_csv(
    store: Store, snapshot: Snapshot, target: Path, progress: ProgressCallback
) -> tuple[str, ...]:
    with scratch(store) as room:
        database = room / "export.kuzu"
        manifest = build_exactly(store, snapshot, database, progress)
        with plain_name(room) as directory:
            try:
                export_database(database, f"{directory}/csv")
            except StatementFailed as error:
                raise CsvFailed(_odd_keys(manifest.catalog), error.reason) from error
        texts = statement_files(manifest)
        with writing(target, "export into"):
            for name in (SCHEMA_FILE, INDEX_FILE):
                (room / "csv" / name).write_text(texts[name], encoding="utf-8")
            for item in (room / "csv").iterdir():
                shutil.move(item, target / item.name)
        return () if _reads_back(target, room, manifest, progress) else (CSV_LOSES,)


CSV_LOSES = (
    "CSV does not hold these rows exactly (it cannot tell NULL from an empty text, among "
    "others): use --format parquet for a copy to restore from"
)


def _odd_keys(catalog: Catalog) -> tuple[str, ...]:
    """Return the keys of the ends of rels that are no plain names."""
    ends = {
        end
        for rel in catalog.rels
        for pair in rel.pairs
        for end in (pair.from_table, pair.to_table)
    }
    keys = [(table.name, table.primary_key) for table in catalog.nodes if table.name in ends]
    return tuple(f"{table}.{key}" for table, key in keys if not key.isidentifier())


def _reads_back(
    target: Path, scratch: Path, manifest: Manifest, progress: ProgressCallback
) -> bool:
    again = scratch / "again.kuzu"
    work = scratch / "work"
    work.mkdir()
    try:
        with plain_name(target) as directory, new_database(again) as session:
            import_database(session, directory)
        with open_live(again, None) as live:
            found = take_snapshot(live.source, work, lambda _, chunk: chunk.blob, progress)
    except KuzugitError:
        # What cannot even be loaded is not exact; the warning says so.
        return False
    return same_manifest(found, manifest)
