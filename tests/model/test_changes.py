from __future__ import annotations

import pytest

from kuzugit.model.catalog import Catalog, Pair
from kuzugit.model.changes import Changes, Effect, RowCounts, SchemaChange
from kuzugit.model.snapshot import Chunk, Manifest, ObjectId, TableData, TableKey
from kuzugit.model.version import Bump


def change(effect: Effect) -> SchemaChange:
    return SchemaChange("changed", "type", "T.a", "INT32 -> INT64", effect)


@pytest.mark.parametrize(
    ("effects", "bump"),
    [
        ([], Bump.PATCH),
        ([Effect.NEUTRAL], Bump.PATCH),
        ([Effect.NEUTRAL, Effect.ADDITIVE], Bump.MINOR),
        ([Effect.ADDITIVE, Effect.BREAKING, Effect.NEUTRAL], Bump.MAJOR),
    ],
)
def test_the_gravest_effect_chooses_the_bump(effects: list[Effect], bump: Bump) -> None:
    assert Changes(schema=tuple(map(change, effects))).bump is bump


def test_counts_add_up_and_are_false_when_nothing_changed() -> None:
    assert RowCounts(1, 2, 3) + RowCounts(10, 20, 30) == RowCounts(11, 22, 33)
    assert not RowCounts()
    assert all([RowCounts(added=1), RowCounts(removed=1), RowCounts(changed=1)])


def test_changes_are_false_when_nothing_changed() -> None:
    assert not Changes()
    assert Changes(schema=(change(Effect.NEUTRAL),))
    assert Changes(rows=((TableKey("T"), RowCounts(added=1)),))


def test_a_manifest_gives_a_table_without_rows_where_it_has_none() -> None:
    key = TableKey("R", Pair("A", "B"))
    chunks = tuple(Chunk(name, rows, 10, ObjectId("0" * 40)) for name, rows in (("a", 2), ("b", 3)))
    manifest = Manifest(Catalog(), (TableData(key, chunks),))
    assert manifest.table(key).rows == 5
    assert manifest.table(TableKey("R", Pair("B", "A"))).rows == 0
    assert key.is_rel
    assert not TableKey("R").is_rel
