"""A diff as Markdown, read back."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from kuzugit.cli.render import diff_markdown
from kuzugit.cli.render.diff_markdown import LONGEST, _value, markdown_lines, span
from kuzugit.porcelain.diff import diff
from kuzugit.porcelain.workspace import open_workspace
from tests.cli.conftest import Run
from tests.cli.formats.conftest import HOSTILE, opened
from tests.support.live import LiveProject, make_project

_CODE = re.compile(r"`([^`]*)`")


def rows(text: str) -> list[tuple[str, list[str], list[str]]]:
    """Return the rows of all tables: the change, the key's values, what is said."""
    found = []
    for line in text.splitlines():
        if line.startswith("| ") and not line.startswith("| |"):
            _, change, key, what, _ = line.split("|")
            found.append((change.strip(), _CODE.findall(key), _CODE.findall(what)))
    return found


def test_it_tells_what_json_lines_tell(changed: LiveProject, lines: list[dict[str, Any]]) -> None:
    with opened(changed) as found:
        text = "\n".join(markdown_lines(found))
    read = rows(text)
    assert len(read) == len(lines)
    for (change, key, _), line in zip(read, lines, strict=True):
        assert change == line["change"]
        assert [json.loads(item) for item in key] == list(line["key"].values())
    told = {tuple(key): what for change, key, what in read if change == "changed"}
    assert [json.loads(item) for item in told["3",][1:]] == ["p3", HOSTILE]


def test_nothing_outside_of_code_is_data(changed: LiveProject) -> None:
    with opened(changed) as found:
        text = "\n".join(markdown_lines(found))
    outside = re.sub(r"(`+) ?.*? ?\1", "", text)
    for mark in ("script", "@all", "1+1", "\x1b", "\u202e"):
        assert mark not in outside
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_more_rows_than_the_limit(changed: LiveProject) -> None:
    with opened(changed, limit=1, tables=["Per son"]) as found:
        lines = list(markdown_lines(found, schema=False))
    assert len(rows("\n".join(lines))) == 1
    assert "6 more" in lines


def test_rows_are_limited_without_a_limit(
    changed: LiveProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(diff_markdown, "SHOWN_ROWS", 2)
    with opened(changed, tables=["Per son"]) as found:
        lines = list(markdown_lines(found))
    assert len(rows("\n".join(lines))) == 2
    assert "5 more" in lines


@pytest.mark.parametrize("most", [600, 1000, 1500])
def test_a_comment_is_never_too_long(
    changed: LiveProject, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(diff_markdown, "LAST_WORDS", 150)
    monkeypatch.setattr(diff_markdown, "MOST", most)
    with opened(changed) as found:
        text = "\n".join(markdown_lines(found, schema=False))
        total = sum(sum(vars(found.counts(head)).values()) for head in found.tables)
        tables = len([head for head in found.tables if found.counts(head) or head.notes])
    assert len(text) <= most
    more = [int(number) for number in re.findall(r"^(\d+) more$", text, re.MULTILINE)]
    left_out = [int(number) for number in re.findall(r"^(\d+) more table", text, re.MULTILINE)]
    assert more or left_out
    if not left_out:
        assert len(rows(text)) + sum(more) == total
    assert text.count("\n**") + sum(left_out) == tables


def test_a_great_many_long_rows(tmp_path: Path) -> None:
    project = make_project(tmp_path / "wide")
    columns = [f"c{at}" for at in range(60)]
    tables = [f"T{at}" for at in range(30)]
    long = "x" * 150
    project.commit("first")
    project.commit(
        "second",
        *(
            f"CREATE NODE TABLE {name}(id INT64 PRIMARY KEY, "
            f"{', '.join(f'{column} STRING' for column in columns)})"
            for name in tables
        ),
        *(
            f"UNWIND range(1, 30) AS i CREATE (:{name} {{id: i, "
            f"{', '.join(f'{column}: {long!r}' for column in columns)}}})"
            for name in tables
        ),
    )
    workspace = open_workspace(project.directory)
    with diff(workspace, "v0.1.0", "v0.2.0") as found:
        text = "\n".join(markdown_lines(found))
    workspace.store.close()
    assert 30_000 < len(text) <= 65_536
    told = sum(int(n) for n in re.findall(r"^(\d+) more$", text, re.MULTILINE))
    assert len(rows(text)) + told == 30 * 30


def test_long_values_are_cut() -> None:
    shown = _value('"' * 1000 + "x")
    code = _CODE.findall(shown)[0]
    assert '"' * 50 in json.loads(code)
    assert len(code) <= LONGEST + 2
    assert "2,003 characters" in shown


@pytest.mark.parametrize("text", ["a", "a`b", "`", "``a`", " a ", "a```b``c`d"])
def test_spans_hold_backticks(text: str) -> None:
    # As CommonMark reads it: the first fence, up to the next run of that very length.
    shown = span(text)
    fence = re.match("`+", shown)
    assert fence is not None
    inner = re.fullmatch(rf"{fence[0]}(?!`)(.*?)(?<!`){fence[0]}", shown)
    assert inner is not None
    content = inner[1]
    if content[:1] == " " and content[-1:] == " " and content.strip():
        content = content[1:-1]
    assert content == text


def test_the_command_writes_it(run: Run, changed: LiveProject, tmp_path: Path) -> None:
    words = ("-C", changed.directory, "diff", "v0.1.0", "v1.0.0", "--format", "markdown")
    done = run(*words)
    assert done.code == 0
    assert done.out.startswith("### `v0.1.0` → `v1.0.0`\n")
    assert run(*words, "-o", tmp_path / "comment.md").code == 0
    assert (tmp_path / "comment.md").read_text() == done.out
    assert run(*words, "--exit-code").code == 1
    same = run("-C", changed.directory, "diff", "v0.1.0", "v0.1.0", "--format", "markdown")
    assert (same.code, same.out) == (0, "")
