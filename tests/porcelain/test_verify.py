"""Verify: each planted defect is found, where it is, and nothing else is."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from kuzugit.canonical.parquet import decode, encode
from kuzugit.cli.app import main
from kuzugit.errors import (
    CorruptError,
    EngineError,
    ExitCode,
    GitError,
    UnknownNameError,
    UnsupportedError,
)
from kuzugit.model.snapshot import blob_id
from kuzugit.porcelain.compact import NoCurrent
from kuzugit.porcelain.repository import Repository
from kuzugit.porcelain.verify import VerifyReport
from kuzugit.store.history import UnknownRevision, branch_tip
from kuzugit.store.objects import list_tree, read_blob, write_blob, write_tree
from kuzugit.store.refs import publish
from tests.store.making import ADA, git
from tests.support.graphs import build_people, build_types
from tests.support.live import ADD_PERSON, LiveProject
from tests.support.tampering import damage_loose_object, loose_file

PERSON = "nodes/Person/start.parquet"
KNOWS = "rels/knows/Person/Person/start.parquet"

Files = dict[str, bytes]


def planted(live: LiveProject, change: Callable[[Files], None]) -> tuple[VerifyReport, Repository]:
    """Publish v0.1.0's tree with a change as v0.1.1, which only somebody else would, and verify."""
    repository = live.open()
    store = repository._workspace.store
    parent = branch_tip(store)
    assert parent is not None
    entries = list_tree(store, parent.tree)
    files = {path: bytes(read_blob(store, id)) for path, id in entries.items()}
    change(files)
    tree = write_tree(store, {path: write_blob(store, data) for path, data in files.items()})
    publish(
        store,
        tree=tree,
        message="planted",
        tag_name="v0.1.1",
        tag_message="planted",
        author=ADA,
        committer=ADA,
        expected_tip=parent.commit,
    )
    return repository.verify("v0.1.1"), repository


def change_manifest(files: Files, change: Callable[[dict[str, Any]], None]) -> None:
    value = json.loads(files["snapshot.json"])
    change(value)
    text = json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False) + "\n"
    files["snapshot.json"] = text.encode()


def replace_chunk(files: Files, path: str, data: bytes, **fields: object) -> None:
    """Put `data` in the place of a chunk, and its id and size into the manifest."""
    files[path] = data
    table = path.split("/")[1]

    def change(value: dict[str, Any]) -> None:
        (entry,) = (item for item in value["data"] if item["table"] == table)
        entry["chunks"][0] |= {"blob": blob_id(data), "size": len(data), **fields}
        entry["rows"] = sum(chunk["rows"] for chunk in entry["chunks"])

    change_manifest(files, change)


def rows_of(files: Files, path: str) -> pa.Table:
    return decode(files[path], pq.read_schema(pa.BufferReader(files[path])))


def swap_rows(files: Files) -> None:
    table = rows_of(files, PERSON)
    order = [1, 0, *range(2, table.num_rows)]
    replace_chunk(files, PERSON, encode(table.take(pa.array(order)).combine_chunks()))


def swap_last_rows(files: Files) -> None:
    table = rows_of(files, KNOWS)
    last = table.num_rows - 1
    order = [*range(last - 1), last, last - 1]
    replace_chunk(files, KNOWS, encode(table.take(pa.array(order)).combine_chunks()))


def double_a_key(files: Files) -> None:
    table = rows_of(files, PERSON)
    rows = [0, *range(table.num_rows)]
    data = encode(table.take(pa.array(rows)).combine_chunks())
    replace_chunk(files, PERSON, data, rows=len(rows))


def drop_a_column(files: Files) -> None:
    replace_chunk(files, PERSON, encode(rows_of(files, PERSON).drop_columns(["name"])))


def change_a_type(files: Files) -> None:
    table = rows_of(files, PERSON)
    at = table.column_names.index("balance")
    column = pc.cast(table.column("balance"), pa.int32())
    replace_chunk(files, PERSON, encode(table.set_column(at, "balance", column).combine_chunks()))


def drop_a_row(files: Files) -> None:
    table = rows_of(files, PERSON)
    replace_chunk(files, PERSON, encode(table.slice(0, table.num_rows - 1).combine_chunks()))


