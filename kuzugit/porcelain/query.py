"""Cypher at a revision, over databases that are built once and kept in a cache."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from kuzugit.engine.ask import Found, ask, check, check_contained
from kuzugit.engine.session import open_database
from kuzugit.engine.version import engine_name
from kuzugit.model.progress import ProgressCallback, ignore_progress
from kuzugit.porcelain.engine import choose_to_build
from kuzugit.porcelain.rebuilding import build_exactly
from kuzugit.porcelain.scratch import scratch
from kuzugit.porcelain.workspace import Workspace
from kuzugit.store.cache import cached
from kuzugit.store.history import resolve
from kuzugit.store.translate import StoreReadOnly

_DATABASE = "graph.kuzu"


@contextmanager
def query(
    workspace: Workspace,
    revision: str,
    statement: str,
    parameters: Mapping[str, Any] | None = None,
    *,
    progress: ProgressCallback = ignore_progress,
) -> Iterator[Found]:
    """Run one reading statement on the database of `revision`. Read the rows in the block.

    The first query at a tree builds its database beside the store; the next ones open it.
    Writes are refused, and the live database is not touched. Raises UnknownRevision,
    SnapshotCorrupt, QueryRefused, QueryWrites, QueryReaches, ParametersMissing,
    ParameterTooLarge, ValueUnreadable.
    """
    store = workspace.store
    given = dict(parameters or {})
    # Before a database is built that nobody can use.
    check(statement, given)
    check_contained(statement)
    snapshot = resolve(store, revision)
    choose_to_build(workspace)

    def build(directory: Path) -> None:
        build_exactly(store, snapshot, directory / _DATABASE, progress)

    with (
        _kept(workspace, _key(snapshot.tree), build) as directory,
        open_database(directory / _DATABASE, read_only=True) as session,
        ask(session, statement, given) as found,
    ):
        yield found


@contextmanager
def _kept(workspace: Workspace, key: str, build: Callable[[Path], None]) -> Iterator[Path]:
    """Yield the directory of a key; where the store cannot be written, one for this time alone."""
    with ExitStack() as stack:
        try:
            directory = stack.enter_context(cached(workspace.store, key, build))
        except StoreReadOnly:
            directory = stack.enter_context(scratch(workspace.store))
            build(directory)
        yield directory


def _key(tree: str) -> str:
    """Return the name of a tree's database: another release may write another file."""
    return f"{tree}-{hashlib.sha256(engine_name().encode()).hexdigest()[:8]}"
