"""The SQL that merges three states of a table: what it was, theirs and ours.

Rows of one identity (the primary key, or the two ends) belong together. Where no side has
two of an identity, they are merged column by column; else its rows are taken as one, from
the side that changed them. A column that a side has not is there as if it held its default
in every row, as when Kùzu adds it to a table with rows. Columns go by position in the
merged table: two of them may have names that DuckDB takes for one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from duckdb.sqltypes import DuckDBPyType

from kuzugit.diff.side import zero_signs
from kuzugit.model.merge import Choice

_SIDES = ("b", "t", "o")
_REMOVED = ({"b", "t"}, {"b", "o"})
"""Who has a column that one side removed, and the choice of the other keeps."""


@dataclass(frozen=True)
class Place:
    """Where the sides have a column of the merged table, None where one has not."""

    base: int | None
    theirs: int | None
    ours: int | None

    @property
    def sides(self) -> dict[str, int]:
        """The positions by side: b, t, o."""
        found = zip(_SIDES, (self.base, self.theirs, self.ours), strict=True)
        return {side: at for side, at in found if at is not None}


@dataclass(frozen=True)
class ThreeWay:
    """What is merged.

    `base`, `theirs`, `ours` and `fill` are what DuckDB reads FROM, with columns c0, c1,
    ...; `fill` has the columns of the merged table and one row: what a side that lacks a
    column has there. `key` are the places of the identity among `places`. `several` tells
    that an identity may have many rows. `choice` decides conflicts. `kept` is what to read
    FROM for identities (k0, ...) that stay whoever removed them, None for none. `apart`
    tells that both sides added a column with defaults of their own, so that nothing can
    be said to be as it was.
    """

    base: str
    theirs: str
    ours: str
    fill: str
    places: tuple[Place, ...]
    types: tuple[DuckDBPyType, ...]
    key: tuple[int, ...]
    several: bool
    choice: Choice | None
    kept: str | None = None
    apart: bool = False

    @property
    def merged(self) -> str:
        """The query of the merged rows, with columns m0, m1, ..., in no order."""
        columns = ", ".join(f"{self._merged(at)} AS m{at}" for at in range(len(self.places)))
        parts = [f"SELECT {columns} FROM v WHERE {self._present()}"]
        if self.several:
            parts += [self._taken(side) for side in ("o", "t")]
        return f"WITH {self._common()} {' UNION ALL '.join(parts)}"

    @property
    def conflicts(self) -> str:
        """The query of what both changed: k0.., why, f<column>.., b<column>.., t.., o...

        `why` is `columns` (then the flags f say which), `removed there`, `removed here`, or
        `several`. Values are given for the columns that all sides have.
        """
        both = self.shared
        flags = [f"({self._clash(at)}) AS f{at}" for at in both]
        clash = " OR ".join(f"f{at}" for at in both) or "false"
        names = ", ".join(f"k{n}" for n in range(len(self.key)))
        given = "".join(f", f{at}" for at in both)
        given += "".join(f", {self._given(side, at)}" for side in _SIDES for at in both)
        why = (
            f"CASE WHEN in_t AND in_o AND ({clash}) THEN 'columns' "
            "WHEN in_b AND NOT in_t AND in_o AND ochg THEN 'removed there' "
            "WHEN in_b AND in_t AND NOT in_o AND tchg THEN 'removed here' END"
        )
        query = (
            f"SELECT {names}, {why} AS why{given} FROM "
            f"(SELECT v.*{''.join(f', {text}' for text in flags)} FROM v) WHERE why IS NOT NULL"
        )
        if self.several:
            nothing = "".join(", NULL" for _ in range(4 * len(both)))
            query += (
                f" UNION ALL SELECT {names}, 'several'{nothing} "
                "FROM decided WHERE differ AND tchg AND ochg"
            )
        return f"WITH {self._common()} SELECT * FROM ({query}) ORDER BY {names}"

    @property
    def shared(self) -> list[int]:
        """The columns that theirs and ours both have, without those of the identity."""
        return [
            at
            for at, place in enumerate(self.places)
            if at not in self.key and {"t", "o"} <= place.sides.keys()
        ]

    def _given(self, side: str, at: int) -> str:
        return f"{side}{at}" if side in self.places[at].sides else f"NULL AS {side}{at}"

    @property
    def _lacking(self) -> list[int]:
        """The columns that a side has not."""
        return [
            at
            for at, place in enumerate(self.places)
            if at not in self.key and len(place.sides) < len(_SIDES)
        ]

    @property
    def _filled(self) -> str:
        """What joins the values d<column> of the columns that a side has not."""
        return " CROSS JOIN fill" if self._lacking else ""

    def _common(self) -> str:
        parts = [self._side(side) for side in _SIDES]
        if self._lacking:
            values = ", ".join(f"c{at} AS d{at}" for at in self._lacking)
            parts.append(f"fill AS MATERIALIZED (SELECT {values} FROM {self.fill})")
        names = {side: side for side in _SIDES}
        keys = ", ".join(f"m{at}" for at in self.key)
        if self.several:
            doubles = " UNION ".join(
                f"SELECT {keys} FROM {side} GROUP BY {keys} HAVING count(*) > 1" for side in _SIDES
            )
            parts.append(f"multi AS MATERIALIZED ({doubles})")
            for side in _SIDES:
                joined = (
                    f"SELECT {side}.* FROM {side} {{}} JOIN multi ON {self._same(side, 'multi')}"
                )
                parts.append(f"u{side} AS ({joined.format('ANTI')})")
                parts.append(f"m{side} AS ({joined.format('SEMI')})")
            parts.append(self._decided())
            names = {side: f"u{side}" for side in _SIDES}
        parts.append(self._joined(names))
        return ", ".join(parts)

    def _source(self, side: str) -> str:
        return {"b": self.base, "t": self.theirs, "o": self.ours}[side]

    def _side(self, side: str) -> str:
        columns = [
            f"c{place.sides[side]} AS m{at}"
            for at, place in enumerate(self.places)
            if side in place.sides
        ]
        return f"{side} AS (SELECT {', '.join(columns)}, true AS here FROM {self._source(side)})"

    def _same(self, one: str, other: str) -> str:
        return " AND ".join(f"{one}.m{at} = {other}.m{at}" for at in self.key)

    def _joined(self, names: dict[str, str]) -> str:
        """The sides beside each other, a row for each identity."""
        keys = [
            f"coalesce(o.m{at}, t.m{at}, b.m{at}) AS k{number}"
            for number, at in enumerate(self.key)
        ]
        here = [f"{side}.here IS NOT NULL AS in_{side}" for side in _SIDES]
        values = [
            f"{side}.m{at} AS {side}{at}"
            for at, place in enumerate(self.places)
            for side in place.sides
        ]
        base = " AND ".join(f"b.m{at} = coalesce(o.m{at}, t.m{at})" for at in self.key)
        joined = (
            f"SELECT {', '.join([*keys, *here, *values])} FROM {names['o']} o "
            f"FULL JOIN {names['t']} t ON {self._same('o', 't')} "
            f"FULL JOIN {names['b']} b ON {base}"
        )
        changed = [
            f"(in_b AND in_{side} AND ({self._any(side, 'b')})) AS {side}chg" for side in ("t", "o")
        ]
        return f"v AS (SELECT *, {', '.join(changed)} FROM ({joined}){self._filled})"

    def _any(self, one: str, other: str) -> str:
        terms = [
            self._differ(at, one, other)
            for at, place in enumerate(self.places)
            if at not in self.key and {one, other} <= place.sides.keys()
        ]
        # What only one of them has is a change as soon as it is no default.
        terms += [
            self._differ(at, one, "d")
            for at, place in enumerate(self.places)
            if one in place.sides and other not in place.sides
        ]
        return " OR ".join(terms) or "false"

    def _differ(self, at: int, one: str, other: str) -> str:
        return differ(self.types[at], f"{one}{at}", f"{other}{at}")

    def _clash(self, at: int) -> str:
        """Whether both sides of a row that both have changed this column, not alike."""
        text = f"in_t AND in_o AND {self._differ(at, 't', 'o')}"
        changed = [self._changed(at, side) for side in ("t", "o")]
        if changed[0] is not None:
            text += f" AND (NOT in_b OR ({' AND '.join(map(str, changed))}))"
        return text

    def _changed(self, at: int, side: str) -> str | None:
        """Whether a side has changed a column of a row of the base; None: nobody can say."""
        if "b" in self.places[at].sides:
            return self._differ(at, side, "b")
        return None if self.apart else self._differ(at, side, "d")

    def _merged(self, at: int) -> str:
        sides = self.places[at].sides
        if at in self.key:
            return f"k{self.key.index(at)}"
        if "o" not in sides:
            return f"CASE WHEN in_t THEN t{at} ELSE d{at} END"
        if "t" not in sides:
            return f"CASE WHEN in_o THEN o{at} ELSE d{at} END"
        winner = f"t{at}" if self.choice is Choice.THEIRS else f"o{at}"
        changed = self._changed(at, "t")
        ours = "" if changed is None else f"WHEN in_b AND NOT {changed} THEN o{at} "
        return (
            f"CASE WHEN in_t AND in_o THEN CASE WHEN {self._clash(at)} THEN {winner} "
            f"{ours}ELSE t{at} END WHEN in_o THEN o{at} ELSE t{at} END"
        )

    def _present(self) -> str:
        ours = "false" if self.choice is Choice.THEIRS else "ochg"
        theirs = "tchg" if self.choice is Choice.THEIRS else "false"
        kept = "false"
        if self.kept is not None:
            same = " AND ".join(f"kept.k{n} = v.k{n}" for n in range(len(self.key)))
            kept = f"EXISTS (SELECT 1 FROM {self.kept} AS kept WHERE {same})"
        return (
            f"CASE WHEN in_t AND in_o THEN true WHEN in_o THEN NOT in_b OR {ours} OR {kept} "
            f"WHEN in_t THEN NOT in_b OR {theirs} OR {kept} ELSE false END"
        )

    def _decided(self) -> str:
        """For each identity with several rows: who changed them, compared as multisets."""
        compared = [
            at for at, place in enumerate(self.places) if place.sides.keys() not in _REMOVED
        ]
        sides = " UNION ALL ".join(
            f"SELECT {', '.join(self._compared(side, compared))}, "
            + ", ".join(f"{int(side == other)} AS n{other}" for other in _SIDES)
            + f" FROM m{side}{self._filled}"
            for side in _SIDES
        )
        counted = (
            "SELECT * EXCLUDE (nb, nt, no), sum(nb) AS nb, sum(nt) AS nt, sum(no) AS no "
            f"FROM ({sides}) GROUP BY ALL"
        )
        keys = ", ".join(f"g{at} AS k{number}" for number, at in enumerate(self.key))
        return (
            f"decided AS MATERIALIZED (SELECT {keys}, bool_or(nt <> nb) AS tchg, "
            f"bool_or(no <> nb) AS ochg, bool_or(nt <> no) AS differ "
            f"FROM ({counted}) GROUP BY {', '.join(f'g{at}' for at in self.key)})"
        )

    def _compared(self, side: str, columns: list[int]) -> Iterator[str]:
        for at in columns:
            value = f"m{side}.m{at}" if side in self.places[at].sides else f"d{at}"
            yield f"{value} AS g{at}"
            signs = zero_signs(value, self.types[at])
            if signs is not None:
                yield f"{signs} AS z{at}"
        if self.apart:
            yield f"{int(side == 'b')} AS apart"

    def _taken(self, side: str) -> str:
        """The rows of identities with several, where this side is the one to take."""
        # Where neither has changed them, the winner may have a column that the other removed.
        wins, other = ("t", "o") if self.choice is Choice.THEIRS else ("o", "t")
        choice = (
            f"CASE WHEN {other}chg AND NOT {wins}chg THEN '{other}' ELSE '{wins}' END = '{side}'"
        )
        columns = ", ".join(
            f"m{side}.m{at}" if side in place.sides else f"d{at}"
            for at, place in enumerate(self.places)
        )
        same = " AND ".join(
            f"m{side}.m{at} = decided.k{number}" for number, at in enumerate(self.key)
        )
        return f"SELECT {columns} FROM m{side} JOIN decided ON {same}{self._filled} WHERE {choice}"


def differ(type_: DuckDBPyType, one: str, other: str) -> str:
    """Return the condition that two values differ; -0.0 is not 0.0, NULL is a value."""
    text = f"{one} IS DISTINCT FROM {other}"
    signs = [zero_signs(value, type_) for value in (one, other)]
    if signs[0] is not None:
        text += f" OR {signs[0]} IS DISTINCT FROM {signs[1]}"
    return f"({text})"
