"""A checkout that was killed between its rename and its last step, finished."""

from __future__ import annotations

from pathlib import Path

from kuzugit.atomic import LockHeld
from kuzugit.engine.fingerprint import stat_database
from kuzugit.porcelain import state
from kuzugit.store.history import UnknownRevision, resolve
from kuzugit.store.location import Store
from kuzugit.store.refs import make_current
from kuzugit.store.translate import StoreReadOnly


def finish_checkout(store: Store, database: Path) -> bool:
    """Make current the snapshot that a killed checkout put in place; tell whether one did.

    The intent names the built file by its inode, size and time. Where the live file
    is another one, the checkout was killed before its commit point, nothing has
    happened, and the intent means nothing. Where another process holds the store, that
    may be the checkout itself, still alive; it, or the next writer, finishes. So
    does the next writer where this process may only read.
    """
    try:
        with store.lock(timeout=0):
            return _finish(store, database)
    except (LockHeld, StoreReadOnly):
        return False


def _finish(store: Store, database: Path) -> bool:
    known = state.recall(store.state_path)
    if known is None or not known.intent:
        return False
    try:
        if stat_database(database) != known.fingerprint.stat:
            return False
        snapshot = resolve(store, known.commit)
    except (OSError, UnknownRevision):
        # No live database, or a note of a snapshot that is no more: it means nothing.
        return False
    make_current(store, snapshot)
    state.note(store.state_path, known.commit, known.fingerprint)
    return True
