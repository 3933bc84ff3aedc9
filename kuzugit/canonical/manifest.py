"""The manifest as text: canonical JSON, and a parser that trusts nothing.

Sorted keys, one value a line (so that Git's deltas see a changed chunk as a few
lines), no clock, no path of the machine, no release of a library.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from kuzugit.canonical.paths import is_chunk_name
from kuzugit.errors import CorruptError, UnsupportedError
from kuzugit.model.catalog import (
    Catalog,
    Index,
    IndexKind,
    Macro,
    Multiplicity,
    NodeTable,
    Pair,
    Parameter,
    Property,
    RelTable,
    Sequence,
    StorageDirection,
)
from kuzugit.model.default_text import is_default
from kuzugit.model.expression_text import is_expression
from kuzugit.model.snapshot import (
    FORMAT,
    Chunk,
    Manifest,
    ObjectId,
    TableData,
    TableKey,
    table_keys,
)
from kuzugit.model.types import Decimal, Scalar, TypeTextError, parse_type

_T = TypeVar("_T")
_OBJECT_ID = re.compile(r"[0-9a-f]{40}", re.ASCII)
_INT64 = 1 << 63
_SIZE = 1 << 30
_WORD = re.compile(r"[^\W\d]\w*")
_ANY = re.compile(r"[^\0]*", re.DOTALL)
_COUNT = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)
_OPTIONS: Mapping[IndexKind, Mapping[str, re.Pattern[str]]] = {
    IndexKind.FULL_TEXT: {
        "ignore_pattern": _ANY,
        "stemmer": re.compile(r"[a-z]+", re.ASCII),
        "stopwords": _ANY,
    },
    IndexKind.VECTOR: {
        "alpha": re.compile(r"[0-9]{1,9}\.[0-9]{6}", re.ASCII),
        "efc": _COUNT,
        "metric": re.compile(r"[a-z0-9_]+", re.ASCII),
        "ml": _COUNT,
        "mu": _COUNT,
    },
}
_NO_KEYS = frozenset({"BOOL", "INTERVAL", "JSON"})


class ManifestInvalid(CorruptError):
    """A manifest that no kuzugit wrote; `where` is the path inside it."""

    def __init__(self, where: str, why: str) -> None:
        self.where = where
        super().__init__(f"snapshot.json is not a manifest: {where or 'top'}: {why}")


class ManifestTooNew(UnsupportedError):
    """A manifest of a format that a later release wrote."""

    def __init__(self, found: int) -> None:
        self.found = found
        super().__init__(
            f"the snapshot has format {found}; this release reads up to {FORMAT}",
            hint="pip install --upgrade kuzugit",
        )


def manifest_text(manifest: Manifest) -> str:
    """Return the canonical text of a manifest."""
    catalog = manifest.catalog
    value = {
        "format": manifest.format,
        "nodes": [_node(item) for item in catalog.nodes],
        "rels": [_rel(item) for item in catalog.rels],
        "sequences": [vars(item) for item in catalog.sequences],
        "macros": [_macro(item) for item in catalog.macros],
        "indexes": [_index(item) for item in catalog.indexes],
        "data": [_data(item) for item in manifest.data],
    }
    return json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False) + "\n"


def parse_manifest(text: str) -> Manifest:
    """Return the manifest that `text` is.

    Raises ManifestTooNew for a later format, and ManifestInvalid for everything that is
    not exactly what `manifest_text` writes, unknown fields and duplicates included.
    """
    try:
        value = json.loads(text, object_pairs_hook=_no_duplicates)
    except (ValueError, RecursionError) as error:
        raise ManifestInvalid("", str(error)) from error
    manifest = _manifest(_Reader("", value))
    if manifest_text(manifest) != text:
        raise ManifestInvalid("", "it is not in canonical form")
    return manifest


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a field stands twice")
    return found


def _property(item: Property) -> dict[str, Any]:
    return {"name": item.name, "type": str(item.type), "default": item.default}


def _node(table: NodeTable) -> dict[str, Any]:
    return {
        "name": table.name,
        "properties": [_property(item) for item in table.properties],
        "primary_key": table.primary_key,
        "comment": table.comment,
    }


def _rel(table: RelTable) -> dict[str, Any]:
    return {
        "name": table.name,
        "properties": [_property(item) for item in table.properties],
        "pairs": [{"from": pair.from_table, "to": pair.to_table} for pair in table.pairs],
        "multiplicity": table.multiplicity.value,
        "comment": table.comment,
        "storage_direction": table.storage_direction.value,
    }


def _macro(macro: Macro) -> dict[str, Any]:
    return {
        "name": macro.name,
        "parameters": [vars(item) for item in macro.parameters],
        "body": macro.body,
    }


def _index(index: Index) -> dict[str, Any]:
    return {
        "table": index.table,
        "name": index.name,
        "kind": index.kind.value,
        "properties": list(index.properties),
        "options": dict(index.options),
    }


def _data(data: TableData) -> dict[str, Any]:
    pair = data.key.pair
    # A field that few tables have: without it the others keep the trees that they had.
    least = {"least": True} if data.least else {}
    return {
        **least,
        "table": data.key.table,
        "from": pair.from_table if pair else None,
        "to": pair.to_table if pair else None,
        "rows": data.rows,
        "chunks": [vars(chunk) for chunk in data.chunks],
    }


class _Reader:
    """A JSON value and where it stands, read strictly."""

    def __init__(self, where: str, value: Any) -> None:
        self.where = where
        self.value = value

    def fail(self, why: str) -> ManifestInvalid:
        return ManifestInvalid(self.where, why)

    def fields(self, *names: str) -> dict[str, _Reader]:
        if not isinstance(self.value, dict) or set(self.value) != set(names):
            raise self.fail(f"it must have exactly the fields {', '.join(names)}")
        return {name: _Reader(f"{self.where}.{name}", self.value[name]) for name in names}

    def items(self, read: Callable[[_Reader], _T]) -> tuple[_T, ...]:
        if not isinstance(self.value, list):
            raise self.fail("it must be a list")
        return tuple(
            read(_Reader(f"{self.where}[{at}]", item)) for at, item in enumerate(self.value)
        )

    def text(self) -> str:
        if not isinstance(self.value, str):
            raise self.fail("it must be a text")
        if any("\ud800" <= letter <= "\udfff" for letter in self.value):
            raise self.fail("it holds half a character")
        return self.value

    def name(self) -> str:
        name = self.text()
        if not name or "`" in name or "\0" in name:
            raise self.fail(f"{name!r} cannot be a name")
        return name

    def word(self) -> str:
        if not _WORD.fullmatch(self.text()):
            raise self.fail(f"{self.value!r} is no plain word")
        return self.text()

    def default(self) -> str | None:
        if self.value is None:
            return None
        if not is_default(self.text()):
            raise self.fail(f"{self.value!r} cannot be a default")
        return self.text()

    def number(self, low: int, high: int) -> int:
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            raise self.fail("it must be a whole number")
        if not low <= self.value <= high:
            raise self.fail(f"{self.value} is out of range")
        return self.value

    def truth(self) -> bool:
        if not isinstance(self.value, bool):
            raise self.fail("it must be true or false")
        return self.value

    def one_of(self, kind: Callable[[str], _T]) -> _T:
        try:
            return kind(self.text())
        except (ValueError, TypeTextError) as error:
            raise self.fail(str(error)) from error


def _manifest(reader: _Reader) -> Manifest:
    found = reader.value.get("format") if isinstance(reader.value, dict) else None
    if isinstance(found, int) and found > FORMAT:
        raise ManifestTooNew(found)
    fields = reader.fields("format", "nodes", "rels", "sequences", "macros", "indexes", "data")
    fields["format"].number(FORMAT, FORMAT)
    catalog = Catalog(
        nodes=fields["nodes"].items(_read_node),
        rels=fields["rels"].items(_read_rel),
        sequences=fields["sequences"].items(_read_sequence),
        macros=fields["macros"].items(_read_macro),
        indexes=fields["indexes"].items(_read_index),
    )
    _check_catalog(catalog)
    data = fields["data"].items(_read_data)
    if tuple(item.key for item in data) != table_keys(catalog):
        raise fields["data"].fail("it does not name each table of the catalog once, in order")
    return Manifest(catalog, data)


def _read_property(reader: _Reader) -> Property:
    fields = reader.fields("name", "type", "default")
    return Property(
        fields["name"].name(),
        fields["type"].one_of(parse_type),
        fields["default"].default(),
    )


def _read_node(reader: _Reader) -> NodeTable:
    fields = reader.fields("name", "properties", "primary_key", "comment")
    table = NodeTable(
        fields["name"].name(),
        fields["properties"].items(_read_property),
        fields["primary_key"].name(),
        fields["comment"].text(),
    )
    if table.primary_key not in {item.name for item in table.properties}:
        raise reader.fail("its primary key is none of its properties")
    if not isinstance(table.key.type, Scalar | Decimal) or str(table.key.type) in _NO_KEYS:
        raise reader.fail(f"its primary key cannot be of type {table.key.type}")
    return table


def _read_rel(reader: _Reader) -> RelTable:
    fields = reader.fields(
        "name", "properties", "pairs", "multiplicity", "comment", "storage_direction"
    )
    return RelTable(
        fields["name"].name(),
        fields["properties"].items(_read_property),
        fields["pairs"].items(_read_pair),
        fields["multiplicity"].one_of(Multiplicity),
        fields["comment"].text(),
        fields["storage_direction"].one_of(StorageDirection),
    )


def _read_pair(reader: _Reader) -> Pair:
    fields = reader.fields("from", "to")
    return Pair(fields["from"].name(), fields["to"].name())


def _read_sequence(reader: _Reader) -> Sequence:
    fields = reader.fields("name", "start", "increment", "minimum", "maximum", "cycle", "current")
    numbers = {
        name: fields[name].number(-_INT64, _INT64 - 1)
        for name in ("start", "increment", "minimum", "maximum")
    }
    current = fields["current"]
    return Sequence(
        fields["name"].name(),
        **numbers,
        cycle=fields["cycle"].truth(),
        current=None if current.value is None else current.number(-_INT64, _INT64 - 1),
    )


def _read_macro(reader: _Reader) -> Macro:
    fields = reader.fields("name", "parameters", "body")
    body = fields["body"].text()
    if not is_expression(body):
        raise fields["body"].fail("it is no expression")
    return Macro(fields["name"].word(), fields["parameters"].items(_read_parameter), body)


def _read_parameter(reader: _Reader) -> Parameter:
    fields = reader.fields("name", "default")
    return Parameter(fields["name"].word(), fields["default"].default())


def _read_index(reader: _Reader) -> Index:
    fields = reader.fields("table", "name", "kind", "properties", "options")
    kind = fields["kind"].one_of(IndexKind)
    known = _OPTIONS[kind]
    options = fields["options"]
    if not isinstance(options.value, dict) or not set(options.value) <= set(known):
        raise options.fail(f"it may have the fields {', '.join(known)}")
    for name, pattern in known.items():
        value = _Reader(f"{options.where}.{name}", options.value.get(name, ""))
        if name in options.value and not pattern.fullmatch(value.text()):
            raise value.fail(f"{value.value!r} is no such option")
    return Index(
        fields["table"].name(),
        fields["name"].name(),
        kind,
        fields["properties"].items(_Reader.name),
        tuple(sorted(options.value.items())),
    )


def _read_data(reader: _Reader) -> TableData:
    optional = ["least"] if isinstance(reader.value, dict) and "least" in reader.value else []
    fields = reader.fields("table", "from", "to", "rows", "chunks", *optional)
    ends = [fields[name] for name in ("from", "to")]
    pair = None if all(end.value is None for end in ends) else Pair(*(end.name() for end in ends))
    data = TableData(
        TableKey(fields["table"].name(), pair),
        fields["chunks"].items(_read_chunk),
        least=any(fields[name].truth() for name in optional),
    )
    if fields["rows"].number(0, _INT64) != data.rows:
        raise reader.fail("its rows are not those of its chunks")
    if len({chunk.name for chunk in data.chunks}) != len(data.chunks):
        raise reader.fail("two of its chunks have one name")
    return data


def _read_chunk(reader: _Reader) -> Chunk:
    fields = reader.fields("name", "rows", "size", "blob")
    name, blob = fields["name"].text(), fields["blob"].text()
    if not is_chunk_name(name):
        raise fields["name"].fail(f"{name!r} is no name of a chunk")
    if not _OBJECT_ID.fullmatch(blob):
        raise fields["blob"].fail(f"{blob!r} is no object id")
    return Chunk(
        name, fields["rows"].number(1, _SIZE), fields["size"].number(1, _SIZE), ObjectId(blob)
    )


def _check_catalog(catalog: Catalog) -> None:
    # Kùzu takes `a` and `A` for one name.
    kinds: Mapping[str, list[str]] = {
        "tables": [table.name for table in catalog.tables],
        "sequences": [item.name for item in catalog.sequences],
        "macros": [item.name for item in catalog.macros],
        "indexes": [f"{item.table}\0{item.name}" for item in catalog.indexes],
    }
    for kind, names in kinds.items():
        if _stand_twice(names):
            raise ManifestInvalid(kind, "a name stands twice")
    for table in catalog.tables:
        names = [item.name for item in table.properties]
        if _stand_twice(names):
            raise ManifestInvalid(table.name, "a property stands twice")
    nodes = {table.name for table in catalog.nodes}
    for rel in catalog.rels:
        if not rel.pairs or len(set(rel.pairs)) != len(rel.pairs):
            raise ManifestInvalid(rel.name, "its pairs are missing or stand twice")
        for pair in rel.pairs:
            if not {pair.from_table, pair.to_table} <= nodes:
                raise ManifestInvalid(rel.name, f"no node table for {pair}")
    for index in catalog.indexes:
        _check_index(index, {item.name: item for item in catalog.nodes})


def _check_index(index: Index, nodes: Mapping[str, NodeTable]) -> None:
    columns = [item.name for item in nodes[index.table].properties] if index.table in nodes else []
    if not index.properties or not set(index.properties) <= set(columns):
        raise ManifestInvalid(index.name, "it is over no properties of a node table")
    # Anything but a table's name would be a file, which Kùzu would read.
    words = dict(index.options).get("stopwords")
    if words is not None and words not in nodes:
        raise ManifestInvalid(index.name, f"no node table {words!r} of stop words")


def _stand_twice(names: list[str]) -> bool:
    # Bytes, because Kùzu knows capitals in ASCII alone.
    return len({name.encode().lower() for name in names}) != len(names)
