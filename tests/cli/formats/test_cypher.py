"""A diff as a Cypher script, run in plain Kùzu."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import kuzu
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kuzugit.canonical.statements import split_statements
from kuzugit.porcelain.diff import diff
from kuzugit.porcelain.repository import Repository
from kuzugit.porcelain.script import Script
from kuzugit.porcelain.workspace import open_workspace
from tests.cli.conftest import Run
from tests.laws.examples import FEW, FEWER, folder, lawful_refusal
from tests.support.graphs import BUFFER_POOL_SIZE, MAX_DB_SIZE
from tests.support.live import LiveProject
from tests.support.pairs import Pair, pairs
from tests.support.snapshots import git, lost, tree_id


def run_script(database: Path, script: str) -> None:
    """Run a script statement by statement, as Kùzu's shell does."""
    with (
        kuzu.Database(
            database, buffer_pool_size=BUFFER_POOL_SIZE, max_db_size=MAX_DB_SIZE
        ) as opened,
        kuzu.Connection(opened) as connection,
    ):
        for statement in split_statements(script):
            connection.execute(statement)


def scripted(project: LiveProject, old: str, new: str) -> tuple[str, list[str]]:
    """Return the script from `old` to `new`, and what it does not say."""
    workspace = open_workspace(project.directory)
    with workspace.store, diff(workspace, old, new) as found:
        script = Script(found)
        return "\n".join(script.lines()), script.unsaid


def check(project: LiveProject, tmp_path: Path, old: str, new: str) -> list[str]:
    """Check the script from `old` to `new`; return what it does not say."""
    script, unsaid = scripted(project, old, new)
    with project.open() as repository:
        repository.checkout(old, to=tmp_path / f"{old}-a.kuzu")
        repository.checkout(new, to=tmp_path / f"{new}-b.kuzu")
    if script:
        run_script(tmp_path / f"{old}-a.kuzu", script)
    differences = lost(tmp_path / f"{old}-a.kuzu", tmp_path / f"{new}-b.kuzu")
    assert bool(differences) == bool(unsaid), differences
    for path in tmp_path.glob("v*.kuzu"):
        path.unlink()
    return unsaid


def check_tree(project: LiveProject, script: str, old: str, new: str) -> None:
    """Check that `old`, checked out, and `script` give the tree of `new`."""
    with project.open() as repository:
        repository.checkout(old)
        run_script(project.database, script)
        again = repository.commit("again").version or ""
        assert tree_id(repository, again) == tree_id(repository, new)


@pytest.mark.parametrize(("old", "new"), [("v0.1.0", "v1.0.0"), ("v1.0.0", "v0.1.0")])
def test_it_turns_one_into_the_other(
    changed: LiveProject, tmp_path: Path, old: str, new: str
) -> None:
    # The one value that is nested twice.
    (reason,) = check(changed, tmp_path, old, new)
    assert reason.startswith("l of a Per son: literals of type STRUCT(")


