"""What a three-way merge is told, and what it cannot decide."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

from kuzugit.model.json_value import Json


class Choice(StrEnum):
    """Which side wins where both changed the same."""

    OURS = "ours"
    THEIRS = "theirs"


@dataclass(frozen=True)
class Choices:
    """What the caller chose: for every table, or by a glob of tables, the last one first."""

    default: Choice | None = None
    tables: tuple[tuple[str, Choice], ...] = ()

    def of(self, table: str) -> Choice | None:
        """Return who wins in `table`, None where a conflict is one."""
        for pattern, choice in reversed(self.tables):
            if fnmatchcase(table, pattern):
                return choice
        return self.default


@dataclass(frozen=True)
class MergeConflict:
    """Something that both sides changed, each in its own way.

    `table` is the label of a table, or what kind of thing and its name; `key` the primary
    key, or the two ends, as JSON; `column` the property, empty for the whole row or thing.
    `base`, `theirs` and `ours` are values as JSON, None where there is none to show.
    `settleable` is False for what no choice can settle.
    """

    table: str
    key: tuple[Json, ...] = ()
    column: str = ""
    why: str = ""
    base: Json = None
    theirs: Json = None
    ours: Json = None
    settleable: bool = True

    def __str__(self) -> str:
        parts = [self.table]
        if self.key:
            parts.append(" -> ".join(_text(item) for item in self.key))
        if self.column:
            parts.append(self.column)
        return f"{' '.join(parts)}: {self.why}"


def _text(value: Json | Sequence[Json]) -> str:
    return json.dumps(value, ensure_ascii=True)
