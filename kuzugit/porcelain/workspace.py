"""A store and the live database that it versions, found and opened together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kuzugit.store.history import BRANCHES
from kuzugit.store.location import Store, find_store, open_store
from kuzugit.store.ref_file import read_ref
from kuzugit.store.refs import recover


@dataclass(frozen=True)
class Workspace:
    """An open store, and the absolute path of its database, which need not exist.

    `engine` is the name of the engine that the caller wants, None where the database
    or the store may say it.
    """

    store: Store
    database: Path
    engine: str | None = None

    @property
    def branch(self) -> str | None:
        """The branch that HEAD names, also before its first snapshot; None where HEAD is none."""
        head = read_ref(self.store, "HEAD") or ""
        name = head.removeprefix(f"ref: {BRANCHES}")
        return name if name != head else None


def open_workspace(
    directory: Path,
    store: Path | None = None,
    database: Path | None = None,
    engine: str | None = None,
) -> Workspace:
    """Open the store of `directory` and finish what a killed command left half done.

    `store` names the store itself; without it, it is looked for in `directory`
    and upwards. `database` stands in for the path that the store names. A store
    that this process may not write is left as it is, and readable. Raises StoreNotFound,
    NotAStore, StoreFormatError.
    """
    opened = open_store(find_store(directory) if store is None else store)
    recover(opened)
    live = opened.database if database is None else database.absolute()
    workspace = Workspace(opened, live, engine)
    if _may_be_unfinished(opened):
        from kuzugit.porcelain.unfinished import finish_checkout

        finish_checkout(opened, workspace.database)
    return workspace


def _may_be_unfinished(store: Store) -> bool:
    # The text alone: what reads it as JSON takes longer to load than `log` takes to run.
    try:
        return b'"intent": true' in store.state_path.read_bytes()
    except OSError:
        return False  # nothing is remembered that can be read, so no checkout was begun
