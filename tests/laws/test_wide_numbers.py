"""Law 1 for numbers of 128 bits beside NULL, which Kùzu cannot read again after a checkpoint.

It packs a column's numbers as their distance from the least one. The place of a NULL holds
a distance too, and where every number of the column is large their sum overflows. UUIDs and
long decimals are such numbers.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import kuzugit
from kuzugit.engine.unreadable import NumbersUnreadable
from tests.support.graphs import open_database, run_statements
from tests.support.snapshots import crash, lost

ONE, OTHER = (
    "d44a128b-7a62-704d-6469-a387cf2f4e88",
    "fc30131b-85df-9714-7bdc-0aeb50691220",
)
LARGE = {
    "UUID": (f"uuid('{ONE}')", f"uuid('{OTHER}')"),
    "INT128": (f"CAST('{2**126 + 2**125}' AS INT128)", f"CAST('{2**127 - 2}' AS INT128)"),
    "DECIMAL(38, 2)": (
        f"CAST('{'9' * 35}.25' AS DECIMAL(38, 2))",
        f"CAST('{'9' * 36}.75' AS DECIMAL(38, 2))",
    ),
}
FORMS = {
    "{t}": "{v}",
    "{t}[]": "[{v}]",
    "STRUCT(a {t}, b STRING)": "{{a: {v}, b: 'x'}}",
    "STRUCT(a {t}[], b STRING)": "{{a: [{first}, {v}], b: 'x'}}",
    "MAP(STRING, {t})": "map(['x'], [{v}])",
}


def live(path: Path, type_: str, form: str) -> Path:
    """Leave such numbers in the log, where Kùzu still has them."""
    whole = form.format(t=type_)
    null = f"CAST(NULL AS {type_})"
    values = [
        f"CAST({FORMS[form].format(v=v, first=LARGE[type_][0])} AS {whole})"
        for v in (*LARGE[type_], null)
    ]
    crash(path, [
        f"CREATE NODE TABLE N(id INT64 PRIMARY KEY, v {whole})",
        f"CREATE REL TABLE R(FROM N TO N, w {whole})",
        *(f"CREATE (:N {{id: {at}, v: {value}}})" for at, value in enumerate(values)),
        "MATCH (a:N), (b:N {id: 0}) CREATE (a)-[:R {w: a.v}]->(b)",
    ])  # fmt: skip
    return path


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("type_", LARGE)
def test_they_are_kept(tmp_path: Path, type_: str, form: str) -> None:
    path, again = live(tmp_path / "live.kuzu", type_, form), tmp_path / "rebuilt.kuzu"
    with kuzugit.Repository.init(path, directory=tmp_path) as repository:
        repository.commit("all of it")
        repository.checkout("current", to=again)
        assert lost(path, again) == []
        assert repository.verify(rebuild=True).findings == ()
    run_statements(again, ["MATCH (n:N {id: 2}) SET n.v = NULL", "CREATE (:N {id: 9})"])
    with open_database(again) as connection:
        (found,) = connection.execute("MATCH (n:N) RETURN max(hash(n.v)), count(*)").get_all()
        assert found[1] == 4


def test_what_kuzu_cannot_read_is_named(tmp_path: Path) -> None:
    path = live(tmp_path / "live.kuzu", "UUID", "{t}")
    with open_database(path) as connection:
        connection.execute("CHECKPOINT")
        # Else the tests above would show nothing.
        with pytest.raises(RuntimeError, match="cannot add in place"):
            connection.execute("MATCH (n:N) RETURN n.v")
    with kuzugit.Repository.init(path, directory=tmp_path) as repository:
        with pytest.raises(NumbersUnreadable, match="Kùzu cannot read N again"):
            repository.commit("too late")
        assert list(repository.log()) == []
