"""Work in other threads: ahead of who needs it, or where nobody else needs the processor."""

from __future__ import annotations

import os
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

_Item = TypeVar("_Item")
_Made = TypeVar("_Made")

_LEAST_URGENT = 19


_AHEAD = 4
"""How many results are kept for who takes them: each may be a chunk of a few mebibytes."""


@contextmanager
def ahead(make: Callable[[_Item], _Made], items: Sequence[_Item]) -> Iterator[Iterator[_Made]]:
    """Give what `make` makes of each item, in their order, made in two threads before it is taken.

    What it raises is raised where its result would be taken.
    """
    with ThreadPoolExecutor(max_workers=2) as pool:
        try:
            yield _taken(pool, make, items)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _taken(
    pool: ThreadPoolExecutor, make: Callable[[_Item], _Made], items: Sequence[_Item]
) -> Iterator[_Made]:
    begun = deque(pool.submit(make, item) for item in items[:_AHEAD])
    for at in range(len(items)):
        made = begun.popleft().result()
        if at + _AHEAD < len(items):
            begun.append(pool.submit(make, items[at + _AHEAD]))
        yield made


def yield_to_others() -> None:
    """Let the calling thread run where nothing else would; on Linux alone."""
    if sys.platform != "linux":
        return  # elsewhere a niceness is that of the whole process
    with suppress(OSError):  # then it runs like any other
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _LEAST_URGENT)


@contextmanager
def forgetting(path: Path) -> Iterator[None]:
    """Let the system's cache forget the file at `path` meanwhile, which is soon to be replaced.

    Whoever replaces a large file waits until its cached pages are freed; here that takes
    idle time. The file is closed again on leaving.
    """
    thread = threading.Thread(target=_forget, args=(path,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        # Before anybody locks the file: to close it would give up the lock.
        thread.join()


def _forget(path: Path) -> None:
    yield_to_others()
    with suppress(OSError):  # no matter: it then takes its time at the end
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)
