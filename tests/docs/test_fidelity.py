"""docs/fidelity.md says what is measured: a sample here, all of it in the soak."""

from __future__ import annotations

import pytest

from tests.docs.fidelity import (
    PAGE,
    Outcome,
    case_row,
    itself_row,
    kuzugit_cell,
    measured,
    plain_cell,
    probe,
    tables,
    written,
)
from tests.docs.fidelity_cases import (
    BY_ITSELF,
    FORMS,
    OBJECTS,
    VALUES,
    VALUES_APART,
    Case,
    type_case,
)

SAMPLE = {
    "values": (VALUES_APART, ["the least integer (`INT8` -128), small ones beside it"]),
    "objects": (
        OBJECTS,
        ["`DEFAULT -5`", "a sequence that was used"],
    ),
}
UNTOLD = ["`CREATE TYPE`: the name"]
"""What a commit loses without a word, because Kùzu shows it to nobody."""


@pytest.mark.parametrize("name", SAMPLE)
def test_a_sample_of_the_page_is_as_measured(name: str) -> None:
    cases, names = SAMPLE[name]
    shown = measured(PAGE.read_text(), name)
    for each in names:
        assert case_row(each, cases[each]) in shown


def test_what_kuzu_does_by_itself_is_as_measured() -> None:
    shown = measured(PAGE.read_text(), "itself")
    assert shown == [itself_row(*item) for item in BY_ITSELF.items()]


@pytest.mark.soak
def test_the_whole_page_is_as_measured() -> None:
    page = PAGE.read_text()
    for name, lines in tables():
        assert measured(page, name) == lines


def test_a_cell_of_the_types_is_as_measured() -> None:
    form = "`STRUCT(a T)`"
    case = type_case("INT128", [form])
    page = PAGE.read_text()
    for name, cell in {"plain": plain_cell, "kuzugit": kuzugit_cell}.items():
        found = probe(name, case)
        row = next(line for line in measured(page, name) if line.startswith("| `INT128` |"))
        cells = row.strip("| ").split(" | ")
        assert cells[1 + list(FORMS).index(form)] == cell(found)
        example = f"- `STRUCT(a INT128)`: {' '.join(found.differences)}"
        assert (example in measured(page, "changed")) == (name == "plain")


def test_kuzugit_changes_nothing_without_a_word() -> None:
    page = PAGE.read_text()
    for name, cases in {"kuzugit": VALUES, "values": VALUES_APART, "objects": OBJECTS}.items():
        rows = measured(page, name)
        assert len(rows) == len(cases)
        for row in rows:
            cells = row.strip("| ").split(" | ")
            told = cells[1:] if name == "kuzugit" else cells[2:]
            assert len(told) == (len(FORMS) if name == "kuzugit" else 1)
            wrong = any("**changed**" in cell or "**fails" in cell for cell in told)
            assert wrong == (cells[0] in UNTOLD), row


def test_each_way_of_going_wrong_has_a_word() -> None:
    unmakeable = Case(("CREATE NODE TABLE N(id BOOL PRIMARY KEY)",))
    assert plain_cell(probe("plain", unmakeable)) == "-"
    built = ["built"]
    assert plain_cell(Outcome(signal=11, steps=built)) == "**EXPORT crashes**"
    assert plain_cell(Outcome(signal=11, steps=[*built, "exported"])) == "**IMPORT crashes**"
    assert plain_cell(Outcome(hangs=True, steps=built)) == "**EXPORT hangs**"
    assert plain_cell(Outcome(told={"failed": "x"}, steps=[*built, "exported"])) == "IMPORT fails"
    assert kuzugit_cell(Outcome(signal=11, steps=built)).startswith("**fails: ")
    assert kuzugit_cell(Outcome(told={"failed": "x"}, steps=built)) == "**fails: x**"
    assert kuzugit_cell(Outcome(told={"differences": ["x"]}, steps=built)) == "**changed**"


def test_a_table_is_put_between_its_marks() -> None:
    page = "a\n<!-- measured: changed -->\nold\n<!-- end -->\nb\n"
    again = written(page, "changed", ["- new"])
    assert again == "a\n<!-- measured: changed -->\n- new\n<!-- end -->\nb\n"
    assert measured(again, "changed") == ["- new"]
