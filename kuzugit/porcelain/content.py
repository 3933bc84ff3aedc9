"""A manifest, and where the chunks are that it names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kuzugit.canonical.paths import chunk_path
from kuzugit.errors import EngineError
from kuzugit.model.snapshot import Chunk, Manifest, TableKey
from kuzugit.porcelain.reading import read_chunk, write_chunk
from kuzugit.store.location import Store


class ScratchUnreadable(EngineError):
    """A file that was just written to work on cannot be read again."""

    def __init__(self, path: Path, reason: OSError) -> None:
        self.path = path
        super().__init__(
            f"cannot read {path}: {reason.strerror or reason}", hint=f"ls -ld {path.parent}"
        )


def read_scratch(path: Path) -> bytes:
    """Return the bytes of a file that this process has written to work on."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise ScratchUnreadable(path, error) from error


@dataclass(frozen=True)
class Content:
    """One side's manifest, and where its chunks are: in the store, or first in `files`."""

    manifest: Manifest
    store: Store
    files: Path | None = None

    def read(self, key: TableKey, chunk: Chunk) -> bytes:
        """Return the bytes of a chunk, checked as `read_chunk` does where they are the store's.

        Raises ScratchUnreadable, and as `read_chunk`.
        """
        place = None if self.files is None else self.files / chunk_path(key, chunk.name)
        if place is not None and place.exists():
            return read_scratch(place)
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