START = (
    "CREATE NODE TABLE A(id INT64 PRIMARY KEY, v STRING, w INT64)",
    "CREATE NODE TABLE B(id STRING PRIMARY KEY)",
    "CREATE REL TABLE R(FROM A TO B, FROM A TO A, w INT64)",
    "CREATE REL TABLE F(FROM A TO B) WITH (storage_direction='fwd')",
    "CREATE SEQUENCE s",
    "UNWIND range(1, 4) AS i CREATE (:A {id: i, v: 'v', w: i})",
    "CREATE (:B {id: 'b'})",
    "MATCH (a:A), (b:B) CREATE (a)-[:R {w: 1}]->(b), (a)-[:F]->(b)",
    "MATCH (a:A), (b:A {id: 1}) CREATE (a)-[:R {w: 2}]->(b)",
)
SAID = {
    "a property more": ["ALTER TABLE A ADD x INT64 DEFAULT 7", "MATCH (a:A {id: 2}) SET a.x = 8"],
    "a property drawn": [
        "ALTER TABLE A ADD x INT64 DEFAULT nextval('s')",
        "CREATE (:A {id: 9, w: 3})",
    ],
    "of a rel": ["ALTER TABLE R ADD x STRING", "MATCH (:A {id: 2})-[r:R]->(:B) SET r.x = 'y'"],
    "a property less": ["ALTER TABLE A DROP v", "ALTER TABLE R DROP w"],
    "the last property of another type": [
        "ALTER TABLE A DROP w",
        "ALTER TABLE A ADD w STRING DEFAULT ''",
    ],
    "renamed": ["ALTER TABLE A RENAME TO Z", "ALTER TABLE B RENAME id TO name"],
    "renamed and changed": ["ALTER TABLE R RENAME TO Q", "CREATE (:A {id: 9})"],
    "a pair more": ["ALTER TABLE R ADD FROM B TO B", "MATCH (b:B) CREATE (b)-[:R {w: 5}]->(b)"],
    "a pair less": ["ALTER TABLE R DROP FROM A TO A"],
    "tables less": ["DROP TABLE R", "DROP TABLE F", "DROP TABLE A"],
    "sequences": [
        "RETURN nextval('s')",
        "CREATE SEQUENCE t START 5 INCREMENT 2",
        "RETURN nextval('t')",
    ],
    "a serial": [
        "CREATE NODE TABLE N(id SERIAL PRIMARY KEY, v INT64)",
        "CREATE (:N {v: 1}), (:N {v: 2})",
    ],
    "a macro": ["CREATE MACRO m(x) AS x + 1"],
    "comments": ["COMMENT ON TABLE A IS 'it\\'s; `'", "COMMENT ON TABLE R IS 'r'"],
    "indexes": [
        "CREATE NODE TABLE E(id INT64 PRIMARY KEY, t STRING, e FLOAT[3])",
        "CREATE (:E {id: 1, t: 'hello', e: [1.0, 2.0, 3.0]})",
        "CALL CREATE_FTS_INDEX('E', 'ft', ['t'])",
        "CALL CREATE_VECTOR_INDEX('E', 've', 'e')",
    ],
    "a node with rels less": [
        "MATCH ()-[f:F]->() DELETE f",
        "MATCH (a:A {id: 2})-[r:R]->() DELETE r",
        "MATCH (a:A {id: 2}) DETACH DELETE a",
    ],
    "one of parallel rels": [
        "MATCH (a:A {id: 1}), (b:B) CREATE (a)-[:R {w: 1}]->(b), (a)-[:R {w: 3}]->(b)",
    ],
}


@pytest.mark.parametrize("case", SAID)
def test_what_can_be_said(tmp_path: Path, case: str) -> None:
    project = started(tmp_path, START)
    new = project.commit(case, *SAID[case])
    assert check(project, tmp_path, "v0.1.0", new) == []
    unsaid = check(project, tmp_path, new, "v0.1.0")
    assert bool(unsaid) == (case in ("a property less", "a macro"))


UNSAID = {
    "macro": ["CREATE MACRO m(x) AS x + 1"],
    "primary key": [
        "DROP TABLE F",
        "DROP TABLE R",
        "DROP TABLE B",
        "CREATE NODE TABLE B(id INT64 PRIMARY KEY)",
    ],
    "another order": ["ALTER TABLE A DROP v", "ALTER TABLE A ADD v STRING"],
    "another default": ["ALTER TABLE A DROP w", "ALTER TABLE A ADD w INT64 DEFAULT 6"],
}


def started(tmp_path: Path, statements: Sequence[str]) -> LiveProject:
    project = LiveProject(tmp_path / "project")
    project.directory.mkdir()
    project.run(*statements)
    Repository.init(project.database, directory=project.directory).close()
    project.commit("first")
    return project


@pytest.mark.parametrize("case", UNSAID)
def test_what_cannot_be_said_is_an_error(run: Run, tmp_path: Path, case: str) -> None:
    project = started(tmp_path, START)
    new = project.commit(case, *UNSAID[case])
    ends = (new, "v0.1.0") if case == "macro" else ("v0.1.0", new)
    done = run("-C", project.directory, "diff", *ends, "--format", "cypher")
    assert done.code == 14
    assert "// cannot be said: " in done.out
    assert case in done.err
    words = ("--format", "cypher", "-o", tmp_path / "a.cypher")
    assert run("-C", project.directory, "diff", *ends, *words).code == 14
    assert (tmp_path / "a.cypher").read_text() == done.out


