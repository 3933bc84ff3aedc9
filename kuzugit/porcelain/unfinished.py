"""A checkout that was killed between its rename and its last step, finished."""

from __future__ import annotations

from pathlib import Path

from kuzugit.engine.fingerprint import stat_database
from kuzugit.porcelain import state
from kuzugit.store.history import resolve
from kuzugit.store.location import Store
from kuzugit.store.refs import make_current


def finish_checkout(store: Store, database: Path) -> bool:
    """Make current the snapshot that a killed checkout put in place; tell whether one did.

    The intent names the built file by its inode, size and time. Where the live file
    is another one, the checkout was killed before its commit point, nothing has
    happened, and the intent means nothing.
    """
    known = state.recall(store.state_path)
    if known is None or not known.intent:
        return False
    try:
        if stat_database(database) != known.fingerprint.stat:
            return False
    except OSError:
        return False
    make_current(store, resolve(store, known.commit))
    state.remember(store.state_path, known.commit, known.fingerprint)
    return True
