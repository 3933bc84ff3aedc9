"""Whatever database: Ladybug builds what Kùzu committed, or says which table it does not hold."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings

from kuzugit.canonical.restoring import Way, way_of
from kuzugit.model.types import Struct, Type, Union, children, parse_type, walk
from tests.compat.test_two_engines import kuzugit, lost
from tests.laws.examples import FEWER, folder, lawful_refusal
from tests.support.databases import Database, databases
from tests.support.dump import dump
from tests.support.graphs import run_statements
from tests.support.snapshots import committed
from tests.support.soak import Soak

UNION = "UNION(m INT128)"


def check(database: Database) -> None:
    with folder() as directory, lawful_refusal():
        path = database.build(directory / "graph.db")
        committed(path, directory / ".kuzugit").close()
        words = ["--engine", "ladybug", "checkout", "current", "--to", "moved.db"]
        if _makes_unions_by_literals(database):
            words = ["--engine", "kuzu", *words[2:]]
        kuzugit(directory, *words)
        engine = words[1]
        assert lost(dump("kuzu", path), dump(engine, directory / "moved.db")) == []


def _makes_unions_by_literals(database: Database) -> bool:
    # Ladybug's CREATE makes the first member of a NULL union in a struct. One table of
    # literals makes others so, which hang on it.
    types = [parse_type(c.type) for t in (*database.nodes, *database.rels) for c in t.columns]
    literal = any(way_of(type_) is Way.LITERAL for type_ in types)
    return literal and any(map(_has_union_in_struct, types))


def _has_union_in_struct(type_: Type) -> bool:
    return any(
        isinstance(inner, Union)
        for part in walk(type_)
        if isinstance(part, Struct)
        for child in children(part)
        for inner in walk(child)
    )


@settings(FEWER, max_examples=2)  # Five processes for each; the soak draws more.
@given(databases())
def test_a_few(database: Database) -> None:
    check(database)


@pytest.mark.soak
def test_very_many(soak: Soak) -> None:
    soak.keep_trying(check, databases())


def test_a_null_union_that_ladybug_turns_into_its_first_member(tmp_path: Path) -> None:
    path = tmp_path / "graph.db"
    run_statements(path, [
        f"CREATE NODE TABLE Whole(id INT64 PRIMARY KEY, v STRUCT(a {UNION}))",
        f"CREATE NODE TABLE Broken(id INT64 PRIMARY KEY, v STRUCT(a {UNION}))",
        f"CREATE (:Whole {{id: 1, v: {{a: CAST(union_value(m := 5) AS {UNION})}}}})",
        f"CREATE (:Whole {{id: 2, v: CAST(NULL AS STRUCT(a {UNION}))}})",
        f"CREATE (:Broken {{id: 1, v: {{a: CAST(NULL AS {UNION})}}}})",
    ])  # fmt: skip
    committed(path, tmp_path / ".kuzugit").close()
    words = ["checkout", "current", "--to", "moved.db"]
    told = kuzugit(tmp_path, "--engine", "ladybug", *words, code=13)
    assert re.search(r"Ladybug does not hold what the snapshot says in Broken;", told)
    assert not (tmp_path / "moved.db").exists()
    kuzugit(tmp_path, "--engine", "kuzu", *words)
