"""Three catalogs into one: a table of what was, what is there, what is here."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kuzugit.diff.merge_catalog import MergedCatalog, Part, merge_catalogs
from kuzugit.model.catalog import (
    Catalog,
    Index,
    IndexKind,
    Macro,
    Multiplicity,
    NodeTable,
    Pair,
    Property,
    RelTable,
    Sequence,
)
from kuzugit.model.merge import Choice, Choices
from kuzugit.model.types import Scalar

ID = Property("id", Scalar("INT64"))
NAME = Property("name", Scalar("STRING"))
AGE = Property("age", Scalar("INT64"))
PERSON = NodeTable("Person", (ID, NAME), "id")
CITY = NodeTable("City", (ID,), "id")
KNOWS = RelTable("knows", (), (Pair("Person", "Person"),))
LIVES = RelTable("lives", (), (Pair("Person", "City"),))
COUNT = Sequence("count", 1, 1, 1, 100, False, None)
MACRO = Macro("twice", (), "1 + 1")
INDEX = Index("Person", "words", IndexKind.FULL_TEXT, ("name",))
BASE = Catalog(nodes=(PERSON,), rels=(KNOWS,), sequences=(COUNT,), macros=(MACRO,))

OURS = Choices(Choice.OURS)
THEIRS = Choices(Choice.THEIRS)


def merged(
    base: Catalog,
    theirs: Catalog,
    ours: Catalog,
    choices: Choices = Choices(),  # noqa: B008  (it is frozen)
    touched: frozenset[tuple[str, Part]] = frozenset(),
) -> MergedCatalog:
    return merge_catalogs(base, theirs, ours, choices, lambda table, part: (table, part) in touched)


def having(*properties: Property, **changes: Any) -> Catalog:
    """The base with these properties of Person."""
    return replace(BASE, nodes=(replace(PERSON, properties=properties, **changes),))


class TestOneSide:
    def test_nothing_changed(self) -> None:
        assert merged(BASE, BASE, BASE) == MergedCatalog(BASE, ())

    def test_what_only_they_changed_is_taken(self) -> None:
        assert merged(BASE, having(ID, NAME, AGE), BASE).catalog == having(ID, NAME, AGE)

    def test_what_only_we_changed_stays(self) -> None:
        assert merged(BASE, BASE, having(ID, AGE)).catalog == having(ID, AGE)

    def test_tables_that_are_new_stand_beside_each_other(self) -> None:
        theirs = replace(BASE, nodes=(CITY, PERSON), rels=(KNOWS, LIVES))
        ours = replace(BASE, nodes=(PERSON, replace(CITY, name="Village")))
        found = merged(BASE, theirs, ours)
        assert not found.conflicts
        assert [table.name for table in found.catalog.tables] == [
            "City",
            "Person",
            "Village",
            "knows",
            "lives",
        ]

    def test_the_first_time_everything_is_new(self) -> None:
        assert merged(Catalog(), BASE, Catalog()) == MergedCatalog(BASE, ())
        assert merged(Catalog(), BASE, BASE) == MergedCatalog(BASE, ())

    def test_a_table_that_goes_there_goes_here(self) -> None:
        without = replace(BASE, nodes=(), rels=())
        assert merged(BASE, without, BASE).catalog == without

    def test_a_table_that_went_here_stays_away(self) -> None:
        without = replace(BASE, nodes=(), rels=())
        assert merged(BASE, BASE, without).catalog == without

    def test_its_indexes_go_with_a_table_or_property(self) -> None:
        base = replace(BASE, indexes=(INDEX,))
        theirs = replace(having(ID), indexes=())
        assert merged(base, theirs, base).catalog.indexes == ()


class TestBothSides:
    def test_properties_of_both_are_there(self) -> None:
        other = Property("mail", Scalar("STRING"))
        found = merged(BASE, having(ID, NAME, AGE), having(ID, NAME, other))
        assert found == MergedCatalog(having(ID, NAME, other, AGE), ())

    def test_the_same_change_is_no_conflict(self) -> None:
        assert merged(BASE, having(ID, AGE), having(ID, AGE)) == MergedCatalog(having(ID, AGE), ())

    def test_pairs_of_both_are_there(self) -> None:
        nodes = (CITY, PERSON)
        base = replace(BASE, nodes=nodes)
        one, other = Pair("Person", "City"), Pair("City", "Person")
        theirs = replace(base, rels=(replace(KNOWS, pairs=(*KNOWS.pairs, one)),))
        ours = replace(base, rels=(replace(KNOWS, pairs=(other, *KNOWS.pairs)),))
        (rel,) = merged(base, theirs, ours).catalog.rels
        assert set(rel.pairs) == {*KNOWS.pairs, one, other}

    def test_a_sequence_goes_as_far_as_the_further(self) -> None:
        theirs, ours = (
            replace(BASE, sequences=(replace(COUNT, current=value),)) for value in (7, 5)
        )
        found = merged(BASE, theirs, ours)
        assert not found.conflicts
        assert found.catalog.sequences[0].current == 7

    @pytest.mark.parametrize(
        ("theirs", "ours", "where"),
        [
            (
                having(ID, replace(NAME, default="'a'")),
                having(ID, replace(NAME, default="'b'")),
                ("table Person", "default of name"),
            ),
            (
                having(ID, NAME, comment="a"),
                having(ID, NAME, comment="b"),
                ("table Person", "comment"),
            ),
            (
                replace(BASE, rels=(replace(KNOWS, multiplicity=Multiplicity.MANY_ONE),)),
                replace(BASE, rels=(replace(KNOWS, multiplicity=Multiplicity.ONE_ONE),)),
                ("table knows", "multiplicity"),
            ),
            (
                replace(BASE, macros=(replace(MACRO, body="2"),)),
                replace(BASE, macros=(replace(MACRO, body="3"),)),
                ("macro twice", ""),
            ),
            (
                replace(BASE, macros=()),
                replace(BASE, macros=(replace(MACRO, body="3"),)),
                ("macro twice", ""),
            ),
            (
                replace(BASE, sequences=(replace(COUNT, maximum=7),)),
                replace(BASE, sequences=(replace(COUNT, maximum=8),)),
                ("sequence count", ""),
            ),
        ],
    )
    def test_a_clash_is_told_and_can_be_settled(
        self, theirs: Catalog, ours: Catalog, where: tuple[str, str]
    ) -> None:
        (conflict,) = merged(BASE, theirs, ours).conflicts
        assert (conflict.table, conflict.column) == where
        assert conflict.settleable
        assert merged(BASE, theirs, ours, THEIRS) == MergedCatalog(theirs, ())
        assert merged(BASE, theirs, ours, OURS) == MergedCatalog(ours, ())

    @pytest.mark.parametrize(
        ("theirs", "ours"),
        [
            (
                having(ID, replace(NAME, type=Scalar("INT64"))),
                having(ID, replace(NAME, type=Scalar("BLOB"))),
            ),
            (having(ID, NAME, primary_key="name"), having(ID, NAME, AGE)),
            (having(replace(ID, type=Scalar("STRING")), NAME), having(ID, NAME, AGE)),
        ],
        ids=["type", "key", "key type"],
    )
    def test_types_and_keys_cannot_be_settled(self, theirs: Catalog, ours: Catalog) -> None:
        for choices in (Choices(), THEIRS, OURS):
            conflicts = merged(BASE, theirs, ours, choices).conflicts
            assert [conflict.settleable for conflict in conflicts] == [False]

    def test_a_name_of_two_kinds_cannot_be_settled(self) -> None:
        theirs = replace(BASE, nodes=(CITY, PERSON))
        ours = replace(BASE, rels=(replace(KNOWS, name="City"), KNOWS))
        (conflict,) = merged(BASE, theirs, ours, THEIRS).conflicts
        assert not conflict.settleable

    def test_names_that_differ_in_capitals_alone_cannot_be_settled(self) -> None:
        twin = replace(PERSON, name="PERSON")
        (conflict,) = merged(BASE, BASE, replace(BASE, nodes=(PERSON, twin)), OURS).conflicts
        assert (conflict.table, conflict.settleable) == ("table PERSON", False)
        ours = having(ID, NAME, replace(AGE, name="AGE"))
        (conflict,) = merged(BASE, having(ID, NAME, AGE), ours, OURS).conflicts
        assert (conflict.column, conflict.settleable) == ("AGE", False)

    def test_other_letters_have_no_twins(self) -> None:
        ours = having(ID, NAME, replace(AGE, name="É"), replace(AGE, name="é"))
        assert not merged(BASE, BASE, ours).conflicts


class TestRowsThatChanged:
    """A table or property that one side removes, while the other changed its rows."""

    WITHOUT = replace(BASE, nodes=(), rels=())

    def test_a_table_that_goes_there(self) -> None:
        touched = frozenset({("Person", Part.OURS)})
        lone = replace(BASE, rels=())
        gone = replace(self.WITHOUT, rels=())
        (conflict,) = merged(lone, gone, lone, touched=touched).conflicts
        assert conflict.settleable
        assert merged(lone, gone, lone, OURS, touched).catalog == lone
        assert merged(lone, gone, lone, THEIRS, touched).catalog == gone

    def test_a_table_that_went_here(self) -> None:
        touched = frozenset({("Person", Part.THEIRS)})
        lone = replace(BASE, rels=())
        gone = replace(self.WITHOUT, rels=())
        (conflict,) = merged(lone, lone, gone, touched=touched).conflicts
        assert conflict.settleable
        assert merged(lone, lone, gone, OURS, touched).catalog == gone
        assert merged(lone, lone, gone, THEIRS, touched).catalog == lone

    def test_a_property_that_goes_there(self) -> None:
        touched = frozenset({("Person", Part.OURS)})
        (conflict,) = merged(BASE, having(ID), BASE, touched=touched).conflicts
        assert (conflict.column, conflict.settleable) == ("name", True)
        assert merged(BASE, having(ID), BASE, OURS, touched).catalog == BASE
        assert merged(BASE, having(ID), BASE, THEIRS, touched).catalog == having(ID)
        assert merged(BASE, having(ID), BASE).catalog == having(ID)

    def test_a_choice_by_table(self) -> None:
        touched = frozenset({("Person", Part.OURS)})
        by_table = Choices(Choice.THEIRS, (("Per*", Choice.OURS),))
        assert merged(BASE, having(ID), BASE, by_table, touched).catalog == BASE
        other = Choices(None, (("City", Choice.OURS),))
        assert merged(BASE, having(ID), BASE, other, touched).conflicts


class TestTablesThatRelsConnect:
    """A table that one side removed, to which the other side has a new rel table."""

    base = replace(BASE, nodes=(CITY, PERSON))
    connected = replace(base, rels=(KNOWS, LIVES))

    @pytest.mark.parametrize("removed_there", [True, False])
    def test_it_is_a_conflict_that_a_choice_settles(self, removed_there: bool) -> None:
        sides = (BASE, self.connected) if removed_there else (self.connected, BASE)
        removed, has = ("there", "here") if removed_there else ("here", "there")
        (conflict,) = merged(self.base, *sides).conflicts
        assert str(conflict) == f"table City: was removed {removed}, and lives connects it {has}"
        assert conflict.settleable
        keeps, removes = (OURS, THEIRS) if removed_there else (THEIRS, OURS)
        assert merged(self.base, *sides, keeps) == MergedCatalog(self.connected, ())
        assert merged(self.base, *sides, removes) == MergedCatalog(BASE, ())
        by_table = Choices(None, (("City", keeps.default or Choice.OURS),))
        assert merged(self.base, *sides, by_table) == MergedCatalog(self.connected, ())

    def test_other_pairs_of_the_rel_table_stay(self) -> None:
        both = replace(KNOWS, pairs=(Pair("Person", "Person"), Pair("Person", "City")))
        ours = replace(self.base, rels=(both,))
        assert merged(self.base, BASE, ours, THEIRS) == MergedCatalog(BASE, ())

    def test_a_table_that_stays_keeps_its_indexes(self) -> None:
        index = replace(INDEX, table="City", properties=("id",))
        base = replace(self.base, indexes=(index,))
        ours = replace(self.connected, indexes=(index,))
        assert merged(base, BASE, ours, OURS) == MergedCatalog(ours, ())
        assert merged(base, BASE, ours, THEIRS) == MergedCatalog(BASE, ())
