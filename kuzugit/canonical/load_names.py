"""The names under which rows are loaded, where COPY cannot take the real ones.

IMPORT DATABASE writes a COPY's `from` and `to` without escapes, and COPY takes rel
properties named `from` or `to` for the ends. Such tables and properties are made under
their own names (a SERIAL's sequence is called after them), renamed before the rows are
loaded, and named back after.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count

from kuzugit.model.catalog import Catalog, Pair, Property, RelTable
from kuzugit.model.cypher import quoted
from kuzugit.model.snapshot import TableKey

_UNESCAPED = frozenset("'\\")
_ENDS = ("from", "to")


@dataclass(frozen=True)
class LoadNames:
    """What tables and properties are called while rows are loaded; the others keep theirs."""

    tables: Mapping[str, str] = field(default_factory=dict)
    properties: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def table(self, name: str) -> str:
        """Return what the table `name` is called."""
        return self.tables.get(name, name)

    def property(self, table: str, name: str) -> str:
        """Return what the property `name` of `table` is called."""
        return self.properties.get((table, name), name)

    def ends(self, key: TableKey) -> Pair | None:
        """Return what the ends of a rel are called, None for nodes."""
        if key.pair is None:
            return None
        return Pair(self.table(key.pair.from_table), self.table(key.pair.to_table))

    def away(self) -> Iterator[str]:
        """Yield the statements that give these names."""
        for (table, name), other in self.properties.items():
            yield f"ALTER TABLE {quoted(table)} RENAME {quoted(name)} TO {quoted(other)};"
        for name, other in self.tables.items():
            yield f"ALTER TABLE {quoted(name)} RENAME TO {quoted(other)};"

    def back(self) -> Iterator[str]:
        """Yield the statements that give the real names back."""
        for name, other in self.tables.items():
            yield f"ALTER TABLE {quoted(other)} RENAME TO {quoted(name)};"
        for (table, name), other in self.properties.items():
            yield f"ALTER TABLE {quoted(table)} RENAME {quoted(other)} TO {quoted(name)};"


def load_names(catalog: Catalog, loaded: tuple[TableKey, ...]) -> LoadNames:
    """Return the names to load the tables `loaded` under: new ones only where needed."""
    pairs = [key.pair for key in loaded if key.pair]
    ends = {name for pair in pairs for name in (pair.from_table, pair.to_table)}
    odd = sorted(name for name in ends if not _UNESCAPED.isdisjoint(name))
    free = free_names("__kuzugit_name_", {table.name for table in catalog.tables})
    rels = {key.table for key in loaded if key.pair}
    return LoadNames(
        {name: next(free) for name in odd},
        {
            (rel.name, item.name): other
            for rel in catalog.rels
            if rel.name in rels
            for item, other in _odd_properties(rel)
        },
    )


def _odd_properties(rel: RelTable) -> Iterator[tuple[Property, str]]:
    free = free_names("__kuzugit_name_", {item.name for item in rel.properties})
    for item in rel.properties:
        if item.name.lower() in _ENDS:
            yield item, next(free)


def free_names(prefix: str, taken: set[str]) -> Iterator[str]:
    """Yield names that begin with `prefix`, in lower case, and that nothing has."""
    known = {name.lower() for name in taken}
    return (name for at in count() if (name := f"{prefix}{at}") not in known)
