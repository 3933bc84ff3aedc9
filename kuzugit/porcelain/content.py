"""A manifest, and where the chunks are that it names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kuzugit.canonical.paths import chunk_path
from kuzugit.model.snapshot import Chunk, Manifest, TableKey
from kuzugit.porcelain.reading import read_chunk, write_chunk
from kuzugit.store.location import Store


@dataclass(frozen=True)
class Content:
    """One side's manifest, and where its chunks are: in the store, or first in `files`."""

    manifest: Manifest
    store: Store
    files: Path | None = None

    def read(self, key: TableKey, chunk: Chunk) -> bytes:
        """Return the bytes of a chunk, checked as `read_chunk` does where they are the store's."""
        place = None if self.files is None else self.files / chunk_path(key, chunk.name)
        if place is not None and place.exists():
            return place.read_bytes()
        return read_chunk(self.store, key, chunk)

    @contextmanager
    def chunks(
        self, key: TableKey, chunks: Sequence[Chunk], directory: Path
    ) -> Iterator[list[Path]]:
        """Give the files of chunks; those written below `directory` are removed after."""
        written, found = [], []
        try:
            for chunk in chunks:
                place = None if self.files is None else self.files / chunk_path(key, chunk.name)
                if place is None or not place.exists():
                    place = write_chunk(self.store, key, chunk, directory)
                    written.append(place)
                found.append(place)
            yield found
        finally:
            for path in written:
                path.unlink(missing_ok=True)
