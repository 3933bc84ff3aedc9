"""A database out of a snapshot: built in a new file, counted, flushed, never half done."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from kuzugit import atomic
from kuzugit.canonical.cypher import CopyStep, build_plan
from kuzugit.engine.load import check_rows, new_database, run_all
from kuzugit.model.progress import Progress, ProgressCallback
from kuzugit.model.snapshot import Manifest, TableData
from kuzugit.porcelain.reading import read_checked, write_chunks
from kuzugit.porcelain.take import table_label
from kuzugit.store.history import Snapshot
from kuzugit.store.location import Store

_PLAIN_PATH = re.compile(r"[A-Za-z0-9/_.+,=@%~ -]*", re.ASCII)


def build_database(
    store: Store, snapshot: Snapshot, path: Path, progress: ProgressCallback
) -> Manifest:
    """Build the database of `snapshot` in the new file `path`; return its manifest.

    The tree is compared with its manifest, every chunk with its id, the rows with the
    manifest's counts; then the file is checkpointed, closed, opened once more and
    flushed to the disk. Whatever goes wrong, the caller removes the file. Raises
    SnapshotCorrupt, DamagedObject, StatementFailed, RowsMissing.
    """
    manifest = read_checked(store, snapshot)
    build_from_manifest(store, manifest, path, progress)
    return manifest


def build_from_manifest(
    store: Store, manifest: Manifest, path: Path, progress: ProgressCallback
) -> None:
    """Build the database of a manifest whose chunks the store has; see `build_database`."""
    plan = build_plan(manifest)
    wanted = [data for data in manifest.data if data.rows]
    with (
        store.scratch() as scratch,
        plain_name(scratch) as directory,
        ThreadPoolExecutor(max_workers=1) as fetcher,
        new_database(path) as session,
    ):
        # Chunks of the next table are fetched while one is loaded.
        fetched = {
            data.key: fetcher.submit(_fetch, store, data, scratch, progress)
            for data in _in_order(wanted, plan.copies)
        }
        try:
            run_all(session, plan.schema)
            atomic.step("build:schema-made")
            for copy in plan.copies:
                paths = fetched[copy.key].result()
                progress(Progress("loading", table_label(copy.key)))
                session.run(copy.statement(f"{directory}/"))
                for item in paths:
                    item.unlink()
            run_all(session, plan.index)
        except BaseException:
            fetcher.shutdown(wait=True, cancel_futures=True)
            raise
        atomic.step("build:rows-loaded")
    check_rows(path, {data.key: data.rows for data in manifest.data})
    atomic.fsync_file(path)
    atomic.step("build:file-flushed")


def _in_order(wanted: list[TableData], copies: tuple[CopyStep, ...]) -> list[TableData]:
    by_key = {data.key: data for data in wanted}
    return [by_key[copy.key] for copy in copies]


def _fetch(
    store: Store, data: TableData, directory: Path, progress: ProgressCallback
) -> list[Path]:
    paths = []
    for path, _ in write_chunks(store, ((data.key, chunk) for chunk in data.chunks), directory):
        paths.append(path)
        progress(Progress("fetching", table_label(data.key), len(paths), len(data.chunks), "files"))
    return paths


@contextmanager
def plain_name(directory: Path) -> Iterator[str]:
    """Yield a path to `directory` that Kùzu takes literally.

    In a COPY path `*`, `?`, `[`, quotes and backslashes mean something; a symbolic
    link with a plain name leads around them.
    """
    if _PLAIN_PATH.fullmatch(str(directory)):
        yield str(directory)
        return
    with tempfile.TemporaryDirectory(prefix="kuzugit-") as home:
        link = Path(home) / "store"
        link.symlink_to(directory, target_is_directory=True)
        yield str(link)
