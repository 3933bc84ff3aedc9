"""The figures as numbers, as a table and as JSON."""

from __future__ import annotations

import json

from tests.bench.figures import BYTES, SECONDS, Figure
from tests.bench.generator import nodes, rels
from tests.bench.report import as_json, as_table, machine
from tests.bench.sizes import FULL, SMALL

WITHIN = Figure("a / b", 1.5, SECONDS, (3.0, 1.0, 9.0), (2.0,))
OVER = Figure("c / d", 1.15, BYTES, (2e6,), (1e6,))


def test_the_ratio_is_that_of_the_medians() -> None:
    assert (WITHIN.ratio, WITHIN.holds) == (1.5, True)
    assert (OVER.ratio, OVER.holds) == (2.0, False)


def test_the_table_names_limits_and_marks() -> None:
    assert as_table([WITHIN, OVER]).splitlines()[2:] == [
        "| a / b | 3.00 s | 2.00 s | 1.50 | 1.5 | holds |",
        "| c / d | 2.0 MB | 1.0 MB | 2.00 | 1.15 | FAILS |",
    ]


def test_the_document_is_json_and_names_the_machine() -> None:
    document = json.loads(json.dumps(as_json([OVER], SMALL, machine())))
    assert document["format"] == 1
    assert document["machine"]["libraries"]["kuzu"]
    assert document["figures"][0]["ours"] == [2e6]
    assert document["figures"][0]["holds"] is False


def test_a_small_run_has_a_twentieth_of_the_rows() -> None:
    assert SMALL.nodes * 20 == FULL.nodes
    assert SMALL.repeats == 1


def test_the_generator_gives_the_same_rows_each_time() -> None:
    assert nodes(100).equals(nodes(100))
    assert rels(100, 10).equals(rels(100, 10))
    assert sorted(nodes(100)["id"].to_pylist()) == list(range(100))
    assert len(set(nodes(100)["note"].to_pylist())) == 100
