"""sql, query, blame, changelog and the log of a row, as a user types them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from kuzugit.cli.parameters import parameters_of
from kuzugit.porcelain.repository import Repository
from tests.cli.conftest import Run
from tests.support.graphs import build_people, run_statements


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("people")
    database = directory / "graph.kuzu"
    build_people(database)
    with Repository.init(database, directory=directory) as repository:
        repository.commit("first\n\n<b>bold</b> and *stars*\n\n- a list\n# no heading")
        run_statements(database, ["MATCH (p:Person {id: 1}) SET p.name = 'Ida'"])
        repository.commit("rename")
        run_statements(database, ["ALTER TABLE Person DROP nicknames"])
        repository.commit("drop")
    return directory


def test_sql_as_a_table(run: Run, people: Path) -> None:
    result = run("-C", people, "sql", "v0.1.0", "SELECT id, name FROM Person WHERE id < 3")
    assert (result.code, result.err) == (0, "")
    assert result.out == "id  name\n--  ----------\n-6  two\\nlines\n1   Ada\n2   Bob\n"


def test_sql_in_every_format(run: Run, people: Path) -> None:
    call = ("-C", people, "sql", "current", "FROM City ORDER BY name")
    text = run(*call, "--format", "csv").out
    assert next(csv.DictReader(io.StringIO(text))) == {"name": "", "population": "0"}
    found = json.loads(run(*call, "--json").out)
    assert found["columns"] == ["name", "population"]
    assert found["rows"][1] == {"name": "Berlin", "population": 3700000}
    lines = run(*call, "--format", "jsonl").out.splitlines()
    assert [json.loads(line) for line in lines] == found["rows"]


def test_sql_of_two_snapshots(run: Run, people: Path) -> None:
    query = "SELECT name FROM new.Person EXCEPT SELECT name FROM old.Person"
    result = run("-C", people, "sql", "v0.1.0..v0.1.1", query, "--format", "csv")
    assert result.out == "name\nIda\n"


def test_a_limit_says_that_it_cut(run: Run, people: Path) -> None:
    result = run("-C", people, "sql", "current", "FROM City", "--limit", "2", "--format", "csv")
    assert len(result.out.splitlines()) == 3
    assert result.err == "there are more rows than the 2 of --limit\n"
    assert run("-C", people, "sql", "current", "FROM City", "--limit", "5").err == ""


@pytest.mark.parametrize(
    "query", ["SELEC", "FROM nobody", "DROP VIEW City", "FROM read_text('/etc/passwd')"]
)
def test_a_bad_query_is_usage(run: Run, people: Path, query: str) -> None:
    result = run("-C", people, "sql", "current", query)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("error: ")


def test_query_with_parameters(run: Run, people: Path) -> None:
    call = ("-C", people, "query", "v0.1.0", "MATCH (p:Person {id: $id}) RETURN p.name AS name")
    assert run(*call, "--param", "id=1").out == "name\n----\nAda\n"
    found = json.loads(run(*call, "--param", "id=2", "--json").out)
    assert found["rows"] == [{"name": "Bob"}]
    missing = run(*call)
    assert (missing.code, missing.err.splitlines()[-1]) == (2, "hint: --param id=VALUE")
    assert run(*call, "--param", "id").code == 2
    assert run("-C", people, "query", "current", "CREATE (:Person {id: 9})").code == 2


def test_a_parameter_beyond_64_bits_has_a_way(run: Run, people: Path) -> None:
    call = ("-C", people, "query", "current")
    large = "123456789012345678901234567890"
    result = run(*call, "RETURN $a AS a", "--param", f"a={large}")
    assert (result.code, result.out) == (2, "")
    assert "$a has an integer of more than 64 bits" in result.err
    way = run(*call, "RETURN CAST($a AS INT128) AS a", "--param", f'a="{large}"')
    assert way.out == f"a\n------------------------------\n{large}\n"


def test_a_parameter_is_json_or_a_text() -> None:
    given = ["a=1", "b=x=y", 'c="1"', "d=[1, null]", "e=", "f=null"]
    assert parameters_of(given) == {
        "a": 1,
        "b": "x=y",
        "c": "1",
        "d": [1, None],
        "e": "",
        "f": None,
    }


def test_the_log_of_a_row(run: Run, people: Path) -> None:
    call = ("-C", people, "log", "--table", "Person", "--key", "1")
    out = run(*call).out
    assert '    changed Person\n      name: "Ada" -> "Ida"\n' in out
    assert "    added Person\n      id: 1\n" in out
    assert [line.split("[")[-1] for line in run(*call, "--oneline").out.splitlines()] == [
        "changed name]",
        "added]",
    ]
    found = json.loads(run(*call, "--json", "-n", "1").out)["snapshots"]
    assert [item["version"] for item in found] == ["v0.1.1"]
    change = found[0]["changes"][0]
    assert (change["change"], change["columns"]) == ("changed", ["name"])
    assert (change["old"]["name"], change["new"]["name"]) == ("Ada", "Ida")


def test_the_log_of_a_rel_and_of_a_table(run: Run, people: Path) -> None:
    log = ("-C", people, "log", "--oneline", "--table")
    assert run(*log, "knows", "--from", "2", "--to", "1").out.endswith("[added]\n")
    assert len(run(*log, "knows").out.splitlines()) == 1
    assert len(run(*log, "Person").out.splitlines()) == 3


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--key", "1"], 2),
        (["--table", "knows", "--from", "1"], 2),
        (["--table", "knows", "--key", "1"], 2),
        (["--table", "Person", "--key", "1", "--from", "1", "--to", "2"], 2),
        (["--table", "Person", "--key", "x"], 2),
        (["--table", "Person", "--key", "77"], 12),
        (["--table", "Nobody"], 12),
    ],
)
def test_a_log_of_nothing(run: Run, people: Path, words: list[str], code: int) -> None:
    result = run("-C", people, "log", *words)
    assert (result.code, result.out) == (code, "")


def test_blame(run: Run, people: Path) -> None:
    call = ("-C", people, "blame", "Person", "--key", "1", "--format", "csv")
    found = list(csv.DictReader(io.StringIO(run(*call).out)))
    assert [(row["property"], row["value"], row["version"]) for row in found[:2]] == [
        ("id", "1", "v0.1.0"),
        ("name", "Ida", "v0.1.1"),
    ]
    assert {row["author"] for row in found} == {"Ada Tester"}
    assert run("-C", people, "blame", "Person", "--where", "nope = 1").code == 2
    assert run("-C", people, "blame", "Person", "--key", "77").code == 12
    rels = json.loads(run("-C", people, "blame", "likes", "--json").out)
    assert rels["columns"][:3] == ["from", "to", "property"]
    assert len(rels["rows"]) == 5 * 3


def test_the_changelog(run: Run, people: Path) -> None:
    out = run("-C", people, "changelog").out
    assert out.startswith("# Changelog\n")
    headings = [line.split(" - ")[0] for line in out.splitlines() if line.startswith("## ")]
    assert headings == ["## [1.0.0]", "## [0.1.1]", "## [0.1.0]"]
    newest = out.split("## [0.1.1]")[0]
    assert "### Removed\n\n- **Breaking:** property Person.nicknames" in newest
    assert "### Changed\n\n- Rows of Person: 1 changed\n" in out
    assert "\\<b>bold\\</b> and \\*stars\\*" in out
    assert "\n\\- a list\n\\# no heading\n" in out


def test_the_changelog_of_no_version_writes_nothing(run: Run, people: Path) -> None:
    done = run("-C", people, "changelog", "v9.9.9")
    assert (done.code, done.out) == (12, "")


def test_the_changelog_of_a_range(run: Run, people: Path) -> None:
    out = run("-C", people, "changelog", "v0.1.0..v0.1.1").out
    assert out.count("\n## ") == 1
    assert "\n## [0.1.1] - " in out
    found = json.loads(run("-C", people, "changelog", "--json").out)["releases"]
    assert [item["name"] for item in found] == ["v1.0.0", "v0.1.1", "v0.1.0"]
    assert found[1]["rows"] == ["Person: 1 changed"]
    assert found[0]["schema"][0]["effect"] == "breaking"