def test_a_property_with_a_vector_index(tmp_path: Path) -> None:
    project = started(tmp_path, [*START, *SAID["indexes"]])
    project.run("MATCH (e:E) DELETE e", "CREATE (:E {id: 1, t: 'x', e: [9.0, 2.0, 3.0]})")
    new = project.commit("moved")
    assert any("vector index" in reason for reason in check(project, tmp_path, "v0.1.0", new))


BEFORE_THE_KEY = (
    "CREATE SEQUENCE s",
    "CREATE NODE TABLE P(a INT64 DEFAULT nextval('s'), b STRING, id INT64, c STRING, d INT64, "
    "PRIMARY KEY (id))",
    "CREATE REL TABLE R(FROM P TO P)",
    "UNWIND range(1, 5) AS i CREATE (:P {b: 'b', id: i, c: 'c'})",
    "MATCH (p:P), (q:P {id: 1}) CREATE (p)-[:R]->(q)",
)


def after_compact(project: LiveProject, *statements: str) -> str:
    """Commit after a compact, for Kùzu changes no rows where a property before the key went."""
    project.commit("dropped", *statements)
    with project.open() as repository:
        repository.compact()
    return project.commit(
        "rows",
        "MATCH (p:P {id: 2}) SET p.c = 'new', p.d = 7",
        "CREATE (:P {id: 6, c: 'c'})",
        "MATCH (p:P {id: 6}), (q:P {id: 1}) CREATE (p)-[:R]->(q)",
        "MATCH (p:P {id: 3}) DETACH DELETE p",
    )


@pytest.mark.parametrize("gone", ["ab", "b", "a"])
def test_a_property_before_the_key_goes_last(tmp_path: Path, gone: str) -> None:
    project = started(tmp_path, BEFORE_THE_KEY)
    new = after_compact(
        project,
        *(f"ALTER TABLE P DROP {name}" for name in gone),
        "ALTER TABLE P ADD e STRING DEFAULT 'e'",
        "COMMENT ON TABLE P IS 'p'",
    )
    script, unsaid = scripted(project, "v0.1.0", new)
    assert unsaid == []
    # Trees, for no row can be made in such a table afterwards.
    check_tree(project, script, "v0.1.0", new)


def test_a_property_before_the_key_of_another_type(tmp_path: Path) -> None:
    project = started(tmp_path, BEFORE_THE_KEY)
    new = after_compact(project, "ALTER TABLE P DROP b", "ALTER TABLE P ADD b INT64")
    unsaid = check(project, tmp_path, "v0.1.0", new)
    assert unsaid[0].startswith("P.b has another type and stands before the primary key: ")


def test_no_new_property_is_set_to_null(tmp_path: Path) -> None:
    project = started(tmp_path, START)
    new = project.commit(
        "more",
        "ALTER TABLE A ADD x INT64",
        "ALTER TABLE A ADD y INT64 DEFAULT 7",
        "MATCH (a:A {id: 2}) SET a.x = 8",
        "MATCH (a:A {id: 3}) SET a.y = NULL",
    )
    script, _ = scripted(project, "v0.1.0", new)
    assert script.count(".`x` = ") == 1
    assert script.count(".`y` = CAST(NULL") == 1
    assert check(project, tmp_path, "v0.1.0", new) == []


DRAWN = ["CREATE (:S {u: 0})", "MATCH (s:S {u: 0}) DELETE s"]
RENAMED = {
    "a table": ["ALTER TABLE S RENAME TO T"],
    "a table, and used": [*DRAWN, "ALTER TABLE S RENAME TO T"],
    "a key": [*DRAWN, "ALTER TABLE S RENAME id TO name"],
    "a property": [*DRAWN, "ALTER TABLE S RENAME v TO w"],
}


@pytest.mark.parametrize("case", RENAMED)
def test_a_renamed_serial(tmp_path: Path, case: str) -> None:
    # Kùzu leaves its sequence the old name, so that trees are compared.
    project = started(tmp_path, [
        "CREATE NODE TABLE S(id SERIAL PRIMARY KEY, v SERIAL, u INT64)",
        "UNWIND range(1, 20) AS i CREATE (:S {u: i})",
    ])  # fmt: skip
    new = project.commit(case, *RENAMED[case])
    script, unsaid = scripted(project, "v0.1.0", new)
    assert " RENAME " in script
    assert unsaid == []
    check_tree(project, script, "v0.1.0", new)


