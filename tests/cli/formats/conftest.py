"""Two snapshots with changes of every kind, and values that are made to harm."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from kuzugit.porcelain.diff import Diff, diff
from kuzugit.porcelain.repository import Repository
from kuzugit.porcelain.workspace import open_workspace
from tests.support.live import LiveProject
from tests.support.values import text

HOSTILE = "</script><script>alert(1)</script> `tick` | \"q\" 'a' \\ @all\n=1+1,\x1b[31m\u202e <!--"

FIRST = (
    "CREATE NODE TABLE `Per son`(id INT64 PRIMARY KEY, name STRING, b BLOB, n INT128, "
    "f DOUBLE, d DATE, i INTERVAL, l STRUCT(a INT64, t STRING[]), u UUID)",
    "CREATE NODE TABLE Gone(id STRING PRIMARY KEY)",
    "CREATE REL TABLE knows(FROM `Per son` TO `Per son`, since INT64)",
    "UNWIND range(1, 30) AS i CREATE (:`Per son` {id: i, name: 'p' + CAST(i AS STRING)})",
    "MATCH (a:`Per son`), (b:`Per son`) WHERE b.id = a.id + 1 "
    "CREATE (a)-[:knows {since: a.id}]->(b)",
    "CREATE (:Gone {id: 'x'})",
    "MATCH (n:`Per son` {id: 4}) SET n.f = -0.0, n.b = BLOB('\\\\x00\\\\xFF')",
)
SECOND = (
    "DROP TABLE Gone",
    "CREATE NODE TABLE New(id STRING PRIMARY KEY, v INT64)",
    f"CREATE (:New {{id: {text(HOSTILE)}, v: NULL}})",
    f"MATCH (n:`Per son` {{id: 3}}) SET n.name = {text(HOSTILE)}",
    "MATCH (n:`Per son` {id: 4}) SET n.f = CAST('NaN' AS DOUBLE), n.b = BLOB('\\\\x00\\\\xFE'), "
    "n.n = CAST('170141183460469231731687303715884105727' AS INT128), n.d = date('1850-02-28'), "
    "n.i = interval('1 month 3 microseconds'), n.l = {a: CAST(NULL AS INT64), t: ['', 'x,y']}, "
    "n.u = CAST('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11' AS UUID)",
    "MATCH (n:`Per son` {id: 5}) SET n.name = ''",
    "MATCH (n:`Per son` {id: 6}) SET n.name = NULL",
    "MATCH (n:`Per son`) WHERE n.id > 28 DETACH DELETE n",
    "CREATE (:`Per son` {id: 31, name: 'new'})",
    "MATCH (a:`Per son` {id: 1})-[r:knows]->(:`Per son` {id: 2}) SET r.since = 100",
    "MATCH (a:`Per son` {id: 1}), (b:`Per son` {id: 31}) CREATE (a)-[:knows {since: 7}]->(b)",
    "MATCH (a:`Per son` {id: 1}), (b:`Per son` {id: 31}) CREATE (a)-[:knows {since: 7}]->(b)",
)


@pytest.fixture(scope="package")
def changed(tmp_path_factory: pytest.TempPathFactory) -> LiveProject:
    """A project with v0.1.0 and v1.0.0; tests only read it."""
    project = LiveProject(tmp_path_factory.mktemp("changed"))
    project.run(*FIRST)
    Repository.init(project.database, directory=project.directory).close()
    project.commit("first")
    assert project.commit("second", *SECOND) == "v1.0.0"
    return project


@contextmanager
def opened(project: LiveProject, **filters: Any) -> Iterator[Diff]:
    workspace = open_workspace(project.directory)
    with diff(workspace, "v0.1.0", "v1.0.0", **filters) as found:
        yield found
    workspace.store.close()


@pytest.fixture(scope="package")
def lines(changed: LiveProject) -> list[dict[str, Any]]:
    """What JSON Lines tell of the same diff."""
    from kuzugit.cli.render.row_change import json_lines

    with opened(changed) as found:
        return [json.loads(line) for line in json_lines(found)]
