"""The manifest's word of least values."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kuzugit.canonical.cypher import build_plan
from kuzugit.canonical.manifest import ManifestInvalid, manifest_text, parse_manifest
from kuzugit.model.catalog import Catalog, NodeTable, Property
from kuzugit.model.snapshot import Chunk, Manifest, ObjectId, TableData, TableKey
from kuzugit.model.types import Scalar

CATALOG = Catalog(nodes=(NodeTable("N", (Property("id", Scalar("INT8")),), "id"),))
DATA = TableData(TableKey("N"), (Chunk("start", 2, 100, ObjectId("0" * 40)),), least=True)
MANIFEST = Manifest(CATALOG, (DATA,))


def test_it_is_written_and_read() -> None:
    assert parse_manifest(manifest_text(MANIFEST)) == MANIFEST


def test_false_is_not_written_and_not_read() -> None:
    plain = replace(MANIFEST, data=(replace(DATA, least=False),))
    assert "least" not in manifest_text(plain)
    for value in ("false", "1", "null"):
        text = manifest_text(MANIFEST).replace('"least": true', f'"least": {value}')
        with pytest.raises(ManifestInvalid):
            parse_manifest(text)


def test_the_plan_builds_without_compression_and_only_here() -> None:
    plan = build_plan(MANIFEST)
    assert (plan.compression, plan.only_here, plan.literal) == (False, (TableKey("N"),), ())
    assert plan.files()[0].startswith("RETURN error(")
    assert build_plan(replace(MANIFEST, data=(replace(DATA, least=False),))).compression
