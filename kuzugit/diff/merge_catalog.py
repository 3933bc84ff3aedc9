"""Three catalogs into one: what only one side changed is taken, the rest is a conflict."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from string import ascii_lowercase, ascii_uppercase
from typing import Any, TypeVar

from kuzugit.model.catalog import (
    Catalog,
    Index,
    Macro,
    NodeTable,
    Pair,
    Property,
    RelTable,
)
from kuzugit.model.catalog import Sequence as DatabaseSequence
from kuzugit.model.merge import Choice, Choices, MergeConflict

_FOLDED = str.maketrans(ascii_uppercase, ascii_lowercase)

Table = NodeTable | RelTable
_Named = TypeVar("_Named", NodeTable, RelTable, DatabaseSequence, Macro, Index)


class Part(Enum):
    """The side whose rows are asked for."""

    THEIRS = "theirs"
    OURS = "ours"


Touched = Callable[[str, Part], bool]
"""Whether a side's rows of a table are others than they were at the base."""


@dataclass(frozen=True)
class MergedCatalog:
    """The catalog that is wanted; `conflicts` are those that no choice settled."""

    catalog: Catalog
    conflicts: tuple[MergeConflict, ...]


def merge_catalogs(
    base: Catalog, theirs: Catalog, ours: Catalog, choices: Choices, touched: Touched
) -> MergedCatalog:
    """Return what `ours` becomes when what changed from `base` to `theirs` is taken too.

    A table or property that one side removed goes, unless the other has changed it, its
    rows included, or has a rel table that connects it. Types and keys cannot be merged,
    whatever was chosen.
    """
    merge = _Merge(choices, touched)
    nodes = merge.all("table", base.nodes, theirs.nodes, ours.nodes, merge.node)
    rels = merge.all("table", base.rels, theirs.rels, ours.rels, merge.rel)
    merge.check_kinds(nodes, rels)
    nodes, rels = merge.with_ends(nodes, rels, theirs.nodes, ours.nodes)
    sequences = merge.all(
        "sequence", base.sequences, theirs.sequences, ours.sequences, merge.sequence
    )
    macros = merge.all("macro", base.macros, theirs.macros, ours.macros, merge.thing)
    indexes = merge.all("index", base.indexes, theirs.indexes, ours.indexes, merge.thing)
    indexes = _with_tables(indexes, theirs, ours)
    catalog = Catalog(
        nodes=tuple(nodes),
        rels=tuple(rels),
        sequences=tuple(sequences),
        macros=tuple(macros),
        indexes=tuple(index for index in indexes if _has_place(index, nodes)),
    )
    return MergedCatalog(catalog, tuple(merge.conflicts))


