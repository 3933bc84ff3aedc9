"""Room for work in progress: in the store, or where that cannot be written, outside."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from kuzugit.store.location import Store
from kuzugit.store.translate import StoreReadOnly


@contextmanager
def scratch(store: Store) -> Iterator[Path]:
    """Yield an empty directory, removed at the end."""
    with ExitStack() as stack:
        try:
            path = stack.enter_context(store.scratch())
        except StoreReadOnly:
            path = Path(stack.enter_context(TemporaryDirectory(prefix="kuzugit-")))
        yield path
