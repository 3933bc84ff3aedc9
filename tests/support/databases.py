"""Databases as Hypothesis makes them: what to run to have one, in whatever order."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import strategies as st

from tests.support.graphs import run_statements
from tests.support.values import KEY_TYPES, STRINGS, TYPED, VALUES, text

NAMES = [
    "Person", "depends_on", "select", "a b", "it's", 'say "hi"', "back\\slash", "a/b", "x;y",
    "[1]", "a?", "*x", "p%41", "Zoë", "漢字", "🦆", "-- no", "/*", "//", "$p", "{a}", "#", "a,b(c)",
    "two\nlines", ",MANY_ONE);", "N_A", "A" * 120, "CREATE REL TABLE", "x','y", "_", "1st", "id",
]  # fmt: skip
PLAIN_NAMES = [name for name in NAMES if not set("'\"\\") & set(name)]
"""Names that Kùzu's own IMPORT can quote."""

KEY_NAMES = ["id", "key", "name", "Zoë", "select", "_id_"]
"""Names that Kùzu's own export of a rel table can say."""

DEFAULTS = {
    "INT64": ["-5", "5", "0", "9223372036854775807"],
    "INT8": ["-5", "7"],
    "DOUBLE": ["-1.5e3", "0.0", "-0.0", "2.5"],
    "STRING": ["''", "'it\\'s; `'", "'\\\\'", "'a\nb'", "'-5'", "'NULL'"],
    "BOOL": ["true", "false"],
    "DATE": ["date('2020-02-29')", "current_date()"],
    "UUID": ["gen_random_uuid()"],
}
COMMENTS = st.just("") | STRINGS.filter(lambda value: "\0" not in value)
MULTIPLICITIES = {
    "MANY_MANY": (False, False),
    "MANY_ONE": (True, False),
    "ONE_MANY": (False, True),
    "ONE_ONE": (True, True),
}
"""Whether a node may begin only one rel of a table, and end only one."""


class Unmakeable(Exception):
    """Kùzu itself fails at a database that was drawn."""


@dataclass(frozen=True)
class Column:
    name: str
    type: str
    default: str | None = None

    def __str__(self) -> str:
        default = "" if self.default is None else f" DEFAULT {self.default}"
        return f"`{self.name}` {self.type}{default}"


@dataclass(frozen=True)
class Nodes:
    """A node table; each row is its literals, the key's first."""

    name: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    comment: str = ""

    @property
    def key(self) -> Column:
        return self.columns[0]

    def create(self, row: tuple[str, ...]) -> str:
        return f"CREATE (:`{self.name}` {_assigned(self.columns, row)})"


@dataclass(frozen=True)
class Rels:
    """A rel table; each row is the pair's number, the rows of its ends and the literals."""

    name: str
    columns: tuple[Column, ...]
    pairs: tuple[tuple[Nodes, Nodes], ...]
    multiplicity: str
    rows: tuple[tuple[int, int, int, tuple[str, ...]], ...]
    comment: str = ""

    def create(self, row: tuple[int, int, int, tuple[str, ...]]) -> str:
        number, start, end, literals = row
        a, b = self.pairs[number]
        match = f"MATCH (a:`{a.name}`), (b:`{b.name}`)"
        where = (
            f"WHERE a.`{a.key.name}` = {a.rows[start][0]} AND b.`{b.key.name}` = {b.rows[end][0]}"
        )
        return (
            f"{match} {where} CREATE (a)-[:`{self.name}` {_assigned(self.columns, literals)}]->(b)"
        )


def _run(path: Path, statements: Iterable[str]) -> None:
    try:
        run_statements(path, statements)
    except RuntimeError as error:
        # What it has not implemented for its own types is not ours to test.
        if "not implemented" not in str(error) and "INT128_MIN" not in str(error):
            raise
        raise Unmakeable from error


def _assigned(columns: tuple[Column, ...], literals: tuple[str, ...]) -> str:
    pairs = zip(columns, literals, strict=True)
    return "{" + ", ".join(f"`{column.name}`: {literal}" for column, literal in pairs) + "}"


@dataclass(frozen=True)
class Database:
    """What a database holds, and the ways to make it."""

    nodes: tuple[Nodes, ...]
    rels: tuple[Rels, ...]
    sequences: tuple[str, ...] = field(default=())

    def schema(self) -> Iterator[str]:
        yield from self.sequences
        for table in self.nodes:
            key = f"PRIMARY KEY (`{table.key.name}`)"
            yield f"CREATE NODE TABLE `{table.name}` ({', '.join(map(str, table.columns))}, {key})"
        for rel in self.rels:
            ends = [f"FROM `{a.name}` TO `{b.name}`" for a, b in rel.pairs]
            parts = [*ends, *map(str, rel.columns), rel.multiplicity]
            yield f"CREATE REL TABLE `{rel.name}` ({', '.join(parts)})"
        for table in (*self.nodes, *self.rels):
            if table.comment:
                yield f"COMMENT ON TABLE `{table.name}` IS {text(table.comment)}"

    def build(self, path: Path) -> Path:
        """Make the database in the new file `path`, straight on. Raises Unmakeable."""
        _run(path, [*self.schema(), *self.node_rows(), *self.rel_rows()])
        return path

    def build_by_detours(self, path: Path, seed: int) -> Path:
        """Make the same database in another order, with rows that come, go and come again.

        Raises Unmakeable.
        """
        dice = random.Random(seed)
        _run(path, self.schema())
        nodes, rels = list(self.node_rows()), list(self.rel_rows())
        dice.shuffle(nodes)
        _run(path, [*nodes, *rels])
        _run(path, [f"MATCH (n:`{table.name}`) DETACH DELETE n" for table in self.nodes])
        dice.shuffle(nodes)
        dice.shuffle(rels)
        half = len(rels) // 2
        _run(path, [*nodes, *rels[:half]])
        gone = [
            f"MATCH (:`{a.name}`)-[r:`{rel.name}`]->(:`{b.name}`) DELETE r"
            for rel in self.rels
            for a, b in rel.pairs
        ]
        _run(path, [*gone, *rels])
        return path

    def node_rows(self) -> Iterator[str]:
        for table in self.nodes:
            yield from map(table.create, table.rows)

    def rel_rows(self) -> Iterator[str]:
        for rel in self.rels:
            yield from map(rel.create, rel.rows)


