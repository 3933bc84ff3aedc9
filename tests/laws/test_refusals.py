"""What a snapshot would lose is refused by name, before anything is published."""

from __future__ import annotations

from pathlib import Path

import pytest

import kuzugit
from kuzugit.errors import ExitCode
from kuzugit.model.loss import CannotKeep
from tests.support.graphs import run_statements
from tests.support.snapshots import crash, git, lost, rebuilt

NODE = "CREATE NODE TABLE N(id INT64 PRIMARY KEY, v {})"
REL = ("CREATE NODE TABLE N(id INT64 PRIMARY KEY)", "CREATE REL TABLE R(FROM N TO N, v {})")
MINIMA = {
    "DATE": "date('1970-01-01') - 2147483648",
    "TIMESTAMP": "timestamp('1970-01-01') - to_microseconds(9223372036854775807) "
    "- to_microseconds(1)",
}
FINE = {
    "INT8": "CAST('-127' AS INT8)",
    "INT64": "CAST('-9223372036854775807' AS INT64)",
    "INT128": "CAST('-170141183460469231731687303715884105727' AS INT128)",
    "UUID": "uuid('00000000-0000-0000-0000-000000000001')",
    "DATE": "date('1970-01-01') - 2147483647",
    "TIMESTAMP": "timestamp('1970-01-01') - to_microseconds(9223372036854775807)",
}


def refused(path: Path, *names: str) -> None:
    """Assert that a commit is refused for exactly these names, and published nothing."""
    store = path.parent / "store.git"
    with kuzugit.Repository.init(path, directory=path.parent, store=store) as repository:
        with pytest.raises(CannotKeep) as caught:
            repository.commit("all of it")
        assert sorted(loss.name for loss in caught.value.losses) == sorted(names)
        assert all(loss.name in str(caught.value) for loss in caught.value.losses)
        assert caught.value.exit_code == ExitCode.REFUSED
    assert not git(store, "for-each-ref").strip()
    assert not git(store, "ls-tree", "-r", git(store, "mktree").strip()).strip()


@pytest.mark.parametrize("type_", MINIMA)
def test_the_least_moment_of_a_type(tmp_path: Path, type_: str) -> None:
    # Kùzu shows these right until it checkpoints, and wrong (or not at all) from then on.
    forms = {
        "{t}": "{v}",
        "STRUCT(a {t})": "{{a: {v}}}",
        "{t}[]": "[{v}, NULL]",
        "{t}[][]": "[[], [{v}]]",
        "STRUCT(a {t}[])": "{{a: [{v}]}}",
    }
    if type_ == "DATE":
        forms |= {"MAP(STRING, {t})": "map(['a'], [{v}])", "MAP({t}, INT64[])": "map([{v}], [[1]])"}
    types = [text.format(t=type_) for text in forms]
    values = [f"CAST({text.format(v=MINIMA[type_])} AS {nested})"
              for text, nested in zip(forms.values(), types, strict=True)]  # fmt: skip
    path = tmp_path / "n.kuzu"
    columns = ", ".join(f"v{at} {text}" for at, text in enumerate(types))
    assigned = ", ".join(f"v{at}: {text}" for at, text in enumerate(values))
    crash(path, [f"CREATE NODE TABLE N(id INT64 PRIMARY KEY, {columns})",
                 "CREATE (:N {id: 1})", f"CREATE (:N {{id: 2, {assigned}}})"])  # fmt: skip
    refused(path, *(f"N.v{at}" for at in range(len(types))))


def test_the_least_but_one_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "n.kuzu"
    columns = ", ".join(f"v{at} {type_}" for at, type_ in enumerate(FINE))
    assigned = ", ".join(f"v{at}: {text}" for at, text in enumerate(FINE.values()))
    run_statements(path, [f"CREATE NODE TABLE N(id INT64 PRIMARY KEY, {columns})",
                          f"CREATE (:N {{id: 1, {assigned}}})", "CREATE (:N {id: 2})"])  # fmt: skip
    assert lost(path, rebuilt(path, tmp_path)) == []


