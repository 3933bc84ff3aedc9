from __future__ import annotations

import os
import zlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pygit2
import pytest
from pygit2.enums import ObjectType

from kuzugit.model.object_id import ObjectId
from kuzugit.store import objects
from kuzugit.store.location import Store, open_store
from kuzugit.store.objects import (
    DamagedObject,
    HostileTree,
    ObjectTooLong,
    blob_id,
    has_object,
    list_tree,
    read_blob,
    write_blob,
    write_tree,
)
from kuzugit.store.translate import GitFailed, StoreReadOnly
from tests.store.making import git, names, read_only

MISSING = ObjectId("1234567890" * 4)
FILE, DIRECTORY = "100644", "40000"


def raw_tree(store: Store, *entries: tuple[str, bytes, str]) -> ObjectId:
    """Write a tree byte by byte, also one that no Git would write."""
    data = b"".join(
        mode.encode() + b" " + name + b"\0" + bytes.fromhex(id) for mode, name, id in entries
    )
    return ObjectId(str(store.git.odb.write(ObjectType.TREE, data)))


def loose_file(store: Store, id: ObjectId) -> Path:
    path = store.path / "objects" / id[:2] / id[2:]
    path.chmod(0o644)
    return path


class TestBlobs:
    @pytest.mark.parametrize("data", [b"", b"x", b"a\0b\n" * 100_000])
    def test_the_name_is_gits(self, data: bytes) -> None:
        assert blob_id(data) == str(pygit2.hash(data))
        assert blob_id(memoryview(data)) == blob_id(data)

    @pytest.mark.parametrize("data", [b"", b"x", os.urandom(300_000)])
    def test_what_is_written_is_read(self, store: Store, data: bytes) -> None:
        id = write_blob(store, data)
        assert read_blob(store, id) == data
        assert id == blob_id(data)

    def test_plain_git_reads_it(self, store: Store) -> None:
        id = write_blob(store, memoryview(b"hello"))
        assert git(store, "cat-file", "-t", id) == "blob"
        assert git(store, "cat-file", "blob", id) == "hello"
        assert git(store, "fsck", "--strict", "--no-dangling") == ""

    def test_it_has_what_was_written(self, store: Store) -> None:
        assert not has_object(store, blob_id(b"x"))
        assert has_object(store, write_blob(store, b"x"))

    def test_what_is_there_is_not_written_again(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        id = write_blob(store, b"x")

        def refuse(*_: object) -> None:
            raise AssertionError("written twice")

        monkeypatch.setattr(objects, "write_loose", refuse)
        assert write_blob(store, b"x") == id
        git(store, "update-ref", "refs/tags/keep", id)
        git(store, "gc", "-q")
        assert names(store.path / "objects") == ["info", "pack"]
        assert write_blob(store, b"x") == id

    def test_an_old_left_over_is_young_again_when_it_is_wanted(self, store: Store) -> None:
        id = write_blob(store, b"left by a killed commit")
        os.utime(loose_file(store, id), (1_000_000_000, 1_000_000_000))
        write_blob(store, b"left by a killed commit")
        git(store, "gc", "-q", "--prune=1.week.ago")
        assert has_object(store, id)

    def test_threads_may_write_at_once(self, store: Store) -> None:
        data = [b"%d" % (number % 50) * 1000 for number in range(200)]
        with ThreadPoolExecutor(4) as threads:
            ids = list(threads.map(lambda item: write_blob(store, item), data))
        assert ids == [blob_id(item) for item in data]
        assert git(store, "fsck", "--strict", "--no-dangling") == ""

    def test_a_failed_write_leaves_no_object(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(descriptor: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(GitFailed) as caught:
            write_blob(store, b"x")
        assert "No space" in str(caught.value.__cause__)
        assert not has_object(store, blob_id(b"x"))
        assert list(store.path.rglob("tmp_obj*")) == []

    def test_what_is_longer_than_the_limit_is_neither_written_nor_read(self, store: Store) -> None:
        with pytest.raises(ObjectTooLong) as caught:
            write_blob(store, b"x" * 101, 100)
        assert caught.value.size == 101
        id = write_blob(store, b"x" * 101)
        for _ in range(2):
            assert read_blob(store, id, 101) == b"x" * 101
            with pytest.raises(DamagedObject) as damaged:
                read_blob(store, id, 100)
            assert "101 bytes" in str(damaged.value.__cause__)
            git(store, "update-ref", "refs/tags/keep", id)
            git(store, "gc", "-q")

    def test_packed_blobs_are_read(self, store: Store) -> None:
        id = write_blob(store, b"x" * 1000)
        git(store, "update-ref", "refs/tags/keep", id)
        git(store, "gc", "-q")
        assert read_blob(store, id) == b"x" * 1000

    def test_a_read_only_store_is_read_and_not_written(self, shared_store: Store) -> None:
        id = write_blob(shared_store, b"x")
        with read_only(shared_store.path), open_store(shared_store.path) as store:
            assert read_blob(store, id) == b"x"
            with pytest.raises(StoreReadOnly):
                write_blob(store, b"y")
            with pytest.raises(StoreReadOnly):
                write_tree(store, {"a": id})


class TestDamage:
    def test_missing(self, store: Store) -> None:
        with pytest.raises(DamagedObject, match=f"{MISSING} is missing") as caught:
            read_blob(store, MISSING)
        assert caught.value.id == MISSING

    def test_a_changed_byte_is_never_read(self, store: Store) -> None:
        id = write_blob(store, b"hello")
        loose_file(store, id).write_bytes(zlib.compress(b"blob 5\0hellO"))
        with pytest.raises(DamagedObject):
            read_blob(store, id)

    @pytest.mark.parametrize("keep", [0, 1, 2, 10, 500, -1])
    def test_cut_short(self, store: Store, keep: int) -> None:
        id = write_blob(store, os.urandom(1000))
        path = loose_file(store, id)
        path.write_bytes(path.read_bytes()[:keep])
        with pytest.raises(DamagedObject):
            read_blob(store, id)

    def test_a_changed_byte_in_a_pack(self, store: Store) -> None:
        id = write_blob(store, os.urandom(5000))
        git(store, "update-ref", "refs/tags/keep", id)
        git(store, "gc", "-q")
        (pack,) = (store.path / "objects" / "pack").glob("*.pack")
        pack.chmod(0o644)
        data = bytearray(pack.read_bytes())
        data[len(data) // 2] ^= 1
        pack.write_bytes(data)
        with open_store(store.path) as again, pytest.raises(DamagedObject):
            read_blob(again, id)

    def test_a_tree_is_no_blob_and_a_blob_no_tree(self, store: Store) -> None:
        blob = write_blob(store, b"x")
        tree = write_tree(store, {"a": blob})
        with pytest.raises(DamagedObject, match="not a blob"):
            read_blob(store, tree)
        with pytest.raises(DamagedObject, match="not a tree"):
            list_tree(store, blob)


class TestTrees:
    @pytest.mark.parametrize(
        "paths",
        [
            [],
            ["a"],
            ["b", "a"],
            ["a/b", "a.b", "a0", "a-"],
            ["nodes/A/1.parquet", "nodes/A/2.parquet", "nodes/B/1.parquet", "schema.cypher"],
            ["r/%2F/x/y/z.parquet"],
        ],
    )
    def test_what_is_written_is_listed(self, store: Store, paths: list[str]) -> None:
        entries = {path: write_blob(store, path.encode()) for path in paths}
        tree = write_tree(store, entries)
        assert list_tree(store, tree) == entries
        listed = git(store, "ls-tree", "-r", "--name-only", tree).splitlines()
        assert list(list_tree(store, tree)) == listed
        git(store, "update-ref", "refs/tags/keep", tree)
        assert git(store, "fsck", "--strict") == ""

    def test_the_order_given_does_not_matter(self, store: Store) -> None:
        blob = write_blob(store, b"x")
        entries = {"b": blob, "a/z": blob, "a/b": blob}
        assert write_tree(store, entries) == write_tree(store, dict(reversed(entries.items())))

    @pytest.mark.parametrize(
        "paths",
        [["a", "a/b"], ["a/b", "a"], [""], ["/a"], ["a/"], ["../a"], ["a//b"], [".git/x"], ["a\n"]],
    )
    def test_a_path_that_could_not_be_read_back_is_refused(
        self, store: Store, paths: list[str]
    ) -> None:
        blob = write_blob(store, b"x")
        with pytest.raises(HostileTree):
            write_tree(store, dict.fromkeys(paths, blob))

    def test_a_missing_blob_is_refused(self, store: Store) -> None:
        with pytest.raises(GitFailed):
            write_tree(store, {"a": MISSING})


class TestHostileTrees:
    """Law 7: a snapshot is data; a tree made to harm is refused before anything uses it."""

    @pytest.mark.parametrize(
        "name",
        [
            b"",
            b".",
            b"..",
            b".git",
            b".GIT",
            b"a/b",
            b"/etc",
            b"a\\b",
            b"a\nb",
            b"\x1b[2J",
            b"\x7f",
            b"\xc2\x85",
            b"\xff",
        ],
    )
    @pytest.mark.parametrize("mode", [FILE, DIRECTORY])
    def test_names(self, store: Store, name: bytes, mode: str) -> None:
        blob = write_blob(store, b"x")
        id = blob if mode == FILE else raw_tree(store, (FILE, b"a", blob))
        with pytest.raises(HostileTree) as caught:
            list_tree(store, raw_tree(store, (mode, name, id)))
        assert str(caught.value).isprintable()

    @pytest.mark.parametrize("mode", ["120000", "160000", "100755", "100664", "040000", "0", "777"])
    def test_modes(self, store: Store, mode: str) -> None:
        blob = write_blob(store, b"/etc/passwd")
        with pytest.raises(HostileTree, match=f"its mode is {mode}"):
            list_tree(store, raw_tree(store, (mode, b"nodes", blob)))

    def test_below_a_directory_the_whole_path_is_named(self, store: Store) -> None:
        inner = raw_tree(store, ("120000", b"link", write_blob(store, b"x")))
        with pytest.raises(HostileTree) as caught:
            list_tree(store, raw_tree(store, (DIRECTORY, b"nodes", inner)))
        assert caught.value.path == "nodes/link"

    def test_one_name_twice(self, store: Store) -> None:
        one, two = write_blob(store, b"1"), write_blob(store, b"2")
        with pytest.raises(HostileTree, match="two entries"):
            list_tree(store, raw_tree(store, (FILE, b"a", one), (FILE, b"a", two)))

    def test_too_deep(self, store: Store) -> None:
        tree = raw_tree(store, (FILE, b"a", write_blob(store, b"x")))
        for _ in range(objects.MAX_DEPTH + 1):
            tree = raw_tree(store, (DIRECTORY, b"d", tree))
        with pytest.raises(HostileTree, match="nest deeper"):
            list_tree(store, tree)

    @pytest.mark.parametrize("bottom", [FILE, "nothing"])
    def test_few_objects_that_spell_out_too_many_paths(
        self, store: Store, monkeypatch: pytest.MonkeyPatch, bottom: str
    ) -> None:
        monkeypatch.setattr(objects, "MAX_ENTRIES", 1000)
        blob = write_blob(store, b"x")
        tree = raw_tree(store, (FILE, b"a", blob)) if bottom == FILE else raw_tree(store)
        for _ in range(8):
            tree = raw_tree(store, *((DIRECTORY, b"%d" % number, tree) for number in range(10)))
        with pytest.raises(HostileTree, match="more than 1000"):
            list_tree(store, tree)

    def test_not_a_tree_at_all(self, store: Store) -> None:
        for data in (b"garbage", b"100644 a\0short", b"100644 a", b"xyz a\0" + b"1" * 20):
            tree = ObjectId(str(store.git.odb.write(ObjectType.TREE, data)))
            with pytest.raises(DamagedObject, match="not a well-formed tree"):
                list_tree(store, tree)

    def test_a_missing_subtree(self, store: Store) -> None:
        with pytest.raises(DamagedObject, match="missing"):
            list_tree(store, raw_tree(store, (DIRECTORY, b"nodes", MISSING)))


def test_a_tree_counts_files_and_directories(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects, "MAX_ENTRIES", 3)
    blob = write_blob(store, b"x")
    fits: Mapping[str, ObjectId] = {"a/b": blob, "c": blob}
    assert list_tree(store, write_tree(store, fits)) == fits
    with pytest.raises(HostileTree):
        list_tree(store, write_tree(store, {**fits, "d": blob}))
