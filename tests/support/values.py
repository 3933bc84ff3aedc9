"""Values of every type as Hypothesis makes them, written as Cypher."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from typing import Any, TypeAlias

from hypothesis import strategies as st

Literals: TypeAlias = st.SearchStrategy[str]
"""Expressions of Cypher that give a value of one type, NULL among them."""


def text(value: str) -> str:
    """Return a string as a literal: Kùzu 0.11 knows no escapes but these."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def null(type_: str) -> str:
    """Return NULL of a type: one without has the type that comes to Kùzu's mind."""
    return f"CAST(NULL AS {type_})"


def _cast(value: Any, type_: str) -> str:
    return f"CAST('{value}' AS {type_})"


def _blob(value: bytes) -> str:
    return "BLOB('" + "".join(f"\\\\x{byte:02X}" for byte in value) + "')"


def _date(days: int) -> str:
    return f"date('1970-01-01') {'-' if days < 0 else '+'} {abs(days)}"


def _time(type_: str, unit: int) -> Callable[[int], str]:
    def literal(count: int) -> str:
        micros = count * unit
        sign = "-" if micros < 0 else "+"
        moment = f"timestamp('1970-01-01') {sign} to_microseconds({abs(micros)})"
        return moment if type_ == "TIMESTAMP" else f"CAST({moment} AS {type_})"

    return literal


def _float32(value: float) -> str:
    return repr(struct.unpack("<f", struct.pack("<f", value))[0])


