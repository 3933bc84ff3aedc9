"""Renames: what has another name and the same content. Nothing is guessed from names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from kuzugit.model.catalog import Catalog, NodeTable, Pair, Property, RelTable
from kuzugit.model.changes import Effect, SchemaChange
from kuzugit.model.renames import Candidates, Renames
from kuzugit.model.snapshot import Manifest, TableKey

Found: TypeAlias = tuple[tuple[tuple[str, str], ...], tuple[Candidates, ...]]


def renamed_tables(old: Manifest, new: Manifest) -> Renames:
    """Return the tables whose rows, the very same chunks, stand under another name.

    A table without rows proves nothing. No chunk is read.
    """
    nodes, node_candidates = _paired(
        "node table", _node_contents(old, new), _node_contents(new, old)
    )
    after_nodes = Renames(nodes=nodes)
    rels, rel_candidates = _paired(
        "rel table",
        _rel_contents(old, new.catalog, after_nodes),
        _rel_contents(new, old.catalog, Renames()),
    )
    return Renames(nodes=nodes, rels=rels, candidates=node_candidates + rel_candidates)


def paired_by_equality(
    kind: str, old: Sequence[str], new: Sequence[str], equal: Sequence[tuple[str, str]]
) -> Found:
    """Return the renames among things of which `equal` pairs have the same content.

    A pair of which neither has another equal is a rename; the others are candidates.
    """
    pairs, candidates = [], []
    for name in old:
        partners = [b for a, b in equal if a == name]
        rivals = sorted({a for a, b in equal if b in partners}, key=list(old).index)
        if len(partners) == 1 and len(rivals) == 1:
            pairs.append((name, partners[0]))
        elif partners and rivals[0] == name:
            candidates.append(Candidates(kind, tuple(rivals), tuple(partners)))
    return tuple(pairs), tuple(candidates)


def renamed_catalog(catalog: Catalog, renames: Renames) -> Catalog:
    """Return the old catalog in the names of the new one."""

    def properties(table: str, items: tuple[Property, ...]) -> tuple[Property, ...]:
        return tuple(replace(item, name=renames.property(table, item.name)) for item in items)

    def node(table: NodeTable) -> NodeTable:
        name = renames.node(table.name)
        return replace(
            table,
            name=name,
            properties=properties(name, table.properties),
            primary_key=renames.property(name, table.primary_key),
        )

    def rel(table: RelTable) -> RelTable:
        name = renames.rel(table.name)
        pairs = tuple(
            Pair(renames.node(pair.from_table), renames.node(pair.to_table)) for pair in table.pairs
        )
        return replace(table, name=name, properties=properties(name, table.properties), pairs=pairs)

    return replace(
        catalog,
        nodes=tuple(sorted(map(node, catalog.nodes), key=lambda table: table.name)),
        rels=tuple(sorted(map(rel, catalog.rels), key=lambda table: table.name)),
        indexes=tuple(
            replace(index, table=renames.rel(renames.node(index.table)))
            for index in catalog.indexes
        ),
    )


def rename_changes(renames: Renames) -> Iterator[SchemaChange]:
    """Yield a change for each rename; each is breaking, because queries go by name."""
    for kind, pairs in (("node table", renames.nodes), ("rel table", renames.rels)):
        for old, new in pairs:
            yield SchemaChange("renamed", kind, new, f"{old} -> {new}", Effect.BREAKING)
    for table, old, new in renames.properties:
        name = f"{table}.{new}"
        yield SchemaChange("renamed", "property", name, f"{old} -> {new}", Effect.BREAKING)


def _node_contents(manifest: Manifest, other: Manifest) -> dict[str, Hashable]:
    known = {table.name for table in other.catalog.nodes}
    return {
        table.name: (_columns(table), table.primary_key, blobs)
        for table in manifest.catalog.nodes
        if table.name not in known and (blobs := _blobs(manifest, TableKey(table.name)))
    }


def _rel_contents(manifest: Manifest, other: Catalog, nodes: Renames) -> dict[str, Hashable]:
    known = {table.name for table in other.rels}
    found: dict[str, Hashable] = {}
    for table in manifest.catalog.rels:
        rows = [
            (
                nodes.key(TableKey(table.name, pair)).pair,
                _blobs(manifest, TableKey(table.name, pair)),
            )
            for pair in table.pairs
        ]
        if table.name not in known and any(blobs for _, blobs in rows):
            found[table.name] = (_columns(table), frozenset(rows))
    return found


def _columns(table: NodeTable | RelTable) -> Hashable:
    return tuple((item.name, item.type) for item in table.properties)


def _blobs(manifest: Manifest, key: TableKey) -> tuple[str, ...]:
    return tuple(chunk.blob for chunk in manifest.table(key).chunks)


def _paired(kind: str, old: Mapping[str, Hashable], new: Mapping[str, Hashable]) -> Found:
    by_content: dict[Hashable, list[str]] = defaultdict(list)
    for name, content in new.items():
        by_content[content].append(name)
    equal = [(name, other) for name, content in old.items() for other in by_content[content]]
    return paired_by_equality(kind, list(old), list(new), equal)
