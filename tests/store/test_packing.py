from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest

from kuzugit.atomic import LockHeld
from kuzugit.model.object_id import ObjectId
from kuzugit.store import objects
from kuzugit.store.history import versions
from kuzugit.store.location import Store, open_store
from kuzugit.store.maintenance import GitProgramFailed, fsck
from kuzugit.store.objects import has_object, read_blob, write_blob
from kuzugit.store.packing import collecting, pack, prune
from kuzugit.store.sizes import loose_bytes_exceed, measure, packed_bytes
from tests.store.making import commit, git, in_child

DAY = 24 * 3600


def collect(store: Store, expire: str = "1.day.ago") -> None:
    with collecting(store) as collector:
        pack(collector)
        prune(collector, expire)


def make_old(store: Store, id: ObjectId) -> None:
    path = store.path / "objects" / id[:2] / id[2:]
    os.utime(path, (0, path.stat().st_mtime - 3 * DAY))


def test_single_objects_become_a_pack(store: Store) -> None:
    made = [commit(store, f"v0.{number}.0") for number in range(3)]
    before = measure(store)
    assert (before.packs, before.loose) != (0, 0)
    assert loose_bytes_exceed(store, before.loose_bytes - 1)
    assert not loose_bytes_exceed(store, before.loose_bytes)
    collect(store)
    after = measure(store)
    assert (after.packs, after.loose, after.loose_bytes) == (1, 0, 0)
    assert after.packed_bytes == packed_bytes(store) > 0
    assert [item.snapshot for item in versions(store)] == made
    assert fsck(store) == []


def test_the_second_packing_is_onto_the_old(store: Store) -> None:
    # Bytes that do not compress, so that only a delta is short.
    rows = [os.urandom(200_000)]
    for number in range(4):
        rows.append(rows[-1] + b"one row more")
        kept = write_blob(store, rows[-1])
        objects.write_tree(store, {"nodes/T/start.parquet": kept})
        commit_blob(store, f"v0.{number}.0", kept)
        collect(store)
        assert packed_bytes(store) < 230_000
        assert measure(store).packs == 1
        assert read_blob(store, kept) == rows[-1]
    assert fsck(store) == []


def commit_blob(store: Store, tag: str, blob: ObjectId) -> None:
    tree = objects.write_tree(store, {"nodes/T/start.parquet": blob})
    made = git(store, "commit-tree", tree, "-m", tag)
    git(store, "tag", "-a", "-m", tag, tag, made)


def test_what_nobody_names_stays_a_day(store: Store) -> None:
    commit(store, "v0.1.0")
    young, old = write_blob(store, b"young"), write_blob(store, b"old")
    make_old(store, old)
    collect(store)
    assert has_object(store, young)
    assert not has_object(store, old)
    collect(store, "now")
    assert not has_object(store, young)


def test_what_is_packed_and_no_longer_named_goes_too(store: Store) -> None:
    commit(store, "v0.1.0")
    blob = write_blob(store, b"of a tag that is gone")
    commit_blob(store, "other", blob)
    collect(store)
    git(store, "tag", "-d", "other")
    collect(store)
    assert has_object(store, blob)
    collect(store, "now")
    assert not has_object(store, blob)
    assert fsck(store) == []


def test_a_store_that_is_open_elsewhere_takes_nothing_for_there_that_is_gone(store: Store) -> None:
    """Else a commit would name an object that only a removed pack had."""
    commit(store, "v0.1.0")
    blob = write_blob(store, b"of a tag that is gone")
    commit_blob(store, "other", blob)
    collect(store)
    with open_store(store.path) as other:
        assert read_blob(other, blob)
        git(store, "tag", "-d", "other")
        collect(store, "now")
        with other.lock():
            assert write_blob(other, b"of a tag that is gone") == blob
    assert git(store, "cat-file", "-p", blob) == "of a tag that is gone"


def test_a_reader_goes_on(store: Store) -> None:
    made = commit(store, "v0.1.0")
    collect(store)
    blob = git(store, "rev-parse", f"{made.commit}:schema.cypher")
    with open_store(store.path) as reader:
        assert has_object(reader, made.tree)
        commit(store, "v0.2.0")
        collect(store, "now")
        assert read_blob(reader, ObjectId(blob)) == b"v0.1.0"


def test_only_one_collects(store: Store) -> None:
    def other() -> None:
        with open_store(store.path) as again, pytest.raises(LockHeld), collecting(again):
            pass

    with collecting(store):
        assert in_child(other) == 0
    with collecting(store):
        pass


def test_what_git_says_is_told_and_nothing_is_lost(store: Store) -> None:
    made = commit(store, "v0.1.0")
    (store.path / "objects" / made.tree[:2] / made.tree[2:]).unlink()
    commit_before = measure(store).loose
    with pytest.raises(GitProgramFailed, match="repack"), collecting(store) as collector:
        pack(collector)
    assert measure(store).loose == commit_before


def test_in_the_hook_of_another_repository(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There Git's variables lead to that repository, and its index names its own objects."""
    application = tmp_path / "application"
    git(application / ".git", "init", "-q", str(application))
    (application / "code").write_text("code")
    git(application / ".git", f"--work-tree={application}", "add", "code")
    monkeypatch.setenv("GIT_DIR", str(application / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(application / ".git" / "index"))
    commit(store, "v0.1.0")
    collect(store)
    assert measure(store).loose == 0


@pytest.mark.parametrize("note", [b"", b"no number", b"\xff", b"-5"])
def test_a_note_that_is_none(store: Store, note: bytes) -> None:
    commit(store, "v0.1.0")
    (store.path / "kuzugit" / "packed").write_bytes(note)
    collect(store)
    assert int((store.path / "kuzugit" / "packed").read_bytes()) == packed_bytes(store)


@pytest.mark.parametrize("aggressive", [False, True])
def test_an_empty_store(store: Store, aggressive: bool) -> None:
    with collecting(store) as collector:
        pack(collector, aggressive=aggressive)
        prune(collector, "now")
    assert measure(store).bytes == 0


def test_packs_that_a_killed_git_has_begun(store: Store) -> None:
    commit(store, "v0.1.0")
    packs = store.path / "objects" / "pack"
    packs.mkdir(exist_ok=True)
    for name, age in (
        (".tmp-1-pack-a.pack", 3 * DAY),
        ("tmp_pack_b", 3 * DAY),
        ("pack-without-its-index.pack", 3 * DAY),
        ("pack-without-itself.idx", 3 * DAY),
        (".tmp-2-c", 60),
        ("pack-that-is-being-made.pack", 60),
    ):
        (packs / name).write_bytes(b"PACK")
        then = time.time() - age
        os.utime(packs / name, (then, then))
    collect(store)
    assert measure(store).packs == 1
    ends = (".pack", ".idx")
    left = [
        item.name
        for item in packs.iterdir()
        if not all(item.with_suffix(end).exists() for end in ends)
    ]
    assert sorted(left) == [".tmp-2-c", "pack-that-is-being-made.pack"]


def test_a_pack_that_has_no_name_of_its_own_yet_does_not_count(store: Store) -> None:
    commit(store, "v0.1.0")
    collect(store)
    for path in list((store.path / "objects" / "pack").glob("pack-*")):
        shutil.copy(path, path.with_name(f".tmp-3-{path.name}"))
    assert measure(store).packs == 1
