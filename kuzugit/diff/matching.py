"""The SQL that finds which rows of a table came, went or changed.

Its result has the columns `change`; `o0`, `o1`, ... the old row; `n0`, `n1`, ... the new
row; `d0`, `d1`, ... whether the shared columns differ, in the order of `head.shared`.
Columns go by position: two of them may have names that DuckDB takes for one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kuzugit.diff.selection import Selection
from kuzugit.diff.side import Types, zero_signs
from kuzugit.model.row_change import Change, TableDiff
from kuzugit.model.times import days_of, micros_of

_FLOATS = ("float", "double")

_BETWEEN = "->"
"""What stands between the keys of a rel's two ends."""


@dataclass(frozen=True)
class Source:
    """The chunk files of one side, and the types of their columns."""

    files: tuple[str, ...]
    types: Types

    def __str__(self) -> str:
        """What to read FROM: the rows, with columns c0, c1, ..."""
        files = ", ".join(map(_text, self.files))
        aliases = ", ".join(f"c{at}" for at in range(len(self.types)))
        return f"read_parquet([{files}]) AS t({aliases})"


def one_side_query(
    head: TableDiff, side: Source, change: Change, selection: Selection, other_width: int
) -> str:
    """Return the query of all rows of one side, in the order of its files."""
    at = head.old_key_at if change is Change.REMOVED else head.new_key_at
    own = [f"c{position}" for position in range(len(side.types))]
    other = ["NULL"] * other_width
    old, new = (own, other) if change is Change.REMOVED else (other, own)
    parts = [f"'{change}' AS change"]
    parts += [f"{value} AS o{position}" for position, value in enumerate(old)]
    parts += [f"{value} AS n{position}" for position, value in enumerate(new)]
    parts += [f"NULL AS d{number}" for number in range(len(head.shared))]
    where = key_condition(at, side.types, selection.keys)
    return f"SELECT {', '.join(parts)} FROM {side}{_where([where])}"


def both_sides_query(head: TableDiff, old: Source, new: Source, selection: Selection) -> str:
    """Return the query of the changes between two sides that have the same key."""
    if head.key.is_rel or old.types[head.old_key_at[0]].id in _FLOATS:
        ctes = _multisets(head, old, new, selection)
        keys = [f"o.c{a} IS NOT DISTINCT FROM n.c{b}" for a, b in head.shared[: head.identity]]
        matched = " AND ".join([*keys, "o.tag = n.tag"])
    else:
        ctes = _keyed(head, old, new, selection)
        matched = f"o.c{head.old_key_at[0]} = n.c{head.new_key_at[0]}"
    differences = _differences(head, old.types)
    change = (
        f"CASE WHEN o.tag IS NULL THEN '{Change.ADDED}' "
        f"WHEN n.tag IS NULL THEN '{Change.REMOVED}' ELSE '{Change.CHANGED}' END"
    )
    parts = [f"{change} AS change"]
    parts += [f"o.c{at} AS o{at}" for at in range(len(old.types))]
    parts += [f"n.c{at} AS n{at}" for at in range(len(new.types))]
    parts += [f"({text}) AS d{at}" for at, text in enumerate(differences)]
    return (
        f"WITH {ctes} SELECT {', '.join(parts)} FROM o FULL JOIN n ON {matched}"
        f"{_where(_wanted(head, selection, differences))} "
        f"ORDER BY {_order(head, old.types, new.types)}"
    )


def _text(value: str) -> str:
    escaped = value.replace("'", "''")
    return f"'{escaped}'"


def key_condition(at: Sequence[int], types: Types, keys: Sequence[str]) -> str:
    """Return the condition that a row has one of `keys`; empty without any."""
    terms = []
    for key in keys:
        terms += [_is_key(f"c{position}", types[position].id, key) for position in at]
        if len(at) > 1:
            terms += [
                f"({' AND '.join(_is_key(f'c{end}', types[end].id, of) for end, of in of_ends)})"
                for of_ends in (zip(at, pair, strict=True) for pair in _pairs(key))
            ]
    return f"({' OR '.join(terms)})" if terms else ""


def _pairs(key: str) -> Iterator[tuple[str, str]]:
    """Yield every way to take `key` for the keys of two ends."""
    parts = key.split(_BETWEEN)
    for at in range(1, len(parts)):
        yield _BETWEEN.join(parts[:at]), _BETWEEN.join(parts[at:])


def _is_key(value: str, kind: str, key: str) -> str:
    text = _text(key)
    if kind == "blob":
        return f"lower(hex({value})) = lower({text})"
    # As numbers: DuckDB reads no years as ISO has them, and writes no time below its own least.
    if kind == "date":
        days = days_of(key)
        date = f"TRY_CAST({text} AS DATE)"
        return f"{value} = {date}" if days is None else f"{value} - DATE '1970-01-01' = {days}"
    if kind.startswith("timestamp"):
        micros = micros_of(key)
        time = f"epoch_us(TRY_CAST({text} AS TIMESTAMP))" if micros is None else str(micros)
        # DuckDB 2.0.1 takes far times of seconds and milliseconds by way of nanoseconds.
        plain = value if "zone" in kind else f"CAST({value} AS TIMESTAMP)"
        return f"epoch_us({plain}) = {time}"
    exact = f"CAST({value} AS VARCHAR) = {text}"
    if kind in _FLOATS:
        return f"({exact} OR {value} = TRY_CAST({text} AS {kind.upper()}))"
    return exact


def _where(conditions: Sequence[str]) -> str:
    found = [condition for condition in conditions if condition]
    return f" WHERE {' AND '.join(found)}" if found else ""


