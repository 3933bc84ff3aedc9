"""Where a store is: finding it, making it, opening it."""

from __future__ import annotations

import errno
import os
import re
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pygit2
from pygit2.enums import RepositoryOpenFlag

from kuzugit import atomic
from kuzugit.errors import NoStoreError, RefusedError, UnsupportedError, UsageError
from kuzugit.store.object_format import check_object_format
from kuzugit.store.scratch import scratch_directory
from kuzugit.store.translate import GitFailed, git_errors

STORE_NAME = ".kuzugit"
STORE_FORMAT = 1
BRANCH = "main"


class StoreNotFound(NoStoreError):
    """No store in `start`, nor in any directory above it."""

    def __init__(self, start: Path) -> None:
        super().__init__(f"no store ({STORE_NAME}) in {start} or above it", hint="kuzugit init DB")
        self.start = start


class NotAStore(NoStoreError):
    """`path` is missing, is no Git repository, or is one that kuzugit did not make."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"{path} is not a kuzugit store: {reason}", hint="kuzugit init --store DIR"
        )
        self.path = path


class StoreExists(RefusedError):
    """There is something at `path`, where a new store should be."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} exists already", hint=f"kuzugit --store {path} status")
        self.path = path


class StoreFormatError(UnsupportedError):
    """The store at `path` has a format that this release does not read."""

    def __init__(self, path: Path, found: str) -> None:
        super().__init__(
            f"the store {path} has format {found}; this release reads up to {STORE_FORMAT}",
            hint="pip install --upgrade kuzugit",
        )
        self.path = path
        self.found = found


class BadSetting(UsageError):
    """A setting in the store's Git configuration that says neither yes nor no."""

    def __init__(self, path: Path, key: str) -> None:
        super().__init__(
            f"{key} in {path / 'config'} is neither true nor false",
            hint=f"git -C {path} config {key} true",
        )
        self.path = path
        self.key = key


