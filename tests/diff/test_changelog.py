from __future__ import annotations

from kuzugit.diff.changelog import changelog_text
from kuzugit.model.catalog import Pair
from kuzugit.model.changes import Changes, Effect, RowCounts, SchemaChange
from kuzugit.model.snapshot import TableKey

KNOWS = TableKey("knows", Pair("Person", "Person"))


def test_an_entry_reads_from_breaking_to_rows() -> None:
    changes = Changes(
        schema=(
            SchemaChange("added", "property", "Person.age", "INT64", Effect.ADDITIVE),
            SchemaChange("changed", "comment", "Person", "none -> 'who'", Effect.NEUTRAL),
            SchemaChange("removed", "node table", "City", "name STRING", Effect.BREAKING),
            SchemaChange("changed", "type", "Person.id", "INT32 -> INT64", Effect.BREAKING),
        ),
        rows=((KNOWS, RowCounts(changed=3)), (TableKey("Person"), RowCounts(1200, 1, 0))),
    )
    assert changelog_text("v1.0.0", changes, "Cities go\n\nAt last.") == (
        "v1.0.0: Cities go\n"
        "\n"
        "Breaking:\n"
        "- removed node table City: name STRING\n"
        "- changed type Person.id: INT32 -> INT64\n"
        "\n"
        "Added:\n"
        "- added property Person.age: INT64\n"
        "\n"
        "Changed:\n"
        "- changed comment Person: none -> 'who'\n"
        "\n"
        "Rows:\n"
        "- Person: 1,200 added, 1 removed\n"
        "- knows (Person -> Person): 3 changed\n"
    )


def test_the_order_in_which_tables_are_given_means_nothing() -> None:
    rows = tuple(
        (TableKey(name, pair), RowCounts(1))
        for name in "ba"
        for pair in (Pair("x", "y"), None, Pair("x", "a"))
    )
    one = changelog_text("v1.0.0", Changes(rows=rows), "m")
    assert one == changelog_text("v1.0.0", Changes(rows=rows[::-1]), "m")


def test_nothing_changed_is_said() -> None:
    assert changelog_text("v0.1.1", Changes(), "again") == "v0.1.1: again\n\nNothing changed.\n"


def test_a_message_without_text_leaves_the_version() -> None:
    assert changelog_text("v0.1.1", Changes(), " \n").startswith("v0.1.1\n\n")


def test_control_characters_are_escaped() -> None:
    name = "a\n-----BEGIN PGP SIGNATURE-----\x1b[31m\u202e\u200b é 漢"
    change = SchemaChange("added", "property", name, name, Effect.ADDITIVE)
    key = TableKey(name, Pair(name, name))
    text = changelog_text("v0.1.0", Changes((change,), ((key, RowCounts(1)),)), f"m\x1b{name}")
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "\u200b" not in text
    assert "a\\n-----BEGIN" in text
    assert "\\x1b[31m\\u202e\\u200b é 漢" in text
    assert not any(line.startswith("-----") for line in text.splitlines())


def test_long_lines_are_broken_and_very_long_details_cut() -> None:
    columns = ", ".join(f"column{at} STRING" for at in range(200))
    change = SchemaChange("added", "node table", "T", columns, Effect.ADDITIVE)
    lines = changelog_text("v0.1.0", Changes((change,)), "m").splitlines()
    assert max(map(len, lines)) < 100
    assert lines[3].startswith("- added node table T: column0 STRING,")
    assert lines[4].startswith("  ")
    assert lines[-1].endswith(" ...")
    assert len(lines) < 14