def test_the_least_moment_on_a_rel_and_as_a_key(tmp_path: Path) -> None:
    path = tmp_path / "n.kuzu"
    rel = REL[1].format("DATE[2]")
    value = f"CAST([{MINIMA['DATE']}, NULL] AS DATE[2])"
    crash(path, [REL[0], rel, f"CREATE (a:N {{id: 1}})-[:R {{v: {value}}}]->(a)"])
    refused(path, "R.v")
    (tmp_path / "key").mkdir()
    key = tmp_path / "key" / "k.kuzu"
    crash(key, ["CREATE NODE TABLE K(`key` DATE PRIMARY KEY)",
                f"CREATE (:K {{`key`: {MINIMA['DATE']}}})"])  # fmt: skip
    refused(key, "K.key")


@pytest.mark.parametrize("type_", ["DOUBLE", "FLOAT"])
def test_a_key_that_is_not_a_number(tmp_path: Path, type_: str) -> None:
    path = tmp_path / "n.kuzu"
    run_statements(
        path,
        [
            f"CREATE NODE TABLE N(s STRUCT(a INT64, b INT64), id {type_} PRIMARY KEY)",
            f"CREATE (:N {{id: CAST('nan' AS {type_})}})",
        ],
    )
    refused(path, "N.id")


UNPROVEN = [
    "STRUCT(a INT64, A INT64)", "STRUCT(`from` INT64)", "STRUCT(`from` INT64)[]",
    "UNION(a INT64, `b` STRING)", "MAP(STRING, STRUCT(`from` INT64))", "MAP(INT64, STRUCT(a JSON))",
]  # fmt: skip


def test_types_not_proven(tmp_path: Path) -> None:
    path = tmp_path / "n.kuzu"
    columns = ", ".join(f"v{at} {type_}" for at, type_ in enumerate(UNPROVEN))
    run_statements(path, [text.format(columns).replace("v v0", "v0") for text in (NODE, REL[1])])
    refused(path, *(f"{table}.v{at}" for table in "NR" for at in range(len(UNPROVEN))))


def test_a_struct_field_of_two_words(tmp_path: Path) -> None:
    path = tmp_path / "n.kuzu"
    run_statements(
        path, ["CREATE NODE TABLE N AS UNWIND [1] AS x RETURN x AS id, {a: x, `b c`: ''} AS s"]
    )
    refused(path, "N.s")
    with (
        kuzugit.Repository.open(store=tmp_path / "store.git", database=path) as repository,
        pytest.raises(CannotKeep) as caught,
    ):
        repository.commit("again")
    assert "a field's name is more than a word" in str(caught.value)
    # The way out.
    run_statements(path, [
        "ALTER TABLE N ADD plain STRUCT(a INT64, b_c STRING)",
        "MATCH (n:N) SET n.plain = {a: n.s.a, b_c: n.s.`b c`}",
        *str(caught.value.hint).partition(", then ")[2].split("; "),
    ])  # fmt: skip
    with kuzugit.Repository.open(store=tmp_path / "store.git", database=path) as repository:
        assert repository.commit("without").created


CATALOGS = {
    "a macro of an odd name": (["CREATE MACRO `tw ice`(x) AS x * 2"], ["TW ICE"]),
    "a rel table that is stored backwards": (
        [REL[0], "CREATE REL TABLE R(FROM N TO N) WITH (storage_direction = 'bwd')"],
        ["R"],
    ),
    "backwards beside a property": (
        [REL[0], "CREATE REL TABLE R(FROM N TO N, a INT64) WITH (storage_direction = 'bwd')"],
        ["R"],
    ),
    "names with backticks": (
        ["CREATE NODE TABLE `a``b`(id INT64 PRIMARY KEY, `c``d` INT64)"],
        ["a``b", "a``b.c``d"],
    ),
    "a property named by a star": (
        ["CREATE NODE TABLE N(id INT64 PRIMARY KEY, `*` INT64)"],
        ["N.*"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CATALOGS)
def test_a_catalog_that_cannot_be_kept(tmp_path: Path, case: str) -> None:
    statements, names = CATALOGS[case]
    run_statements(tmp_path / "n.kuzu", statements)
    refused(tmp_path / "n.kuzu", *names)


def test_every_loss_is_told_at_once(tmp_path: Path) -> None:
    run_statements(
        tmp_path / "n.kuzu",
        ["CREATE NODE TABLE N(id INT64 PRIMARY KEY, a STRUCT(`from` INT64), "
         "b DATE DEFAULT current_date() + 1)",
         "CREATE MACRO `m m`(x) AS x"],
    )  # fmt: skip
    refused(tmp_path / "n.kuzu", "N.a", "N.b", "M M")