def _keyed(head: TableDiff, old: Source, new: Source, selection: Selection) -> str:
    """Nodes: no two of a side have one key, so the sides are joined as they are."""

    def side(name: str, rows: Source, at: tuple[int, ...]) -> str:
        where = _where([key_condition(at, rows.types, selection.keys)])
        return f"{name} AS (SELECT *, 0 AS tag FROM {rows}{where})"

    return f"{side('o', old, head.old_key_at)}, {side('n', new, head.new_key_at)}"


def _multisets(head: TableDiff, old: Source, new: Source, selection: Selection) -> str:
    """Rows that may stand several times: equal ones cancel; a key with one left on each
    side is a pair, which bears the same tag on both."""
    old_compared, new_compared = _compared(head, old.types, new.types)
    names = [name for name, _ in old_compared]
    keys = ", ".join(names[: head.identity])

    def rows(of: Source, compared: list[tuple[str, str]], number: int) -> str:
        at = head.old_key_at if number < 0 else head.new_key_at
        columns = ", ".join(f"{text} AS {name}" for name, text in compared)
        where = _where([key_condition(at, of.types, selection.keys)])
        return f"SELECT {columns}, {number} AS side FROM {of}{where}"

    def side(name: str, of: Source, compared: list[tuple[str, str]], number: int) -> str:
        at = {pair[0 if number < 0 else 1]: index for index, pair in enumerate(head.shared)}
        rest = [position for position in range(len(of.types)) if position not in at]
        left = f"{'-' if number < 0 else ''}net"
        if rest:
            # The rows that stay are those whose other columns come first; which of equals
            # are told apart by columns that only one side has means nothing.
            columns = ", ".join(f"{text} AS {name}" for name, text in compared)
            same = " AND ".join(f"r.{item} IS NOT DISTINCT FROM d.{item}" for item in names)
            order = ", ".join(f"r.c{position} NULLS FIRST" for position in rest)
            each = ", ".join(f"r.{item}" for item in names)
            body = (
                f"SELECT r.* FROM (SELECT *, {columns} FROM {of}) r "
                f"JOIN differing d ON {same} WHERE {left} > 0 "
                f"QUALIFY row_number() OVER (PARTITION BY {each} ORDER BY {order}) <= {left}"
            )
        else:
            columns = ", ".join(f"{names[at[position]]} AS c{position}" for position in at)
            body = (
                f"SELECT {', '.join(names)}, {columns}, unnest(range({left})) "
                f"FROM differing WHERE {left} > 0"
            )
        return (
            f"{name} AS (SELECT *, CASE WHEN count(*) OVER (PARTITION BY {keys}) = 1 THEN 0 "
            f"ELSE {number} END AS tag FROM ({body}))"
        )

    union = f"{rows(old, old_compared, -1)} UNION ALL {rows(new, new_compared, 1)}"
    return (
        f"differing AS MATERIALIZED (SELECT * EXCLUDE (side), CAST(sum(side) AS BIGINT) AS net "
        f"FROM ({union}) GROUP BY ALL HAVING net <> 0), "
        f"{side('o', old, old_compared, -1)}, {side('n', new, new_compared, 1)}"
    )


def _compared(
    head: TableDiff, old: Types, new: Types
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return (name, expression) of what makes rows equal: the shared columns, then signs."""
    sides = []
    for side, types in ((0, old), (1, new)):
        at = [pair[side] for pair in head.shared]
        found = [(f"s{number}", f"c{position}") for number, position in enumerate(at)]
        for number, position in enumerate(at):
            signs = zero_signs(f"c{position}", types[position])
            if signs is not None:
                found.append((f"z{number}", signs))
        sides.append(found)
    return sides[0], sides[1]


def _differences(head: TableDiff, old: Types) -> list[str]:
    found = []
    for a, b in head.shared:
        text = f"o.c{a} IS DISTINCT FROM n.c{b}"
        signs = [zero_signs(value, old[a]) for value in (f"o.c{a}", f"n.c{b}")]
        if signs[0] is not None:
            text += f" OR {signs[0]} IS DISTINCT FROM {signs[1]}"
        found.append(text)
    return found


def _wanted(head: TableDiff, selection: Selection, differences: list[str]) -> list[str]:
    columns = head.new or ()
    looked_at = [
        f"({text})"
        for (_, at), text in zip(head.shared, differences, strict=True)
        if not selection.columns or columns[at].name in selection.columns
    ]
    changed = " OR ".join(looked_at) or "false"
    conditions = [f"(o.tag IS NULL OR n.tag IS NULL OR {changed})"]
    if selection.changes:
        names = ", ".join(f"'{item}'" for item in sorted(selection.changes))
        conditions.append(f"change IN ({names})")
    return conditions


def _order(head: TableDiff, old: Types, new: Types) -> str:
    keys = [f"coalesce(o.c{a}, n.c{b})" for a, b in head.shared[: head.identity]]
    terms = [f"{key} NULLS FIRST" for key in keys]
    if head.identity > 1 or old[head.old_key_at[0]].id in _FLOATS:
        # Several rows may have one key: every column, so that their order means nothing.
        terms.append("change DESC")
        for side, types in (("o", old), ("n", new)):
            for at, type_ in enumerate(types):
                terms.append(f"{side}.c{at} NULLS FIRST")
                if (signs := zero_signs(f"{side}.c{at}", type_)) is not None:
                    terms.append(f"{signs} NULLS FIRST")
    return ", ".join(terms)
