"""A database out of a snapshot: built in a new file, counted, flushed, never half done."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from kuzugit import atomic
from kuzugit.canonical.cypher import Plan, build_plan
from kuzugit.engine.file import side_files
from kuzugit.engine.load import (
    check_rows,
    load_extensions,
    new_database,
    run_all,
    run_in_transaction,
    write_down,
)
from kuzugit.engine.unreadable import NumbersUnreadable, telling_unreadable
from kuzugit.model.catalog import Catalog
from kuzugit.model.floats import has_floats
from kuzugit.model.least import wide_properties
from kuzugit.model.progress import Progress, ProgressCallback
from kuzugit.model.snapshot import Chunk, Manifest, TableData, TableKey
from kuzugit.porcelain.background import yield_to_others
from kuzugit.porcelain.content import read_scratch
from kuzugit.porcelain.disk import check_room, writing
from kuzugit.porcelain.mending import Mending
from kuzugit.porcelain.reading import read_chunk, write_chunk
from kuzugit.porcelain.scratch import scratch
from kuzugit.porcelain.take import table_label
from kuzugit.store.location import Store

_PLAIN_PATH = re.compile(r"[A-Za-z0-9/_.+,=@%~ -]*", re.ASCII)


def build_from_manifest(
    store: Store,
    manifest: Manifest,
    path: Path,
    progress: ProgressCallback,
    *,
    mend: bool = False,
) -> bool:
    """Build the database of a manifest whose chunks the store has, in the new file `path`.

    Every chunk is compared with its id, the rows with the manifest's counts; then the file
    is checkpointed, closed, opened once more and flushed to the disk. Whatever goes wrong,
    the caller removes the file. Raises ChunkCorrupt, DamagedObject, StatementFailed,
    RowsMissing.

    Returns whether it holds floats that Kùzu may have changed (`canonical.unsteady`). With
    `mend` others stand in for them until all rows are there (`canonical.stand_ins`).
    """
    check_room(path.parent.parent)  # the one that it is in is removed at the end
    plan = build_plan(manifest)
    try:
        compression = plan.compression and not mend
        unsteady = _build(store, manifest, plan, path, progress, compression, mend)
    except NumbersUnreadable:
        # Rare: few numbers, all of them large, beside NULL. Told by reading alone, because
        # which of them Kùzu packs together is its own affair.
        if not compression:
            raise
        progress(Progress("building", "once more without compression"))
        remove_database(path)
        unsteady = _build(store, manifest, plan, path, progress, False, mend)
    with writing(path, "flush"):
        atomic.fsync_file(path)
    atomic.step("build:file-flushed")
    return unsteady


def remove_database(path: Path) -> None:
    """Remove a database that was built, and the logs beside it."""
    for file in (path, *side_files(path)):
        file.unlink(missing_ok=True)


def _build(
    store: Store,
    manifest: Manifest,
    plan: Plan,
    path: Path,
    progress: ProgressCallback,
    compression: bool,
    mend: bool,
) -> bool:
    mending = Mending(store, manifest) if mend else None
    with (
        scratch(store) as room,
        plain_name(room) as directory,
        _Fetcher(store, room, progress) as fetcher,
        telling_unreadable(),
    ):
        # Chunks are fetched while Kùzu starts, and those of a table while the one
        # before it is loaded.
        for key in (*(copy.key for copy in plan.copies), *plan.literal):
            fetcher.submit(manifest.table(key))
        with new_database(path, compression=compression) as session:
            load_extensions(session, manifest.catalog.indexes)
            run_all(session, plan.schema)
            atomic.step("build:schema-made")
            for copy in plan.copies:
                paths = fetcher.paths(copy.key)
                if mending is not None:
                    mending.begin(copy.key, paths)
                progress(Progress("loading", table_label(copy.key)))
                session.run(copy.statement(f"{directory}/"))
                fetcher.discard(paths)
            run_all(session, plan.fills)
            for key in plan.literal:
                progress(Progress("loading", table_label(key)))
                paths = fetcher.paths(key)
                if mending is not None:
                    mending.begin(key, paths)
                run_in_transaction(session, row_statements(manifest.catalog, key, paths))
            if mending is not None:
                for statements in (mending.change(), mending.finish()):
                    write_down(session)
                    run_in_transaction(session, statements)
            run_all(session, plan.finish)
            atomic.step("build:rows-loaded")
    counts = {data.key: data.rows for data in manifest.data}
    constant = check_rows(
        path,
        counts,
        read={key: wide_properties(manifest.catalog, key) for key in counts},
        floats={key for key in counts if has_floats(manifest.catalog, key)},
    )
    return any(_is_unsteady(store, manifest, key) for key in constant)


def _is_unsteady(store: Store, manifest: Manifest, key: TableKey) -> bool:
    # Here, because few need it, and Arrow takes time to import.
    from kuzugit.canonical.columns import chunk_columns
    from kuzugit.canonical.unsteady import holds_unsteady

    columns = chunk_columns(manifest.catalog, key)
    chunks = manifest.table(key).chunks
    return any(holds_unsteady(read_chunk(store, key, chunk), columns) for chunk in chunks)


def row_statements(catalog: Catalog, key: TableKey, paths: Iterable[Path]) -> Iterator[str]:
    """Yield a statement for each row of the chunks at `paths`."""
    # Here, because few snapshots need it, and Arrow takes time to import.
    from kuzugit.canonical.columns import chunk_columns
    from kuzugit.canonical.literals import create_statements
    from kuzugit.canonical.parquet import decode

    columns = chunk_columns(catalog, key)
    for path in paths:
        rows = decode(read_scratch(path), columns.schema)
        yield from create_statements(catalog, key, columns, rows)


class _Fetcher:
    """Writes chunks into a directory, two at a time, in the order they are asked for.

    Those of the first table, which everything waits for, go first; the others take what
    the loading of a table leaves of the processor, which at times uses one core alone.
    """

    def __init__(self, store: Store, directory: Path, progress: ProgressCallback) -> None:
        self._store = store
        self._directory = directory
        self._progress = progress
        self._pool = ThreadPoolExecutor(max_workers=2)
        self._begun: dict[TableKey, list[tuple[Future[Path], Callable[[], Path]]]] = {}

    def __enter__(self) -> _Fetcher:
        return self

    def __exit__(self, *_: object) -> None:
        # Where the build failed, what still waits is not fetched any more.
        self._pool.shutdown(wait=True, cancel_futures=True)

    def submit(self, data: TableData) -> None:
        """Begin to write all chunks of a table."""
        run = _when_idle if self._begun else _now
        tasks = [partial(self._fetch, data, at, chunk) for at, chunk in enumerate(data.chunks, 1)]
        self._begun[data.key] = [(self._pool.submit(run, task), task) for task in tasks]

    def paths(self, key: TableKey) -> list[Path]:
        """Return the paths of a table's chunks as soon as all of them are written."""
        # What nobody has begun by now is done here: the others may get little of a busy machine.
        return [
            task() if future.cancel() else future.result() for future, task in self._begun.pop(key)
        ]

    def discard(self, paths: Iterable[Path]) -> None:
        """Remove files that are not needed any more; nobody waits for it but the end.

        What cannot be removed goes with the directory that it is in.
        """
        for path in paths:
            self._pool.submit(path.unlink)

    def _fetch(self, data: TableData, at: int, chunk: Chunk) -> Path:
        path = write_chunk(self._store, data.key, chunk, self._directory)
        label = table_label(data.key)
        self._progress(Progress("fetching", label, at, len(data.chunks), "files"))
        return path


def _now(task: Callable[[], Path]) -> Path:
    return task()


def _when_idle(task: Callable[[], Path]) -> Path:
    yield_to_others()  # what comes later in this thread may wait too
    return task()


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
