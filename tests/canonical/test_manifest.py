"""The manifest is read as if an enemy wrote it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kuzugit.canonical.cypher import build_plan
from kuzugit.canonical.manifest import (
    ManifestInvalid,
    ManifestTooNew,
    manifest_text,
    parse_manifest,
)
from kuzugit.errors import CorruptError, UnsupportedError
from kuzugit.model.catalog import (
    Catalog,
    NodeTable,
    Pair,
    Property,
    RelTable,
    Sequence,
)
from kuzugit.model.snapshot import Chunk, Manifest, ObjectId, TableData, TableKey
from kuzugit.model.types import Scalar
from tests.support.damage import DAMAGE, Damage
from tests.support.manifests import manifests
from tests.support.soak import Soak

INT64 = Scalar("INT64")
PERSON = NodeTable("Person", (Property("id", INT64), Property("age", INT64, "-1")), "id", "people")
KNOWS = RelTable("knows", (Property("since", Scalar("DATE")),), (Pair("Person", "Person"),))
COUNTER = Sequence("counter", 1, 1, 1, 100, cycle=False, current=7)
CHUNK = Chunk("0123456789abcdef", 3, 100, ObjectId("5" * 40))
SMALL = Manifest(
    Catalog((PERSON,), (KNOWS,), (COUNTER,)),
    (
        TableData(TableKey("Person"), (CHUNK, Chunk("start-1", 1, 9, ObjectId("6" * 40)))),
        TableData(TableKey("knows", Pair("Person", "Person")), ()),
    ),
)


@given(manifests())
def test_what_is_written_is_read(manifest: Manifest) -> None:
    text = manifest_text(manifest)
    assert parse_manifest(text) == manifest
    assert text == manifest_text(parse_manifest(text))


def test_the_text_is_this_for_ever() -> None:
    catalog = Catalog((NodeTable("A", (Property("k", INT64),), "k"),))
    manifest = Manifest(catalog, (TableData(TableKey("A"), (CHUNK,)),))
    value = {
        "data": [{"chunks": [{"blob": "5" * 40, "name": "0123456789abcdef", "rows": 3,
                              "size": 100}],
                  "from": None, "rows": 3, "table": "A", "to": None}],
        "format": 1, "indexes": [], "macros": [],
        "nodes": [{"comment": "", "name": "A", "primary_key": "k",
                   "properties": [{"default": None, "name": "k", "type": "INT64"}]}],
        "rels": [], "sequences": [],
    }  # fmt: skip
    assert manifest_text(manifest) == json.dumps(value, indent=1) + "\n"


def change(where: str, what: Any) -> Callable[[Any], None]:
    """Return a change that puts `what` at the path `where`: `nodes.0.name`."""
    *path, last = [int(part) if part.isdigit() else part for part in where.split(".")]

    def apply(value: Any) -> None:
        for part in path:
            value = value[part]
        value[last] = what

    return apply


def drop(where: str) -> Callable[[Any], None]:
    *path, last = [int(part) if part.isdigit() else part for part in where.split(".")]

    def apply(value: Any) -> None:
        for part in path:
            value = value[part]
        del value[last]

    return apply


def twice(where: str) -> Callable[[Any], None]:
    def apply(value: Any) -> None:
        for part in where.split("."):
            value = value[int(part) if part.isdigit() else part]
        value.append(value[0])

    return apply


HOSTILE: dict[str, Callable[[Any], None]] = {
    "an unknown field": change("surprise", 1),
    "an unknown field of a table": change("nodes.0.surprise", 1),
    "an unknown field of a chunk": change("data.0.chunks.0.path", "/etc/passwd"),
    "a missing field": drop("sequences"),
    "a missing field of a table": drop("nodes.0.comment"),
    "a missing field of a chunk": drop("data.0.chunks.0.blob"),
    "no data for a table": drop("data.1"),
    "data twice": twice("data"),
    "data in another order": lambda value: value["data"].reverse(),
    "data of no table": change("data.0.table", "Nobody"),
    "data of no pair": change("data.1.to", "City"),
    "half a pair": change("data.1.to", None),
    "a table twice": twice("nodes"),
    "a table and a rel of one name": change("rels.0.name", "Person"),
    "two tables of one name but for capitals": change("rels.0.name", "PERSON"),
    "a sequence twice": twice("sequences"),
    "a property twice": twice("nodes.0.properties"),
    "two properties of one name but for capitals": change("nodes.0.properties.1.name", "ID"),
    "a pair twice": twice("rels.0.pairs"),
    "no pairs": change("rels.0.pairs", []),
    "a pair of no table": change("rels.0.pairs.0.to", "Nobody"),
    "a pair of a rel table": change("rels.0.pairs.0.to", "knows"),
    "a key that is no property": change("nodes.0.primary_key", "age "),
    "a key of a struct": change("nodes.0.properties.0.type", "STRUCT(a INT64)"),
    "a key of truth": change("nodes.0.properties.0.type", "BOOL"),
    "a chunk twice": twice("data.0.chunks"),
    "rows that are not the chunks'": change("data.0.rows", 5),
    "an empty name": change("nodes.0.name", ""),
    "a name with a backtick": change("nodes.0.properties.1.name", "a`; DROP TABLE x; `b"),
    "a name with a null": change("sequences.0.name", "a\0b"),
    "half a character": change("nodes.0.comment", "\ud800"),
    "a type that is none": change("nodes.0.properties.1.type", "INT65"),
    "a type with more": change("nodes.0.properties.1.type", "INT64); DROP TABLE x"),
    "a type in other words": change("nodes.0.properties.1.type", "int64"),
    "a bottomless type": change("nodes.0.properties.1.type", "INT64" + "[]" * 100_000),
    "a bottomless struct": change(
        "nodes.0.properties.1.type", "STRUCT(a " * 50_000 + "INT64" + ")" * 50_000
    ),
    "a default that ends the statement": change(
        "nodes.0.properties.1.default", "1, PRIMARY KEY (id)); COPY (RETURN 1) TO '/tmp/x.csv'; //"
    ),
    "a default with a statement in its text": change(
        "nodes.0.properties.1.default", "'a'); DROP TABLE x; RETURN ('"
    ),
    "a default with an open text": change("nodes.0.properties.1.default", "'a\\'"),
    "a default that is a query": change("rels.0.properties.0.default", "EXISTS { MATCH (n) }"),
    "a default in other digits": change("nodes.0.properties.1.default", "٣"),
    "an empty default": change("nodes.0.properties.1.default", ""),
    "a default that is no text": change("nodes.0.properties.1.default", 5),
    "a multiplicity that is none": change("rels.0.multiplicity", "SOME_SOME"),
    "a direction that is none": change("rels.0.storage_direction", "bwd"),
    "rows of text": change("data.0.chunks.0.rows", "3"),
    "rows of truth": change("data.0.chunks.0.rows", True),
    "rows with a fraction": change("data.0.chunks.0.rows", 3.0),
    "no rows in a chunk": change("data.0.chunks.0.rows", 0),
    "less than no rows": change("data.0.chunks.0.rows", -3),
    "absurdly many rows": change("data.0.chunks.0.rows", 1 << 60),
    "an absurd size": change("data.0.chunks.0.size", 10**30),
    "no number": change("data.0.chunks.0.size", float("nan")),
    "no end of a number": change("data.0.chunks.0.size", float("inf")),
    "a sequence beyond its type": change("sequences.0.maximum", 1 << 63),
    "a sequence at no number": change("sequences.0.current", "7"),
    "a cycle of one": change("sequences.0.cycle", 1),
    "a list for an object": change("nodes.0", []),
    "an object for a list": change("nodes", {}),
    "null for a list": change("rels", None),
    "a number for a text": change("nodes.0.comment", 5),
    "an older format": change("format", 0),
    "a format of truth": change("format", True),
    "a format of text": change("format", "1"),
    "no format": drop("format"),
    "an id that is none": change("data.0.chunks.0.blob", "HEAD"),
    "an id in capitals": change("data.0.chunks.0.blob", "A" * 40),
    "an id of 64 digits": change("data.0.chunks.0.blob", "5" * 64),
    **{
        f"a chunk named {name!r}": change("data.0.chunks.0.name", name)
        for name in ("", "..", "../../x", "/etc/passwd", "a/b", "0123456789abcdef\n", "START",
                     "0123456789ABCDEF", "0123456789abcdef-0", "0123456789abcdef-01",
                     "0123456789abcde", "*", "start-", "start-1.parquet", "start\0", "st?rt",
                     "٠" * 16, "start-1000000000")
    },
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_change_is_refused(case: str) -> None:
    value = json.loads(manifest_text(SMALL))
    HOSTILE[case](value)
    text = json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False) + "\n"
    with pytest.raises(ManifestInvalid):
        parse_manifest(text)


@pytest.mark.parametrize(
    "edit",
    [
        lambda text: text.replace('"comment": "people"', '"comment": "x",\n   "comment": "people"'),
        lambda text: text.replace('"format": 1', '"format": 1.0'),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace(" ", ""),
        lambda text: text.replace("people", "p\\u0065ople"),
        lambda text: text + "\n",
        lambda text: text.rstrip(),
        lambda text: "\ufeff" + text,
        lambda text: text + "{}",
        lambda text: text[: len(text) // 2],
        lambda text: text.replace('"rows": 3', '"rows": ' + "9" * 5000),
        lambda text: text.replace('"rows": 3', '"rows": -0'),
        lambda text: text.replace('"current": 7', '"current": NaN'),
        lambda text: "",
        lambda text: "null",
        lambda text: "[" * 200_000,
        lambda text: '{"format":' * 200_000,
        lambda text: "NaN",
        lambda text: '"\\ud800"',
    ],
)
def test_another_form_is_refused(edit: Callable[[str], str]) -> None:
    text = edit(manifest_text(SMALL))
    assert text != manifest_text(SMALL)
    with pytest.raises(ManifestInvalid):
        parse_manifest(text)


def test_the_error_says_where() -> None:
    value = json.loads(manifest_text(SMALL))
    value["data"][0]["chunks"][1]["name"] = ".."
    with pytest.raises(ManifestInvalid, match=r"\.data\[0\]\.chunks\[1\]\.name: '\.\.'"):
        parse_manifest(json.dumps(value))


@pytest.mark.parametrize("format_", [2, 3, 10**30])
def test_a_later_format_is_told_apart(format_: int) -> None:
    with pytest.raises(ManifestTooNew, match="reads up to 1"):
        parse_manifest(json.dumps({"format": format_, "something": "new"}))


MACRO = {
    "name": "M",
    "parameters": [{"name": "x", "default": None}, {"name": "y", "default": "3"}],
    "body": "(x + y) * 2",
}
INDEX = {
    "table": "Person",
    "name": "i",
    "kind": "FTS",
    "properties": ["id"],
    "options": {"ignore_pattern": "[0-9'\\\\]+", "stemmer": "none", "stopwords": "Person"},
}
VECTOR = {"kind": "HNSW", "options": {"alpha": "1.100000", "metric": "l2", "mu": "30"}}


def with_item(kind: str, item: dict[str, Any]) -> str:
    value = json.loads(manifest_text(SMALL)) | {kind: [item]}
    return json.dumps(value, sort_keys=True, indent=1) + "\n"


@pytest.mark.parametrize(
    ("kind", "item"), [("macros", MACRO), ("indexes", INDEX), ("indexes", INDEX | VECTOR)]
)
def test_macros_and_indexes_are_read(kind: str, item: dict[str, Any]) -> None:
    text = with_item(kind, item)
    assert manifest_text(parse_manifest(text)) == text


@pytest.mark.parametrize(
    ("kind", "item"),
    [
        ("macros", MACRO | {"name": "M(x) AS 1; DROP TABLE N; CREATE MACRO N"}),
        ("macros", MACRO | {"body": "x; DROP TABLE N"}),
        ("macros", MACRO | {"body": "x // y"}),
        ("macros", MACRO | {"body": ""}),
        ("macros", MACRO | {"parameters": [{"name": "x)", "default": None}]}),
        ("macros", MACRO | {"parameters": [{"name": "x", "default": "1) AS x"}]}),
        ("indexes", INDEX | {"table": "Nobody"}),
        ("indexes", INDEX | {"properties": ["nothing"]}),
        ("indexes", INDEX | {"properties": []}),
        ("indexes", INDEX | {"kind": "HASH"}),
        ("indexes", INDEX | {"options": {"stopwords": "/etc/passwd"}}),
        ("indexes", INDEX | {"options": {"stemmer": "x'"}}),
        ("indexes", INDEX | {"options": {"mu": "1"}}),
        ("indexes", INDEX | VECTOR | {"options": {"mu": "1) RETURN *"}}),
        ("indexes", INDEX | VECTOR | {"options": {"mu": 1}}),
    ],
)
def test_a_macro_or_an_index_that_could_do_more_is_refused(kind: str, item: dict[str, Any]) -> None:
    with pytest.raises(ManifestInvalid):
        parse_manifest(with_item(kind, item))


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every value inside a JSON value."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    found: list[tuple[Any, ...]] = []
    for key, inner in items:
        found.append((*path, key))
        if isinstance(inner, dict | list):
            found += places(inner, (*path, key))
    return found


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


PLACES = st.sampled_from(places(json.loads(manifest_text(SMALL))))


def check_change(path: tuple[Any, ...], what: Any) -> None:
    value = json.loads(manifest_text(SMALL))
    target = value
    for part in path[:-1]:
        target = target[part]
    target[path[-1]] = what
    check_any(json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False) + "\n")


@given(PLACES, JSON)
def test_any_change_is_read_or_refused_and_nothing_else(path: tuple[Any, ...], what: Any) -> None:
    check_change(path, what)


@given(st.text() | JSON.map(json.dumps))
def test_any_text_is_read_or_refused_and_nothing_else(text: str) -> None:
    check_any(text)


def check_any(text: str) -> None:
    try:
        manifest = parse_manifest(text)
    except (CorruptError, UnsupportedError):
        return
    assert manifest_text(manifest) == text
    plan = build_plan(manifest)
    for statement in (*plan.schema, *plan.fills, *plan.finish):
        assert statement.endswith(";")


@given(DAMAGE)
def test_damaged_text_is_read_or_refused_and_nothing_else(damage: Damage) -> None:
    check_any(damage.done_to(manifest_text(SMALL).encode()).decode(errors="replace"))


@pytest.mark.soak
def test_very_many_changes_are_read_or_refused(soak: Soak) -> None:
    soak.keep_trying(check_change, PLACES, JSON)


@pytest.mark.soak
def test_very_many_damages_are_read_or_refused(soak: Soak) -> None:
    soak.keep_trying(
        lambda damage: check_any(
            damage.done_to(manifest_text(SMALL).encode()).decode(errors="replace")
        ),
        DAMAGE,
    )
