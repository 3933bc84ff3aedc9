"""The diff of two real databases says what plain Python says, and turned round the opposite."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kuzugit
from kuzugit.diff.stream import numbers_for_times
from kuzugit.model.snapshot import TableKey
from tests.laws.examples import FEW, folder, lawful_refusal
from tests.support.databases import Database, Nodes, Rels, databases
from tests.support.snapshots import committed
from tests.support.soak import Soak

Told = Counter[tuple[str, str, str]]
"""(change, old row, new row): repr() tells all values apart, and takes NaN for one."""


def edited(database: Database, seed: int) -> Database:
    """Return the database with values moved between rows, and some rels gone or doubled."""
    dice = random.Random(seed)
    nodes = {table.name: _edited_nodes(table, dice) for table in database.nodes}
    rels = []
    for rel in database.rels:
        pairs = tuple((nodes[a.name], nodes[b.name]) for a, b in rel.pairs)
        rels.append(replace(rel, pairs=pairs, rows=_edited_rels(rel, dice)))
    return replace(database, nodes=tuple(nodes.values()), rels=tuple(rels))


def _edited_nodes(table: Nodes, dice: random.Random) -> Nodes:
    values = [row[1:] for row in table.rows]
    if dice.random() < 0.7:
        dice.shuffle(values)
    rows = tuple((row[0], *rest) for row, rest in zip(table.rows, values, strict=True))
    return replace(table, rows=rows)


def _edited_rels(rel: Rels, dice: random.Random) -> tuple[Any, ...]:
    kept = [row for row in rel.rows if dice.random() < 0.7]
    if rel.multiplicity == "MANY_MANY":
        kept += [row for row in kept if dice.random() < 0.3]
    return tuple(kept)


def rows_of(repository: kuzugit.Repository, version: str, key: TableKey) -> list[tuple[Any, ...]]:
    ends = () if key.pair is None else (key.pair.from_table, key.pair.to_table)
    table = repository.snapshot(version).table(key.table, *ends).combine_chunks()
    if not table.num_rows:
        return []
    (batch,) = table.to_batches()
    return list(zip(*(numbers_for_times(item).to_pylist() for item in batch.columns), strict=True))


def by_hand(width: tuple[int, ...], old: list[Any], new: list[Any]) -> Told:
    before, after = Counter(map(repr, old)), Counter(map(repr, new))
    key_of = {repr(row): repr([row[at] for at in width]) for row in (*old, *new)}
    left: dict[str, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for side, rows in ((0, before - after), (1, after - before)):
        for row in rows.elements():
            left[key_of[row]][side].append(row)
    found: Told = Counter()
    for gone, come in left.values():
        if len(gone) == len(come) == 1:
            found["changed", gone[0], come[0]] += 1
        else:
            found.update(("removed", row, "None") for row in gone)
            found.update(("added", "None", row) for row in come)
    return found


def check(database: Database, seed: int) -> None:
    with folder() as directory, lawful_refusal():
        path = database.build(directory / "g.kuzu")
        with committed(path, directory / "store.git") as repository:
            path.unlink()
            edited(database, seed).build(path)
            version = repository.commit("edited", allow_empty=True).version
            assert version is not None
            told = _told(repository, "v0.1.0", version)
            assert _told(repository, version, "v0.1.0") == {
                key: _turned(changes) for key, changes in told.items()
            }
            with repository.diff("v0.1.0", version) as found:
                keys = {head.key: head.new_key_at for head in found.tables}
            for key, width in keys.items():
                old, new = (rows_of(repository, name, key) for name in ("v0.1.0", version))
                assert told[key] == by_hand(width, old, new), key


@FEW
@given(database=databases(), seed=st.integers(0, 1000))
def test_every_change(database: Database, seed: int) -> None:
    check(database, seed)


@pytest.mark.soak
def test_every_change_of_very_many(soak: Soak) -> None:
    soak.keep_trying(check, databases(), st.integers(0, 1000))


def _turned(changes: Told) -> Told:
    other = {"added": "removed", "removed": "added", "changed": "changed"}
    return Counter({(other[c], new, old): number for (c, old, new), number in changes.items()})


def _told(repository: kuzugit.Repository, old: str, new: str) -> dict[TableKey, Told]:
    with repository.diff(old, new) as found:
        return {
            head.key: Counter(
                (str(change.change), repr(change.old), repr(change.new))
                for change in found.rows(head)
            )
            for head in found.tables
        }
