"""Each type's stored values become the logical ones, in DuckDB and on the wire."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from kuzugit.canonical.columns import Columns, arrow_type
from kuzugit.canonical.logical import duckdb_type
from kuzugit.canonical.sql import wire_rows
from kuzugit.model.types import parse_type

HUGE = "170141183460469231731687303715884105727"
UUID = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"

TYPES: dict[str, tuple[str, list[tuple[Any, Any]]]] = {
    "BOOL": ("BOOLEAN", [(True, True)]),
    "INT8": ("TINYINT", [(-128, -128)]),
    "INT64": ("BIGINT", [(-(2**63), str(-(2**63))), (2**53 - 1, 2**53 - 1)]),
    "SERIAL": ("BIGINT", [(7, 7)]),
    "UINT64": ("UBIGINT", [(2**64 - 1, str(2**64 - 1)), (5, 5)]),
    "INT128": ("HUGEINT", [(HUGE, HUGE), (f"-{HUGE}", f"-{HUGE}")]),
    "FLOAT": ("FLOAT", [(0.1, 0.1), (float("nan"), "NaN"), (float("-inf"), "-Infinity")]),
    "DOUBLE": ("DOUBLE", [(5e-324, 5e-324), (float("inf"), "Infinity")]),
    "STRING": ("VARCHAR", [("", ""), ("é\n🦆", "é\n🦆")]),
    "BLOB": ("BLOB", [(b"\x00\xffa", "00ff61"), (b"", "")]),
    "UUID": ("UUID", [(UUID, UUID)]),
    "DATE": (
        "DATE",
        [
            (0, "1970-01-01"),
            (-719162, "0001-01-01"),
            (-719163, "0000-12-31"),
            (-719529, "-0001-12-31"),
            (2932897, "+10000-01-01"),
        ],
    ),
    "TIMESTAMP": ("TIMESTAMP", [(-1, "1969-12-31T23:59:59.999999")]),
    "TIMESTAMP_TZ": ("TIMESTAMP WITH TIME ZONE", [(1, "1970-01-01T00:00:00.000001Z")]),
    "TIMESTAMP_MS": ("TIMESTAMP_MS", [(1, "1970-01-01T00:00:00.001")]),
    "TIMESTAMP_SEC": ("TIMESTAMP_S", [(2000, "1970-01-01T00:00:02")]),
    "TIMESTAMP_NS": ("TIMESTAMP_NS", [(1, "1970-01-01T00:00:00.000001")]),
    "DECIMAL(5, 2)": ("DECIMAL(5, 2)", [("-0.01", "-0.01"), ("123.40", "123.40")]),
    "INTERVAL": (
        "INTERVAL",
        [
            ({"months": 14, "days": -3, "micros": 10**15 + 7},) * 2,
            ({"months": -14, "days": 3, "micros": -(10**15) - 7},) * 2,
            (
                {"months": 0, "days": 0, "micros": 2**62},
                {"months": 0, "days": 0, "micros": str(2**62)},
            ),
        ],
    ),
    "JSON": ("VARCHAR", [({"json": '{"a": [1, null]}'}, '{"a": [1, null]}')]),
    "STRING[]": ("VARCHAR[]", [([], []), (["a", None, ""], ["a", None, ""])]),
    "FLOAT[2]": ("FLOAT[2]", [([1.5, float("nan")], [1.5, "NaN"])]),
    "UUID[][]": ("UUID[][]", [([[UUID], None, []], [[UUID], None, []])]),
    "STRUCT(a INT64, b STRING)": (
        'STRUCT("a" BIGINT, "b" VARCHAR)',
        [({"a": 1}, {"a": 1, "b": None})],
    ),
    "STRUCT(`a b` DECIMAL(3, 1), j JSON)[]": (
        'STRUCT("`a b`" DECIMAL(3, 1), "j" VARCHAR)[]',
        [
            (
                [{"`a b`": "1.5", "j": {"json": "2"}}, None],
                [{"`a b`": "1.5", "j": "2"}, None],
            )
        ],
    ),
    "MAP(STRING, INT64)": (
        "MAP(VARCHAR, BIGINT)",
        [([("a", 1), ("b", None)], [{"key": "a", "value": 1}, {"key": "b", "value": None}])],
    ),
    "MAP(DATE, INT128)": (
        "MAP(DATE, HUGEINT)",
        [
            ({"keys": [0], "values": ["5"]}, [{"key": "1970-01-01", "value": 5}]),
            ({"keys": [], "values": []}, []),
        ],
    ),
    "UNION(a DECIMAL(5, 2), b STRING, c INT64[])": (
        'UNION("a" DECIMAL(5, 2), "b" VARCHAR, "c" BIGINT[])',
        [
            ({"tag": 0, "a": "1.50"}, {"tag": "a", "value": "1.50"}),
            ({"tag": 1, "b": None}, {"tag": "b", "value": None}),
            ({"tag": 2, "c": [1]}, {"tag": "c", "value": [1]}),
        ],
    ),
    "STRUCT(u UNION(a INT64, b DOUBLE))": (
        'STRUCT("u" UNION("a" BIGINT, "b" DOUBLE))',
        [
            ({"u": {"tag": 1, "b": float("nan")}}, {"u": {"tag": "b", "value": "NaN"}}),
            ({"u": None}, {"u": None}),
        ],
    ),
}  # fmt: skip
"""Kùzu's type -> DuckDB's, and values in the stored form with those on the wire."""


@pytest.mark.parametrize("text", TYPES)
def test_a_type_has_a_duckdb_type(text: str) -> None:
    assert duckdb_type(parse_type(text)) == TYPES[text][0]


@pytest.mark.parametrize("text", TYPES)
def test_stored_values_become_logical_ones(text: str) -> None:
    type_ = parse_type(text)
    values = [*TYPES[text][1], (None, None)]
    form = arrow_type(type_)
    stored = pa.table({"v": pa.array([stored for stored, _ in values], _raw(form)).cast(form)})
    columns = Columns(stored.schema, (type_,), (0,), (0,))
    assert wire_rows(stored, columns) == [(wire,) for _, wire in values]


def _raw(form: pa.DataType) -> pa.DataType:
    """Dates and times are given as numbers: Python's own end at the years 1 and 9999."""
    if pa.types.is_date32(form):
        return pa.int32()
    return pa.int64() if pa.types.is_timestamp(form) else form
