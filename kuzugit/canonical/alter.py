"""The statements that turn one catalog into another, as far as Kùzu has statements for it.

They come in two halves: the rows are changed between them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from kuzugit.canonical.cypher import (
    create_node,
    create_rel,
    create_sequence,
    property_definition,
    serial_name,
    serial_sequences,
)
from kuzugit.model.catalog import (
    Catalog,
    Index,
    IndexKind,
    NodeTable,
    Pair,
    Property,
    RelTable,
)
from kuzugit.model.cypher import quoted, text_literal
from kuzugit.model.types import Scalar


@dataclass(frozen=True)
class Names:
    """What is called otherwise in the new catalog.

    `tables` are (old, new), `properties` (new table, old, new).
    """

    tables: tuple[tuple[str, str], ...] = ()
    properties: tuple[tuple[str, str, str], ...] = ()

    def table(self, old: str) -> str:
        """Return the new name of a table."""
        return dict(self.tables).get(old, old)


@dataclass
class Alteration:
    """The statements before and after the rows, and what no statement says.

    `added` are the properties that every row needs a value of, by table.
    """

    before: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    unsaid: list[str] = field(default_factory=list)
    added: dict[str, tuple[str, ...]] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    """Tables whose rows cannot be said either."""
    last: list[str] = field(default_factory=list)
    """What ends `after`, for no other statement works afterwards."""
    draws: bool = False
    """Whether new rows draw from a sequence for a property that goes."""


def alteration(old: Catalog, new: Catalog, names: Names) -> Alteration:
    """Return what turns `old` into `new`."""
    done = Alteration()
    nodes = _renamed(old.nodes, names), {table.name: table for table in new.nodes}
    rels = _renamed_rels(old, names), {table.name: table for table in new.rels}
    gone, come = _indexes(old, names), {_index_key(item): item for item in new.indexes}
    for key, index in gone.items():
        if come.get(key) != index:
            _drop_index(index, nodes[1].get(index.table), names, done)
    for a, b in names.tables:
        done.before.append(f"ALTER TABLE {quoted(a)} RENAME TO {quoted(b)};")
    for table, a, b in names.properties:
        done.before.append(f"ALTER TABLE {quoted(table)} RENAME {quoted(a)} TO {quoted(b)};")
    done.before += [f"DROP TABLE {quoted(name)};" for name in rels[0] if name not in rels[1]]
    _sequences_and_macros(old, new, done)
    done.before += [create_node(nodes[1][name]) for name in nodes[1] if name not in nodes[0]]
    for name in rels[1]:
        if name in rels[0]:
            _alter_pairs(rels[0][name], rels[1][name], done)
    done.before += [f"DROP TABLE {quoted(name)};" for name in nodes[0] if name not in nodes[1]]
    done.before += [create_rel(rels[1][name]) for name in rels[1] if name not in rels[0]]
    for name, node in nodes[1].items():
        if name in nodes[0]:
            _alter_node(nodes[0][name], node, done)
    for name, rel in rels[1].items():
        if name in rels[0]:
            _alter_rel(rels[0][name], rel, done)
    _reset_sequences(old, new, _kept_serials(old, names), done)
    _comments({**nodes[0], **rels[0]}, {**nodes[1], **rels[1]}, done)
    done.after += [f"{index.definition};" for key, index in come.items() if gone.get(key) != index]
    # Kùzu crashes at a checkpoint after a column was added, set and another one dropped.
    done.after += ["CHECKPOINT;", *done.last] if done.last else []
    return done


def _drop_index(index: Index, table: NodeTable | None, names: Names, done: Alteration) -> None:
    kind = {IndexKind.FULL_TEXT: "FTS", IndexKind.VECTOR: "VECTOR"}[index.kind]
    kept = table is not None and {item.name for item in table.properties} >= set(index.properties)
    later = kept and index.kind is IndexKind.VECTOR
    # Kùzu crashes where a node is deleted that was in a vector index which is gone.
    before = next((a for a, b in names.tables if b == index.table), index.table)
    what = f"{text_literal(index.table if later else before)}, {text_literal(index.name)}"
    (done.after if later else done.before).append(f"CALL DROP_{kind}_INDEX({what});")


def _comments(
    old: Mapping[str, NodeTable | RelTable],
    new: Mapping[str, NodeTable | RelTable],
    done: Alteration,
) -> None:
    for name, table in new.items():
        if table.comment != (old[name].comment if name in old else ""):
            text = text_literal(table.comment)
            done.after.append(f"COMMENT ON TABLE {quoted(name)} IS {text};")


def _renamed(tables: tuple[NodeTable, ...], names: Names) -> dict[str, NodeTable]:
    found = {}
    for table in tables:
        name = names.table(table.name)
        inside = {a: b for owner, a, b in names.properties if owner == name}
        properties = tuple(_under(item, inside) for item in table.properties)
        key = inside.get(table.primary_key, table.primary_key)
        found[name] = NodeTable(name, properties, key, table.comment)
    return found


def _renamed_rels(catalog: Catalog, names: Names) -> dict[str, RelTable]:
    found = {}
    for table in catalog.rels:
        name = names.table(table.name)
        inside = {a: b for owner, a, b in names.properties if owner == name}
        found[name] = RelTable(
            name,
            tuple(_under(item, inside) for item in table.properties),
            tuple(Pair(names.table(p.from_table), names.table(p.to_table)) for p in table.pairs),
            table.multiplicity,
            table.comment,
            table.storage_direction,
        )
    return found


def _under(item: Property, names: dict[str, str]) -> Property:
    return Property(names.get(item.name, item.name), item.type, item.default)


def _index_key(index: Index) -> tuple[str, str]:
    return index.table, index.name


def _indexes(catalog: Catalog, names: Names) -> dict[tuple[str, str], Index]:
    inside = {(table, a): b for table, a, b in names.properties}
    found = {}
    for index in catalog.indexes:
        table = names.table(index.table)
        properties = tuple(inside.get((table, name), name) for name in index.properties)
        renamed = Index(table, index.name, index.kind, properties, index.options)
        found[_index_key(renamed)] = renamed
    return found


def _sequences_and_macros(old: Catalog, new: Catalog, done: Alteration) -> None:
    # A SERIAL property's comes and goes with its table.
    serials = serial_sequences(new) | serial_sequences(old)
    before = {item.name for item in old.sequences}
    after = {item.name for item in new.sequences}
    for sequence in new.sequences:
        if sequence.name not in before | serials:
            done.before += create_sequence(sequence)
    done.after += [
        f"DROP SEQUENCE {quoted(name)};" for name in sorted(before - after) if name not in serials
    ]
    macros = {item.name: item for item in old.macros}
    for macro in new.macros:
        if macro.name not in macros:
            done.before.append(f"CREATE MACRO {macro.definition};")
        elif macros.pop(macro.name) != macro:
            done.unsaid.append(f"the macro {macro.name} changed, and Kùzu cannot drop a macro")
    kept = {item.name for item in new.macros}
    done.unsaid += [
        f"the macro {name} is gone, and Kùzu cannot drop a macro"
        for name in macros
        if name not in kept
    ]


def _alter_pairs(old: RelTable, new: RelTable, done: Alteration) -> None:
    def change(word: str, pair: Pair) -> str:
        ends = f"FROM {quoted(pair.from_table)} TO {quoted(pair.to_table)}"
        return f"ALTER TABLE {quoted(new.name)} {word} {ends};"

    come = [pair for pair in new.pairs if pair not in old.pairs]
    done.before += [change("ADD", pair) for pair in come]
    done.before += [change("DROP", pair) for pair in old.pairs if pair not in new.pairs]
    if (*(pair for pair in old.pairs if pair in new.pairs), *come) != new.pairs:
        done.unsaid.append(f"the pairs of {new.name} stand in another order")


def _alter_node(old: NodeTable, new: NodeTable, done: Alteration) -> None:
    key = new.key
    if old.primary_key != new.primary_key or old.key.type != key.type:
        done.unsaid.append(f"the primary key of {new.name} changed")
        done.lost.add(new.name)
        return
    late = _gone_before_the_key(old, new)
    again = {item.name for item in late} & {item.name for item in new.properties}
    if again:
        done.unsaid.append(
            f"{new.name}.{min(again)} has another type and stands before the primary key: once "
            "it is dropped, Kùzu takes another property for the key"
        )
        done.lost.add(new.name)
        return
    done.last += [f"ALTER TABLE {quoted(new.name)} DROP {quoted(item.name)};" for item in late]
    # Until then new rows get a value of it.
    done.draws |= any("nextval" in (item.default or "") for item in late)
    stays = tuple(item for item in old.properties if item not in late)
    _alter_properties(new.name, stays, new.properties, done)


def _gone_before_the_key(old: NodeTable, new: NodeTable) -> list[Property]:
    """Return the properties that go and stand before the key.

    Once such a one is dropped, Kùzu takes the property after the key for the key.
    """
    kept = {(item.name, item.type) for item in new.properties}
    before = old.properties[: old.properties.index(old.key)]
    return [item for item in before if (item.name, item.type) not in kept]


def _alter_rel(old: RelTable, new: RelTable, done: Alteration) -> None:
    if old.multiplicity != new.multiplicity:
        done.unsaid.append(f"{new.name} is {new.multiplicity} now, and was {old.multiplicity}")
    if old.storage_direction != new.storage_direction:
        done.unsaid.append(f"the storage direction of {new.name} changed")
    _alter_properties(new.name, old.properties, new.properties, done)


def _alter_properties(
    table: str, old: tuple[Property, ...], new: tuple[Property, ...], done: Alteration
) -> None:
    types = {item.name: item.type for item in old}
    wanted = {item.name: item.type for item in new}
    for item in old:
        if wanted.get(item.name) != item.type:
            done.before.append(f"ALTER TABLE {quoted(table)} DROP {quoted(item.name)};")
    come = [item for item in new if types.get(item.name) != item.type]
    for item in come:
        if item.type == Scalar("SERIAL"):
            done.unsaid.append(f"{table}.{item.name} is new, and Kùzu adds no SERIAL property")
            done.lost.add(table)
            continue
        done.before.append(f"ALTER TABLE {quoted(table)} ADD {property_definition(item)};")
    if come:
        done.added[table] = tuple(item.name for item in come)
    order = [item.name for item in old if wanted.get(item.name) == item.type]
    if [*order, *(item.name for item in come)] != [item.name for item in new]:
        done.unsaid.append(f"the properties of {table} stand in another order")
    defaults = {item.name: item.default for item in old}
    for item in new:
        if types.get(item.name) == item.type and defaults[item.name] != item.default:
            done.unsaid.append(f"{table}.{item.name} has another default")


def _kept_serials(old: Catalog, names: Names) -> dict[str, str]:
    """Return what the sequences of SERIAL properties are called after a rename, by new names.

    Kùzu leaves such a sequence its name; a new snapshot's has that of the property.
    """
    found = {}
    for table in old.tables:
        name = names.table(table.name)
        inside = {a: b for owner, a, b in names.properties if owner == name}
        for item in table.properties:
            if item.type == Scalar("SERIAL"):
                today = serial_name(name, inside.get(item.name, item.name))
                found[today] = serial_name(table.name, item.name)
    return found


def _reset_sequences(old: Catalog, new: Catalog, kept: Mapping[str, str], done: Alteration) -> None:
    """Set the sequences that stand elsewhere, or that a new property may have drawn from."""
    before = {item.name: item for item in old.sequences}
    drawn = done.draws or any("nextval" in text for text in done.before)
    moved = {name for today, name in kept.items() if name != today}
    for sequence in new.sequences:
        if sequence.name in moved and sequence.name not in kept:
            done.unsaid.append(
                f"the sequence {sequence.name} is new, and that of a renamed SERIAL has its name"
            )
            continue
        wanted = replace(sequence, name=kept.get(sequence.name, sequence.name))
        same = before.get(wanted.name) == wanted
        made = wanted.name not in before and (
            wanted.current is None or wanted.name not in serial_sequences(new)
        )
        if drawn or not (same or made):
            done.after += [f"DROP SEQUENCE {quoted(wanted.name)};", *create_sequence(wanted)]