def test_a_sequence_with_the_name_of_a_renamed_serials(tmp_path: Path) -> None:
    project = started(tmp_path, [
        "CREATE NODE TABLE S(id SERIAL PRIMARY KEY, u INT64)",
        "UNWIND range(1, 20) AS i CREATE (:S {u: i})",
    ])  # fmt: skip
    project.commit("renamed", "ALTER TABLE S RENAME TO T")
    with project.open() as repository:
        repository.compact()
    new = project.commit("another", "CREATE SEQUENCE S_id_serial START 7")
    _, (reason,) = scripted(project, "v0.1.0", new)
    assert reason == "the sequence S_id_serial is new, and that of a renamed SERIAL has its name"


Rels = list[tuple[int, str]]
_ONE = st.tuples(st.integers(0, 2), st.sampled_from(["", "a"]))
_FEW_RELS = st.lists(_ONE, max_size=3)


@st.composite
def old_and_new(draw: st.DrawFn) -> tuple[Rels, Rels]:
    """Draw the parallel rels of two nodes, and what they are later: often one is another."""
    rest = draw(_FEW_RELS)
    one = st.one_of(_ONE.map(lambda rel: [rel]), _FEW_RELS)
    return rest + draw(one), rest + draw(one)


def made(ends: list[Rels]) -> list[str]:
    """Return the statements that make these rels: of node 0 to node 1, of 1 to 2, and so on."""
    return [
        f"MATCH (a:A {{id: {at}}}), (b:A {{id: {at + 1}}}) "
        f"CREATE (a)-[:R {{x: {x}, y: '{y}'}}]->(b)"
        for at, rels in enumerate(ends)
        for x, y in rels
    ]


@settings(FEWER, max_examples=2)
@given(st.lists(old_and_new(), min_size=20, max_size=24))
def test_any_parallel_rels(ends: list[tuple[Rels, Rels]]) -> None:
    with folder() as directory:
        project = started(
            directory,
            [
                "CREATE NODE TABLE A(id INT64 PRIMARY KEY)",
                "CREATE REL TABLE R(FROM A TO A, x INT64, y STRING)",
                f"UNWIND range(0, {len(ends)}) AS i CREATE (:A {{id: i}})",
                *made([old for old, _ in ends]),
            ],
        )
        new = project.commit(
            "others", "MATCH (:A)-[r:R]->(:A) DELETE r", *made([new for _, new in ends])
        )
        assert check(project, directory, "v0.1.0", new) == []


def test_one_of_parallel_rels_in_a_chunk_beside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # They are in two chunks, of which one stays as it is.
    monkeypatch.setattr("kuzugit.canonical.chunks.TARGET_BYTES", 16)
    wide = "x" * 200
    between = "MATCH (a:A {id: 1}), (b:A {id: 2}) CREATE"
    project = started(tmp_path, [
        "CREATE NODE TABLE A(id INT64 PRIMARY KEY)", "CREATE (:A {id: 1}), (:A {id: 2})",
        "CREATE REL TABLE R(FROM A TO A, x INT64, y STRING)",
        *(f"{between} (a)-[:R {{x: {x}, y: '{wide}'}}]->(b)" for x in (1, 5)),
    ])  # fmt: skip
    new = project.commit("one", "MATCH ()-[r:R {x: 5}]->() SET r.x = 7")
    files = git(project.store, "ls-tree", "-r", "--name-only", new, "rels/").split()
    assert len(files) == 2
    assert check(project, tmp_path, "v0.1.0", new) == []


@FEW
@given(pairs())
def test_of_any_pair(pair: Pair) -> None:
    with folder() as directory, lawful_refusal():
        project = pair.committed(directory / "project")
        for old, new in (("one", "two"), ("two", "one")):
            unsaid = check(project, directory, old, new)
            assert all("Kùzu" in reason for reason in unsaid)
