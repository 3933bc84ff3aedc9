"""The SQL about rels and their ends, after a merge."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Ends:
    """The chunk files of a table: of nodes with their `key` column, or of rels.

    `width` counts the columns of the files.
    """

    label: str
    files: tuple[Path, ...]
    key: int
    width: int


@dataclass(frozen=True)
class End:
    """One of the two ends of rels: 0 is `from`, 1 is `to`."""

    rels: Ends
    place: int


def dangling_query(rels: str, place: int, nodes: str, key: int, ours: str | None) -> str:
    """Return the query of the ends (k0) that no row of `nodes` has.

    Its column `here` tells whether `ours` has such a node; None stands for no table. All
    three are what DuckDB reads FROM, with columns c0, c1, ...
    """
    here = "false" if ours is None else f"EXISTS (SELECT 1 FROM {ours} AS o WHERE o.c{key} = k0)"
    return (
        f"SELECT k0, {here} AS here FROM (SELECT DISTINCT c{place} AS k0 FROM {rels}) "
        f"WHERE NOT EXISTS (SELECT 1 FROM {nodes} AS n WHERE n.c{key} = k0) ORDER BY k0"
    )


def attached_query(rels: str, starts: tuple[str, int], ends: tuple[str, int]) -> str:
    """Return the query of the rels of which both ends are there."""
    conditions = (
        f"EXISTS (SELECT 1 FROM {nodes} AS n WHERE n.c{key} = r.c{place})"
        for place, (nodes, key) in enumerate((starts, ends))
    )
    return f"SELECT r.* FROM {rels} AS r WHERE {' AND '.join(conditions)}"


def crowded_query(rels: str, place: int) -> str:
    """Return the query of the ends (k0) at `place` that have several rels, and how many (n)."""
    return (
        f"SELECT c{place} AS k0, count(*) AS n FROM {rels} GROUP BY c{place} "
        "HAVING count(*) > 1 ORDER BY k0"
    )
