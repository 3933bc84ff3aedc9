"""Law 1 and law 3 for names: whatever Kùzu lets a thing be called, it is called afterwards."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.support.graphs import run_statements
from tests.support.snapshots import archived, git, lost, plainly_imported, rebuilt

NAMES = [
    "it's", 'say "hi"', "back\\slash", "ends in \\", "a/b", "x;y", "[1]", "a?", "*x", "p%41",
    "Zoë", "Zoe\u0308", "漢字", "🦆", "-- no", "/*", "$p", "{a}", "a,b(c)", "two\nlines", "cr\rx",
    "tab\tx", ",MANY_ONE);", "A" * 400, "漢" * 150, "a:b", "select", "order", "COPY", "From", "to",
    " ", "\x01", "\u202e", "~", "n*", "_src", "_dst", "a.b", ".", "..",
]  # fmt: skip
RESERVED = ("_src", "_dst")
"""Names that Kùzu keeps for itself, in a property."""


def keeps(tmp_path: Path, statements: Iterable[str], plain: Iterable[str] = ()) -> None:
    """Assert that nothing is lost on the way through checkout and through plain Kùzu.

    `plain` are statements that give plain names to what the comparer cannot ask for.
    """
    path = tmp_path / "live.kuzu"
    run_statements(path, statements)
    again = rebuilt(path, tmp_path)
    directory = archived(tmp_path / "store.git", "v0.1.0", tmp_path / "archive")
    imported = plainly_imported(directory, tmp_path / "imported.kuzu")
    asked = [shutil.copy(item, item.with_suffix(".asked")) for item in (path, again, imported)]
    for item in asked:
        run_statements(item, plain)
    assert lost(asked[0], asked[1]) == []
    assert lost(asked[0], asked[2]) == []


@pytest.mark.parametrize("kind", ["INT64", "INTERVAL"])
def test_names_of_node_tables_and_rel_tables(tmp_path: Path, kind: str) -> None:
    # INTERVAL goes through a staging table.
    statements = ["CREATE NODE TABLE O(id INT64 PRIMARY KEY)", "CREATE (:O {id: 7})"]
    value = "3" if kind == "INT64" else "interval('3 days')"
    plain = []
    for at, name in enumerate(NAMES):
        rel = f"{name}'s"
        statements += [
            f"CREATE NODE TABLE `{name}`(id INT64 PRIMARY KEY, v STRING)",
            f"CREATE (:`{name}` {{id: 1, v: 'x'}}), (:`{name}` {{id: 2}})",
            f"CREATE REL TABLE `{rel}`(FROM `{name}` TO `{name}`, FROM O TO `{name}`, w {kind})",
            f"MATCH (a:`{name}` {{id: 1}}), (b:`{name}` {{id: 2}}), (o:O) "
            f"CREATE (a)-[:`{rel}` {{w: {value}}}]->(b), (o)-[:`{rel}`]->(a)",
        ]
        if "." in name:
            plain += [
                f"ALTER TABLE `{name}` RENAME TO t{at}",
                f"ALTER TABLE `{rel}` RENAME TO r{at}",
            ]
    keeps(tmp_path, statements, plain)


@pytest.mark.parametrize("kind", ["INT64", "INTERVAL"])
def test_names_of_properties(tmp_path: Path, kind: str) -> None:
    names = [name for name in NAMES if name not in RESERVED]
    value = "3" if kind == "INT64" else "interval('3 days')"
    columns = ", ".join(f"`{name}` {kind}" for name in names)
    values = ", ".join(f"`{name}`: {value}" for name in names)
    keeps(tmp_path, [
        f"CREATE NODE TABLE N(id INT64 PRIMARY KEY, {columns})",
        f"CREATE REL TABLE R(FROM N TO N, {columns})",
        f"CREATE (a:N {{id: 1, {values}}}), (b:N {{id: 2}}), (a)-[:R {{{values}}}]->(b), "
        "(a)-[:R]->(b)",
    ])  # fmt: skip


def test_names_of_keys(tmp_path: Path) -> None:
    names = [name for name in NAMES if name not in RESERVED]
    statements, plain = [], []
    for at, name in enumerate(names):
        statements += [
            f"CREATE NODE TABLE N{at}(`{name}` INT64 PRIMARY KEY)",
            f"CREATE REL TABLE R{at}(FROM N{at} TO N{at}, MANY_ONE)",
            f"CREATE (a:N{at} {{`{name}`: 1}}), (a)-[:R{at}]->(a)",
        ]
        plain.append(f"ALTER TABLE N{at} RENAME `{name}` TO k")
    keeps(tmp_path, statements, plain)


def test_the_key_of_a_table_with_a_point(tmp_path: Path) -> None:
    keeps(
        tmp_path,
        [
            "CREATE NODE TABLE `a.b`(`a key` SERIAL PRIMARY KEY, n INT64 DEFAULT -3)",
            "CREATE REL TABLE `r.s`(FROM `a.b` TO `a.b`, ONE_ONE)",
            "CREATE (a:`a.b`), (a)-[:`r.s`]->(a)",
            "COMMENT ON TABLE `a.b` IS 'it.s'",
        ],
        [
            "ALTER TABLE `a.b` RENAME `a key` TO k",
            "ALTER TABLE `a.b` RENAME TO n",
            "ALTER TABLE `r.s` RENAME TO r",
        ],
    )


def test_names_whose_files_are_near(tmp_path: Path) -> None:
    # Each of these pairs has one file in Kùzu's own export, or meets a glob there.
    names = ["a", "a_b", "b", "b_c", "c", "R_a_b", "a?", "a%3F", "%", "%25", "Ä", "ä", "A_A"]
    statements = []
    for at, name in enumerate(names):
        statements += [f"CREATE NODE TABLE `{name}`(id INT64 PRIMARY KEY)",
                       f"CREATE (:`{name}` {{id: {at}}})"]  # fmt: skip
    for at, (start, end) in enumerate([("a", "b_c"), ("a_b", "c"), ("a", "b"), ("Ä", "ä")]):
        statements += [f"CREATE REL TABLE R{at}(FROM `{start}` TO `{end}`)",
                       f"MATCH (a:`{start}`), (b:`{end}`) CREATE (a)-[:R{at}]->(b)"]  # fmt: skip
    keeps(tmp_path, statements)


def test_ordinary_names_have_plain_statements(tmp_path: Path) -> None:
    path = tmp_path / "live.kuzu"
    run_statements(path, ["CREATE NODE TABLE `it's`(`from` INT64 PRIMARY KEY, `a\\b` INT64)",
                          "CREATE (:`it's` {`from`: 1})",
                          "CREATE NODE TABLE N(id INT64 PRIMARY KEY)", "CREATE (:N {id: 1})",
                          "CREATE REL TABLE `R's`(FROM N TO N, `a'b` INT64)",
                          "CREATE REL TABLE Empty(FROM `it's` TO N, `from` INT64)",
                          "MATCH (n:N) CREATE (n)-[:`R's`]->(n)"])  # fmt: skip
    rebuilt(path, tmp_path)
    for name in ("schema.cypher", "index.cypher"):
        assert "RENAME" not in git(tmp_path / "store.git", "show", f"v0.1.0:{name}")