class Store:
    """An open store. Close it, or use it in a `with` statement.

    `path` is the bare Git repository, `git` its libgit2 handle, `database` the
    absolute path of the live database (which need not exist), `engine` the name of
    the engine that its databases are built for, None where the store names none,
    `verify` whether each commit is built again and compared before it is published.
    """

    def __init__(
        self,
        path: Path,
        git: pygit2.Repository,
        database: Path,
        engine: str | None = None,
        *,
        verify: bool = False,
    ) -> None:
        self.path = path
        self.git = git
        self.database = database
        self.engine = engine
        self.verify = verify
        self._mutex = threading.RLock()
        self._depth = 0
        self._packs_seen = 0

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Free the files that libgit2 keeps open; closing twice is allowed."""
        self.git.free()

    @property
    def state_path(self) -> Path:
        """The file for what kuzugit remembers of the live database; it may be missing."""
        return self.path / "kuzugit" / "state.json"

    @contextmanager
    def lock(self, timeout: float = 5.0) -> Iterator[None]:
        """Hold the store for writing; wait up to `timeout` seconds for another writer.

        The thread that holds it may take it again. Raises LockHeld (who has it),
        StoreReadOnly. Plain Git does not know this lock.
        """
        file = atomic.FileLock(self.path / "kuzugit.lock", timeout)
        if not self._mutex.acquire(timeout=timeout):
            raise atomic.LockHeld(file.path, os.getpid())
        self._depth += 1
        try:
            with ExitStack() as stack:
                if self._depth == 1:
                    with git_errors(self.path, "lock the store"):
                        stack.enter_context(file)
                        self._forget_old_packs()
                yield
        finally:
            self._depth -= 1
            self._mutex.release()

    def _forget_old_packs(self) -> None:
        """Let libgit2 look at the packs anew where some came or went.

        It keeps packs open that another process has removed, and would take an object that
        only such a pack had for one that the store has.
        """
        changed = (self.path / "objects" / "pack").stat().st_mtime_ns
        if changed != self._packs_seen:
            self.git.free()
            self._packs_seen = changed

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """Give an empty directory on the store's file system, removed at the end.

        What the system refuses there, also to the caller, is raised as StoreReadOnly or
        GitFailed: no space, no right, a disk that fails.
        """
        root = self.path / "kuzugit" / "tmp"
        with ExitStack() as stack:
            with git_errors(self.path, "make a scratch directory"):
                root.mkdir(parents=True, exist_ok=True)
                path = stack.enter_context(scratch_directory(root, "work-"))
            try:
                yield path
            except OSError as error:
                if not str(error.filename).startswith(str(path)):
                    raise
                with git_errors(self.path, "work in a scratch directory"):
                    raise


def find_store(start: Path) -> Path:
    """Return the store of `start`: the nearest `.kuzugit` directory, walking up.

    It is found by its name; `open_store` tells whether it is one. Raises
    StoreNotFound.
    """
    # Resolved first: the parents of `a/../b` as written would lead through `a`.
    start = start.resolve()
    for directory in (start, *start.parents):
        candidate = directory / STORE_NAME
        if candidate.is_dir():
            return candidate
    raise StoreNotFound(start)


def create_store(path: Path, database: Path) -> Store:
    """Make a new store at `path` for `database` and open it.

    It is built beside its place and renamed into it, so a process that dies in
    between leaves no store. Raises StoreExists, StoreReadOnly, GitFailed.
    """
    path = path.resolve()
    if path.exists() and not _is_empty_directory(path):
        raise StoreExists(path)
    with git_errors(path, "make a store"):
        path.parent.mkdir(parents=True, exist_ok=True)
        with scratch_directory(path.parent, f"{path.name}.new-") as beside:
            # One level deeper: the scratch directory itself is closed to other users.
            built = beside / path.name
            _build(built, _written_path(path, database.resolve()))
            atomic.step("init:built")
            renamed = _rename_into_place(built, path)
    if not renamed:
        raise StoreExists(path)
    return open_store(path)


def _is_empty_directory(path: Path) -> bool:
    return path.is_dir() and not any(path.iterdir())


def _written_path(store: Path, database: Path) -> str:
    if database.is_relative_to(store.parent):
        return str(database.relative_to(store.parent))
    return str(database)


def _build(directory: Path, database: str) -> None:
    git = pygit2.init_repository(str(directory), bare=True, initial_head=BRANCH)
    git.config["kuzugit.database"] = database
    git.config["kuzugit.format"] = STORE_FORMAT
    git.free()
    (directory / "kuzugit" / "tmp").mkdir(parents=True)
    for parent, _, files in os.walk(directory):
        for name in files:
            atomic.fsync_file(Path(parent, name))
        atomic.fsync_directory(Path(parent))


def _rename_into_place(built: Path, path: Path) -> bool:
    try:
        built.rename(path)
    except OSError as error:
        # Another process was first: a directory with something in it is not replaced.
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
            return False
        raise
    atomic.fsync_directory(path.parent)
    return True


def open_store(path: Path) -> Store:
    """Open the store at `path`.

    Raises NotAStore, StoreFormatError, OtherObjectFormat, BadSetting, GitFailed.

    Objects and references that libgit2 writes are flushed to the disk from here
    on, in the whole process: libgit2 has no such setting for one repository.
    """
    path = path.resolve()
    config = _read_config(path)
    check_object_format(path)
    _check_format(path, _setting(path, config, "kuzugit.format"))
    database = _setting(path, config, "kuzugit.database")
    verify = _switch(path, config, "kuzugit.verify")
    with git_errors(path, "open the store"):
        git = pygit2.Repository(str(path), RepositoryOpenFlag.NO_SEARCH | RepositoryOpenFlag.BARE)
    pygit2.settings.enable_fsync_gitdir(True)
    engine = _setting(path, config, "kuzugit.engine") if "kuzugit.engine" in config else None
    return Store(path, git, (path.parent / database).absolute(), engine, verify=verify)


def _read_config(path: Path) -> pygit2.Config:
    file = path / "config"
    if not path.is_dir():
        raise NotAStore(path, "there is no such directory")
    try:
        is_bare = file.is_file() and (path / "objects").is_dir()
    except OSError as error:
        raise GitFailed(path, "look into the store") from error
    if not is_bare:
        raise NotAStore(path, "it is no bare Git repository")
    # The file alone: a kuzugit.format in the user's global configuration says nothing.
    with git_errors(path, "read the configuration"):
        return pygit2.Config(str(file))


def _setting(path: Path, config: pygit2.Config, key: str) -> str:
    try:
        value = config[key]
    except KeyError as error:
        raise NotAStore(path, f"its Git configuration has no {key}") from error
    except UnicodeDecodeError as error:
        raise NotAStore(path, f"{key} is no UTF-8 in its Git configuration") from error
    if not value:
        raise NotAStore(path, f"{key} is empty in its Git configuration")
    return value


def _switch(path: Path, config: pygit2.Config, key: str) -> bool:
    if key not in config:
        return False
    try:
        return bool(config.get_bool(key))
    except (pygit2.GitError, ValueError) as error:
        raise BadSetting(path, key) from error


def _check_format(path: Path, found: str) -> None:
    if not re.fullmatch(r"[1-9]\d{0,8}", found, re.ASCII) or int(found) > STORE_FORMAT:
        raise StoreFormatError(path, found)
