"""Why a snapshot cannot be loaded: what is wrong with its chunks, looked for afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from kuzugit.engine.load import RowsMissing
from kuzugit.engine.session import StatementFailed
from kuzugit.model.snapshot import Manifest
from kuzugit.porcelain.reading import ChunkCorrupt, read_chunk
from kuzugit.store.location import Store


@contextmanager
def blaming_chunks(store: Store, manifest: Manifest) -> Iterator[None]:
    """Where the engine fails to load what is no rows of its table, raise ChunkCorrupt.

    To look at every value beforehand would take as long as the loading itself; the engine
    finds most of it anyway, and says little of it. Where the chunks are sound its own
    error stands.
    """
    try:
        yield
    except (StatementFailed, RowsMissing) as error:
        found = next(unsound_chunks(store, manifest), None)
        if found is None:
            raise
        raise found from error


def unsound_chunks(store: Store, manifest: Manifest) -> Iterator[ChunkCorrupt]:
    """Yield what is wrong with the chunks; each is read and decoded."""
    # Here, because few need it, and Arrow and DuckDB take time to import.
    from kuzugit.canonical.checking import ChunkChecker
    from kuzugit.canonical.columns import chunk_columns

    for data in manifest.data:
        checker = ChunkChecker(chunk_columns(manifest.catalog, data.key))
        for chunk in data.chunks:
            try:
                content = read_chunk(store, data.key, chunk)
            except ChunkCorrupt as error:
                yield error
                continue
            for problem in checker.problems(chunk, content):
                yield ChunkCorrupt(data.key, chunk, problem)
