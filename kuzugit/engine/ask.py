"""A user's own Cypher over a database that is only read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from kuzugit.engine import binding
from kuzugit.engine.handing_over import check_handed_over
from kuzugit.engine.session import Session, StatementFailed
from kuzugit.engine.values import ValueUnreadable, plain_value
from kuzugit.errors import UsageError
from kuzugit.model.types import Type, TypeTextError, parse_type

BATCH_ROWS = 1 << 10

_READING = frozenset({"MATCH", "OPTIONAL", "UNWIND", "WITH", "RETURN", "CALL", "EXPLAIN"})
"""What a query may begin with. The others write, also where the database itself stays: COPY and
EXPORT make files, CHECKPOINT leaves one that keeps a reader out."""

_SKIPPED = re.compile(
    r"""//[^\n]*|/\*.*?\*/|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`[^`]*`""", re.DOTALL
)
_REACHING = re.compile(r"\bLOAD\s+(?:WITH\b.*?)?FROM\b|\bCALL\s+\w+\s*=", re.IGNORECASE | re.DOTALL)
_PARAMETER = re.compile(r"\$(\w+)")


class QueryRefused(UsageError):
    """The engine does not understand a query, or a name in it."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"{binding.dialect().title} refused the query: {reason}")


class QueryWrites(UsageError):
    """A statement that does more than read; `word` is what it begins with, where that says so."""

    def __init__(self, word: str | None = None) -> None:
        self.word = word
        beginnings = ", ".join(sorted(_READING))
        why = f"; a query begins with one of {beginnings}, not with {word}" if word else ""
        super().__init__(
            f"a snapshot is only read{why}",
            hint="kuzugit checkout REV --to COPY, and change the copy",
        )


class ParametersMissing(UsageError):
    """A query has parameters that were given no value; the engine would take NULL for them."""

    def __init__(self, names: list[str]) -> None:
        self.names = names
        super().__init__(
            f"no value for {', '.join(f'${name}' for name in names)}",
            hint=f"--param {names[0]}=VALUE",
        )


class ParameterTooLarge(UsageError):
    """A parameter holds an integer that the engine's Python interface takes none of."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(
            f"${name} has an integer of more than 64 bits, which cannot be handed to "
            f"{binding.dialect().title}",
            hint=f"give it as a text, --param '{name}=\"...\"', and ask for "
            f"CAST(${name} AS INT128)",
        )


class QueryReaches(UsageError):
    """A statement that reaches beyond the database: `words` are those that do."""

    def __init__(self, words: str) -> None:
        self.words = words
        super().__init__(f"it may read the database and nothing else, and has {words}")


@dataclass(frozen=True)
class Found:
    """What a query gives: the names of its columns, how many rows, and these in batches.

    They are read once.
    """

    columns: tuple[str, ...]
    count: int
    batches: Iterator[list[tuple[Any, ...]]]


@contextmanager
def ask(session: Session, query: str, parameters: Mapping[str, Any]) -> Iterator[Found]:
    """Run one reading statement; its values are those of `engine.values`.

    Read the rows inside of the block. Raises QueryWrites, ParametersMissing,
    ParameterTooLarge, QueryRefused; ValueUnreadable, also while the rows are read.
    """
    check(query, parameters)
    with _result(session, query, parameters) as result:
        check_handed_over(result)
        names = tuple(result.get_column_names())
        yield Found(names, result.get_num_tuples(), _batches(result))


def check(query: str, parameters: Mapping[str, Any]) -> None:
    """Raise QueryWrites, ParametersMissing or ParameterTooLarge where a look says so."""
    bare = _SKIPPED.sub(" ", query)
    first = re.match(r"\s*(\w+)", bare)
    if first is not None and first[1].upper() not in _READING:
        raise QueryWrites(first[1])
    missing = sorted({*_PARAMETER.findall(bare)} - parameters.keys())
    if missing:
        raise ParametersMissing(missing)
    for name, value in parameters.items():
        if _is_too_large(value):
            raise ParameterTooLarge(name)


def _is_too_large(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_is_too_large, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_is_too_large, value))
    return isinstance(value, int) and not -(1 << 63) <= value < 1 << 63


def check_contained(query: str) -> None:
    """Raise QueryReaches where a statement reads files, or changes how the engine works."""
    found = _REACHING.search(_SKIPPED.sub(" ", query))
    if found is not None:
        raise QueryReaches(" ".join(found[0].upper().split()))


@contextmanager
def _result(session: Session, query: str, parameters: Mapping[str, Any]) -> Iterator[Any]:
    try:
        result = session.prepared(query, parameters)
    except StatementFailed as error:
        if "read-only database" in error.reason or "read-only transaction" in error.reason:
            raise QueryWrites from error
        raise QueryRefused(error.reason) from error
    try:
        yield result
    finally:
        result.close()


def _batches(result: Any) -> Iterator[list[tuple[Any, ...]]]:
    types = [_type(text) for text in result.get_column_data_types()]
    batch: list[tuple[Any, ...]] = []
    while result.has_next():
        try:
            row = result.get_next()
        except (RuntimeError, ValueError, OverflowError, ArithmeticError, TypeError) as error:
            # The last comes of a map whose keys are structs, lists or maps.
            raise ValueUnreadable(str(error)) from error
        batch.append(tuple(map(plain_value, row, types)))
        if len(batch) >= BATCH_ROWS:
            yield batch
            batch = []
    if batch:
        yield batch


def _type(text: str) -> Type | None:
    """Return a column's type, None for nodes, rels, paths and what the text does not tell."""
    try:
        return parse_type(text)
    except TypeTextError:
        return None
