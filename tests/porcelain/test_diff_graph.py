"""The graph in a diff: rels beside their nodes, degrees, nodes left alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import kuzugit.porcelain.graph as graph_module
from kuzugit.model.graph_change import GraphSummary, NodeDegree
from kuzugit.model.snapshot import TableKey
from kuzugit.porcelain.diff import Diff, diff
from kuzugit.porcelain.workspace import open_workspace
from tests.support.live import LiveProject


@pytest.fixture
def edited(committed: LiveProject) -> Iterator[Diff]:
    committed.run(
        "MATCH (p:Person {id: 2}) DETACH DELETE p",
        "MATCH (:Person {id: 19})-[r:knows]->() DELETE r",
        "MATCH (a:Person {id: 5}) CREATE (a)-[:knows {since: 7}]->(a)",
        "MATCH (a:Person {id: 5}) SET a.name = 'five'",
    )
    with diff(open_workspace(committed.directory)) as found:
        yield found


def summary_of(found: Diff) -> GraphSummary:
    with found.graph() as graph:
        return graph.summary()


def test_degrees_and_lonely_nodes(edited: Diff) -> None:
    summary = summary_of(edited)
    # 1 knew only 2; 20 was known by 19 alone; 3 and 19 keep a rel each.
    assert [(node.table, node.key) for node in summary.lonely] == [("Person", 1), ("Person", 20)]
    assert {node.key: node.gained - node.lost for node in summary.degrees} == {
        1: -1, 2: -2, 3: -1, 5: 2, 19: -1, 20: -1,
    }  # fmt: skip
    assert summary.lost_ends == ((edited.tables[1].key, 2),)


def test_rels_beside_a_node(edited: Diff) -> None:
    head = edited.tables[0]
    assert head.key == TableKey("Person")
    with edited.graph() as graph:
        found = {
            change.identity[0]: [
                (str(rel.change), rel.identity) for _, rel in graph.rels_of(head, change)
            ]
            for change in edited.rows(head)
        }
    assert found == {2: [("removed", (1, 2)), ("removed", (2, 3))], 5: [("added", (5, 5))]}


def test_long_lists_are_cut_and_counted(edited: Diff, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph_module, "SHOWN", 1)
    monkeypatch.setattr(graph_module, "_BATCH", 1)
    summary = summary_of(edited)
    assert summary.lonely == (NodeDegree("Person", 1, 0, 1),)
    assert (summary.lonely_count, len(summary.degrees), summary.degree_count) == (2, 1, 6)


def test_nothing_happened(committed: LiveProject) -> None:
    committed.run("MATCH (p:Person {id: 2}) SET p.name = 'x'")
    with diff(open_workspace(committed.directory)) as found:
        assert not summary_of(found)
