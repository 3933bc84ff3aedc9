from __future__ import annotations

import csv
import io
import json
from typing import Any

from kuzugit.cli.render.rows import csv_lines, json_document, json_lines, text_table

COLUMNS = ["id", "name", "name"]
ROWS: list[tuple[Any, ...]] = [(1, "Ada", None), (20, 'say "hi"\n, you', ""), (3, " x ", [1, None])]
BATCHES = [ROWS[:2], [], ROWS[2:]]


def test_a_table() -> None:
    assert list(text_table(COLUMNS, BATCHES)) == [
        "id  name             name",
        "--  ---------------  ---------",
        "1   Ada              NULL",
        '20  say "hi"\\n, you',
        "3    x               [1, null]",
    ]


def test_a_table_without_rows() -> None:
    assert list(text_table(["a"], [])) == ["a", "-"]


def test_wide_characters_take_two_columns() -> None:
    assert list(text_table(["a", "b"], [[("漢字", 1), ("e\u0301", 2), ("x", 3)]])) == [
        "a     b",
        "----  -",
        "漢字  1",
        "e\u0301     2",
        "x     3",
    ]


def test_a_long_cell_is_cut_where_a_width_is_given() -> None:
    rows = [[("x" * 100,)]]
    assert list(text_table(["a"], rows, widest=10))[2] == "xxxxxxxxx…"
    assert list(text_table(["a"], rows))[2] == "x" * 100


def test_a_terminal_is_not_obeyed() -> None:
    shown = "\n".join(text_table(["\x1b[2J"], [[("\x1b[31mred\u202e",)]]))
    assert not {"\x1b", "\u202e"} & set(shown)


def test_csv_is_read_back() -> None:
    text = "".join(f"{line}\n" for line in csv_lines(COLUMNS, BATCHES))
    assert list(csv.reader(io.StringIO(text))) == [
        COLUMNS,
        ["1", "Ada", ""],
        ["20", 'say "hi"\n, you', ""],
        ["3", " x ", "[1, null]"],
    ]
    # NULL and the empty text are told apart.
    assert text.splitlines()[1] == "1,Ada,"
    assert text.splitlines()[3] == ', you",""'


def test_a_json_document_is_read_back() -> None:
    found = json.loads("\n".join(json_document(COLUMNS, BATCHES)))
    assert found == {
        "format": 1,
        "columns": ["id", "name", "name_1"],
        "rows": [dict(zip(("id", "name", "name_1"), row, strict=True)) for row in ROWS],
    }
    assert json.loads("\n".join(json_document(["a"], []))) == {
        "format": 1,
        "columns": ["a"],
        "rows": [],
    }


def test_json_lines_are_read_back() -> None:
    lines = list(json_lines(COLUMNS, [[(1, "é\x1b", None)]]))
    assert [json.loads(line) for line in lines] == [{"id": 1, "name": "é\x1b", "name_1": None}]
    assert lines[0].isascii()