def lose_a_key(files: Files) -> None:
    table = rows_of(files, PERSON)
    ids = pa.array([None, *table.column("id").to_pylist()[1:]], pa.int64())
    at = table.column_names.index("id")
    replace_chunk(files, PERSON, encode(table.set_column(at, "id", ids).combine_chunks()))


def truncate(files: Files) -> None:
    replace_chunk(files, PERSON, files[PERSON][:200])


def not_parquet(files: Files) -> None:
    replace_chunk(files, PERSON, b"not Parquet at all, though it has some length")


def wrong_size(files: Files) -> None:
    replace_chunk(files, PERSON, files[PERSON], size=1)


def wrong_rows(files: Files) -> None:
    replace_chunk(files, PERSON, files[PERSON], rows=3)


def wrong_name(files: Files) -> None:
    data = files.pop(PERSON)
    path = "nodes/Person/0123456789abcdef.parquet"
    files[path] = data

    def change(value: dict[str, Any]) -> None:
        for entry in value["data"]:
            if entry["table"] == "Person":
                entry["chunks"][0]["name"] = "0123456789abcdef"

    change_manifest(files, change)


def other_content(files: Files) -> None:
    table = rows_of(files, PERSON)
    at = table.column_names.index("name")
    names = pa.array(["x"] * table.num_rows)
    files[PERSON] = encode(table.set_column(at, "name", names).combine_chunks())


def missing_chunk(files: Files) -> None:
    del files[PERSON]


def extra_file(files: Files) -> None:
    files["nodes/Person/zz.parquet"] = files[PERSON]


def statement_added(files: Files) -> None:
    files["schema.cypher"] += b"ATTACH 'x' AS y (dbtype kuzu);\n"


def copy_changed(files: Files) -> None:
    files["copy.cypher"] = files["copy.cypher"].replace(b"Person", b"Nobody")


def index_missing(files: Files) -> None:
    del files["index.cypher"]


def manifest_missing(files: Files) -> None:
    del files["snapshot.json"]


def manifest_reformatted(files: Files) -> None:
    files["snapshot.json"] = json.dumps(json.loads(files["snapshot.json"])).encode()


def manifest_not_utf8(files: Files) -> None:
    files["snapshot.json"] = b"\xff"


def manifest_too_new(files: Files) -> None:
    change_manifest(files, lambda value: value.update(format=2))


def manifest_with_another_catalog(files: Files) -> None:
    change_manifest(files, lambda value: value["nodes"][0].update(comment="planted"))


DEFECTS: list[tuple[Callable[[Files], None], str, str]] = [
    (swap_rows, PERSON, "not in order"),
    (swap_last_rows, KNOWS, "not in order"),
    (double_a_key, PERSON, "not in order"),
    (drop_a_column, PERSON, ""),
    (change_a_type, PERSON, ""),
    (drop_a_row, PERSON, "has 19 rows, the manifest says 20"),
    (lose_a_key, PERSON, "without a key"),
    (truncate, PERSON, ""),
    (not_parquet, PERSON, ""),
    (wrong_size, PERSON, "the manifest says 1"),
    (wrong_rows, PERSON, "has 20 rows, the manifest says 3"),
    (wrong_name, "nodes/Person/0123456789abcdef.parquet", "its name says"),
    (other_content, PERSON, "not the file that the manifest names"),
    (missing_chunk, PERSON, "is missing"),
    (extra_file, "nodes/Person/zz.parquet", "does not belong there"),
    (statement_added, "schema.cypher", "not the file that the manifest names"),
    (copy_changed, "copy.cypher", "not the file that the manifest names"),
    (index_missing, "index.cypher", "is missing"),
    (manifest_missing, "snapshot.json", "is missing"),
    (manifest_reformatted, "snapshot.json", "canonical"),
    (manifest_not_utf8, "snapshot.json", ""),
    (manifest_too_new, "snapshot.json", "format 2"),
    (manifest_with_another_catalog, "", "not the file that the manifest names"),
]


