"""Small real databases for everybody's tests, always built the same way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import kuzu

BUFFER_POOL_SIZE = 128 << 20
MAX_DB_SIZE = 1 << 34

PEOPLE = """
CREATE NODE TABLE Person(id INT64 PRIMARY KEY, name STRING, height DOUBLE, member BOOL,
    born DATE, seen TIMESTAMP, nicknames STRING[], scores INT64[]);
CREATE NODE TABLE City(name STRING PRIMARY KEY, population INT64);
CREATE REL TABLE knows(FROM Person TO Person, since DATE, weight DOUBLE);
CREATE REL TABLE likes(FROM Person TO City, FROM Person TO Person, FROM City TO City, note STRING);
CREATE (:Person {id: 1, name: 'Ada', height: 1.65, member: true, born: date('1815-12-10'),
    seen: timestamp('2024-05-01 12:30:00.000001'), nicknames: ['Countess', 'A'], scores: [3, -1]});
CREATE (:Person {id: 2, name: 'Bob', height: 0.1, member: false, born: date('1990-01-31'),
    seen: timestamp('1969-12-31 23:59:59'), nicknames: [], scores: []});
CREATE (:Person {id: 3, name: '', nicknames: [''], scores: [NULL, 0]});
CREATE (:Person {id: 4, name: 'Zoë "Z" O\\'Hara, \\\\ 漢字 🦆', height: -0.0, member: true});
CREATE (:Person {id: 5});
CREATE (:Person {id: -6, name: 'two
lines', height: 1e300, born: date('0001-01-01')});
CREATE (:Person {id: 9223372036854775807, name: 'NULL', height: 5e-324});
CREATE (:City {name: 'Berlin', population: 3700000});
CREATE (:City {name: '', population: 0});
CREATE (:City {name: 'Köln'});
CREATE (:City {name: 'Bonn', population: 330000});
CREATE (:City {name: 'berlin', population: -1});
MATCH (a:Person {id: 1}), (b:Person {id: 2})
    CREATE (a)-[:knows {since: date('2020-02-29'), weight: 0.5}]->(b);
MATCH (a:Person {id: 1}), (b:Person {id: 2})
    CREATE (a)-[:knows {since: date('2020-02-29'), weight: 0.5}]->(b);
MATCH (a:Person {id: 1}), (b:Person {id: 2}) CREATE (a)-[:knows]->(b);
MATCH (a:Person {id: 2}), (b:Person {id: 1}) CREATE (a)-[:knows {weight: 1.0}]->(b);
MATCH (a:Person {id: 3}) CREATE (a)-[:knows {since: date('2021-01-01')}]->(a);
MATCH (a:Person {id: 4}), (b:Person {id: -6}) CREATE (a)-[:knows {weight: -0.0}]->(b);
MATCH (a:Person {id: 1}), (b:City {name: 'Berlin'}) CREATE (a)-[:likes {note: 'home'}]->(b);
MATCH (a:Person {id: 2}), (b:City {name: ''}) CREATE (a)-[:likes {note: ''}]->(b);
MATCH (a:Person {id: 2}), (b:City {name: 'Köln'}) CREATE (a)-[:likes]->(b);
MATCH (a:Person {id: 1}) CREATE (a)-[:likes {note: 'self'}]->(a);
MATCH (a:City {name: 'Köln'}), (b:City {name: 'Bonn'}) CREATE (a)-[:likes {note: 'never'}]->(b);
"""

# One column of each type, with its rows' values: NULL, empty or zero, small, extreme. The least
# integer of a type is not among them: Kùzu itself turns it into 0 at a checkpoint.
TYPES: dict[str, tuple[str, ...]] = {
    "BOOL": ("true", "false"),
    "INT8": ("0", "-127", "127"),
    "INT16": ("0", "-32767", "32767"),
    "INT32": ("0", "-2147483647", "2147483647"),
    "INT64": ("0", "-9223372036854775807", "9223372036854775807"),
    "UINT8": ("0", "1", "255"),
    "UINT16": ("0", "1", "65535"),
    "UINT32": ("0", "1", "4294967295"),
    "UINT64": ("0", "1", "CAST('18446744073709551615' AS UINT64)"),
    "FLOAT": ("0.0", "CAST('-0.0' AS FLOAT)", "CAST('3.4028235e38' AS FLOAT)", "0.1",
              "CAST('nan' AS FLOAT)", "CAST('-inf' AS FLOAT)", "CAST('1e-45' AS FLOAT)"),
    "DOUBLE": ("0.0", "CAST('-0.0' AS DOUBLE)", "CAST('1.7976931348623157e308' AS DOUBLE)", "0.1",
               "CAST('nan' AS DOUBLE)", "CAST('inf' AS DOUBLE)", "CAST('5e-324' AS DOUBLE)"),
    "STRING": ("''", "'NULL'", "' a\n\tb\r\n'", "'\\'\"\\\\`;,'", "'é'", "'e\u0301'", "'🦆'",
               "'" + "long " * 2000 + "'"),
    "BLOB": ("BLOB('')", "BLOB('\\\\x00')", "BLOB('\\\\x00\\\\xFF\\\\xAA')"),
    "UUID": ("uuid('00000000-0000-0000-0000-000000000001')",
             "uuid('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11')",
             "uuid('ffffffff-ffff-ffff-ffff-ffffffffffff')"),
    "DATE": ("date('1970-01-01')", "date('0001-01-01')", "date('9999-12-31')"),
    "TIMESTAMP": ("timestamp('1970-01-01')", "timestamp('0001-01-01 00:00:00')",
                  "timestamp('9999-12-31 23:59:59.999999')"),
    "TIMESTAMP_TZ": ("CAST('1970-01-01 00:00:00+00:00' AS TIMESTAMP_TZ)",
                     "CAST('2024-03-31 02:30:00.000001+05:30' AS TIMESTAMP_TZ)"),
    "TIMESTAMP_MS": ("CAST('1970-01-01 00:00:00' AS TIMESTAMP_MS)",
                     "CAST('1969-12-31 23:59:59.999' AS TIMESTAMP_MS)"),
    "TIMESTAMP_SEC": ("CAST('1970-01-01 00:00:00' AS TIMESTAMP_SEC)",
                      "CAST('2262-04-12 00:00:01' AS TIMESTAMP_SEC)"),
    "STRING[]": ("CAST([] AS STRING[])", "['']", "['a', NULL, 'b, c']", "['NULL', '[]']"),
    "INT64[]": ("CAST([] AS INT64[])", "[0]", "[NULL, 9223372036854775807, -5]"),
    "FLOAT[3]": ("CAST([0.0, 0.0, 0.0] AS FLOAT[3])", "CAST([1.5, -2.25, 0.1] AS FLOAT[3])"),
    "INT64[][]": ("CAST([] AS INT64[][])", "[[1, 2], [3]]", "CAST([[], [4]] AS INT64[][])"),
}  # fmt: skip


def build_people(path: Path) -> None:
    """Build a graph of plain types: 7 persons, 5 cities, 6 `knows` and 5 `likes`.

    It has parallel rels (two of them equal), self loops, a rel table of three
    pairs, NULLs, empty texts and lists.
    """
    run_statements(path, (part for part in PEOPLE.split(";\n") if part.strip()))


def build_types(path: Path) -> None:
    """Build tables with one column of every type in TYPES: `Value` and the rel `carries`.

    Row 0 is all NULL; row n holds every type's n-th value, the last one repeated.
    """
    columns = [f"v{at} {type_}" for at, type_ in enumerate(TYPES)]
    rows = max(map(len, TYPES.values()))
    statements = [
        f"CREATE NODE TABLE Value(id INT64 PRIMARY KEY, {', '.join(columns)})",
        f"CREATE REL TABLE carries(FROM Value TO Value, {', '.join(columns)})",
        "CREATE (:Value {id: 0})",
    ]
    for row in range(rows):
        values = ", ".join(
            f"v{at}: {each[min(row, len(each) - 1)]}" for at, each in enumerate(TYPES.values())
        )
        statements.append(f"CREATE (:Value {{id: {row + 1}, {values}}})")
        statements.append(
            f"MATCH (a:Value {{id: {row}}}), (b:Value {{id: {row + 1}}}) "
            f"CREATE (a)-[:carries {{{values}}}]->(b)"
        )
    statements.append("MATCH (a:Value {id: 0}) CREATE (a)-[:carries]->(a)")
    run_statements(path, statements)


def run_statements(path: Path, statements: Iterable[str]) -> None:
    """Open the database at `path` (make it where there is none), run, checkpoint and close."""
    with open_database(path) as connection:
        for statement in [*statements, "CHECKPOINT"]:
            result = connection.execute(statement)
            for each in result if isinstance(result, list) else [result]:
                each.close()


@contextmanager
def open_database(path: Path, *, read_only: bool = False) -> Iterator[kuzu.Connection]:
    """Open the database at `path` with little memory, and close it for certain."""
    with (
        kuzu.Database(
            path, read_only=read_only, buffer_pool_size=BUFFER_POOL_SIZE, max_db_size=MAX_DB_SIZE
        ) as database,
        kuzu.Connection(database, num_threads=2) as connection,
    ):
        yield connection
