"""Work that takes what others leave: it slows nobody else, and leaves nothing open."""

from __future__ import annotations

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kuzugit.porcelain.background import ahead, forgetting, yield_to_others


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


def test_results_come_in_order_and_few_are_kept() -> None:
    made: list[int] = []

    def make(item: int) -> int:
        made.append(item)
        return item * item

    with ahead(make, range(100)) as results:
        assert next(results) == 0
        assert len(made) <= 6
        assert list(results) == [item * item for item in range(1, 100)]
    with ahead(make, []) as results:
        assert list(results) == []


def test_what_fails_is_raised_in_its_place() -> None:
    def make(item: int) -> int:
        if item == 3:
            raise ValueError("three")
        return item

    taken = list[int]()

    def take_all() -> None:
        with ahead(make, range(50)) as results:
            taken.extend(results)

    with pytest.raises(ValueError, match="three"):
        take_all()
    assert not [thread for thread in threading.enumerate() if "ThreadPool" in thread.name]