@pytest.mark.parametrize(
    ("change", "path", "problem"), DEFECTS, ids=[change.__name__ for change, _, _ in DEFECTS]
)
def test_a_planted_defect_is_found_and_not_built(
    committed: LiveProject, change: Callable[[Files], None], path: str, problem: str
) -> None:
    report, repository = planted(committed, change)
    with repository:
        assert report.findings
        for finding in report.findings:
            assert finding.version_or_commit == "v0.1.1"
            if path:
                assert finding.path == path
        assert any(problem in finding.problem for finding in report.findings)
        assert repository.verify("v0.1.0").findings == ()
        found = repository.verify(every=True).findings
        assert {item.version_or_commit for item in found} == {"v0.1.1"}


HARMLESS = (swap_rows, swap_last_rows, wrong_name, wrong_size, change_a_type)
"""Those that a checkout does not look for, because the database becomes the same."""


@pytest.mark.parametrize(
    "change",
    [change for change, _, _ in DEFECTS if change not in HARMLESS],
    ids=lambda change: change.__name__,
)
def test_what_does_not_agree_with_its_manifest_is_not_checked_out(
    committed: LiveProject, change: Callable[[Files], None]
) -> None:
    before = committed.content()
    _, repository = planted(committed, change)
    with repository, pytest.raises((CorruptError, EngineError, UnsupportedError)):
        repository.checkout("v0.1.1", force=True)
    assert committed.content() == before
    assert committed.files() == [committed.name]


