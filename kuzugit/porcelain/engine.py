"""Which engine a command works with: chosen before anything is opened or built."""

from __future__ import annotations

from contextlib import suppress

from kuzugit.engine import binding
from kuzugit.engine.dialect import KUZU, Dialect
from kuzugit.engine.file import check_database_file, is_open_here
from kuzugit.errors import KuzugitError
from kuzugit.porcelain.workspace import Workspace


def choose_to_read(workspace: Workspace) -> None:
    """Take the engine that the caller named; otherwise the file that is read chooses.

    Raises UnknownEngine, OtherEngineChosen.
    """
    if workspace.engine is not None:
        binding.choose(binding.dialect_named(workspace.engine), f"{workspace.engine} is asked for")


def choose_to_build(workspace: Workspace) -> None:
    """Take the engine whose database files are going to be built.

    It is the one that the caller named, else `kuzugit.engine` of the store's Git
    configuration, else the one this process has, else the live database's, else Kùzu.
    Raises UnknownEngine, OtherEngineChosen.
    """
    choose_to_read(workspace)
    configured = workspace.store.engine
    if workspace.engine is None and configured is not None:
        binding.choose(binding.dialect_named(configured), f"the store's engine is {configured}")
    if binding.chosen() is None:
        dialect = live_dialect(workspace) or KUZU
        binding.choose(dialect, f"{dialect.name} is needed")


def live_dialect(workspace: Workspace) -> Dialect | None:
    """Return the engine of the live database, None where there is none that can be read."""
    # To read a file that this process has open would drop its lock.
    if not is_open_here(workspace.database):
        with suppress(KuzugitError):
            return check_database_file(workspace.database)
    return None
