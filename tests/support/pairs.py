"""Pairs of databases of one schema, as Hypothesis makes them: the second is the first, changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from hypothesis import strategies as st

from kuzugit.porcelain.repository import Repository
from tests.support.databases import Database, Nodes, Rels, databases
from tests.support.live import LiveProject


@dataclass(frozen=True)
class Pair:
    """Two databases."""

    one: Database
    two: Database

    def committed(self, directory: Path) -> LiveProject:
        """Commit the first as the tag `one`, then the second, live, as `two`."""
        directory.mkdir()
        project = LiveProject(directory)
        self.one.build(project.database)
        Repository.init(project.database, directory=directory).close()
        with project.open() as repository:
            repository.commit("one", tag="one")
        project.database.unlink()
        self.two.build(project.database)
        with project.open() as repository:
            repository.commit("two", tag="two", allow_empty=True)
        return project


@st.composite
def pairs(draw: st.DrawFn) -> Pair:
    """Draw a database, and what it was before some rows came, went and changed."""
    two = draw(databases())
    nodes = {table.name: draw(_changed_nodes(table)) for table in two.nodes}
    rels = [draw(_changed_rels(table, nodes)) for table in two.rels]
    return Pair(Database(tuple(nodes.values()), tuple(rels), two.sequences), two)


@st.composite
def _changed_nodes(draw: st.DrawFn, table: Nodes) -> Nodes:
    rows = []
    for row in table.rows:
        what = draw(st.sampled_from(["same", "gone", "changed"]))
        if what == "same":
            rows.append(row)
        elif what == "changed":
            others = [other[1:] for other in table.rows]
            columns = zip(row[1:], draw(st.sampled_from(others)), strict=True)
            rows.append((row[0], *(draw(st.sampled_from(values)) for values in columns)))
    return replace(table, rows=tuple(rows))


@st.composite
def _changed_rels(draw: st.DrawFn, table: Rels, nodes: dict[str, Nodes]) -> Rels:
    pairs = tuple((nodes[a.name], nodes[b.name]) for a, b in table.pairs)
    rows = []
    for number, start, end, literals in table.rows:
        olds, news = table.pairs[number], pairs[number]
        keys = [[row[0] for row in item.rows] for item in news]
        ends = [
            keys[side].index(olds[side].rows[at][0])
            if olds[side].rows[at][0] in keys[side]
            else None
            for side, at in enumerate((start, end))
        ]
        what = draw(st.sampled_from(["same", "gone", "changed"]))
        if ends[0] is None or ends[1] is None or what == "gone":
            continue
        values = draw(st.sampled_from(table.rows))[3] if what == "changed" else literals
        rows.append((number, ends[0], ends[1], values))
    return replace(table, pairs=pairs, rows=tuple(rows))
