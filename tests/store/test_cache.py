"""The cache: whole entries, the least used removed, nothing removed that is in use."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from kuzugit.store.cache import BadCacheSize, cache_size, cached
from kuzugit.store.location import Store
from tests.store.making import in_child


def filled(size: int) -> Callable[[Path], None]:
    def make(directory: Path) -> None:
        (directory / "data").write_bytes(b"x" * size)

    return make


def never(directory: Path) -> None:
    raise AssertionError(f"{directory} is made again")


def limit(store: Store, text: str) -> None:
    store.git.config["kuzugit.cacheSize"] = text


def keys(store: Store) -> set[str]:
    return names(store, "cache")


def names(store: Store, directory: str) -> set[str]:
    return {item.name for item in (store.path / "kuzugit" / directory).iterdir()}


def use(store: Store, key: str, size: int = 1000) -> None:
    with cached(store, key, filled(size)) as directory:
        assert (directory / "data").stat().st_size == size


def test_an_entry_is_made_once(store: Store) -> None:
    use(store, "a")
    with cached(store, "a", never) as directory:
        assert (directory / "data").is_file()


@pytest.mark.parametrize(
    ("text", "size"), [("1000", 1000), ("2k", 2048), ("3m", 3 << 20), ("1g", 1 << 30), ("0", 0)]
)
def test_the_size_is_written_as_in_git(store: Store, text: str, size: int) -> None:
    limit(store, text)
    assert cache_size(store) == size
    git = ["git", f"--git-dir={store.path}", "config", "--type=int", "kuzugit.cacheSize"]
    assert int(subprocess.run(git, capture_output=True, check=True).stdout) == size


def test_the_size_without_a_setting(store: Store) -> None:
    assert cache_size(store) == 2 << 30


@pytest.mark.parametrize("text", ["much", "", "1x"])
def test_a_size_that_is_none(store: Store, text: str) -> None:
    limit(store, text)
    with pytest.raises(BadCacheSize):
        cache_size(store)


def test_the_least_used_goes_first(store: Store) -> None:
    limit(store, "2500")
    for at, key in enumerate(("a", "b", "a", "c")):
        use(store, key)
        os.utime(store.path / "kuzugit" / "cache" / key, (at, at))
    assert keys(store) == {"a", "c"}


def test_an_entry_beyond_the_limit_serves_and_goes(store: Store) -> None:
    limit(store, "10")
    use(store, "a")
    assert keys(store) == set()


def test_what_is_in_use_stays(store: Store) -> None:
    limit(store, "10")
    with cached(store, "a", filled(1000)) as directory:
        use(store, "b")
        assert (directory / "data").is_file()
        assert keys(store) == {"a"}
    assert keys(store) == set()


def test_a_use_in_another_process_counts(store: Store) -> None:
    use(store, "a")
    limit(store, "10")
    with cached(store, "a", never) as directory:

        def other() -> None:
            use(store, "b")

        assert in_child(other) == 0
        assert (directory / "data").is_file()


def test_a_failed_making_leaves_nothing(store: Store) -> None:
    def fail(directory: Path) -> None:
        (directory / "half").write_bytes(b"x")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), cached(store, "a", fail):
        pass
    assert keys(store) == set()
    assert names(store, "tmp") == set()


def test_killed_while_it_is_made(store: Store) -> None:
    def work() -> None:
        def die(directory: Path) -> None:
            (directory / "data").write_bytes(b"half")
            os.kill(os.getpid(), signal.SIGKILL)

        with cached(store, "a", die):
            pass

    assert in_child(work) == -signal.SIGKILL
    assert keys(store) == set()
    use(store, "a")
    assert names(store, "tmp") == set()


def test_killed_while_it_is_removed(store: Store) -> None:
    gone = store.path / "kuzugit" / "cache" / "gone-a-1234"
    gone.mkdir(parents=True)
    (gone / "data").write_bytes(b"half")
    use(store, "b")
    assert keys(store) == {"b"}


def test_two_that_make_the_same_entry(store: Store) -> None:
    def slowly(directory: Path) -> None:
        filled(1000)(directory)
        use(store, "a")

    with cached(store, "a", slowly) as directory:
        assert (directory / "data").stat().st_size == 1000
    assert keys(store) == {"a"}
