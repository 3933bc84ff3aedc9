"""What the rows of a side get in a property that only the other side has: its default."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kuzugit.canonical.columns import chunk_columns
from kuzugit.diff.merge_rows import FillValue, Rows, count_nulls
from kuzugit.engine.defaults import is_constant
from kuzugit.model.catalog import Catalog, NodeTable, Property, RelTable
from kuzugit.model.snapshot import TableKey
from kuzugit.porcelain.default_values import DefaultValue, default_values


@dataclass
class Defaults:
    """The defaults of a merge; `room` is an empty directory for their values.

    A default that is no constant is not made up, and it is told.
    """

    room: Path
    _known: dict[tuple[str, str], DefaultValue] = field(default_factory=dict)
    _told: dict[tuple[TableKey, str], str] = field(default_factory=dict)

    @property
    def told(self) -> tuple[str, ...]:
        """Which properties have no value in some rows, and why."""
        return tuple(self._told.values())

    def fill(self, key: TableKey, lacking: dict[int, Property]) -> dict[int, FillValue]:
        """Return the values of those that are constants, by the place of their columns.

        Raises StatementFailed, CannotKeep.
        """
        wanted = [
            item
            for item in lacking.values()
            if (key.table, item.name) not in self._known
            and item.default is not None
            and is_constant(item.default)
        ]
        if wanted:
            directory = self.room / str(len(self._known))
            directory.mkdir(parents=True)
            found = default_values(key.table, wanted, directory)
            self._known |= {(key.table, name): value for name, value in found.items()}
        values = {at: self._known.get((key.table, item.name)) for at, item in lacking.items()}
        return {at: found.value for at, found in values.items() if found is not None}

    def may_be_least(self, table: str) -> bool:
        """Whether a default that rows of `table` got is a least value."""
        return any(found.least for (name, _), found in self._known.items() if name == table)

    def tell_unfilled(self, key: TableKey, lacking: dict[int, Property], path: Path) -> None:
        """Note which defaults were not worked out, though rows in the file at `path` lack them."""
        for at, item in lacking.items():
            if item.default is None or (key.table, item.name) in self._known:
                continue
            count = count_nulls(key.label, path, at)
            if count:
                rows = "1 row has" if count == 1 else f"{count:,} rows have"
                self._told[key, item.name] = (
                    f"{key.label}: {rows} no {item.name} (NULL), because its default "
                    f"{item.default} is no plain constant"
                )


def lacking(catalog: Catalog, key: TableKey, sides: Sequence[Rows]) -> dict[int, Property]:
    """Return the properties that a side with the table has not, by their columns' places."""
    properties = _owner(catalog, key).properties
    names = chunk_columns(catalog, key).schema.names
    start = len(names) - len(properties)
    return {
        at: item
        for at, item in enumerate(properties, start)
        if any(side.columns and names[at] not in side.columns for side in sides)
    }


def differ(key: TableKey, among: Collection[Property], catalogs: Sequence[Catalog]) -> bool:
    """Whether catalogs that have the table define one of these properties in several ways."""
    found: dict[str, set[str | None]] = {item.name: set() for item in among}
    for catalog in catalogs:
        for item in _owner(catalog, key).properties:
            if item.name in found:
                found[item.name].add(item.default)
    return any(len(defaults) > 1 for defaults in found.values())


def _owner(catalog: Catalog, key: TableKey) -> NodeTable | RelTable:
    return catalog.rel(key.table) if key.is_rel else catalog.node(key.table)
