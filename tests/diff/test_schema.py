from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kuzugit.diff.schema import compare_catalogs
from kuzugit.model.catalog import (
    Catalog,
    Index,
    IndexKind,
    Macro,
    Multiplicity,
    NodeTable,
    Pair,
    Parameter,
    Property,
    RelTable,
    Sequence,
    StorageDirection,
)
from kuzugit.model.changes import Changes, Effect, SchemaChange
from kuzugit.model.types import parse_type
from kuzugit.model.version import Bump

BREAKING, ADDITIVE, NEUTRAL = Effect.BREAKING, Effect.ADDITIVE, Effect.NEUTRAL


def prop(name: str, type_: str = "STRING", default: str | None = None) -> Property:
    return Property(name, parse_type(type_), default)


PERSON = NodeTable("Person", (prop("id", "INT64"), prop("name")), "id")
CITY = NodeTable("City", (prop("name"),), "name")
KNOWS = RelTable("knows", (prop("since", "DATE"),), (Pair("Person", "Person"),))
COUNTER = Sequence("counter", 1, 1, 1, 100, cycle=False, current=None)
TWICE = Macro("TWICE", (Parameter("x"),), "x * 2")
SEARCH = Index("Person", "search", IndexKind.FULL_TEXT, ("name",))
ALL = Catalog((CITY, PERSON), (KNOWS,), (COUNTER,), (TWICE,), (SEARCH,))


def with_person(**changes: object) -> Catalog:
    return replace(ALL, nodes=(CITY, replace(PERSON, **changes)))  # type: ignore[arg-type]


def with_knows(**changes: object) -> Catalog:
    return replace(ALL, rels=(replace(KNOWS, **changes),))  # type: ignore[arg-type]


def with_counter(**changes: object) -> Catalog:
    return replace(ALL, sequences=(replace(COUNTER, **changes),))  # type: ignore[arg-type]


ID, NAME = PERSON.properties
ONE_CHANGE = [
    (
        replace(ALL, nodes=(CITY, NodeTable("Zoo", (prop("id", "SERIAL"),), "id"), PERSON)),
        SchemaChange("added", "node table", "Zoo", "id SERIAL PRIMARY KEY", ADDITIVE),
    ),
    (
        replace(ALL, nodes=(PERSON,)),
        SchemaChange("removed", "node table", "City", "name STRING PRIMARY KEY", BREAKING),
    ),
    (
        replace(ALL, rels=()),
        SchemaChange(
            "removed",
            "rel table",
            "knows",
            "FROM Person TO Person, since DATE, MANY_MANY",
            BREAKING,
        ),
    ),
    (
        with_person(properties=(ID, NAME, prop("age", "INT64", "18"))),
        SchemaChange("added", "property", "Person.age", "INT64 DEFAULT 18", ADDITIVE),
    ),
    (
        with_person(properties=(ID,)),
        SchemaChange("removed", "property", "Person.name", "STRING", BREAKING),
    ),
    (
        with_person(properties=(ID, prop("name", "STRING[]"))),
        SchemaChange("changed", "type", "Person.name", "STRING -> STRING[]", BREAKING),
    ),
    (
        with_person(properties=(ID, prop("name", default="''"))),
        SchemaChange("changed", "default", "Person.name", "none -> ''", NEUTRAL),
    ),
    (
        with_person(properties=(NAME, ID)),
        SchemaChange("changed", "property order", "Person", "id, name -> name, id", NEUTRAL),
    ),
    (
        with_person(primary_key="name"),
        SchemaChange("changed", "primary key", "Person", "id -> name", BREAKING),
    ),
    (
        with_person(comment="who\nlives"),
        SchemaChange("changed", "comment", "Person", "none -> 'who\nlives'", NEUTRAL),
    ),
    (
        with_knows(properties=()),
        SchemaChange("removed", "property", "knows.since", "DATE", BREAKING),
    ),
    (
        with_knows(pairs=(Pair("Person", "Person"), Pair("Person", "City"))),
        SchemaChange("added", "pair", "knows(Person -> City)", "FROM Person TO City", ADDITIVE),
    ),
    (
        with_knows(multiplicity=Multiplicity.MANY_ONE),
        SchemaChange("changed", "multiplicity", "knows", "MANY_MANY -> MANY_ONE", BREAKING),
    ),
    (
        with_knows(storage_direction=StorageDirection.FORWARD),
        SchemaChange("changed", "storage direction", "knows", "both -> fwd", BREAKING),
    ),
    (
        with_knows(comment="friends"),
        SchemaChange("changed", "comment", "knows", "none -> 'friends'", NEUTRAL),
    ),
    (
        replace(ALL, sequences=()),
        SchemaChange(
            "removed",
            "sequence",
            "counter",
            "START 1 INCREMENT 1 MINVALUE 1 MAXVALUE 100 NO CYCLE",
            BREAKING,
        ),
    ),
    (
        with_counter(cycle=True),
        SchemaChange(
            "changed",
            "sequence",
            "counter",
            "START 1 INCREMENT 1 MINVALUE 1 MAXVALUE 100 NO CYCLE -> "
            "START 1 INCREMENT 1 MINVALUE 1 MAXVALUE 100 CYCLE",
            NEUTRAL,
        ),
    ),
    (
        with_counter(current=7),
        SchemaChange("changed", "sequence value", "counter", "unused -> 7", NEUTRAL),
    ),
    (
        replace(ALL, macros=()),
        SchemaChange("removed", "macro", "TWICE", "`TWICE`(x) AS x * 2", BREAKING),
    ),
    (
        replace(ALL, macros=(Macro("TWICE", (Parameter("x"),), "x + x"),)),
        SchemaChange(
            "changed", "macro", "TWICE", "`TWICE`(x) AS x * 2 -> `TWICE`(x) AS x + x", BREAKING
        ),
    ),
    (
        replace(ALL, indexes=()),
        SchemaChange("removed", "index", "Person.search", SEARCH.definition, BREAKING),
    ),
    (
        replace(ALL, indexes=(replace(SEARCH, options=(("stemmer", "none"),)),)),
        SchemaChange(
            "changed",
            "index",
            "Person.search",
            f"{SEARCH.definition} -> "
            "CALL CREATE_FTS_INDEX('Person', 'search', ['name'], stemmer := 'none')",
            NEUTRAL,
        ),
    ),
    (
        replace(ALL, indexes=(replace(SEARCH, kind=IndexKind.VECTOR),)),
        SchemaChange("changed", "index kind", "Person.search", "FTS -> HNSW", BREAKING),
    ),
]


