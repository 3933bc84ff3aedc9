"""A whole run of the benchmark, on a few rows."""

from __future__ import annotations

from pathlib import Path

from tests.bench.__main__ import run
from tests.bench.sizes import Sizes

FEW = Sizes(
    nodes=200,
    rels=400,
    few_rels=400,
    many_rels=800,
    commits=2,
    edits=3,
    repeats=1,
    starts=1,
    odd_rows=200,
)


def test_every_figure_is_measured(tmp_path: Path) -> None:
    figures = run(tmp_path, FEW)
    assert [figure.limit for figure in figures] == [
        *(1.5, 1.8, 0.65, 1.15, 12, 1.5),
        *(4, 3),
        *(0.1, 1.0, 14, 2),
        0.5,
        *(1.0, 2.0),
        10,
    ]
    for figure in figures:
        assert min(figure.ours) > 0, figure.name
        assert min(figure.rival) > 0, figure.name
