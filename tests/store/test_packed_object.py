"""Objects of a pack, deltas too: read as Git reads them, or left to libgit2."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kuzugit.model.object_id import ObjectId
from kuzugit.store.location import Store
from kuzugit.store.objects import DamagedObject, read_object, write_blob
from kuzugit.store.packed_object import _applied, read_packed
from tests.store.making import commit, git

LIMIT = 1 << 20


@pytest.fixture
def packed(store: Store) -> Store:
    """A store whose objects are all in one pack, some as deltas of others."""
    chance = random.Random(1)
    text = bytes(chance.randrange(256) for _ in range(20_000))
    blobs = {
        "empty": write_blob(store, b""),
        "one": write_blob(store, text),
        "other": write_blob(store, text[:9000] + b"changed" + text[9000:]),
        "zeros": write_blob(store, bytes(300_000)),
    }
    commit(store, "v0.1.0")
    for at, id in enumerate(blobs.values()):
        git(store, "update-ref", f"refs/kept/{at}", id)
    git(store, "repack", "-a", "-d", "-q", "--window=10")
    git(store, "prune-packed")
    store.git.free()
    return store


def every_object(store: Store) -> dict[ObjectId, tuple[str, str]]:
    """Return the kind of each object and what it is a delta of, as plain Git says."""
    form = "--batch-check=%(objectname) %(objecttype) %(deltabase)"
    lines = git(store, "cat-file", "--batch-all-objects", form).splitlines()
    return {ObjectId(id): (kind, base) for id, kind, base in map(str.split, lines)}


def the_pack(store: Store) -> Path:
    (pack,) = (store.path / "objects" / "pack").glob("*.pack")
    pack.chmod(0o600)
    return pack


def test_it_agrees_with_libgit2(packed: Store) -> None:
    found = every_object(packed)
    deltas = {id for id, (_, base) in found.items() if set(base) != {"0"}}
    assert deltas
    assert len(found) - len(deltas) > 4
    for id, (kind, _) in found.items():
        assert read_packed(packed.path / "objects", id, LIMIT) == (kind, packed.git[id].read_raw())
        assert read_object(packed, id) == (kind, packed.git[id].read_raw())


@pytest.mark.parametrize("by_name", [False, True])
def test_long_chains_of_deltas(store: Store, by_name: bool) -> None:
    chance = random.Random(2)
    text = bytearray(chance.randrange(256) for _ in range(200_000))
    ids = []
    for _ in range(60):
        at = chance.randrange(len(text))
        text[at : at + chance.randrange(40)] = chance.randbytes(chance.randrange(300))
        ids.append(write_blob(store, bytes(text)))
        git(store, "update-ref", f"refs/kept/{len(ids)}", ids[-1])
    based = "false" if by_name else "true"
    words = ("-c", f"repack.useDeltaBaseOffset={based}", "repack", "-a", "-d", "-f", "-q")
    git(store, *words, "--depth=50", "--window=10")
    git(store, "prune-packed")
    store.git.free()
    lines = git(store, "verify-pack", "-v", str(the_pack(store))).splitlines()
    assert max(int(line.split()[5]) for line in lines if len(line.split()) == 7) > 5
    for id in ids:
        read = read_packed(store.path / "objects", id, LIMIT)
        assert read == ("blob", store.git[id].read_raw())
        assert read_packed(store.path / "objects", id, 150_000) is None


@given(st.binary(max_size=40), st.binary(max_size=12))
def test_nonsense_for_a_delta_gives_no_more_than_it_says(base: bytes, delta: bytes) -> None:
    made = _applied(base, [bytes([len(base), 20]) + delta], 100)
    assert made is None or len(made) == 20


@pytest.mark.parametrize(
    ("delta", "made"),
    [
        (b"\x0a\x03\x03abc", b"abc"),
        (b"\x0a\x03\x91\x02\x03", b"234"),
        (b"\x0a\x05\x90\x03\x02xy", b"012xy"),
        (b"\x0a\x0a\x90\x0a", b"0123456789"),
        (b"\x0a\x00", b""),
        (b"\x09\x03\x03abc", None),  # of something else
        (b"\x0a\x03\x04abcd", None),  # longer than it says
        (b"\x0a\x03\x02ab", None),  # shorter
        (b"\x0a\x03\x03ab", None),  # cut off
        (b"\x0a\x03\x91\x02", None),
        (b"\x0a\x03\x91\x08\x03", None),  # beyond the end
        (b"\x0a\x03\x00\x03abc", None),  # reserved
        (b"\x0a\x65\x90\x0a", None),  # over the limit
        (b"\x0a", None),
        (b"", None),
        (b"\x80", None),
    ],
)
def test_a_delta(delta: bytes, made: bytes | None) -> None:
    assert _applied(b"0123456789", [delta], 100) == made


def test_what_no_pack_has(packed: Store) -> None:
    assert read_packed(packed.path / "objects", ObjectId("12" * 20), LIMIT) is None
    assert read_packed(packed.path / "nowhere", ObjectId("12" * 20), LIMIT) is None


def test_what_is_too_long_is_not_unpacked(packed: Store) -> None:
    (id,) = (id for id in every_object(packed) if len(packed.git[id].read_raw()) == 300_000)
    assert read_packed(packed.path / "objects", id, 300_000) is not None
    assert read_packed(packed.path / "objects", id, 299_999) is None
    with pytest.raises(DamagedObject):
        read_object(packed, id, 299_999)


@pytest.mark.parametrize("where", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_a_flipped_byte_never_gives_other_bytes(packed: Store, where: float) -> None:
    pack = the_pack(packed)
    whole = {id: packed.git[id].read_raw() for id in every_object(packed)}
    data = bytearray(pack.read_bytes())
    data[int(len(data) * where)] ^= 0x55
    pack.write_bytes(data)
    unread = 0
    for id, wanted in whole.items():
        read = read_packed(packed.path / "objects", id, LIMIT)
        unread += read is None
        assert read is None or read[1] == wanted
    assert unread


def test_a_pack_that_is_cut_short(packed: Store) -> None:
    pack = the_pack(packed)
    ids = list(every_object(packed))
    pack.write_bytes(pack.read_bytes()[:20])
    assert all(read_packed(packed.path / "objects", id, LIMIT) is None for id in ids)


@pytest.mark.parametrize("length", [0, 7, 500, 1040, 1100])
def test_an_index_that_is_cut_short(packed: Store, length: int) -> None:
    ids = list(every_object(packed))
    index = the_pack(packed).with_suffix(".idx")
    index.chmod(0o600)
    index.write_bytes(index.read_bytes()[:length])
    assert all(read_packed(packed.path / "objects", id, LIMIT) is None for id in ids)


def test_an_index_of_the_old_form_is_left_to_libgit2(packed: Store) -> None:
    pack = the_pack(packed)
    ids = every_object(packed)
    pack.with_suffix(".idx").unlink()
    git(packed, "index-pack", "--index-version=1", str(pack))
    packed.git.free()
    assert all(read_packed(packed.path / "objects", id, LIMIT) is None for id in ids)
    assert all(read_object(packed, id)[0] == kind for id, (kind, _) in ids.items())


def test_a_pack_that_went_away(packed: Store) -> None:
    ids = list(every_object(packed))
    the_pack(packed).unlink()
    assert read_packed(packed.path / "objects", ids[0], LIMIT) is None
