"""Cypher at a revision."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kuzugit.engine.ask import (
    ParametersMissing,
    ParameterTooLarge,
    QueryReaches,
    QueryRefused,
    QueryWrites,
)
from kuzugit.engine.values import ValueUnreadable
from kuzugit.porcelain.query import query
from kuzugit.porcelain.repository import Repository
from tests.support.live import RENAME_PERSON, LiveProject

NAME = "MATCH (p:Person {id: $id}) RETURN p.name"


def rows(
    repository: Repository, statement: str, revision: str = "current", **parameters: Any
) -> list[tuple[Any, ...]]:
    with query(repository._workspace, revision, statement, parameters) as found:
        return [row for batch in found.batches for row in batch]


def cache(repository: Repository) -> list[Path]:
    return sorted((repository.path / "kuzugit" / "cache").iterdir())


def test_a_query_at_each_revision(committed: LiveProject) -> None:
    committed.commit("second", RENAME_PERSON)
    with committed.open() as repository:
        assert rows(repository, NAME, "v0.1.0", id=3) == [("p3",)]
        assert rows(repository, NAME, "current", id=3) == [("other",)]
        names = "MATCH (a:Person)-[k:knows]->(b) WHERE a.id < 3 RETURN a.name, k.since, b.name"
        assert rows(repository, names, "v0.1.0") == [("p1", 1, "p2"), ("p2", 2, "p3")]


def test_the_second_query_builds_nothing(committed: LiveProject) -> None:
    with committed.open() as repository:
        assert rows(repository, NAME, id=1) == [("p1",)]
        (entry,) = cache(repository)
        before = (entry / "graph.kuzu").stat()
        assert rows(repository, NAME, id=2) == [("p2",)]
        # Another name of the same tree.
        assert repository.commit("nothing new", allow_empty=True).version == "v0.1.1"
        assert rows(repository, NAME, "v0.1.1", id=1) == [("p1",)]
        assert cache(repository) == [entry]
        after = (entry / "graph.kuzu").stat()
        assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


MAPS = "RETURN map(['a'], [1]) AS m, map([1], [2]) AS k, [{x: map(['b'], [3])}] AS l"


def test_a_map_is_one_form_whatever_its_keys(committed: LiveProject) -> None:
    with committed.open() as repository:
        (row,) = rows(repository, MAPS)
        assert row == (
            [{"key": "a", "value": 1}],
            [{"key": 1, "value": 2}],
            [{"x": [{"key": "b", "value": 3}]}],
        )
        with pytest.raises(ValueUnreadable):
            rows(repository, "RETURN map([{a: 1}], [2])")


@pytest.mark.parametrize("value", [1 << 63, -(1 << 63) - 1, [1, {"a": 1 << 70}]])
def test_a_parameter_beyond_64_bits(committed: LiveProject, value: object) -> None:
    with committed.open() as repository, pytest.raises(ParameterTooLarge) as caught:
        rows(repository, "RETURN $big", big=value)
    assert caught.value.name == "big"
    assert not (committed.store / "kuzugit" / "cache").exists()


WRITES = {
    "a row": "CREATE (:Person {id: 99})",
    "a change": "MATCH (p:Person) SET p.name = 'x'",
    "a removal": "MATCH (p:Person) DETACH DELETE p",
    "a table": "DROP TABLE knows",
    "a checkpoint": "CHECKPOINT",
    "a checkpoint behind a comment": "/* RETURN */ // MATCH\n checkpoint",
    "a file": "COPY (MATCH (p:Person) RETURN p.id) TO 'never.csv'",
    "an export": "EXPORT DATABASE 'never'",
    "a transaction": "BEGIN TRANSACTION",
}


@pytest.mark.parametrize("statement", WRITES.values(), ids=WRITES.keys())
def test_writes_are_refused(committed: LiveProject, statement: str) -> None:
    before = committed.content()
    with committed.open() as repository:
        assert rows(repository, NAME, id=1) == [("p1",)]
        with pytest.raises(QueryWrites):
            rows(repository, statement)
        assert rows(repository, "MATCH (p:Person) RETURN count(*)") == [(20,)]
        (entry,) = cache(repository)
        assert [item.name for item in entry.iterdir()] == ["graph.kuzu"]
    assert committed.content() == before


REFUSED = {
    "no Cypher": "MATCH (",
    "no such table": "MATCH (p:Nobody) RETURN p",
    "no such property": "MATCH (p:Person) RETURN p.nope",
    "two statements": "RETURN 1; RETURN 2",
    "nothing": "",
}


@pytest.mark.parametrize("statement", REFUSED.values(), ids=REFUSED.keys())
def test_bad_queries_are_refused(committed: LiveProject, statement: str) -> None:
    with committed.open() as repository, pytest.raises(QueryRefused):
        rows(repository, statement)


def test_parameters(committed: LiveProject) -> None:
    with committed.open() as repository:
        assert rows(repository, "RETURN $a, $b, $c", a="x", b=[1, 2], c=None) == [
            ("x", [1, 2], None)
        ]
        assert rows(repository, "RETURN '$a', `$b` // $c\n".replace("`$b`", "1")) == [("$a", 1)]
        with pytest.raises(ParametersMissing):
            rows(repository, NAME)
        with pytest.raises(QueryRefused):
            rows(repository, "RETURN 1", unknown=1)
        with pytest.raises(ParameterTooLarge):
            rows(repository, "RETURN $a", a=2**70)


def test_a_bad_query_builds_nothing(committed: LiveProject) -> None:
    with committed.open() as repository:
        with pytest.raises(QueryWrites):
            rows(repository, "CHECKPOINT")
        assert not (repository.path / "kuzugit" / "cache").exists()


def test_the_cache_keeps_to_its_size(committed: LiveProject) -> None:
    committed.commit("second", RENAME_PERSON)
    with committed.open() as repository:
        rows(repository, NAME, "v0.1.0", id=1)
        rows(repository, NAME, "current", id=1)
        assert len(cache(repository)) == 2
        size = (cache(repository)[0] / "graph.kuzu").stat().st_size
        repository._workspace.store.git.config["kuzugit.cacheSize"] = str(size * 3 // 2)
        rows(repository, NAME, "v0.1.0", id=1)
        tree = repository.snapshot("v0.1.0").snapshot.tree
        assert [entry.name.split("-")[0] for entry in cache(repository)] == [tree]


def test_in_python(committed: LiveProject) -> None:
    with (
        committed.open() as repository,
        repository.snapshot("v0.1.0").query(NAME, {"id": 2}) as found,
    ):
        assert found.columns == ("p.name",)
        assert list(found.batches) == [[("p2",)]]


ODD = (
    "CREATE NODE TABLE Odd(id INT64 PRIMARY KEY, d DATE, t TIMESTAMP, i INTERVAL, "
    "u UNION(a INT64, b STRING))",
    "CREATE (:Odd {id: 1, d: date('2020-01-01'), t: timestamp('2020-01-01 10:00:00')})",
    "CREATE (:Odd {id: 2, d: CAST(date('1970-01-01') + to_days(-900000) AS DATE), "
    "t: timestamp('1970-01-01') + to_days(4000000), i: to_months(1), "
    "u: union_value(a := 1)})",
)


@pytest.mark.parametrize(
    ("what", "why"),
    [
        ("n.id, n.d", "n.d has a date outside"),
        ("n.t AS t", "t has a date outside"),
        ("n.i", "INTERVAL"),
        ("[n.i]", "INTERVAL"),
        ("n.u", "UNION"),
        ("n", "INTERVAL"),
    ],
)
def test_values_that_python_has_not(committed: LiveProject, what: str, why: str) -> None:
    version = committed.commit("odd", *ODD)
    # The whole node without its dates, at which the process would end.
    first = "MATCH (n:Odd) SET n.d = NULL, n.t = NULL"
    if what == "n":
        version = committed.commit("no dates", first)
    with committed.open() as repository, pytest.raises(ValueUnreadable, match=why):
        rows(repository, f"MATCH (n:Odd) RETURN {what}", version)


def test_their_texts_and_the_usual_ones(committed: LiveProject) -> None:
    version = committed.commit("odd", *ODD)
    with committed.open() as repository:
        usual = "MATCH (n:Odd {id: 1}) RETURN n.d, n.t"
        assert rows(repository, usual, version) == [("2020-01-01", "2020-01-01T10:00:00")]
        texts = "MATCH (n:Odd {id: 2}) RETURN CAST(n.d AS STRING), CAST(n.i AS STRING)"
        assert rows(repository, texts, version) == [("0496-11-20 (BC)", "1 month")]


@pytest.mark.parametrize(
    "statement",
    [
        "MATCH (p:Person) WITH p LIMIT 1 LOAD FROM 'x.csv' RETURN *",
        "RETURN 1 AS a UNION ALL LOAD WITH HEADERS (a INT64) FROM 'x.csv' RETURN a",
        "CALL threads=1",
    ],
)
def test_nothing_but_the_snapshot_is_read(committed: LiveProject, statement: str) -> None:
    with committed.open() as repository:
        with pytest.raises(QueryReaches):
            rows(repository, statement)
        assert rows(repository, "RETURN 'LOAD FROM' AS x") == [("LOAD FROM",)]
