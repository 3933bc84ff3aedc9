"""Law 1 over many rows of one nested type: what Kùzu mixes up between rows shows here."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from kuzugit.model.types import Array, Decimal, List, Map, Scalar, Struct, Type, Union, parse_type
from tests.support.graphs import run_statements
from tests.support.snapshots import lost, rebuilt
from tests.support.values import null

ROWS = 40
TYPES = [
    "STRUCT(a INT64, b STRING)",
    "STRUCT(a STRUCT(b INTERVAL), c FLOAT[2])",
    "STRUCT(a UUID[], b DECIMAL(5, 2)[])",
    "STRUCT(a MAP(STRING, INT64), b UNION(m INT64))",
    "STRUCT(a DATE, b JSON)[]",
    "STRUCT(a STRING, b JSON)[]",
    "STRUCT(a STRUCT(b STRING, c STRING[]))[][]",
    "STRUCT(a UNION(m UUID, n INT64))",
    "FLOAT[3][]",
    "BOOL[1][][]",
    "INTERVAL[]",
    "INT128[][]",
    "JSON[][]",
    "MAP(STRING, INT64)",
    "MAP(INT64, STRUCT(a INT64, b STRING))",
    "MAP(STRING, DECIMAL(5, 2))",
    "MAP(UUID, FLOAT[2])",
    "MAP(STRING, MAP(INT64, UUID))",
    "UNION(m INT64)",
    "UNION(m INT64, n STRING)[]",
    "UNION(m UUID)",
    "UNION(m FLOAT[2])",
    "UNION(m DATE[1], n INTERVAL)",
    "UNION(m MAP(STRING, INT64))",
    "UNION(m MAP(STRING, INT64), n STRING)",
    "UNION(m STRUCT(a UUID, b INT64[]), n JSON)",
]


def literal(dice: random.Random, type_: Type, nulls: float = 0.25) -> str:
    """Return a random value of a type, NULL at every level."""
    if dice.random() < nulls:
        return null(str(type_))
    match type_:
        case Scalar(name):
            return _scalar(dice, name)
        case Decimal():
            return f"CAST('-0.0{dice.randint(1, 9)}' AS {type_})"
        case Array(element, length):
            items = [literal(dice, element) for _ in range(length)]
            return f"CAST(CAST([{', '.join(items)}] AS {element}[]) AS {type_})"
        case List(Union() as element):
            # A CAST around it would make the first member of a NULL one.
            items = [literal(dice, element, nulls=0), *(literal(dice, element) for _ in range(2))]
            return f"[{', '.join(items)}]"
        case List(element):
            items = [literal(dice, element) for _ in range(dice.randint(0, 3))]
            return f"CAST([{', '.join(items)}] AS {type_})"
        case Struct(fields):
            return f"{{{', '.join(f'{f.name}: {literal(dice, f.type)}' for f in fields)}}}"
        case Map(key, value):
            keys = sorted({literal(dice, key, nulls=0) for _ in range(dice.randint(0, 3))})
            values = [literal(dice, value) for _ in keys]
            lists = [f"CAST([{', '.join(keys)}] AS {key}[])",
                     f"CAST([{', '.join(values)}] AS {value}[])"]  # fmt: skip
            return f"CAST(map({', '.join(lists)}) AS {type_})"
        case Union(members):
            member = dice.choice(members)
            value = f"{member.name} := {literal(dice, member.type)}"
            return f"CAST(union_value({value}) AS {type_})"


def _scalar(dice: random.Random, name: str) -> str:
    number = dice.randint(10, 99)
    return {
        "BOOL": dice.choice(["true", "false"]),
        "STRING": f"'{'s' * (number % 20)}'",
        "UUID": f"uuid('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a{number}')",
        "DATE": f"date('20{number}-01-01')",
        "INTERVAL": f"to_days({number - 20})",
        "JSON": f"CAST('[{number}]' AS JSON)",
    }.get(name, f"CAST('{number}' AS {name})")


@pytest.mark.parametrize("type_", TYPES)
def test_nothing_is_lost_of_many_rows(tmp_path: Path, type_: str) -> None:
    dice = random.Random(type_)
    values = [literal(dice, parse_type(type_)) for _ in range(ROWS)]
    path = tmp_path / "live.kuzu"
    run_statements(path, [
        f"CREATE NODE TABLE N(id INT64 PRIMARY KEY, v {type_})",
        f"CREATE REL TABLE R(FROM N TO N, v {type_})",
        *(f"CREATE (:N {{id: {at}, v: {value}}})" for at, value in enumerate(values)),
        *(f"MATCH (a:N {{id: 1}}), (b:N {{id: {at}}}) CREATE (a)-[:R {{v: {value}}}]->(b)"
          for at, value in enumerate(values[::-1])),
    ])  # fmt: skip
    assert lost(path, rebuilt(path, tmp_path)) == []
