from __future__ import annotations

import pytest

from kuzugit.model.catalog import Catalog, NodeTable, Pair, Property, RelTable
from kuzugit.model.types import Scalar

ID, NAME = Property("id", Scalar("INT64")), Property("name", Scalar("STRING"))
PERSON = NodeTable("Person", (NAME, ID), "id")
KNOWS = RelTable("knows", (), (Pair("Person", "Person"),))
CATALOG = Catalog(nodes=(PERSON,), rels=(KNOWS,))


def test_the_key_is_a_property_wherever_it_stands() -> None:
    assert PERSON.key == ID


def test_tables_are_found_by_kind_and_exact_name() -> None:
    assert CATALOG.node("Person") is PERSON
    assert CATALOG.rel("knows") is KNOWS
    for find, name in ((CATALOG.node, "knows"), (CATALOG.rel, "Person"), (CATALOG.node, "person")):
        with pytest.raises(KeyError, match=name):
            find(name)