@st.composite
def _column(draw: st.DrawFn, name: str) -> tuple[Column, st.SearchStrategy[str]]:
    type_, literals = draw(TYPED)
    default = draw(st.none() | st.sampled_from(DEFAULTS[type_])) if type_ in DEFAULTS else None
    return Column(name, type_, default), literals


def _names(
    taken: list[str], low: int, high: int, names: list[str] = NAMES
) -> st.SearchStrategy[list[str]]:
    known = {name.lower() for name in taken}
    return st.lists(
        st.sampled_from([name for name in names if name.lower() not in known]),
        min_size=low,
        max_size=high,
        unique_by=str.lower,
    )


@st.composite
def _nodes(draw: st.DrawFn, name: str) -> Nodes:
    key = Column(draw(st.sampled_from(KEY_NAMES)), draw(st.sampled_from(KEY_TYPES)))
    drawn = [draw(_column(item)) for item in draw(_names([key.name], 0, 3))]
    keys = draw(
        st.lists(
            VALUES[key.type].filter(lambda value: "nan" not in value or key.type == "STRING"),
            max_size=6,
            # 0.0 and -0.0 are one key.
            unique_by=lambda value: value.replace("'-0.0'", "'0.0'"),
        )
    )
    rows = [(value, *(draw(literals) for _, literals in drawn)) for value in keys]
    columns = (key, *(column for column, _ in drawn))
    return Nodes(name, columns, tuple(rows), draw(COMMENTS))


@st.composite
def _rels(draw: st.DrawFn, name: str, nodes: list[Nodes]) -> Rels:
    ends = st.sampled_from(nodes)
    pairs = draw(
        st.lists(
            st.tuples(ends, ends),
            min_size=1,
            max_size=3,
            unique_by=lambda pair: (pair[0].name, pair[1].name),
        )
    )
    drawn = [draw(_column(item)) for item in draw(_names([], 0, 2))]
    multiplicity = draw(st.sampled_from(sorted(MULTIPLICITIES)))
    one_from, one_to = MULTIPLICITIES[multiplicity]
    begun, ended = set(), set()
    rows = []
    for _ in range(draw(st.integers(0, 6))):
        number = draw(st.integers(0, len(pairs) - 1))
        a, b = pairs[number]
        if not a.rows or not b.rows:
            continue
        start = draw(st.integers(0, len(a.rows) - 1))
        end = draw(st.integers(0, len(b.rows) - 1))
        if (one_from and (a.name, start) in begun) or (one_to and (b.name, end) in ended):
            continue
        begun.add((a.name, start))
        ended.add((b.name, end))
        row = (number, start, end, tuple(draw(literals) for _, literals in drawn))
        rows += [row] * (1 if one_from or one_to else draw(st.integers(1, 2)))
    columns = tuple(column for column, _ in drawn)
    return Rels(name, columns, tuple(pairs), multiplicity, tuple(rows), draw(COMMENTS))


@st.composite
def _sequences(draw: st.DrawFn) -> list[str]:
    statements = []
    for name in draw(st.lists(st.sampled_from(["s", "s q", "Zoë"]), unique=True, max_size=2)):
        step = draw(st.sampled_from([1, -1, 7, -3]))
        cycle = draw(st.sampled_from(["CYCLE", "NO CYCLE"]))
        statements.append(
            f"CREATE SEQUENCE `{name}` START {draw(st.integers(-5, 5))} INCREMENT {step} "
            f"MINVALUE -20 MAXVALUE 20 {cycle}"
        )
        used = draw(st.integers(0, 3))
        statements += [f"RETURN nextval({text(name)})"] * used
    return statements


@st.composite
def databases(draw: st.DrawFn, plain: bool = False) -> Database:
    """Draw a database of one to three node tables and up to three rel tables, and its rows.

    `plain` leaves out the names of tables that Kùzu's own IMPORT cannot quote.
    """
    names = draw(_names([], 1, 6, PLAIN_NAMES if plain else NAMES))
    count = draw(st.integers(1, min(3, len(names))))
    nodes = [draw(_nodes(name)) for name in names[:count]]
    rels = [draw(_rels(name, nodes)) for name in names[count:]]
    return Database(tuple(nodes), tuple(rels), tuple(draw(_sequences())))
