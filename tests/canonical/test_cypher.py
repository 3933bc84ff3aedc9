"""The statements of a snapshot: a fixed text, in an order that IMPORT can run."""

from __future__ import annotations

from hypothesis import given

from kuzugit.canonical.cypher import build_plan
from kuzugit.canonical.manifest import manifest_text, parse_manifest
from kuzugit.canonical.statements import check_statements, split_statements
from kuzugit.model.catalog import (
    Catalog,
    Multiplicity,
    NodeTable,
    Pair,
    Property,
    RelTable,
    Sequence,
)
from kuzugit.model.snapshot import Chunk, Manifest, ObjectId, TableData, TableKey
from kuzugit.model.types import parse_type
from tests.support.manifests import SIMPLE_TYPES, manifests

CHUNK = Chunk("start", 1, 10, ObjectId("0" * 40))


def prop(name: str, type_: str, default: str | None = None) -> Property:
    return Property(name, parse_type(type_), default)


CATALOG = Catalog(
    nodes=(
        NodeTable("A b", (prop("i`d".replace("`", "'"), "INT64"), prop("s", "SERIAL")), "i'd",
                  "it's; \\ a\nline"),
        NodeTable("C", (prop("k", "STRING"), prop("n", "INT64", "-5"),
                        prop("q", "INT64", "nextval('count er')")), "k"),
    ),
    rels=(
        RelTable("R'", (prop("w", "STRUCT(a INT64, b STRING[])"),),
                 (Pair("A b", "C"), Pair("C", "C")), Multiplicity.ONE_MANY),
        RelTable("S", (), (Pair("C", "C"),), comment="x"),
    ),
    sequences=(
        Sequence("A b_s_serial", 7, 1, 0, (1 << 63) - 1, cycle=False, current=7),
        Sequence("count er", -3, -2, -100, 5, cycle=True, current=None),
        Sequence("used", 9, 1, 1, 99, cycle=False, current=9),
    ),
)  # fmt: skip
MANIFEST = Manifest(
    CATALOG,
    (
        TableData(TableKey("A b"), (CHUNK,)),
        TableData(TableKey("C"), ()),
        TableData(TableKey("R'", Pair("A b", "C")), (CHUNK,)),
        TableData(TableKey("R'", Pair("C", "C")), ()),
        TableData(TableKey("S", Pair("C", "C")), (CHUNK,)),
    ),
)

SCHEMA = """\
CREATE SEQUENCE `count er` START -3 INCREMENT -2 MINVALUE -100 MAXVALUE 5 CYCLE;
CREATE SEQUENCE `used` START 9 INCREMENT 1 MINVALUE 1 MAXVALUE 99 NO CYCLE;
RETURN nextval('used');
CREATE NODE TABLE `A b` (`i'd` INT64, `s` SERIAL, PRIMARY KEY (`i'd`));
CREATE NODE TABLE `C` (`k` STRING, `n` INT64 DEFAULT -5, \
`q` INT64 DEFAULT nextval('count er'), PRIMARY KEY (`k`));
CREATE REL TABLE `R'` (FROM `A b` TO `C`, FROM `C` TO `C`, \
`w` STRUCT(a INT64, b STRING[]), ONE_MANY);
CREATE REL TABLE `S` (FROM `C` TO `C`, MANY_MANY);
DROP SEQUENCE `A b_s_serial`;
CREATE SEQUENCE `A b_s_serial` START 7 INCREMENT 1 MINVALUE 0 MAXVALUE 9223372036854775807 NO CYCLE;
RETURN nextval('A b_s_serial');
"""
COPY = """\
COPY `A b` (`i'd`,`s`) FROM "nodes/A%20b/*.parquet";
COPY `R'` (`w`) FROM "rels/R%27/A%20b/C/*.parquet" (from='A b', to='C');
COPY `S` FROM "rels/S/C/C/*.parquet" (from='C', to='C');
"""
INDEX = """\
COMMENT ON TABLE `A b` IS 'it\\'s; \\\\ a
line';
COMMENT ON TABLE `S` IS 'x';
"""


def test_the_files_are_these_for_ever() -> None:
    assert build_plan(MANIFEST).files() == (SCHEMA, COPY, INDEX)


def test_an_unused_serial_is_left_as_the_table_makes_it() -> None:
    table = NodeTable("T", (prop("id", "SERIAL"),), "id")
    unused = Sequence("T_id_serial", 0, 1, 0, 10, cycle=False, current=None)
    manifest = Manifest(Catalog((table,), (), (unused,)), (TableData(TableKey("T"), ()),))
    schema, copy, index = build_plan(manifest).files()
    assert schema == "CREATE NODE TABLE `T` (`id` SERIAL, PRIMARY KEY (`id`));\n"
    assert (copy, index) == ("", "")


@given(manifests(SIMPLE_TYPES))
def test_every_statement_is_one_that_an_export_writes(manifest: Manifest) -> None:
    # The names, defaults and comments of a hostile manifest stay inside their quotes.
    files = build_plan(parse_manifest(manifest_text(manifest))).files()
    for name, text in zip(("schema", "copy", "index"), files, strict=True):
        check_statements(f"{name}.cypher", text)
    catalog = manifest.catalog
    expected = len(catalog.tables) + sum(1 + (s.current is not None) for s in catalog.sequences)
    renamed = files[0].count("\nALTER TABLE ")
    assert len(list(split_statements(files[0]))) == expected + renamed
    assert len(list(split_statements(files[1]))) == sum(bool(data.rows) for data in manifest.data)
    comments = sum(bool(table.comment) for table in catalog.tables)
    assert len(list(split_statements(files[2]))) == comments + renamed
