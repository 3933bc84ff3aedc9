"""Law 1 for least values, which Kùzu's compression destroys: what kuzugit builds keeps them.

The least integer of a type becomes 0 at a checkpoint where smaller numbers are stored
beside it; at the nil UUID and the least INT128 the checkpoint fails.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

import kuzugit
from kuzugit.porcelain.apply import apply
from kuzugit.porcelain.diff import diff
from kuzugit.porcelain.patch import patch_lines, read_patch
from kuzugit.porcelain.script import Script
from kuzugit.porcelain.workspace import open_workspace
from tests.support.graphs import open_database, run_statements
from tests.support.snapshots import archived, crash, git, lost, plainly_imported, tree_id

LEAST = {
    "INT8": "CAST('-128' AS INT8)",
    "INT16": "CAST('-32768' AS INT16)",
    "INT32": "CAST('-2147483648' AS INT32)",
    "INT64": "CAST('-9223372036854775808' AS INT64)",
    "INT128": "CAST('-170141183460469231731687303715884105728' AS INT128)",
    "UUID": "uuid('00000000-0000-0000-0000-000000000000')",
}
SMALL = {"UUID": "uuid('00000000-0000-0000-0000-000000000005')"}
FORMS = {
    "{t}": "{v}",
    "{t}[]": "[{v}, NULL]",
    "{t}[2]": "[{v}, {v}]",
    "{t}[][]": "[[], [{v}]]",
    "STRUCT(a {t}, b STRING)": "{{a: {v}, b: 'x'}}",
    "STRUCT(a {t}[])": "{{a: [{v}]}}",
    "STRUCT(a {t}, b STRING)[]": "[{{a: {v}, b: 'x'}}, NULL]",
    "MAP(STRING, {t})": "map(['x'], [{v}])",
    "MAP({t}, INT64[])": "map([{v}], [[1]])",
    "UNION(a {t}, b STRING)": "union_value(a := {v})",
}


def columns(type_: str, value: str) -> tuple[str, str]:
    """Return the columns of every form of a type, and what gives them this value."""
    types = [form.format(t=type_) for form in FORMS]
    values = [
        f"CAST({text.format(v=value)} AS {whole})"
        for text, whole in zip(FORMS.values(), types, strict=True)
    ]
    return (
        ", ".join(f"v{at} {whole}" for at, whole in enumerate(types)),
        ", ".join(f"v{at}: {text}" for at, text in enumerate(values)),
    )


def live(path: Path, type_: str) -> Path:
    """Leave a database with least values, in the log: there Kùzu itself has them right."""
    declared, least = columns(type_, LEAST[type_])
    _, small = columns(type_, SMALL.get(type_, f"CAST('5' AS {type_})"))
    crash(path, [
        f"CREATE NODE TABLE N(id {type_} PRIMARY KEY, {declared})",
        f"CREATE REL TABLE R(FROM N TO N, w {type_}, l {type_}[])",
        f"CREATE (:N {{id: {LEAST[type_]}, {least}}})",
        f"CREATE (:N {{id: {SMALL.get(type_, f'CAST(5 AS {type_})')}, {small}}})",
        "MATCH (a:N), (b:N) WHERE a.id <> b.id CREATE (a)-[:R {w: a.id, l: [b.id]}]->(b), "
        "(a)-[:R]->(a)",
    ])  # fmt: skip
    return path


@pytest.mark.parametrize("type_", LEAST)
def test_they_are_kept_and_stay(tmp_path: Path, type_: str) -> None:
    path = live(tmp_path / "live.kuzu", type_)
    again, store = tmp_path / "rebuilt.kuzu", tmp_path / "store.git"
    with kuzugit.Repository.init(path, directory=tmp_path, store=store) as repository:
        result = repository.commit("all of it")
        names = {text.split(" ")[0] for text in result.warnings} - {"IMPORT"}
        assert names == {"N.id", "R.w", "R.l", *(f"N.v{at}" for at in range(len(FORMS)))}
        repository.checkout("current", to=again)
        assert lost(path, again) == []
        # Whoever opens it next has compression on; its columns remember theirs.
        for statement in ("MATCH (n:N) SET n.v4 = n.v4", "MATCH (n:N)-[r:R]->() SET r.w = r.w"):
            run_statements(again, [statement])
        assert lost(path, again) == []
        second = tmp_path / "second.git"
        with kuzugit.Repository.init(again, directory=tmp_path, store=second) as other:
            other.commit("once more")
            assert tree_id(other) == tree_id(repository)
    directory = archived(store, "v0.1.0", tmp_path / "archive")
    assert "only kuzugit restores" in (directory / "schema.cypher").read_text()
    with pytest.raises(subprocess.CalledProcessError):
        plainly_imported(directory, tmp_path / "imported.kuzu")


def test_many_rows_and_many_writes_after(tmp_path: Path) -> None:
    # More than a node group of rows, of quantized vectors: what they are kept for.
    path, again = tmp_path / "live.kuzu", tmp_path / "rebuilt.kuzu"
    with open_database(path) as connection:
        for statement in (
            "CREATE NODE TABLE N(id INT64 PRIMARY KEY, v INT8[4])",
            "CREATE REL TABLE R(FROM N TO N, w INT32)",
            "COPY N FROM (UNWIND range(1, 140000) AS x RETURN x AS id, CAST([CAST(CASE WHEN "
            "x % 1000 = 1 THEN -128 WHEN x % 9 = 1 THEN 127 ELSE x % 7 END AS INT8), 1, 2, 3] "
            "AS INT8[4]) AS v)",
            "COPY R FROM (UNWIND range(1, 140000) AS x RETURN x AS f, x % 50 + 1 AS t, "
            "CAST(CASE WHEN x % 1000 = 1 THEN -2147483648 WHEN x % 9 = 1 THEN 2147483647 ELSE "
            "x % 7 END AS INT32) AS w)",
        ):
            connection.execute(statement)
    with kuzugit.Repository.init(path, directory=tmp_path) as repository:
        repository.commit("all of it")
        repository.checkout("current", to=again)
    assert _counted(again) == _counted(path) == [140, 140]
    for statement in (
        "COPY N FROM (UNWIND range(140001, 150000) AS x RETURN x, CAST([1, 1, 1, 1] AS INT8[4]))",
        "MATCH (n:N) WHERE n.id % 5 = 0 SET n.v = CAST([3, 3, 3, 3] AS INT8[4])",
        "MATCH (a:N {id: 2}), (b:N) WHERE b.id % 9 = 5 CREATE (a)-[:R {w: 1}]->(b)",
        "MATCH (n:N) WHERE n.id % 9 = 1 AND n.id % 1000 <> 1 AND n.id > 50 DETACH DELETE n",
    ):
        run_statements(again, [statement])
    assert _counted(again) == [140, 140]


def _counted(path: Path) -> list[int]:
    with open_database(path, read_only=True) as connection:
        return [
            next(iter(connection.execute(query)))[0]
            for query in (
                "MATCH (n:N) WHERE n.v[1] = CAST(-128 AS INT8) RETURN count(*)",
                "MATCH ()-[r:R]->() WHERE r.w = CAST(-2147483648 AS INT32) RETURN count(*)",
            )
        ]


SIMPLE = [
    "CREATE NODE TABLE N(id INT64 PRIMARY KEY, v INT8)",
    "CREATE (:N {id: 1, v: CAST(5 AS INT8)})",
]


def test_a_patch_and_a_script(tmp_path: Path) -> None:
    path = tmp_path / "live.kuzu"
    run_statements(path, SIMPLE)
    before = shutil.copy(path, tmp_path / "before.kuzu")
    with kuzugit.Repository.init(path, directory=tmp_path) as repository:
        repository.commit("without", tag="one")
        crash(path, [f"CREATE (:N {{id: 2, v: {LEAST['INT8']}}})"])
        repository.commit("with", tag="two")
        repository.checkout("one")
        assert lost(path, before) == []
    workspace = open_workspace(tmp_path)
    with workspace.store, diff(workspace, "one", "two") as found:
        script = Script(found)
        assert any("cannot be said" in line for line in script.lines())
        assert script.unsaid == [f"v of a N: {_WHY}"]
        patch = read_patch(list(patch_lines(found)))
        assert patch is not None
        apply(workspace, patch)
    with kuzugit.Repository.open(tmp_path) as repository:
        repository.commit("applied", tag="three")
        assert tree_id(repository, "two") == tree_id(repository, "three")
        run_statements(path, ["MATCH (n:N {id: 1}) SET n.v = CAST(6 AS INT8)"])
        assert repository.commit("and kept").warnings
    with open_database(path, read_only=True) as connection:
        assert sorted(connection.execute("MATCH (n:N) RETURN n.v")) == [[-128], [6]]


_WHY = "Kùzu turns the least value of INT8 into another, or fails at it"


def test_kuzus_own_export(tmp_path: Path) -> None:
    path = tmp_path / "live.kuzu"
    crash(path, [
        *SIMPLE,
        f"CREATE (:N {{id: 2, v: {LEAST['INT8']}}})",
        f"EXPORT DATABASE '{tmp_path / 'own'}' (format='parquet')",
    ])  # fmt: skip
    with kuzugit.Repository.init(path, directory=tmp_path) as repository:
        repository.import_directory(tmp_path / "own", "as Kùzu wrote it")
        snapshot = repository.snapshot("main")
        assert sorted(snapshot.table("N")["v"].to_pylist()) == [-128, 5]
        repository.export("main", tmp_path / "out")
        assert not repository.import_directory(tmp_path / "out", "our own").created


def test_other_trees_are_what_they_were(tmp_path: Path) -> None:
    run_statements(tmp_path / "live.kuzu", SIMPLE)
    with kuzugit.Repository.init(tmp_path / "live.kuzu", directory=tmp_path) as repository:
        repository.commit("small ones")
        assert '"least"' not in git(repository.path, "show", "v0.1.0:snapshot.json")
