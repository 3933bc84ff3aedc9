"""Which engine this process speaks with: chosen once, before either is imported.

Loaded in one process, kuzu and ladybug crash it. So a process has one engine for all
its life; who needs the other one starts another process.
"""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any

from kuzugit.engine.dialect import DIALECTS, KUZU, LADYBUG, Dialect
from kuzugit.errors import EngineError, UsageError

if TYPE_CHECKING:
    # Ladybug's classes have the same methods.
    from kuzu import Connection as Connection
    from kuzu import QueryResult as QueryResult

_mutex = threading.Lock()
_choice: list[Dialect] = []


class UnknownEngine(UsageError):
    """A name that is no engine's."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(
            f"there is no engine {name!r}", hint=f"the engines are {' and '.join(DIALECTS)}"
        )


class OtherEngineChosen(EngineError):
    """The process speaks with one engine already, and the other one is needed."""

    def __init__(self, chosen: Dialect, wanted: Dialect, why: str) -> None:
        self.chosen = chosen
        self.wanted = wanted
        super().__init__(
            f"{why}, but this process works with {chosen.name}, "
            f"and {chosen.name} and {wanted.name} cannot be loaded in one process",
            hint=f"do it in another process, such as: kuzugit --engine {wanted.name} ...",
        )


class EngineMissing(EngineError):
    """The engine is not installed."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        super().__init__(f"the engine {dialect.name} is not installed", hint=dialect.install)


def dialect_named(name: str) -> Dialect:
    """Return the engine of that name; raise UnknownEngine."""
    try:
        return DIALECTS[name]
    except KeyError as error:
        raise UnknownEngine(name) from error


def choose(dialect: Dialect, why: str) -> None:
    """Take `dialect` as the engine of this process; nothing is imported yet.

    Raises OtherEngineChosen where the process has the other one, by an earlier choice
    or because the application itself has loaded it. `why` says why it is needed.
    """
    with _mutex:
        taken = _loaded() or next(iter(_choice), None)
        if taken is not None and taken is not dialect:
            raise OtherEngineChosen(taken, dialect, why)
        _choice[:] = [dialect]


def chosen() -> Dialect | None:
    """Return the engine of this process, None where nothing has been chosen or loaded."""
    return next(iter(_choice), None) or _loaded()


def dialect() -> Dialect:
    """Return the engine of this process; Kùzu is taken where nobody chose."""
    choose(chosen() or KUZU, f"{KUZU.name} is needed")
    return _choice[0]


def dialect_of_connection(connection: Any) -> Dialect | None:
    """Return whose connection it is, None where neither engine made its class."""
    names = {base.__module__.split(".")[0] for base in type(connection).__mro__}
    return next((item for item in DIALECTS.values() if item.module in names), None)


def module() -> Any:
    """Return the engine's Python module, imported when it is first asked for.

    Raises EngineMissing.
    """
    taken = dialect()
    try:
        if taken is LADYBUG:
            import ladybug

            return ladybug
        import kuzu

        return kuzu
    except ModuleNotFoundError as error:
        if error.name != taken.module:
            raise
        raise EngineMissing(taken) from error


def _loaded() -> Dialect | None:
    return next((item for item in DIALECTS.values() if item.native_module in sys.modules), None)