class TestObjects:
    def test_each_damaged_object_of_a_tree_is_found(self, committed: LiveProject) -> None:
        listed = git(committed.store, "ls-tree", "-rt", "v0.1.0").splitlines()
        trees = {git(committed.store, "rev-parse", "v0.1.0^{tree}"): ""}
        for line in listed:
            entry, path = line.split("\t")
            trees[entry.split()[2]] = path
        assert len(trees) > 8
        with committed.open() as repository:
            for id, path in trees.items():
                with damage_loose_object(committed.store, id):
                    findings = repository.verify().findings
                assert findings, path
                if path.endswith((".parquet", ".cypher", ".json")):
                    assert {finding.path for finding in findings} == {path}
                assert any(id in finding.problem for finding in findings)
            assert repository.verify().findings == ()

    def test_a_missing_object(self, committed: LiveProject) -> None:
        id = git(committed.store, "rev-parse", f"v0.1.0:{PERSON}")
        loose_file(committed.store, id).unlink()
        with committed.open() as repository:
            (finding,) = repository.verify().findings
        assert finding.path == PERSON
        assert "missing" in finding.problem

    def test_a_truncated_file_of_an_object(self, committed: LiveProject) -> None:
        id = git(committed.store, "rev-parse", f"v0.1.0:{PERSON}")
        file = loose_file(committed.store, id)
        data = file.read_bytes()
        file.chmod(0o644)
        file.write_bytes(data[: len(data) // 2])
        with committed.open() as repository:
            (finding,) = repository.verify().findings
            assert finding.path == PERSON
            with pytest.raises(CorruptError):
                repository.checkout("v0.1.0", force=True)

    def test_packed_objects_are_read_too(self, committed: LiveProject) -> None:
        committed.commit("second", ADD_PERSON)
        git(committed.store, "repack", "-adq")
        with committed.open() as repository:
            report = repository.verify(every=True)
            assert (report.findings, len(report.snapshots)) == ((), 2)
        (pack,) = (committed.store / "objects" / "pack").glob("*.pack")
        pack.chmod(0o644)
        data = bytearray(pack.read_bytes())
        data[len(data) // 2] ^= 0xFF
        pack.write_bytes(data)
        with committed.open() as repository:
            try:
                found = bool(repository.verify(every=True).findings)
            except (CorruptError, GitError):
                # A damaged commit or tag: then there is no snapshot to name.
                found = True
        assert found


class TestHistory:
    """Tags and commits, on which all else hangs: a damaged one is named, not stumbled over."""

    @pytest.mark.parametrize("name", ["v0.1.0^{tag}", "v0.1.0^{commit}", "v0.1.1^{tag}", "HEAD"])
    @pytest.mark.parametrize("call", ["current", "version", "every"])
    def test_a_damaged_tag_or_commit(
        self, committed: LiveProject, name: str, call: str, capfd: pytest.CaptureFixture[str]
    ) -> None:
        committed.commit("second", ADD_PERSON)
        id = git(committed.store, "rev-parse", name)
        words = {"current": [], "version": [name.partition("^")[0]], "every": ["--all"]}[call]
        with damage_loose_object(committed.store, id):
            code = main(["-C", str(committed.directory), "verify", *words])
        out, err = capfd.readouterr()
        # Current is v0.1.1, and v0.1.0 needs nothing of what came later.
        unharmed = call == "current" and name.startswith("v0.1.0")
        assert code == (ExitCode.DONE if unharmed else ExitCode.DIFFERENT)
        assert (id in out) is not unharmed
        assert not err.startswith("error:")

    def test_the_others_are_looked_at_all_the_same(self, committed: LiveProject) -> None:
        committed.commit("second", ADD_PERSON)
        id = git(committed.store, "rev-parse", "v0.1.0^{commit}")
        chunk = git(committed.store, "rev-parse", f"v0.1.1:{PERSON}")
        store = committed.store
        with (
            damage_loose_object(store, id),
            damage_loose_object(store, chunk),
            committed.open() as repository,
        ):
            report = repository.verify(every=True)
        assert [(item.version_or_commit, item.path) for item in report.findings] == [
            (id, ""), ("v0.1.1", PERSON)
        ]  # fmt: skip

    def test_a_reference_that_is_none(self, committed: LiveProject) -> None:
        (committed.store / "refs" / "heads" / "other").write_text("what is this\n")
        with committed.open() as repository:
            (finding,) = repository.verify(every=True).findings
        assert finding.version_or_commit == "refs/heads/other"


class TestScope:
    def test_what_is_counted(self, committed: LiveProject) -> None:
        with committed.open() as repository:
            report = repository.verify()
        files = git(committed.store, "ls-tree", "-r", "v0.1.0").splitlines()
        blobs = {line.split()[2] for line in files}
        sizes = [int(git(committed.store, "cat-file", "-s", blob)) for blob in blobs]
        assert (report.objects, report.bytes) == (len(blobs), sum(sizes))

    def test_every_takes_what_only_a_tag_leads_to(self, committed: LiveProject) -> None:
        committed.commit("second", ADD_PERSON)
        git(committed.store, "update-ref", "refs/heads/main", "v0.1.0^{}")
        with committed.open() as repository:
            names = {item.version for item in repository.verify(every=True).snapshots}
        assert names == {"v0.1.0", "v0.1.1"}

    def test_no_argument_is_current(self, committed: LiveProject) -> None:
        committed.commit("second", ADD_PERSON)
        with committed.open() as repository:
            repository.checkout("v0.1.0")
            (snapshot,) = repository.verify().snapshots
        assert snapshot.version == "v0.1.0"

    def test_without_a_snapshot(self, live: LiveProject) -> None:
        with live.open() as repository:
            with pytest.raises(NoCurrent) as caught:
                repository.verify()
            assert isinstance(caught.value, UnknownNameError)
            assert repository.verify(every=True).snapshots == ()

    def test_an_unknown_revision(self, committed: LiveProject) -> None:
        with committed.open() as repository, pytest.raises(UnknownRevision):
            repository.verify("v0.1.1")


class TestRebuild:
    @pytest.mark.parametrize("build", [build_people, build_types])
    def test_a_sound_snapshot(self, committed: LiveProject, build: object, tmp_path: Path) -> None:
        assert callable(build)
        committed.database.unlink()
        build(committed.database)
        committed.commit("another")
        with committed.open() as repository:
            assert repository.verify(every=True, rebuild=True).findings == ()
        assert list((committed.store / "kuzugit" / "tmp").iterdir()) == []

    def test_what_looks_sound_and_cannot_be_built(self, committed: LiveProject) -> None:
        def to_nobody(files: Files) -> None:
            # Rels to a node that is not there, in order and with all ids right.
            table = rows_of(files, KNOWS)
            at = table.column_names.index("to")
            ends = pa.array([*table.column("to").to_pylist()[:-1], 1000], pa.int64())
            replace_chunk(files, KNOWS, encode(table.set_column(at, "to", ends).combine_chunks()))

        report, repository = planted(committed, to_nobody)
        with repository:
            assert report.findings == ()
            (finding,) = repository.verify("v0.1.1", rebuild=True).findings
        assert "cannot be rebuilt" in finding.problem
