"""Stores that somebody has damaged, and trees that kuzugit would not write."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def loose_file(store: Path, id: str) -> Path:
    return store / "objects" / id[:2] / id[2:]


@contextmanager
def damage_loose_object(store: Path, id: str) -> Iterator[None]:
    """Change one byte of an object's content for the block; its compression stays valid."""
    path = loose_file(store, id)
    before, mode = path.read_bytes(), path.stat().st_mode
    content = bytearray(zlib.decompress(before))
    content[-1] ^= 1
    path.chmod(0o644)
    path.write_bytes(zlib.compress(bytes(content)))
    try:
        yield
    finally:
        path.write_bytes(before)
        path.chmod(mode)
