"""A table, or a column, that is asked for and not there."""

from __future__ import annotations

from kuzugit.errors import UnknownNameError


class UnknownTable(UnknownNameError):
    """A table that the snapshot does not have."""

    def __init__(self, name: str, known: list[str]) -> None:
        self.name = name
        self.known = known
        super().__init__(f"there is no table {name!r}; there are: {', '.join(known) or 'none'}")


class UnknownColumn(UnknownNameError):
    """A column that no table in question has."""

    def __init__(self, name: str, known: list[str]) -> None:
        self.name = name
        self.known = known
        super().__init__(f"no table has a column {name!r}; there are: {', '.join(known) or 'none'}")