@pytest.mark.parametrize(
    ("new", "expected"), ONE_CHANGE, ids=lambda item: getattr(item, "name", "")
)
def test_one_change(new: Catalog, expected: SchemaChange) -> None:
    assert compare_catalogs(ALL, new) == (expected,)


def test_the_first_snapshot_only_adds() -> None:
    changes = compare_catalogs(None, ALL)
    assert {change.effect for change in changes} == {ADDITIVE}
    assert [(change.change, change.kind, change.name) for change in changes] == [
        ("added", "node table", "City"),
        ("added", "node table", "Person"),
        ("added", "rel table", "knows"),
        ("added", "sequence", "counter"),
        ("added", "macro", "TWICE"),
        ("added", "index", "Person.search"),
    ]


def test_what_comes_back_is_additive_and_what_goes_is_breaking() -> None:
    for smaller, _ in ONE_CHANGE:
        back = compare_catalogs(smaller, ALL)
        away = compare_catalogs(ALL, smaller)
        for change in (*back, *away):
            if change.change == "removed":
                assert change.effect is BREAKING
            if change.change == "added":
                assert change.effect is ADDITIVE


@pytest.mark.parametrize("old", Multiplicity)
@pytest.mark.parametrize("new", Multiplicity)
def test_multiplicity_breaks_where_a_side_is_narrowed(old: Multiplicity, new: Multiplicity) -> None:
    changes = compare_catalogs(with_knows(multiplicity=old), with_knows(multiplicity=new))
    narrowed = any(
        before == "MANY" and after == "ONE"
        for before, after in zip(old.split("_"), new.split("_"), strict=True)
    )
    effects = [change.effect for change in changes]
    assert effects == ([] if old is new else [BREAKING if narrowed else ADDITIVE])


def test_a_wider_storage_direction_is_additive() -> None:
    (change,) = compare_catalogs(with_knows(storage_direction=StorageDirection.FORWARD), ALL)
    assert change.effect is ADDITIVE


