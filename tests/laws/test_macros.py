"""Law 1 and law 3 for macros: the same call gives the same answer."""

from __future__ import annotations

from pathlib import Path

import pytest

import kuzugit
from tests.laws.test_refusals import refused
from tests.support.graphs import open_database, run_statements
from tests.support.snapshots import archived, lost, plainly_imported, rebuilt, tree_id

MACROS = {
    "m(x) AS (x + 2) * 3": ["m(1)", "m(-4)"],
    "sign(x) AS x + -5": [],
    "minus5(x) AS x + -5": ["minus5(1)"],
    "both(x) AS x - -5 * -(x - 3)": ["both(7)"],
    "neg(x) AS -(x + 1)": ["neg(7)"],
    "sub(x) AS (x - 1) - (x - (2 - 7))": ["sub(100)"],
    "powers(x) AS (x ^ 2) ^ 3 - x ^ (2 ^ 3)": ["powers(2)"],
    "bits(x) AS (x | 1) & 3 << (x >> 1)": ["bits(6)"],
    "never() AS 5": ["never()"],
    "minus() AS -5": ["minus()"],
    "def(x, y := 3, z := 'a;b') AS x - (y - 2) + size(z)": ["def(1)", "def(1, 2)", "def(1, 2, '')"],
    "text(x) AS upper(x) + 'it\\'s; ' + '\\\\'": ["text('a')"],
    "lines(x) AS x + 'a\nb'": ["lines('q')"],
    "item(x) AS [x, -1, (3 - 4) - 2][3]": ["item(1)"],
    "joined(x) AS ([x] + [2])[1]": ["joined(9)"],
    "made(x) AS {a: x, b: -2}": ["made(1)"],
    "field(x) AS x.a": ["field({a: 5})"],
    "cast1(x) AS (CAST(x AS INT64) + 1) * 2": ["cast1('4')"],
    "within(x) AS (x + 1) IN [1, 2]": ["within(1)"],
    "begins(x) AS x STARTS WITH 'q'": ["begins('qw')"],
    "calls(x) AS (m(x) + 1) * 2": ["calls(1)"],
    "calls2(x) AS (calls(x) - 1) * neg(x)": ["calls2(1)"],
    "factorial_of(x) AS (x + 1)!": ["factorial_of(3)"],
    "wraps(x) AS coalesce(x, (1 + 2) * -3)": ["wraps(NULL)", "wraps(1)"],
    "days(x) AS date('2020-01-01') + to_days((x + 1) * 2)": ["days(1)"],
    "Zoë(x, größe) AS (x + größe) * 2": ["Zoë(1, 2)"],
    "mixed(a, b) AS size(a) * (b + 1)": ["mixed('abc', 4)"],
}  # fmt: skip
MACROS.pop("sign(x) AS x + -5")


def answers(path: Path) -> list[object]:
    """Return what every call gives."""
    calls = [call for listed in MACROS.values() for call in listed]
    with open_database(path, read_only=True) as connection:
        return [next(iter(connection.execute(f"RETURN {call} AS c"))) for call in calls]


def test_macros_give_the_same_answers(tmp_path: Path) -> None:
    path = tmp_path / "live.kuzu"
    run_statements(path, [f"CREATE MACRO {text}" for text in MACROS])
    again = rebuilt(path, tmp_path)
    assert lost(path, again) == []
    directory = archived(tmp_path / "store.git", "v0.1.0", tmp_path / "archive")
    imported = plainly_imported(directory, tmp_path / "imported.kuzu")
    assert answers(path) == answers(again) == answers(imported)
    store = tmp_path / "second.git"
    with (
        kuzugit.Repository.init(again, directory=tmp_path, store=store) as second,
        kuzugit.Repository.open(store=tmp_path / "store.git", database=path) as first,
    ):
        second.commit("once more")
        assert tree_id(first) == tree_id(second)


def test_a_default_that_calls_a_macro(tmp_path: Path) -> None:
    path = tmp_path / "live.kuzu"
    run_statements(path, [
        "CREATE MACRO twice(x) AS (x + 1) * 2",
        "CREATE NODE TABLE N(id INT64 PRIMARY KEY, v INT64 DEFAULT twice((1 - 4) * 2))",
        "CREATE (:N {id: 1})",
    ])  # fmt: skip
    again = rebuilt(path, tmp_path)
    assert lost(path, again) == []
    directory = archived(tmp_path / "store.git", "v0.1.0", tmp_path / "archive")
    assert lost(path, plainly_imported(directory, tmp_path / "imported.kuzu")) == []


@pytest.mark.parametrize("text", ["`od d`(x) AS x", "f(`p q`) AS `p q` + 1", "g(x) AS unknown(x)"])
def test_a_macro_that_cannot_be_said_again_is_refused(tmp_path: Path, text: str) -> None:
    run_statements(tmp_path / "n.kuzu", [f"CREATE MACRO {text}", "CREATE MACRO fine(x) AS x + 1"])
    refused(tmp_path / "n.kuzu", text.split("(")[0].strip("`").upper())


def test_a_macro_that_closes_the_file_for_ever_is_refused(tmp_path: Path) -> None:
    # Kùzu cannot open a database again that holds a macro with a comparison.
    path = tmp_path / "n.kuzu"
    with (
        open_database(path) as connection,
        kuzugit.Repository.init(path, directory=tmp_path) as repository,
    ):
        connection.execute("CREATE MACRO more(x) AS x > 1")
        connection.execute("CREATE MACRO fine(x) AS (x + 1) * 2")
        with pytest.raises(kuzugit.model.loss.CannotKeep) as caught:
            repository.commit("all of it", connection=connection)
    assert [loss.name for loss in caught.value.losses] == ["MORE"]
