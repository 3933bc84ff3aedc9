"""Whether a column that went and one that came hold the same: DuckDB reads both."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kuzugit.diff.matching import Source
from kuzugit.diff.side import chunk_errors, column_types, connect, literal_paths, zero_signs
from kuzugit.diff.stream import MEMORY_LIMIT
from kuzugit.model.row_change import TableDiff

Pairs = list[tuple[int, int]]


def equal_columns(
    head: TableDiff,
    old_files: Sequence[Path],
    new_files: Sequence[Path],
    pairs: Sequence[tuple[int, int]],
    temp_directory: Path,
) -> Pairs:
    """Return which of the `pairs` of positions (old, new) hold the same values.

    `head` has the same key on both sides, or the pair itself is the key. Values are
    compared key by key, where both sides have as many rows of it; at least one must not
    be NULL. Raises UnreadableChunksError, ComparisonMemoryError.
    """
    if not old_files or not new_files:
        return []
    with (
        chunk_errors(head.key.table),
        connect(MEMORY_LIMIT, temp_directory, threads=2) as connection,
    ):
        old, new = (
            Source(
                tuple(literal_paths(files)),
                column_types(connection, head.key.table, files, len(columns or ())),
            )
            for files, columns in ((old_files, head.old), (new_files, head.new))
        )
        return [
            pair
            for pair in pairs
            if connection.execute(_query(head, old, new, pair)).fetchone() == (True,)
        ]


def _query(head: TableDiff, old: Source, new: Source, pair: tuple[int, int]) -> str:
    if pair == (*head.old_key_at, *head.new_key_at):
        return _same_keys(old, new, pair)
    sides = [
        _digest(side, keys, at)
        for side, keys, at in ((old, head.old_key_at, pair[0]), (new, head.new_key_at, pair[1]))
    ]
    keys = " AND ".join(f"o.k{at} = n.k{at}" for at in range(len(head.old_key_at)))
    return (
        f"SELECT coalesce(bool_and(o.digest = n.digest AND o.held = n.held), false) "
        f"AND coalesce(sum(o.held), 0) > 0 "
        f"FROM ({sides[0]}) o JOIN ({sides[1]}) n ON {keys} AND o.number = n.number"
    )


def _digest(side: Source, keys: tuple[int, ...], at: int) -> str:
    signs = zero_signs(f"c{at}", side.types[at]) or "NULL"
    names = ", ".join(f"c{position} AS k{number}" for number, position in enumerate(keys))
    # The sum of hashes does not depend on the order of rels that have the same ends.
    return (
        f"SELECT {names}, count(*) AS number, count(c{at}) AS held, "
        f"sum(CAST(hash(c{at}, {signs}) AS HUGEINT)) AS digest FROM {side} "
        f"GROUP BY {', '.join(f'c{position}' for position in keys)}"
    )


def _same_keys(old: Source, new: Source, pair: tuple[int, int]) -> str:
    one, other = f"SELECT c{pair[0]} FROM {old}", f"SELECT c{pair[1]} FROM {new}"
    return f"SELECT NOT EXISTS ({one} EXCEPT ALL {other}) AND NOT EXISTS ({other} EXCEPT ALL {one})"
