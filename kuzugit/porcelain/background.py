"""Work that takes what others leave of the processor."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_LEAST_URGENT = 19


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
