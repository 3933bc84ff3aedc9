"""Times at both ends of their range, through every command that shows or finds them.

Kùzu's least times lie four hours below the least that DuckDB makes a text of; its cast
fails there, in some types with an internal error.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kuzugit.porcelain.repository import Repository
from tests.cli.conftest import Run
from tests.support.graphs import run_statements

EDGE = {
    "TIMESTAMP": 9223372036854775806,
    "TIMESTAMP_TZ": 9223372036854775806,
    "TIMESTAMP_MS": 9223372036854775000,
    "TIMESTAMP_SEC": 9223372036854000000,
}
"""The microseconds before and after 1970 that the type holds at most."""

LEAST = {
    "TIMESTAMP": "-290308-12-21T19:59:05.224194",
    "TIMESTAMP_TZ": "-290308-12-21T19:59:05.224194Z",
    "TIMESTAMP_MS": "-290308-12-21T19:59:05.225",
    "TIMESTAMP_SEC": "-290308-12-21T19:59:06",
}
GREATEST = {
    "TIMESTAMP": "+294247-01-10T04:00:54.775806",
    "TIMESTAMP_TZ": "+294247-01-10T04:00:54.775806Z",
    "TIMESTAMP_MS": "+294247-01-10T04:00:54.775",
    "TIMESTAMP_SEC": "+294247-01-10T04:00:54",
}
TYPES = list(EDGE)
FORMS = {
    "{}": "{v}",
    "{}[]": "[{v}, NULL]",
    "MAP(STRING, {})": "map(['a'], [{v}])",
    "MAP({}, FLOAT)": "map([{v}], [CAST(0.5 AS FLOAT)])",
    "STRUCT(f FLOAT, t {})": "{{f: CAST(-0.0 AS FLOAT), t: {v}}}",
    "STRUCT(f FLOAT, t {}[])[]": "[{{f: CAST(0.0 AS FLOAT), t: [{v}]}}]",
    "UNION(t {}, f FLOAT)": "union_value(t := {v})",
}


def moment(type_: str, micros: int) -> str:
    sign = "-" if micros < 0 else "+"
    return f"CAST(timestamp('1970-01-01') {sign} to_microseconds({abs(micros)}) AS {type_})"


def row(number: int, type_: str, micros: int) -> str:
    value = moment(type_, micros)
    values = (f"v{at}: {form.format(v=value)}" for at, form in enumerate(FORMS.values()))
    return f"CREATE (:V_{type_} {{id: {number}, {', '.join(values)}}})"


def statements(type_: str) -> list[str]:
    columns = [f"v{at} {form.format(type_)}" for at, form in enumerate(FORMS)]
    least = moment(type_, -EDGE[type_])
    return [
        f"CREATE NODE TABLE V_{type_}(id INT64 PRIMARY KEY, {', '.join(columns)})",
        row(1, type_, -EDGE[type_]),
        row(2, type_, EDGE[type_]),
        f"CREATE NODE TABLE K_{type_}(id {type_} PRIMARY KEY, n INT64)",
        f"CREATE (:K_{type_} {{id: {least}, n: 1}})",
        f"CREATE (:K_{type_} {{id: {moment(type_, EDGE[type_])}, n: 1}})",
        f"CREATE REL TABLE R_{type_}(FROM K_{type_} TO K_{type_}, v STRUCT(f FLOAT, t {type_}))",
        f"MATCH (a:K_{type_}), (b:K_{type_}) "
        f"CREATE (a)-[:R_{type_} {{v: {{f: CAST(0.0 AS FLOAT), t: {least}}}}}]->(b)",
    ]


@pytest.fixture(scope="module")
def far(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("far")
    database = directory / "graph.kuzu"
    run_statements(database, [text for type_ in TYPES for text in statements(type_)])
    with Repository.init(database, directory=directory) as repository:
        repository.commit("one", tag="one")
        edits = []
        for type_ in TYPES:
            edits += [
                f"MATCH (k:K_{type_}) SET k.n = 2",
                f"MATCH (v:V_{type_} {{id: 2}}) DELETE v",
                row(3, type_, -EDGE[type_] + 1_000_000),
            ]
            edits.append(
                f"MATCH (a:K_{type_})-[r:R_{type_}]->(b:K_{type_}) WHERE a.id < b.id DELETE r"
            )
        run_statements(database, edits)
        repository.commit("two", tag="two")
    return directory


def test_they_come_back(far: Path, run: Run) -> None:
    assert run("-C", far, "verify", "--all", "--rebuild").code == 0


@pytest.mark.parametrize("type_", TYPES)
def test_sql_reads_them(far: Path, run: Run, type_: str) -> None:
    found = run("-C", far, "sql", "one", f"FROM V_{type_} ORDER BY id", "--format", "jsonl").out
    for line, edge in zip(found.splitlines(), (LEAST[type_], GREATEST[type_]), strict=True):
        *_, plain, listed, mapped, keyed, packed, deep, either = json.loads(line).values()
        assert (plain, listed) == (edge, [edge, None])
        assert (mapped, keyed) == ([{"key": "a", "value": edge}], [{"key": edge, "value": 0.5}])
        assert (packed, deep) == ({"f": -0.0, "t": edge}, [{"f": 0.0, "t": [edge]}])
        assert either == {"tag": "t", "value": edge}


@pytest.mark.parametrize("type_", TYPES)
def test_sql_and_blame_write_them(far: Path, run: Run, type_: str) -> None:
    least = LEAST[type_].replace("-290308-12-21T", "290309-12-21 (BC) ").replace("Z", "+00")
    for call in (["sql", "one", f"FROM V_{type_} LIMIT 1"], ["blame", f"V_{type_}", "one"]):
        result = run("-C", far, *call, "--format", "csv")
        assert result.code == 0, result.err
        for form in ("{v}", "['{v}', NULL]", "a='{v}'", "'{v}'=0.5", "'t': '{v}'", "['{v}']"):
            assert form.format(v=least) in result.out


@pytest.mark.parametrize("type_", TYPES)
@pytest.mark.parametrize("form", ["text", "json", "csv", "markdown", "patch", "html"])
def test_diff_tells_them(far: Path, run: Run, tmp_path: Path, type_: str, form: str) -> None:
    output = () if form in ("text", "json") else ("-o", tmp_path / "out")
    tables = ("--table", f"V_{type_}", "--table", f"R_{type_}")
    result = run("-C", far, "diff", "one", "two", "--data", "--format", form, *tables, *output)
    assert result.code == 0, result.err
    if form in ("text", "json"):
        assert GREATEST[type_] in result.out  # of the row that is gone
        assert LEAST[type_] in result.out  # of the rel that is gone


@pytest.mark.parametrize("type_", TYPES)
def test_rows_are_found_by_them(far: Path, run: Run, type_: str) -> None:
    for edge in (LEAST[type_], GREATEST[type_]):
        table = f"K_{type_}"
        found = run("-C", far, "diff", "one", "two", "--table", table, "--key", edge, "--data").out
        assert found.splitlines()[-2:] == [f'~ "{edge}"', "    n: 1 -> 2"]
        assert run("-C", far, "log", "--table", table, f"--key={edge}").out.count("n: ") == 2
        blamed = run("-C", far, "blame", table, "two", f"--key={edge}", "--format", "jsonl").out
        told = [json.loads(line) for line in blamed.splitlines()]
        assert [(item["value"], item["version"]) for item in told] == [(edge, "one"), (2, "two")]


@pytest.mark.parametrize("type_", TYPES)
def test_rels_are_found_by_them(far: Path, run: Run, type_: str) -> None:
    low, high = LEAST[type_], GREATEST[type_]
    call = ("diff", "one", "two", "--table", f"R_{type_}", "--format", "jsonl")
    (gone,) = map(json.loads, run("-C", far, *call, "--key", f"{low}->{high}").out.splitlines())
    assert (gone["key"], gone["change"]) == ({"from": low, "to": high}, "removed")
    assert run("-C", far, *call, "--key", f"{high}->{low}").out == ""
    ends = (f"--from={low}", f"--to={low}", "--format", "jsonl")
    blamed = run("-C", far, "blame", f"R_{type_}", "two", *ends).out.splitlines()
    assert [json.loads(line)["version"] for line in blamed] == ["one"] * len(blamed) != []