def test_a_pair_dropped_is_breaking_and_their_order_neutral() -> None:
    pairs = (Pair("Person", "Person"), Pair("Person", "City"), Pair("City", "City"))
    (dropped,) = compare_catalogs(with_knows(pairs=pairs), with_knows(pairs=pairs[:2]))
    assert (dropped.name, dropped.effect) == ("knows(City -> City)", BREAKING)
    (moved,) = compare_catalogs(with_knows(pairs=pairs), with_knows(pairs=pairs[::-1]))
    assert (moved.kind, moved.effect) == ("pair order", NEUTRAL)


def test_a_node_table_that_became_a_rel_table_is_two_changes() -> None:
    old = Catalog(nodes=(CITY, replace(PERSON, name="X")))
    new = Catalog(nodes=(CITY,), rels=(RelTable("X", (), (Pair("City", "City"),)),))
    assert [(change.change, change.kind) for change in compare_catalogs(old, new)] == [
        ("removed", "node table"),
        ("added", "rel table"),
    ]


def test_the_effects_choose_the_version() -> None:
    def bump(new: Catalog) -> Bump:
        return Changes(schema=compare_catalogs(ALL, new)).bump

    assert bump(with_person(properties=(ID,))) is Bump.MAJOR
    assert bump(with_person(properties=(ID, NAME, prop("age")))) is Bump.MINOR
    assert bump(with_counter(current=7)) is Bump.PATCH


# Small catalogs over few names, so that two of them often share parts.
NAMES = st.sampled_from(["a", "b", "c"])
DEFAULTS = st.sampled_from([None, "NULL", "1"])
TYPES = [parse_type("INT64"), parse_type("STRING")]
PROPERTIES = st.lists(
    st.builds(Property, NAMES, st.sampled_from(TYPES), DEFAULTS),
    unique_by=lambda item: item.name,
    max_size=3,
).map(tuple)
COMMENTS = st.sampled_from(["", "none"])
NODES = st.builds(NodeTable, NAMES, PROPERTIES, NAMES, COMMENTS)
RELS = st.builds(
    RelTable,
    NAMES,
    PROPERTIES,
    st.lists(st.builds(Pair, NAMES, NAMES), unique=True, min_size=1, max_size=3).map(tuple),
    st.sampled_from(Multiplicity),
    COMMENTS,
    st.sampled_from(StorageDirection),
)
SEQUENCES = st.builds(
    Sequence,
    NAMES,
    st.integers(0, 1),
    st.integers(1, 2),
    st.just(0),
    st.integers(8, 9),
    st.booleans(),
    st.none() | st.integers(0, 1),
)
MACROS = st.builds(
    Macro, NAMES, st.lists(st.builds(Parameter, NAMES), max_size=2).map(tuple), NAMES
)
INDEXES = st.builds(
    Index,
    NAMES,
    NAMES,
    st.sampled_from(IndexKind),
    st.lists(NAMES, min_size=1, max_size=1).map(tuple),
    st.lists(st.tuples(NAMES, NAMES), max_size=1).map(tuple),
)


def sorted_by_name(items: st.SearchStrategy) -> st.SearchStrategy:  # type: ignore[type-arg]
    return st.lists(items, max_size=2, unique_by=lambda item: item.name).map(
        lambda found: tuple(sorted(found, key=lambda item: item.name))
    )


CATALOGS = st.builds(Catalog, *map(sorted_by_name, (NODES, RELS, SEQUENCES, MACROS, INDEXES)))


@given(old=CATALOGS, new=CATALOGS)
def test_there_is_a_change_if_and_only_if_they_differ(old: Catalog, new: Catalog) -> None:
    assert bool(compare_catalogs(old, new)) == (old != new)
    assert not compare_catalogs(old, old)


@given(old=CATALOGS, new=CATALOGS)
def test_the_way_back_turns_every_coming_and_going_round(old: Catalog, new: Catalog) -> None:
    def coming_and_going(changes: tuple[SchemaChange, ...], change: str) -> set[tuple[str, str]]:
        return {(item.kind, item.name) for item in changes if item.change == change}

    there, back = compare_catalogs(old, new), compare_catalogs(new, old)
    assert coming_and_going(there, "added") == coming_and_going(back, "removed")
