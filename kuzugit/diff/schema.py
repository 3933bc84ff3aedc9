"""What changed between two catalogs, and what that does to those who use them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import TypeVar

from kuzugit.model.catalog import (
    Catalog,
    Index,
    Macro,
    Multiplicity,
    NodeTable,
    Pair,
    Property,
    RelTable,
    Sequence,
    StorageDirection,
)
from kuzugit.model.changes import Effect, SchemaChange

BREAKING, ADDITIVE, NEUTRAL = Effect.BREAKING, Effect.ADDITIVE, Effect.NEUTRAL

# Breaking: a query, a load or a reader that worked may fail or answer otherwise.
# Additive: something can be asked or stored that could not be before.
# Neutral: queries over the rows that are there answer as before.
EFFECTS: Mapping[tuple[str, str], Effect] = MappingProxyType(
    {
        ("node table", "added"): ADDITIVE,
        ("node table", "removed"): BREAKING,
        ("rel table", "added"): ADDITIVE,
        ("rel table", "removed"): BREAKING,
        ("property", "added"): ADDITIVE,
        ("property", "removed"): BREAKING,
        ("type", "changed"): BREAKING,
        ("default", "changed"): NEUTRAL,  # concerns only rows that are created later
        ("property order", "changed"): NEUTRAL,  # queries go by name
        ("primary key", "changed"): BREAKING,
        ("pair", "added"): ADDITIVE,
        ("pair", "removed"): BREAKING,
        ("pair order", "changed"): NEUTRAL,
        ("multiplicity", "widened"): ADDITIVE,
        ("multiplicity", "narrowed"): BREAKING,
        ("storage direction", "widened"): ADDITIVE,
        ("storage direction", "narrowed"): BREAKING,  # undirected patterns are refused
        ("comment", "changed"): NEUTRAL,
        ("sequence", "added"): ADDITIVE,
        ("sequence", "removed"): BREAKING,
        ("sequence", "changed"): NEUTRAL,  # concerns only values that are given out later
        ("sequence value", "changed"): NEUTRAL,
        ("macro", "added"): ADDITIVE,
        ("macro", "removed"): BREAKING,
        ("macro", "changed"): BREAKING,  # the same call answers otherwise
        ("index", "added"): ADDITIVE,
        ("index", "removed"): BREAKING,  # searches name the index
        ("index", "changed"): NEUTRAL,
        ("index kind", "changed"): BREAKING,  # a search of one kind is none of another
    }
)
"""The judgement: (kind, what happened to it) -> effect."""

_MANY_SIDES = {
    Multiplicity.ONE_ONE: frozenset[str](),
    Multiplicity.MANY_ONE: frozenset({"from"}),
    Multiplicity.ONE_MANY: frozenset({"to"}),
    Multiplicity.MANY_MANY: frozenset({"from", "to"}),
}

_Item = TypeVar("_Item")
_Changes = Iterator[SchemaChange]


def compare_catalogs(old: Catalog | None, new: Catalog) -> tuple[SchemaChange, ...]:
    """Return how `new` differs from `old`; nothing if and only if they define the same.

    The order is that of the catalog: node tables, rel tables, sequences, macros,
    indexes, each by name. A table that came or went is one change. `old` None is the
    state before the first snapshot. A renamed thing is one removed and one added: `diff.renames`
    knows better.
    """
    before = old or Catalog()
    return (
        *_compare("node table", before.nodes, new.nodes, _name, _describe_node, _node_changes),
        *_compare("rel table", before.rels, new.rels, _name, _describe_rel, _rel_changes),
        *_compare(
            "sequence",
            before.sequences,
            new.sequences,
            _name,
            _describe_sequence,
            _sequence_changes,
        ),
        *_compare("macro", before.macros, new.macros, _name, _definition, _macro_changes),
        *_compare("index", before.indexes, new.indexes, _index_name, _definition, _index_changes),
    )


def _compare(
    kind: str,
    old: Iterable[_Item],
    new: Iterable[_Item],
    name_of: Callable[[_Item], tuple[str, ...]],
    describe: Callable[[_Item], str],
    compare: Callable[[_Item, _Item], _Changes],
) -> _Changes:
    """Yield what came, what went, and what `compare` finds in what stayed, by name."""
    before, after = {name_of(item): item for item in old}, {name_of(item): item for item in new}
    for name in sorted({*before, *after}):
        if name not in after:
            yield _change("removed", kind, ".".join(name), describe(before[name]))
        elif name not in before:
            yield _change("added", kind, ".".join(name), describe(after[name]))
        else:
            yield from compare(before[name], after[name])


def _change(change: str, kind: str, name: str, detail: str) -> SchemaChange:
    return SchemaChange(change, kind, name, detail, EFFECTS[kind, change])


def _changed(
    kind: str,
    name: str,
    old: _Item,
    new: _Item,
    *,
    how: str = "changed",
    show: Callable[[_Item], str] = str,
) -> _Changes:
    """Yield the change of one value, if it changed; `how` chooses the effect."""
    if old != new:
        yield SchemaChange("changed", kind, name, f"{show(old)} -> {show(new)}", EFFECTS[kind, how])


def _node_changes(old: NodeTable, new: NodeTable) -> _Changes:
    yield from _property_changes(new.name, old.properties, new.properties)
    yield from _changed("primary key", new.name, old.primary_key, new.primary_key)
    yield from _changed("comment", new.name, old.comment, new.comment, show=_show_comment)


def _rel_changes(old: RelTable, new: RelTable) -> _Changes:
    yield from _property_changes(new.name, old.properties, new.properties)
    yield from _pair_changes(new.name, old.pairs, new.pairs)
    widened = _MANY_SIDES[old.multiplicity] <= _MANY_SIDES[new.multiplicity]
    how = "widened" if widened else "narrowed"
    yield from _changed("multiplicity", new.name, old.multiplicity, new.multiplicity, how=how)
    how = "widened" if new.storage_direction is StorageDirection.BOTH else "narrowed"
    directions = (old.storage_direction, new.storage_direction)
    yield from _changed("storage direction", new.name, *directions, how=how)
    yield from _changed("comment", new.name, old.comment, new.comment, show=_show_comment)


def _property_changes(table: str, old: Iterable[Property], new: Iterable[Property]) -> _Changes:
    before, after = {item.name: item for item in old}, {item.name: item for item in new}
    for name in before:
        if name not in after:
            yield _change("removed", "property", f"{table}.{name}", _describe(before[name]))
    for name in after:
        if name not in before:
            yield _change("added", "property", f"{table}.{name}", _describe(after[name]))
        else:
            one, other = before[name], after[name]
            yield from _changed("type", f"{table}.{name}", one.type, other.type)
            defaults = (one.default, other.default)
            yield from _changed("default", f"{table}.{name}", *defaults, show=_show_default)
    yield from _order_change("property order", table, list(before), list(after))


def _pair_changes(table: str, old: tuple[Pair, ...], new: tuple[Pair, ...]) -> _Changes:
    for change, pairs, others in (("removed", old, new), ("added", new, old)):
        for pair in pairs:
            if pair not in others:
                name = f"{table}({pair.from_table} -> {pair.to_table})"
                yield _change(change, "pair", name, _describe_pair(pair))
    yield from _order_change(
        "pair order", table, list(map(_describe_pair, old)), list(map(_describe_pair, new))
    )


def _order_change(kind: str, table: str, old: list[str], new: list[str]) -> _Changes:
    """Yield a change if what both have stands in another order, or new things not at the end."""
    expected = [name for name in old if name in new]
    expected += [name for name in new if name not in old]
    yield from _changed(kind, table, expected, new, show=", ".join)


def _sequence_changes(old: Sequence, new: Sequence) -> _Changes:
    yield from _changed("sequence", new.name, _describe_sequence(old), _describe_sequence(new))
    yield from _changed("sequence value", new.name, old.current, new.current, show=_show_value)


def _macro_changes(old: Macro, new: Macro) -> _Changes:
    yield from _changed("macro", new.name, old.definition, new.definition)


def _index_changes(old: Index, new: Index) -> _Changes:
    name = ".".join(_index_name(new))
    if old.kind is new.kind:
        yield from _changed("index", name, old.definition, new.definition)
    yield from _changed("index kind", name, old.kind, new.kind)


def _name(item: NodeTable | RelTable | Sequence | Macro) -> tuple[str, ...]:
    return (item.name,)


def _index_name(index: Index) -> tuple[str, ...]:
    return (index.table, index.name)


def _definition(item: Sequence | Macro | Index) -> str:
    return _describe_sequence(item) if isinstance(item, Sequence) else item.definition


def _describe(item: Property) -> str:
    return str(item.type) + ("" if item.default is None else f" DEFAULT {item.default}")


def _describe_pair(pair: Pair) -> str:
    return f"FROM {pair.from_table} TO {pair.to_table}"


def _describe_node(table: NodeTable) -> str:
    columns = [
        f"{item.name} {_describe(item)}"
        + (" PRIMARY KEY" if item.name == table.primary_key else "")
        for item in table.properties
    ]
    return ", ".join(columns)


def _describe_rel(table: RelTable) -> str:
    columns = [f"{item.name} {_describe(item)}" for item in table.properties]
    return ", ".join([*map(_describe_pair, table.pairs), *columns, table.multiplicity])


def _describe_sequence(item: Sequence) -> str:
    return (
        f"START {item.start} INCREMENT {item.increment} MINVALUE {item.minimum} "
        f"MAXVALUE {item.maximum} {'CYCLE' if item.cycle else 'NO CYCLE'}"
    )


def _show_comment(comment: str) -> str:
    return f"'{comment}'" if comment else "none"


def _show_default(default: str | None) -> str:
    return "none" if default is None else default


def _show_value(value: int | None) -> str:
    return "unused" if value is None else str(value)
