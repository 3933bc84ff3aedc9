"""The command: each format tells the same, is valid, and shows nothing that it should not."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from kuzugit.porcelain.diff import Diff
from tests.cli.conftest import Run
from tests.cli.process import command, run_on_terminal
from tests.cli.test_process import HEAVY, loaded_by
from tests.support.live import (
    ADD_COLUMN,
    ADD_PERSON,
    RENAME_PERSON,
    LiveProject,
    make_project,
)
from tests.support.project import Project

HOSTILE = '\x1b[31m\u202e"\\ -> , \n~ 7'

FILTERS = [
    [],
    ["-R"],
    ["--table", "P*", "--table", "knows"],
    ["--key", "3", "--key", "9223372036854775806"],
    ["--type", "added,changed"],
    ["--columns", "tags"],
    ["--where", "new_name IS NULL OR length(old_name) > 1"],
    ["--limit", "1"],
    ["--data"],
    ["--graph"],
]


@pytest.fixture(scope="module")
def edited(tmp_path_factory: pytest.TempPathFactory) -> LiveProject:
    """A database with changes of every kind since v0.1.0."""
    project = make_project(tmp_path_factory.mktemp("cli") / "p")
    project.run(
        "ALTER TABLE Person ADD tags STRING[]",
        "ALTER TABLE Person ADD `odd name` STRING",
        "CREATE NODE TABLE City(name STRING PRIMARY KEY)",
        "CREATE REL TABLE likes(FROM Person TO City, FROM Person TO Person)",
        "MATCH (p:Person) SET p.tags = ['a', 'b']",
    )
    project.commit("first")
    escaped = HOSTILE.replace("\\", "\\\\").replace("'", "\\'")
    project.run(
        ADD_PERSON,
        RENAME_PERSON,
        "CREATE (:Person {id: 9223372036854775806})",
        "MATCH (p:Person {id: 20}) DETACH DELETE p",
        "MATCH (:Person {id: 1})-[r:knows]->() SET r.since = 99",
        f"MATCH (p:Person {{id: 7}}) SET p.tags = ['a', '{escaped}'], p.`odd name` = '{escaped}'",
        f"CREATE (:City {{name: '{escaped}'}})",
        "MATCH (a:Person {id: 1}), (b:City) CREATE (a)-[:likes]->(b)",
    )
    return project


Told = tuple[str, str, Any, tuple[str, ...]]
"""Change, table, key, the columns that changed."""


def of_objects(objects: list[dict[str, Any]]) -> list[Told]:
    return [
        (item["change"], item["table"], list(item["key"].values()), tuple(item["columns"]))
        for item in objects
    ]


def of_text(text: str) -> list[Told]:
    """Read the text form back: signs at the edge, keys as JSON, names before a colon."""
    signs = {"+": "added", "-": "removed", "~": "changed"}
    found: list[Told] = []
    table = ""
    for line in text.splitlines()[1:]:
        if line[:2] in ("+ ", "- ", "~ "):
            found.append((signs[line[0]], table, keys_of(line[2:]), ()))
        elif line.startswith("    ") and found[-1][0] == "changed":
            if re.match(r"    [+-~] \w+ \(", line):
                continue
            names = found[-1][3] + names_of(line.strip())
            found[-1] = (*found[-1][:3], tuple(dict.fromkeys(names)))
        elif line == "graph":
            break
        elif not line.startswith(" "):
            table = line.split(" (")[0]
    return found


def keys_of(text: str) -> list[Any]:
    decoder, found = json.JSONDecoder(), []
    while text:
        value, end = decoder.raw_decode(text)
        found.append(value)
        text = text[end:].removeprefix(" -> ")
    return found


def names_of(text: str) -> tuple[str, ...]:
    """Return the columns of `name[1].x: old -> new, other: + value` and the like."""
    decoder, found = json.JSONDecoder(), []
    while text:
        name, _, text = text.partition(": ")
        found.append(re.sub(r"[\[.].*", "", name).strip("`"))
        while True:
            text = re.sub(r"^[+-] ", "", text)
            _, end = decoder.raw_decode(text)
            text = text[end:]
            if not text.startswith(" -> "):
                break
            text = text[4:]
        text = text.removeprefix(",").lstrip()
    return tuple(found)


@pytest.mark.parametrize("filters", FILTERS, ids=" ".join)
def test_formats_agree(edited: LiveProject, run: Run, filters: list[str]) -> None:
    base = ["-C", edited.directory, "diff", *filters]
    text, document, lines = (
        run(*base, *extra) for extra in ([], ["--json"], ["--format", "jsonl"])
    )
    assert [result.code for result in (text, document, lines)] == [0, 0, 0]
    objects = [json.loads(line) for line in lines.out.splitlines()]
    told = json.loads(document.out)
    assert told["format"] == 1
    assert [item for table in told["tables"] for item in table["changes"]] == objects
    assert objects
    assert of_text(text.out) == of_objects(objects)
    if "--limit" not in filters:
        assert sum(told["counts"].values()) == len(objects)


def test_the_shape_of_a_line(edited: LiveProject, run: Run) -> None:
    lines = run("-C", edited.directory, "diff", "--format", "jsonl").out.splitlines()
    first = json.loads(lines[0])
    assert list(first) == ["table", "kind", "change", "key", "old", "new", "columns"]
    by_change = {item["change"]: item for item in map(json.loads, lines)}
    assert by_change["added"]["old"] is None
    assert by_change["removed"]["new"] is None
    big = next(item for item in map(json.loads, lines) if item["key"].get("id") == str(2**63 - 2))
    assert big["new"]["id"] == "9223372036854775806"
    rel = next(item for item in map(json.loads, lines) if item["table"] == "likes")
    assert rel["pair"] == {"from": "Person", "to": "City"}
    assert list(rel["key"]) == ["from", "to"]


def test_the_document_is_evidence(edited: LiveProject, run: Run) -> None:
    told = json.loads(run("-C", edited.directory, "diff", "--json").out)
    old = told["old"]
    assert (old["version"], len(old["tree"]), old["author"]["name"]) == (
        "v0.1.0", 40, "Ada Tester",
    )  # fmt: skip
    assert {"commit", "date", "subject", "trailers"} <= old.keys()
    assert told["new"]["database"] == str(edited.database)
    (person,) = [table for table in told["tables"] if table["table"] == "Person"]
    assert person["counts"] == {"added": 2, "removed": 1, "changed": 2}
    assert (person["old_rows"], person["new_rows"]) == (20, 21)


def test_hostile_values_reach_no_terminal(edited: LiveProject, run: Run) -> None:
    for extra in ([], ["--json"], ["--format", "jsonl"], ["--stat"], ["--summary"]):
        shown = run("-C", edited.directory, "diff", *extra).out
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202e]", shown), extra


def test_lines_fit_where_values_do(edited: LiveProject, run: Run) -> None:
    shown = run("-C", edited.directory, "diff").out.splitlines()
    assert max(map(len, shown[1:])) <= 80


def test_numbers(edited: LiveProject, run: Run) -> None:
    base = ["-C", edited.directory, "diff", "--table", "Person", "--table", "knows"]
    assert run(*base, "--stat").out.splitlines() == [
        " Person                   | 5 ++-~~",
        " knows (Person -> Person) | 2 -~",
        " 2 tables, 2 added, 2 removed, 3 changed",
    ]
    assert run(*base, "--name-only").out == "Person\nknows (Person -> Person)\n"
    summary = run(*base, "--summary").out
    assert "Person: 2 added, 1 removed, 2 changed" in summary
    assert "knows (Person -> Person): 1 rel went with a node at an end" in summary


def test_schema_alone_and_data_alone(tmp_path: Path, run: Run) -> None:
    project = make_project(tmp_path / "p")
    project.commit("first")
    project.run(ADD_COLUMN, RENAME_PERSON)
    base = ["-C", project.directory, "diff"]
    assert run(*base, "--schema").out.splitlines()[1:] == [
        "schema",
        "  added property Person.email: STRING",
    ]
    assert run(*base, "--data").out.splitlines()[1:] == [
        "Person",
        "  (email is new and not compared)",
        "~ 3",
        '    name: "p3" -> "other"',
    ]


def test_exit_codes(edited: LiveProject, run: Run) -> None:
    base = ["-C", edited.directory, "diff"]
    assert run(*base, "--exit-code").code == 1
    assert run(*base, "--exit-code", "--json").code == 1
    assert run(*base, "--exit-code", "--key", "999").code == 0
    quiet = run(*base, "-q")
    assert (quiet.code, quiet.out) == (1, "")
    same = run(*base, "v0.1.0", "v0.1.0", "--exit-code")
    assert (same.code, same.out, same.err) == (0, "", "")
    assert run(*base, "nothing").code == 12
    assert run(*base, "--table", "Nobody").code == 12


@pytest.mark.parametrize(
    "words",
    [["--format", "xml"], ["--stat", "--summary"], ["--type", "x"], ["--where", ")"],
     ["--json", "--format", "text"], ["--limit", "-1"]],
)  # fmt: skip
def test_wrong_words(edited: LiveProject, run: Run, words: list[str]) -> None:
    result = run("-C", edited.directory, "diff", *words)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("error: ")


def test_equal_tags_load_no_engine(project: Project) -> None:
    for words in (["v0.1.0", "v0.1.0"], ["v0.2.0..v0.2.0", "--stat"], ["v0.1.0", "v0.1.0", "-q"]):
        assert not loaded_by("-C", project.directory, "diff", *words).intersection(HEAVY)


@pytest.mark.parametrize("extra", [[], ["--json"], ["--format", "jsonl"]])
def test_a_closed_pipe_is_no_error(edited: LiveProject, extra: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        command("-C", edited.directory, "diff", *extra),
        stdout=writer, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")


def test_colour_and_pager_on_a_terminal_alone(edited: LiveProject) -> None:
    words = command("-C", edited.directory, "diff", "--table", "knows")
    plain = subprocess.run(words, capture_output=True, text=True, check=True)
    assert ("\x1b" in plain.stdout, plain.stderr) == (False, "")
    code, shown = run_on_terminal(
        words, {"NO_COLOR": "", "TERM": "xterm", "GIT_PAGER": "sed 's/^/paged: /'"}
    )
    assert code == 0
    assert "paged: \x1b[33m~ 1 -> 2\x1b[m" in shown
    assert "paged: \x1b[31m- 19 -> 20\x1b[m" in shown


@pytest.mark.parametrize("words", [["--json"], ["--json", "--stat"], ["--format", "jsonl"], []])
def test_the_exit_code_reads_no_row_again(
    edited: LiveProject, run: Run, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    def again(found: Diff) -> bool:
        raise AssertionError("asked again")

    monkeypatch.setattr(Diff, "__bool__", again)
    base = ("-C", edited.directory, "diff", "--exit-code", *words)
    assert run(*base).code == 1
    assert run(*base, "--table", "Person", "--key", "3").code == 1
    assert run(*base, "--table", "Person", "--key", "999").code == 0


def test_quiet_leaves_no_file_unwritten(run: Run, tmp_path: Path) -> None:
    result = run("-C", tmp_path, "diff", "-q", "--format", "patch", "-o", "x.patch")
    assert result.code == 2
    assert result.err.startswith("error: invalid value for '--output': -q shows and writes nothing")
