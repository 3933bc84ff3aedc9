"""Work that takes what others leave: it slows nobody else, and leaves nothing open."""

from __future__ import annotations

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kuzugit.porcelain.background import forgetting, yield_to_others


def niceness() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


def held() -> tuple[int, int]:
    return len(list(Path("/proc/self/fd").iterdir())), threading.active_count()


@pytest.mark.skipif(sys.platform != "linux", reason="a thread has a niceness on Linux alone")
def test_one_thread_alone_yields() -> None:
    before = niceness()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(yield_to_others).result()
        assert pool.submit(niceness).result() == 19
    assert niceness() == before


def test_a_forgotten_file_is_whole_and_closed(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * 100_000)
    before = held()
    with forgetting(path):
        pass
    assert held() == before
    assert path.read_bytes() == b"x" * 100_000


def test_a_file_that_is_not_there_matters_to_nobody(tmp_path: Path) -> None:
    with forgetting(tmp_path / "none"):
        pass
    assert not (tmp_path / "none").exists()
