"""A new store for a database, or a plain clone of one made a store again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kuzugit.engine.dialect import dialect_of_head
from kuzugit.engine.file import DatabaseMissing, check_database_file
from kuzugit.errors import NoStoreError, UsageError
from kuzugit.porcelain.workspace import Workspace
from kuzugit.store.adoption import adopt_store, is_adoptable
from kuzugit.store.location import STORE_NAME, StoreExists, create_store

_SUFFIXES = (".kuzu", ".kz", ".lbug", ".lbdb", ".db")


class NoDatabaseFound(NoStoreError):
    """No file in `directory` is a Kùzu database by its name and its first bytes."""

    def __init__(self, directory: Path) -> None:
        super().__init__(
            f"no database (*{', *'.join(_SUFFIXES)}) in {directory}", hint="kuzugit init DB"
        )
        self.directory = directory


class SeveralDatabases(UsageError):
    """Each of `candidates` could be the database that is meant."""

    def __init__(self, candidates: Sequence[Path]) -> None:
        names = [path.name for path in candidates]
        super().__init__(
            f"several databases to choose from: {', '.join(names)}",
            hint=f"kuzugit init {names[0]}",
        )
        self.candidates = tuple(candidates)


def init(directory: Path, database: Path | None, store: Path | None = None) -> Workspace:
    """Make the store of `database` and open it.

    The store is `directory/.kuzugit` where `store` names no other place. A
    `store` that is a bare clone made by plain Git becomes a store again; its
    database may be missing, as checkout builds it. Without `database`, it is the
    only one in `directory`. Raises StoreExists, DatabaseMissing, NotADatabase,
    StorageVersionUnknown, NoDatabaseFound, SeveralDatabases, StoreReadOnly.
    """
    place = directory / STORE_NAME if store is None else store
    adopting = is_adoptable(place)
    if not adopting and place.exists() and not _is_empty_directory(place):
        raise StoreExists(place.absolute())
    chosen = _only_database(directory) if database is None else database
    if not adopting and not chosen.exists():
        # Nothing can bring it back: there is no store yet.
        raise DatabaseMissing(chosen.absolute(), hint="make it with Kùzu, or: kuzugit init DB")
    if chosen.exists():
        check_database_file(chosen)
    opened = adopt_store(place, chosen) if adopting else create_store(place, chosen)
    return Workspace(opened, opened.database)


def _is_empty_directory(path: Path) -> bool:
    return path.is_dir() and not any(path.iterdir())


def _only_database(directory: Path) -> Path:
    found = sorted(path for path in directory.iterdir() if _looks_like_database(path))
    if not found:
        raise NoDatabaseFound(directory.absolute())
    if len(found) > 1:
        raise SeveralDatabases(found)
    return found[0]


def _looks_like_database(path: Path) -> bool:
    if path.suffix not in _SUFFIXES or not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return dialect_of_head(file.read(4)) is not None
    except PermissionError:
        return False  # not readable, so not the one that can be meant