STRINGS = st.text(st.characters(blacklist_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["", "NULL", "a, b", "it's", '"', "\\", "`", "\n\r\t", "é", "e\u0301", "🦆" * 3, "\0", "[]",
     "{a: 1}", " ", "x" * 300, "nan", "0"]
)  # fmt: skip
INTEGERS = {
    **{f"INT{bits}": (1 - (1 << (bits - 1)), (1 << (bits - 1)) - 1) for bits in (8, 16, 32, 64)},
    **{f"UINT{bits}": (0, (1 << bits) - 1) for bits in (8, 16, 32, 64)},
    "INT128": (1 - (1 << 127), (1 << 127) - 1),
}
"""The least and the greatest value, but for the least of a signed type, which Kùzu destroys."""

_MICROS = (1 << 63) - 1


def _integers(type_: str) -> st.SearchStrategy[int]:
    low, high = INTEGERS[type_]
    return st.integers(low, high) | st.integers(max(low, -3), 3) | st.sampled_from([low, high])


def _in_reach(limit: int) -> st.SearchStrategy[int]:
    return st.integers(-limit, limit) | st.integers(-3, 3) | st.sampled_from([-limit, limit])


_DOUBLES = st.floats() | st.sampled_from([0.0, -0.0, 0.1, 5e-324, float("inf")])
VALUES: dict[str, Literals] = {
    "BOOL": st.sampled_from(["true", "false"]),
    **{
        type_: _integers(type_).map(lambda value, type_=type_: _cast(value, type_))
        for type_ in INTEGERS
    },
    "DOUBLE": _DOUBLES.map(lambda value: _cast(repr(value), "DOUBLE")),
    "FLOAT": (st.floats(width=32) | st.sampled_from([0.0, -0.0])).map(
        lambda value: _cast(_float32(value), "FLOAT")
    ),
    "STRING": STRINGS.map(text),
    "BLOB": st.binary(max_size=20).map(_blob),
    "UUID": st.uuids(allow_nil=False).map(lambda value: f"uuid('{value}')"),
    "DATE": _in_reach((1 << 31) - 1).map(_date),
    "TIMESTAMP": _in_reach(_MICROS).map(_time("TIMESTAMP", 1)),
    "TIMESTAMP_TZ": _in_reach(_MICROS).map(_time("TIMESTAMP_TZ", 1)),
    "TIMESTAMP_MS": _in_reach(_MICROS // 1000).map(_time("TIMESTAMP_MS", 1000)),
    "TIMESTAMP_SEC": _in_reach(_MICROS // 10**6).map(_time("TIMESTAMP_SEC", 10**6)),
}
"""The values of each scalar type that may be a key, and BOOL, without NULL."""

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.text("ab \u00e9,]", max_size=4),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text("ab", max_size=2), inner),
    max_leaves=4,
)
OTHERS: dict[str, Literals] = {
    "INTERVAL": st.tuples(
        st.integers(-1000, 1000), st.integers(-1000, 1000), st.integers(-(10**15), 10**15)
    ).map(lambda part: "to_months({}) + to_days({}) + to_microseconds({})".format(*part)),
    "TIMESTAMP_NS": _in_reach(_MICROS // 1000).map(_time("TIMESTAMP_NS", 1)),
    "JSON": _JSON.map(lambda value: f"CAST({text(json.dumps(value))} AS JSON)"),
}
"""The values of the scalar types that are no keys, without NULL."""

KEY_TYPES = sorted(set(VALUES) - {"BOOL"})


def _decimals(precision: int, scale: int) -> Literals:
    limit = 10**precision - 1
    return (_in_reach(limit) | _in_reach(min(limit, 99))).map(
        lambda unscaled: _cast(_with_point(unscaled, scale), f"DECIMAL({precision}, {scale})")
    )


def _with_point(unscaled: int, scale: int) -> str:
    digits = str(abs(unscaled)).rjust(scale + 1, "0")
    sign = "-" if unscaled < 0 else ""
    return f"{sign}{digits[:-scale]}.{digits[-scale:]}" if scale else f"{sign}{digits}"


def of(type_: str) -> Literals:
    """Return the literals of a scalar type, NULL among them."""
    return {**VALUES, **OTHERS}[type_] | st.just(null(type_))


SIMPLE = sorted(set(VALUES) - {"INT128"})
Typed: TypeAlias = tuple[str, Literals]
"""A type, and the literals of its values."""


def _list(inner: Typed) -> Typed:
    type_, literals = inner
    values = st.lists(literals, max_size=4).map(
        lambda items: f"CAST([{', '.join(items)}] AS {type_}[])"
    )
    return f"{type_}[]", values | st.just(null(f"{type_}[]"))


def _array(inner: Typed, length: int) -> Typed:
    type_, literals = inner
    whole = f"{type_}[{length}]"
    values = st.lists(literals, min_size=length, max_size=length).map(
        lambda items: f"CAST(CAST([{', '.join(items)}] AS {type_}[]) AS {whole})"
    )
    return whole, values | st.just(null(whole))


def _struct(fields: list[Typed]) -> Typed:
    type_ = f"STRUCT({', '.join(f'f{at} {field[0]}' for at, field in enumerate(fields))})"
    values = st.tuples(*(field[1] for field in fields)).map(
        lambda items: "{" + ", ".join(f"f{at}: {item}" for at, item in enumerate(items)) + "}"
    )
    return type_, values | st.just(null(type_))


def _map(key: str, inner: Typed) -> Typed:
    type_ = f"MAP({key}, {inner[0]})"
    keys = st.lists(VALUES[key], max_size=3, unique=True)
    entries = keys.flatmap(
        lambda found: st.lists(inner[1], min_size=len(found), max_size=len(found)).map(
            lambda values: (found, values)
        )
    )
    literals = entries.map(
        lambda entry: (
            f"CAST(map(CAST([{', '.join(entry[0])}] AS {key}[]), "
            f"CAST([{', '.join(entry[1])}] AS {inner[0]}[])) AS {type_})"
        )
    )
    return type_, literals | st.just(null(type_))


def _union(members: list[Typed]) -> Typed:
    type_ = f"UNION({', '.join(f'm{at} {member[0]}' for at, member in enumerate(members))})"
    literals = [
        member[1].map(lambda value, at=at: f"CAST(union_value(m{at} := {value}) AS {type_})")
        for at, member in enumerate(members)
    ]
    return type_, st.one_of(*literals) | st.just(null(type_))


_SIMPLE_TYPED = st.sampled_from(SIMPLE).map(lambda name: (name, of(name)))
_SCALARS = (
    _SIMPLE_TYPED
    | st.sampled_from(["INT128", *sorted(OTHERS)]).map(lambda name: (name, of(name)))
    | st.integers(1, 38).flatmap(
        lambda precision: st.integers(0, precision).map(
            lambda scale: (
                f"DECIMAL({precision}, {scale})",
                _decimals(precision, scale) | st.just(null(f"DECIMAL({precision}, {scale})")),
            )
        )
    )
)
_ARRAYS = st.tuples(_SIMPLE_TYPED, st.integers(1, 3)).map(lambda found: _array(*found))
_MAP_KEYS = st.sampled_from(["STRING", "INT64", "UUID", "DATE", "INT8"])


def _nested(inner: st.SearchStrategy[Typed]) -> st.SearchStrategy[Typed]:
    several = st.lists(inner, min_size=1, max_size=3)
    return (
        several.map(_struct)
        | inner.map(_list)
        | st.tuples(_MAP_KEYS, inner).map(lambda found: _map(*found))
        | several.map(_union)
    )


TYPED: st.SearchStrategy[Typed] = st.recursive(
    _SCALARS | _SIMPLE_TYPED.map(_list) | _ARRAYS, _nested, max_leaves=4
)
"""Types that a snapshot keeps, with their values, NULL at every level."""
