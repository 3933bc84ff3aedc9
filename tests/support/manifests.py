"""Manifests as Hypothesis makes them: every kind of name, type, number and pair."""

from __future__ import annotations

from typing import TypeAlias

from hypothesis import strategies as st

from kuzugit.model.catalog import (
    Catalog,
    Multiplicity,
    NodeTable,
    Pair,
    Property,
    RelTable,
    Sequence,
)
from kuzugit.model.snapshot import Chunk, Manifest, ObjectId, TableData, table_keys
from kuzugit.model.types import (
    SCALARS,
    Array,
    Decimal,
    Field,
    List,
    Map,
    Scalar,
    Struct,
    Type,
    Union,
    parse_type,
)

LETTERS = st.characters(blacklist_categories=["Cs"], blacklist_characters="`\0")
NAMES = st.text(LETTERS, min_size=1, max_size=8)
FIELD_NAMES = st.from_regex(r"[a-z_][a-z0-9_]{0,4}", fullmatch=True).filter(
    lambda name: name not in ("struct", "union", "map", "decimal")
)
KEYS = st.sampled_from(sorted(SCALARS - {"BOOL", "INTERVAL", "JSON"})).map(Scalar)
LEAVES = st.sampled_from(sorted(SCALARS)).map(Scalar) | st.builds(
    Decimal, st.integers(1, 38), st.integers(0, 38)
)
INT64 = st.integers(-(1 << 63), (1 << 63) - 1)


def _nested(inner: st.SearchStrategy[Type]) -> st.SearchStrategy[Type]:
    fields = st.lists(
        st.builds(Field, FIELD_NAMES, inner), min_size=1, max_size=3, unique_by=lambda f: f.name
    ).map(tuple)
    return (
        st.builds(List, inner)
        | st.builds(Array, inner, st.integers(1, 1000))
        | st.builds(Struct, fields)
        | st.builds(Map, inner, inner)
        | st.builds(Union, fields)
    )


Types: TypeAlias = st.SearchStrategy[Type]
TYPES = st.recursive(LEAVES, _nested, max_leaves=5)
SIMPLE_TYPES = st.sampled_from(["INT64", "STRING", "DOUBLE", "DATE", "UUID", "FLOAT[3]"]).map(
    parse_type
)
TEXT_LITERALS = st.text(LETTERS, max_size=6).map(
    lambda text: "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
)
NUMBERS = st.from_regex(r"-?[0-9]{1,4}(\.[0-9]{1,3})?(e-?[0-9]{1,2})?", fullmatch=True)
DEFAULTS = (
    st.none()
    | NUMBERS
    | TEXT_LITERALS
    | st.sampled_from(["true", "false", "current_timestamp()", "nextval('s')", "[-1,2.5]"])
    | st.lists(TEXT_LITERALS, max_size=3).map(lambda items: f"[{','.join(items)}]")
)


def _unique(name: str) -> bytes:
    return name.encode().lower()


@st.composite
def _node(draw: st.DrawFn, name: str, types: Types) -> NodeTable:
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique_by=_unique))
    key = draw(st.sampled_from(names))
    properties = tuple(
        Property(item, draw(KEYS if item == key else types), draw(DEFAULTS)) for item in names
    )
    return NodeTable(name, properties, key, draw(st.text(LETTERS, max_size=5)))


@st.composite
def _rel(draw: st.DrawFn, name: str, nodes: list[str], types: Types) -> RelTable:
    ends = st.sampled_from(nodes)
    pairs = draw(st.lists(st.builds(Pair, ends, ends), min_size=1, max_size=3, unique=True))
    names = draw(
        st.lists(
            NAMES.filter(lambda item: item.lower() not in ("from", "to")),
            max_size=3,
            unique_by=_unique,
        )
    )
    properties = tuple(Property(item, draw(types), draw(DEFAULTS)) for item in names)
    multiplicity = draw(st.sampled_from(Multiplicity))
    return RelTable(name, properties, tuple(pairs), multiplicity, draw(st.text(LETTERS)))


@st.composite
def catalogs(draw: st.DrawFn, types: Types = TYPES) -> Catalog:
    """Draw a catalog of any tables, with properties of these `types`, and sequences."""
    names = draw(st.lists(NAMES, max_size=6, unique_by=_unique))
    half = draw(st.integers(0, len(names)))
    nodes = sorted(names[:half])
    sequences = draw(
        st.lists(
            st.builds(Sequence, NAMES, INT64, INT64, INT64, INT64, st.booleans(),
                      st.none() | INT64),
            max_size=2,
            unique_by=lambda item: _unique(item.name),
        )
    )  # fmt: skip
    return Catalog(
        tuple(draw(_node(name, types)) for name in nodes),
        tuple(draw(_rel(name, nodes, types)) for name in sorted(names[half:])) if nodes else (),
        tuple(sequences),
    )


CHUNK_NAMES = st.just("start") | st.from_regex(r"[0-9a-f]{16}(-[1-9][0-9]?)?", fullmatch=True)
CHUNKS = st.builds(
    Chunk,
    CHUNK_NAMES,
    st.integers(1, 1 << 30),
    st.integers(1, 1 << 30),
    st.from_regex(r"[0-9a-f]{40}", fullmatch=True).map(ObjectId),
)


@st.composite
def manifests(draw: st.DrawFn, types: Types = TYPES) -> Manifest:
    """Draw a manifest that kuzugit might write, with properties of these `types`."""
    catalog = draw(catalogs(types))
    chunks = st.lists(CHUNKS, max_size=3, unique_by=lambda chunk: chunk.name).map(tuple)
    return Manifest(catalog, tuple(TableData(key, draw(chunks)) for key in table_keys(catalog)))
