"""Law 1 and law 3 for indexes: the same search finds the same."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.support.graphs import open_database, run_statements
from tests.support.snapshots import archived, lost, plainly_imported, rebuilt

TEXTS = ["the quick brown fox", "lazy dogs jump", "jumping over x1y", "", "Füchse springen"]
BOOKS = [
    "CREATE NODE TABLE Dropped(id INT64 PRIMARY KEY)",
    "CREATE NODE TABLE B(id INT64 PRIMARY KEY, t STRING, u STRING, e FLOAT[3], f FLOAT[3])",
    *(
        f"CREATE (:B {{id: {at}, t: '{text}', u: 'word{at} more', e: [{at}.0, 1.0, -2.5], "
        f"f: [{at}.5, {at * at}.0, 0.25]}})"
        for at, text in enumerate(TEXTS)
    ),
    "DROP TABLE Dropped",
]
VECTORS = [
    "CALL CREATE_VECTOR_INDEX('B', 'v1', 'e')",
    "CALL CREATE_VECTOR_INDEX('B', 'v2', 'f', metric := 'l2', mu := 20, ml := 40, alpha := 1.25, "
    "efc := 150, cache_embeddings := false)",
]
WORDS = [
    "CREATE NODE TABLE Words(w STRING PRIMARY KEY)",
    "CREATE (:Words {w: 'quick'})",
]
FTS = {
    "plain": ["CALL CREATE_FTS_INDEX('B', 'ix', ['t', 'u'])"],
    "without a stemmer": ["CALL CREATE_FTS_INDEX('B', 'ix', ['t'], stemmer := 'none')"],
    "with stop words": [
        *WORDS,
        "CALL CREATE_FTS_INDEX('B', 'ix', ['t'], stemmer := 'german', stopwords := 'Words')",
    ],
    "with a pattern": ["CALL CREATE_FTS_INDEX('B', 'ix', ['t'], ignore_pattern := '[0-9o]+')"],
    "with an odd pattern": [
        "CALL CREATE_FTS_INDEX('B', 'ix', ['t'], ignore_pattern := '[\\\\]\\\\[o\"]+')"
    ],
}
SEARCHES = ["fox", "jump", "jumping dogs", "quick", "x y", "f x", "Füchse"]


def found(path: Path, indexes: list[str]) -> list[list[object]]:
    """Return what the searches find: full text in `ix`, the nearest by each vector index."""
    queries = [
        f"CALL QUERY_FTS_INDEX('B', '{index}', '{words}') RETURN node.id, score ORDER BY node.id"
        for index in indexes
        for words in SEARCHES
    ]
    queries += [
        f"CALL QUERY_VECTOR_INDEX('B', '{index}', CAST([1.0, 2.0, 0.5] AS FLOAT[3]), 3) "
        "RETURN node.id, distance ORDER BY node.id"
        for index in ("v1", "v2")
    ]
    with open_database(path, read_only=True) as connection:
        return [list(connection.execute(query)) for query in queries]


@pytest.mark.parametrize("case", FTS)
def test_searches_find_the_same(tmp_path: Path, case: str) -> None:
    path = tmp_path / "live.kuzu"
    run_statements(path, [*BOOKS, *VECTORS, *FTS[case], "COMMENT ON TABLE B IS 'books'"])
    again = rebuilt(path, tmp_path)
    assert lost(path, again) == []
    directory = archived(tmp_path / "store.git", "v0.1.0", tmp_path / "archive")
    imported = plainly_imported(directory, tmp_path / "imported.kuzu")
    assert lost(path, imported) == []
    expected = found(path, ["ix"])
    assert any(expected[: len(SEARCHES)])
    assert found(again, ["ix"]) == expected
    assert found(imported, ["ix"]) == expected


def test_several_full_text_indexes(tmp_path: Path) -> None:
    path = tmp_path / "live.kuzu"
    run_statements(path, [
        *BOOKS, *VECTORS, *FTS["with stop words"],
        "CALL CREATE_FTS_INDEX('B', 'iy', ['u'])",
        "CALL CREATE_FTS_INDEX('B', 'iz', ['u', 't'], ignore_pattern := '[a-f]+')",
    ])  # fmt: skip
    again = rebuilt(path, tmp_path)
    assert lost(path, again) == []
    assert found(again, ["ix", "iy", "iz"]) == found(path, ["ix", "iy", "iz"])
    # Plain Kùzu makes one of them; that it cannot make all is no silent loss.
    directory = archived(tmp_path / "store.git", "v0.1.0", tmp_path / "archive")
    with pytest.raises(subprocess.CalledProcessError):
        plainly_imported(directory, tmp_path / "imported.kuzu")