@dataclass
class _Merge:
    choices: Choices
    touched: Touched
    conflicts: list[MergeConflict] = field(default_factory=list)

    def all(
        self,
        kind: str,
        base: Iterable[_Named],
        theirs: Iterable[_Named],
        ours: Iterable[_Named],
        deep: Callable[[_Named | None, _Named, _Named], _Named],
    ) -> list[_Named]:
        """Return the things of one kind, by name."""
        sides = [{_name(item): item for item in side} for side in (base, theirs, ours)]
        found = []
        for name in sorted(set().union(*sides)):
            b, t, o = (side.get(name) for side in sides)
            chosen = self._one(kind, name, b, t, o, deep)
            if chosen is not None:
                found.append(chosen)
        return found

    def _one(
        self,
        kind: str,
        name: tuple[str, ...],
        b: _Named | None,
        t: _Named | None,
        o: _Named | None,
        deep: Callable[[_Named | None, _Named, _Named], _Named],
    ) -> _Named | None:
        label = f"{kind} {'.'.join(name)}"
        if t is not None and o is not None:
            return self._both(name[0], b, t, o, deep)
        if t is None and o is None:
            return None
        if b is None:
            return o if t is None else t
        # One side removed it.
        part, kept = (Part.OURS, o) if t is None else (Part.THEIRS, t)
        is_table = isinstance(kept, NodeTable | RelTable)
        if kept == b and not (is_table and self.touched(name[0], part)):
            return None
        why = (
            "was removed there, and changed here"
            if t is None
            else "was removed here, and changed there"
        )
        wins = self._settle(label, name[0], "", why)
        return kept if wins.value == part.value else None

    def _both(
        self,
        name: str,
        b: _Named | None,
        t: _Named,
        o: _Named,
        deep: Callable[[_Named | None, _Named, _Named], _Named],
    ) -> _Named:
        if t == o:
            return o
        # A change of the columns meets the rows that the other side changed.
        is_table = isinstance(o, NodeTable | RelTable)
        if t == b and not (is_table and self.touched(name, Part.THEIRS)):
            return o
        if o == b and not (is_table and self.touched(name, Part.OURS)):
            return t
        return deep(b, t, o)

    def thing(self, b: Any, t: Any, o: Any) -> Any:
        """Return which definition wins of a thing that changes as a whole."""
        kind = "index" if isinstance(o, Index) else "macro"
        label = f"{kind} {'.'.join(_name(o))}"
        wins = self._settle(label, _name(o)[0], "", "is defined otherwise on both sides")
        return t if wins is Choice.THEIRS else o

    def sequence(
        self, b: DatabaseSequence | None, t: DatabaseSequence, o: DatabaseSequence
    ) -> DatabaseSequence:
        """Return the sequence; where both only gave out values, the one that is further."""
        if replace(t, current=o.current, start=o.start) == o and not o.cycle:
            used = [item for item in (t, o) if item.current is not None]
            if not used:
                return o
            sign = 1 if o.increment > 0 else -1
            return max(used, key=lambda item: sign * (item.current or 0))
        label = f"sequence {o.name}"
        wins = self._settle(label, o.name, "", "is defined otherwise on both sides")
        return t if wins is Choice.THEIRS else o

    def node(self, b: NodeTable | None, t: NodeTable, o: NodeTable) -> NodeTable:
        """Return a node table that both sides changed."""
        label = f"table {o.name}"
        if (t.primary_key, t.key.type) != (o.primary_key, o.key.type):
            self._refuse(
                label,
                o.primary_key,
                f"the primary key is {t.primary_key} {t.key.type} there, "
                f"and {o.primary_key} {o.key.type} here",
            )
            return o
        properties = self._properties(o.name, b, t, o)
        return NodeTable(o.name, properties, o.primary_key, self._comment(b, t, o))

    def rel(self, b: RelTable | None, t: RelTable, o: RelTable) -> RelTable:
        """Return a rel table that both sides changed."""
        name = o.name
        label = f"table {name}"
        before: tuple[Any, Any] = (
            (None, None) if b is None else (b.multiplicity, b.storage_direction)
        )
        return RelTable(
            name,
            self._properties(name, b, t, o),
            self._pairs(name, () if b is None else b.pairs, t.pairs, o.pairs),
            self._value(label, name, "multiplicity", before[0], t.multiplicity, o.multiplicity),
            self._comment(b, t, o),
            self._value(
                label,
                name,
                "storage direction",
                before[1],
                t.storage_direction,
                o.storage_direction,
            ),
        )

    def check_kinds(self, nodes: Sequence[NodeTable], rels: Sequence[RelTable]) -> None:
        """Say which names are those of a node table on one side and a rel table on the other."""
        for name in sorted({table.name for table in nodes} & {table.name for table in rels}):
            self._refuse(
                f"table {name}", "", "is a node table on one side, a rel table on the other"
            )
        tables: list[Table] = [*nodes, *rels]
        for one, other in _twins({table.name for table in tables}):
            self._refuse(f"table {one}", "", f"is called {other} on the other side")
        for table in tables:
            for one, other in _twins(item.name for item in table.properties):
                self._refuse(f"table {table.name}", one, f"is called {other} on the other side")

    def with_ends(
        self,
        nodes: Sequence[NodeTable],
        rels: Sequence[RelTable],
        theirs: Iterable[NodeTable],
        ours: Iterable[NodeTable],
    ) -> tuple[list[NodeTable], list[RelTable]]:
        """Return the tables so that every rel table has those that it connects.

        Where one of these goes and a rel table stays, who removed it or who has it wins: then
        it stays too, or what connects it goes. Without a choice it is a conflict.
        """
        kept = {table.name: table for table in nodes}
        there, here = ({table.name: table for table in side} for side in (theirs, ours))
        gone: dict[str, list[str]] = {}
        for rel in rels:
            for name in sorted({end for pair in rel.pairs for end in _ends(pair)} - {*kept}):
                gone.setdefault(name, []).append(rel.name)
        for name, hanging in gone.items():
            side, table = (
                (Choice.OURS, here[name]) if name in here else (Choice.THEIRS, there[name])
            )
            removed, has = ("there", "here") if side is Choice.OURS else ("here", "there")
            why = f"was removed {removed}, and {', '.join(hanging)} connects it {has}"
            if self._settle(f"table {name}", name, "", why) is side:
                kept[name] = table
        closed = []
        for rel in rels:
            pairs = tuple(pair for pair in rel.pairs if {*_ends(pair)} <= {*kept})
            if pairs:
                closed.append(replace(rel, pairs=pairs))
        return [kept[name] for name in sorted(kept)], closed

    def _pairs(
        self,
        name: str,
        b: tuple[Pair, ...],
        t: tuple[Pair, ...],
        o: tuple[Pair, ...],
    ) -> tuple[Pair, ...]:
        kept = []
        for pair in o:
            if pair in t or pair not in b or self._stays(name, pair):
                kept.append(pair)
        return (*kept, *(pair for pair in t if pair not in o and pair not in b))

    def _stays(self, name: str, pair: Pair) -> bool:
        if not self.touched(name, Part.OURS):
            return False
        column = f"{pair.from_table} -> {pair.to_table}"
        why = "is not connected any more there, and the rels changed here"
        return self._settle(f"table {name}", name, column, why) is Choice.OURS

    def _comment(self, b: Table | None, t: Table, o: Table) -> str:
        before = None if b is None else b.comment
        return str(self._value(f"table {o.name}", o.name, "comment", before, t.comment, o.comment))

    def _properties(self, table: str, b: Table | None, t: Table, o: Table) -> tuple[Property, ...]:
        sides = [
            {item.name: item for item in (() if side is None else side.properties)}
            for side in (b, t, o)
        ]
        # Who left them as they were takes the other's order too.
        first, second = (t, o) if b is not None and o.properties == b.properties else (o, t)
        names = dict.fromkeys(item.name for side in (first, second) for item in side.properties)
        found = (self._property(table, name, *(side.get(name) for side in sides)) for name in names)
        return tuple(item for item in found if item is not None)

    def _property(
        self,
        table: str,
        name: str,
        b: Property | None,
        t: Property | None,
        o: Property | None,
    ) -> Property | None:
        label = f"table {table}"
        if t is not None and o is not None:
            if t.type != o.type:
                self._refuse(label, name, f"has the type {t.type} there, and {o.type} here")
                return o
            before = t.default if b is None and t == o else (None if b is None else b.default)
            default = self._value(label, table, name, before, t.default, o.default, "default")
            return replace(o, default=default)
        if b is None:
            return o if t is None else t
        if t is None and o is not None:
            if o == b and not self.touched(table, Part.OURS):
                return None
            why = "was removed there, and the table changed here"
            return o if self._settle(label, table, name, why) is Choice.OURS else None
        if t == b:
            return None
        why = "was removed here, and defined otherwise there"
        return t if self._settle(label, table, name, why) is Choice.THEIRS else None

    def _value(
        self, label: str, table: str, column: str, b: Any, t: Any, o: Any, what: str = ""
    ) -> Any:
        if t in (b, o):
            return o
        if o == b:
            return t
        name = f"{what} of {column}" if what else column
        wins = self._settle(
            label, table, name, "differs on both sides", b=_shown(b), t=_shown(t), o=_shown(o)
        )
        return t if wins is Choice.THEIRS else o

    def _settle(
        self,
        label: str,
        table: str,
        column: str,
        why: str,
        *,
        b: str | None = None,
        t: str | None = None,
        o: str | None = None,
    ) -> Choice:
        """Return who wins; without a choice, note the conflict and leave ours."""
        choice = self.choices.of(table)
        if choice is None:
            self.conflicts.append(MergeConflict(label, (), column, why, base=b, theirs=t, ours=o))
            return Choice.OURS
        return choice

    def _refuse(self, label: str, column: str, why: str) -> None:
        self.conflicts.append(MergeConflict(label, (), column, why, settleable=False))


def _with_tables(indexes: Iterable[Index], theirs: Catalog, ours: Catalog) -> list[Index]:
    """Return the indexes; those of a table that one side alone has are as that side has them."""
    there, here = ({table.name for table in side.nodes} for side in (theirs, ours))
    found = [index for index in indexes if (index.table in there) == (index.table in here)]
    found += [index for index in ours.indexes if index.table not in there]
    found += [index for index in theirs.indexes if index.table not in here]
    return sorted(found, key=_name)


def _ends(pair: Pair) -> tuple[str, str]:
    return pair.from_table, pair.to_table


def _twins(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield names that Kùzu takes for one: they differ in capital letters of ASCII alone."""
    known: dict[str, str] = {}
    for name in sorted(names):
        folded = name.translate(_FOLDED)
        if known.setdefault(folded, name) != name:
            yield known[folded], name


def _name(item: Any) -> tuple[str, ...]:
    return (item.table, item.name) if isinstance(item, Index) else (item.name,)


def _shown(value: Any) -> str | None:
    return None if value is None else str(value)


def _has_place(index: Index, nodes: Sequence[NodeTable]) -> bool:
    for table in nodes:
        if table.name == index.table:
            return {*index.properties} <= {item.name for item in table.properties}
    return False
