from __future__ import annotations

import json

from tests.cli.conftest import Run
from tests.support.project import Project


def test_a_snapshot_for_people(run: Run, project: Project) -> None:
    first = project.snapshots[0]
    result = run("-C", project.directory, "show", "v0.1.0")
    assert (result.code, result.err) == (0, "")
    assert result.out == (
        f"commit {first.commit} (tag: v0.1.0)\n"
        "Author: Ada Tester <ada@example.org>\n"
        "Date:   Tue Nov 14 23:13:20 2023 +0100\n"
        "\n"
        "    first snapshot\n"
        "\n"
        "v0.1.0\n"
        "\n"
        "Person: 3 added\n"
        "\n"
        "Person: 3 rows in 1 chunk, 24 B\n"
    )


def test_without_a_revision_it_is_current(run: Run, project: Project) -> None:
    assert (
        f"commit {project.snapshots[1].commit} (current,"
        in run("-C", project.directory, "show").out
    )


def test_a_snapshot_for_programs(run: Run, project: Project) -> None:
    found = json.loads(run("-C", project.directory, "show", "--json", "current").out)
    assert found["format"] == 1
    assert found["version"] == "v0.2.0"
    assert found["changelog"] == "v0.2.0\n\nPerson: 6 added\n"
    assert found["tables"] == [
        {"table": "Person", "kind": "node", "rows": 6, "chunks": 1, "bytes": 48}
    ]


def test_without_a_snapshot_current_is_unknown(run: Run, empty: Project) -> None:
    result = run("-C", empty.directory, "show")
    assert (result.code, result.out) == (12, "")
    assert "error: unknown revision 'current'" in result.err
