"""Which part of another store's snapshot is taken over, and what it is called here."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from kuzugit.errors import UsageError
from kuzugit.model.catalog import Catalog, Pair
from kuzugit.model.snapshot import Manifest, TableData, TableKey
from kuzugit.porcelain.unknown_table import UnknownTable

_GLOB = re.compile(r"[*?\[]")


class EndsNotTaken(UsageError):
    """A rel table that is asked for by name, while a table at its ends is not."""

    def __init__(self, rel: str, missing: Sequence[str]) -> None:
        self.rel = rel
        self.missing = tuple(missing)
        listed = ", ".join(missing)
        super().__init__(
            f"the rels of {rel} hang on {listed}, which is not taken over",
            hint=" ".join(f"--tables {name}" for name in (rel, *missing)),
        )


class BadPrefix(UsageError):
    """A prefix that no name of a table can begin with."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        super().__init__(
            f"no name of a table can begin with {prefix!r}: it has a backtick or a NUL",
            hint="--prefix req_",
        )


@dataclass(frozen=True)
class Part:
    """The tables that match one of `tables` (names or globs; none means all), with a prefix.

    Sequences and macros keep their names; of a part of the tables those come along that
    its defaults name.
    """

    tables: tuple[str, ...] = ()
    prefix: str = ""

    def __post_init__(self) -> None:
        if "`" in self.prefix or "\0" in self.prefix:
            raise BadPrefix(self.prefix)

    @property
    def is_whole(self) -> bool:
        """Whether everything is taken over, under its own name."""
        return not self.tables and not self.prefix

    def of(self, manifest: Manifest, *, strict: bool = True) -> Manifest:
        """Return this part of a manifest, renamed.

        `strict` raises UnknownTable for a name that no table matches, and EndsNotTaken.
        """
        if self.is_whole:
            return manifest
        catalog = manifest.catalog
        names = self._names(catalog, strict=strict)
        found = self._catalog(catalog, names)
        kept = {rel.name: {*rel.pairs} for rel in found.rels}
        data = []
        for item in manifest.data:
            key = self._key(item.key)
            if item.key.table in names and (key.pair is None or key.pair in kept[key.table]):
                data.append(TableData(key, item.chunks, item.least))
        return Manifest(found, tuple(data), manifest.format)

    def _names(self, catalog: Catalog, *, strict: bool) -> set[str]:
        known = [table.name for table in catalog.tables]
        if not self.tables:
            return set(known)
        for pattern in self.tables if strict else ():
            if not any(fnmatchcase(name, pattern) for name in known):
                raise UnknownTable(pattern, known)
        names = {
            name for name in known if any(fnmatchcase(name, pattern) for pattern in self.tables)
        }
        for rel in catalog.rels:
            ends = {end for pair in rel.pairs for end in (pair.from_table, pair.to_table)}
            if rel.name in names and not _closed(rel.pairs, names):
                if strict and rel.name in self.tables and not _GLOB.search(rel.name):
                    raise EndsNotTaken(rel.name, sorted(ends - names))
                names.discard(rel.name)
        return names

    def _catalog(self, catalog: Catalog, names: Collection[str]) -> Catalog:
        nodes = [table for table in catalog.nodes if table.name in names]
        rels = [table for table in catalog.rels if table.name in names]
        properties = [item for table in nodes for item in table.properties]
        properties += [item for table in rels for item in table.properties]
        defaults = " ".join(item.default or "" for item in properties)
        named = {name.lower() for name in re.findall(r"\w+", defaults)}
        everything = not self.tables
        return Catalog(
            nodes=tuple(replace(table, name=self.prefix + table.name) for table in nodes),
            rels=tuple(
                replace(
                    table,
                    name=self.prefix + table.name,
                    pairs=tuple(self._pair(pair) for pair in _closed(table.pairs, names)),
                )
                for table in rels
            ),
            sequences=tuple(
                item for item in catalog.sequences if everything or item.name.lower() in named
            ),
            macros=tuple(
                item for item in catalog.macros if everything or item.name.lower() in named
            ),
            indexes=tuple(
                replace(index, table=self.prefix + index.table)
                for index in catalog.indexes
                if index.table in names
            ),
        )

    def _pair(self, pair: Pair) -> Pair:
        return Pair(self.prefix + pair.from_table, self.prefix + pair.to_table)

    def _key(self, key: TableKey) -> TableKey:
        pair = None if key.pair is None else self._pair(key.pair)
        return TableKey(self.prefix + key.table, pair)


def _closed(pairs: Sequence[Pair], names: Collection[str]) -> list[Pair]:
    return [pair for pair in pairs if pair.from_table in names and pair.to_table in names]
