"""A database as a file: what its first bytes say, and the files that belong to it.

Nothing here opens the database, so nothing here needs the engine.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kuzugit.engine.dialect import DIALECTS, KUZU, Dialect, dialect_of_head
from kuzugit.errors import EngineError, NoStoreError, UnsupportedError

LOG_SUFFIXES = (".wal", ".wal.checkpoint")
"""Files beside the database with rows that are not yet in it. The second is Ladybug's,
which renames the log while it writes it into the database."""

SIDE_SUFFIXES = (
    *LOG_SUFFIXES,
    ".shadow",
    ".tmp",
    ".checkpoint.intent.lock",
    ".checkpoint.apply.lock",
)
"""Files beside the database that belong to it."""

_TITLES = " or ".join(dialect.title for dialect in DIALECTS.values())
_MAGICS = " or ".join(dialect.magic.decode() for dialect in DIALECTS.values())
_RELEASES = {33: "0.6", 34: "0.7", 35: "0.7.1", 36: "0.8", 37: "0.9", 38: "0.10", 39: "0.11"}


class DatabaseMissing(NoStoreError):
    """There is no file where the database should be."""

    def __init__(self, path: Path, hint: str | None = None) -> None:
        self.path = path
        usual = "name it with --db PATH, or bring one back with: kuzugit checkout current --force"
        super().__init__(f"there is no database at {path}", hint=hint or usual)


class NotADatabase(EngineError):
    """The file is something else than a database of Kùzu or Ladybug."""

    def __init__(self, path: Path, why: str) -> None:
        self.path = path
        super().__init__(
            f"{path} is not a {_TITLES} database: {why}",
            hint="name the database file itself with --db PATH",
        )


class StorageVersionUnknown(UnsupportedError):
    """Another release of Kùzu wrote the database, in a form this one cannot read."""

    def __init__(self, path: Path, version: int | None) -> None:
        self.path = path
        self.version = version
        release = _RELEASES.get(version or 0)
        writer = f"Kùzu {release}" if release else "another release of Kùzu"
        kind = "a directory" if version is None else f"storage version {version}"
        super().__init__(
            f"{path} was written by {writer} ({kind}); "
            f"kuzugit reads storage version {KUZU.storage_version} (Kùzu 0.11)",
            hint="with the release that wrote it run EXPORT DATABASE 'DIR', "
            'then: kuzugit import DIR -m "move to Kùzu 0.11"',
        )


class CannotRead(EngineError):
    """The operating system does not let the database's file be read."""

    def __init__(self, path: Path, reason: OSError) -> None:
        self.path = path
        super().__init__(
            f"cannot read {path}: {reason.strerror or reason}", hint=f"ls -l {path.parent}"
        )


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn an OSError into CannotRead. Put only the system's calls inside."""
    try:
        yield
    except OSError as error:
        raise CannotRead(path, error) from error


def check_database_file(path: Path) -> Dialect:
    """Return the engine whose database file `path` is.

    Raises DatabaseMissing, NotADatabase, and StorageVersionUnknown for a file that
    this release's Kùzu cannot read. What Ladybug can read, Ladybug says itself.
    """
    try:
        with path.open("rb") as file:
            head = file.read(12)
    except FileNotFoundError as error:
        raise DatabaseMissing(path) from error
    except IsADirectoryError as error:
        raise _directory(path) from error
    except OSError as error:
        raise NotADatabase(path, error.strerror or str(error)) from error
    if not head:
        raise NotADatabase(path, "it is empty")
    dialect = dialect_of_head(head)
    if dialect is None or len(head) < 12:
        raise NotADatabase(path, f"it does not begin with {_MAGICS}")
    version = int.from_bytes(head[4:12], "little")
    if dialect.storage_version not in (None, version):
        raise StorageVersionUnknown(path, version)
    return dialect


def _directory(path: Path) -> EngineError | UnsupportedError:
    # Up to 0.10 a database was a directory with these files in it.
    for name in ("catalog.kz", "data.kz"):
        if (path / name).exists():
            return StorageVersionUnknown(path, _version_inside(path / "catalog.kz"))
    return NotADatabase(path, "it is a directory")


def _version_inside(catalog: Path) -> int | None:
    try:
        with catalog.open("rb") as file:
            head = file.read(12)
    except OSError:
        return None
    return int.from_bytes(head[4:12], "little") if head.startswith(KUZU.magic) else None


def side_files(path: Path) -> list[Path]:
    """Return the existing side files of the database at `path`.

    Kùzu names them after the path it was given, which may be a symbolic link.
    """
    found = [Path(f"{path}{suffix}") for suffix in SIDE_SUFFIXES]
    real = Path(os.path.realpath(path))
    if real != path.absolute():
        found += [Path(f"{real}{suffix}") for suffix in SIDE_SUFFIXES]
    return [item for item in found if item.exists()]


class LogsApart(EngineError):
    """A database was left half written under two names; the engine would see one half."""

    def __init__(self, path: Path, real: Path) -> None:
        self.path = path
        super().__init__(
            f"{path} leads to {real}, and both have files with changes beside them",
            hint="open and close the database under each of its names, with its application",
        )


def opened_path(path: Path) -> Path:
    """Return the name to open the database at `path` by, so that the engine finds its log.

    It looks for the log beside the name it is given, and writes it there. An application
    that was killed may have opened the file that `path` is a symbolic link to. Raises
    LogsApart.
    """
    real = Path(os.path.realpath(path))
    if real.name == path.name and real.parent == Path(os.path.realpath(path.parent)):
        return path
    there, here = (
        any(Path(f"{name}{suffix}").exists() for suffix in SIDE_SUFFIXES) for name in (real, path)
    )
    if there and here:
        raise LogsApart(path, real)
    return real if there else path


def log_files(path: Path) -> list[Path]:
    """Return the side files that hold rows, those that exist."""
    return [item for item in side_files(path) if item.name.endswith(LOG_SUFFIXES)]


def log_suffix(log: Path) -> str:
    """Return what stands in a log's name after the database's."""
    return max((item for item in LOG_SUFFIXES if log.name.endswith(item)), key=len)


def is_open_here(path: Path) -> bool:
    """Tell whether this process has the file open (Linux tells; elsewhere False)."""
    # A descriptor may be closed while we look: then it is not the one.
    return any(is_same_file(descriptor, path) for descriptor in _descriptors())


def opened_by_name(name: Path) -> list[Path]:
    """Return the files that this process has open and may have opened as `name`.

    That is relative to a working directory that it may have left since. Linux tells;
    elsewhere none.
    """
    tail = [part for part in name.parts if part != os.pardir]
    found: dict[Path, None] = {}
    for descriptor in _descriptors():
        with suppress(OSError):
            target = descriptor.readlink()
            if tail and list(target.parts[-len(tail) :]) == tail:
                found[target] = None
    return list(found)


def _descriptors() -> list[Path]:
    directory = Path("/proc/self/fd")
    return list(directory.iterdir()) if directory.is_dir() else []


def is_same_file(first: Path, second: Path) -> bool:
    """Tell whether two paths lead to one file; False where one leads to none."""
    try:
        return first.samefile(second)
    except OSError:
        return False
