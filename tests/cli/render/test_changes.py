from __future__ import annotations

from kuzugit.cli.render.changes import change_fields, change_lines
from kuzugit.model.catalog import Pair
from kuzugit.model.changes import Changes, Effect, RowCounts, SchemaChange
from kuzugit.model.snapshot import TableKey

CHANGES = Changes(
    schema=(
        SchemaChange("added", "property", "Person.age", "INT64", Effect.ADDITIVE),
        SchemaChange("removed", "node table", "City", "", Effect.BREAKING),
    ),
    rows=(
        (TableKey("Requirement"), RowCounts(added=1200, changed=1)),
        (TableKey("knows", Pair("Person", "Dog")), RowCounts(removed=2)),
    ),
)


def test_lines_for_people() -> None:
    assert change_lines(CHANGES) == [
        "added property Person.age: INT64",
        "removed node table City (breaking)",
        "Requirement: 1,200 added, 1 changed",
        "knows (Person -> Dog): 2 removed",
    ]


def test_names_are_printable() -> None:
    hostile = Changes(rows=((TableKey("\x1b[2J", Pair("\r", "\n")), RowCounts(added=1)),))
    assert change_lines(hostile) == ["\\x1b[2J (\\r -> \\n): 1 added"]


def test_fields_for_programs() -> None:
    assert change_fields(CHANGES) == {
        "schema": [
            {
                "change": "added",
                "kind": "property",
                "name": "Person.age",
                "detail": "INT64",
                "effect": "additive",
            },
            {
                "change": "removed",
                "kind": "node table",
                "name": "City",
                "detail": "",
                "effect": "breaking",
            },
        ],
        "rows": [
            {"table": "Requirement", "kind": "node", "added": 1200, "removed": 0, "changed": 1},
            {
                "table": "knows",
                "kind": "rel",
                "from": "Person",
                "to": "Dog",
                "added": 0,
                "removed": 2,
                "changed": 0,
            },
        ],
    }
