"""Small files that say they are large: refused within little memory."""

from __future__ import annotations

import hashlib
import struct
import zlib
from pathlib import Path

import pygit2
import pytest
from isal import isal_zlib

from kuzugit.errors import ExitCode
from tests.hostile.commands import run_commands
from tests.hostile.planting import PERSON, TAG, Planted, plant
from tests.hostile.test_snapshots import COMMANDS, MEMORY, copied, scene
from tests.store.making import git
from tests.support.live import LiveProject
from tests.support.tampering import loose_file

__all__ = ["scene"]

GIB = 1 << 30
READING = [words for words in COMMANDS if words[0] in ("export", "sql", "show", "diff", "verify")]
CHECKOUT = ("checkout", TAG, "--to", "copy.kuzu")


def zeros(size: int, head: bytes) -> bytes:
    """Return `head` and then `size` zeros, compressed."""
    packer = isal_zlib.compressobj(1)
    parts = [packer.compress(head)]
    block = bytes(1 << 20)
    parts += [packer.compress(block) for _ in range(size >> 20)]
    return b"".join([*parts, packer.flush()])


def put_loose(store: Path, id: str, data: bytes) -> None:
    path = loose_file(store, id)
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("path", "told"),
    [("snapshot.json", 2 * GIB), (PERSON, 2 * GIB), ("", 2 * GIB), (PERSON, 20), (PERSON, GIB)],
)
def test_an_object_that_unpacks_to_gigabytes(
    tmp_path: Path, scene: LiveProject, path: str, told: int
) -> None:
    project = copied(scene, tmp_path / "world" / "project")
    plant(project.store, lambda planted: planted.add("100644", b"zz"))
    id = git(project.store, "rev-parse", f"{TAG}:{path}" if path else f"{TAG}^{{tree}}")
    kind = "blob" if path else "tree"
    put_loose(project.store, id, zeros(2 * GIB, f"{kind} {told}\0".encode()))
    ran = run_commands(project.directory, READING, address_space=GIB)
    assert ran.status == 0
    for said in ran.said:
        assert said.code in (0, 1, ExitCode.CORRUPT), said
    again = run_commands(project.directory, [CHECKOUT], "again")
    assert [said.code for said in again.said] == [ExitCode.CORRUPT]
    assert max(ran.memory, again.memory) < MEMORY
    assert project.files() == [project.name]


def test_a_pack_whose_object_is_of_gigabytes(tmp_path: Path, scene: LiveProject) -> None:
    """Its id is right: only its length tells."""
    size = 2 * GIB
    project = copied(scene, tmp_path / "world" / "project")
    id = pack_of_zeros(project.store, size)

    def change(planted: Planted) -> None:
        planted.ids["snapshot.json"] = id

    plant(project.store, change)
    ran = run_commands(project.directory, READING, address_space=GIB)
    assert [said.code for said in ran.said if said.arguments[0] != "verify"] == [
        ExitCode.CORRUPT
    ] * (len(READING) - 1)
    again = run_commands(project.directory, [CHECKOUT], "again")
    assert [said.code for said in again.said] == [ExitCode.CORRUPT]
    assert max(ran.memory, again.memory) < MEMORY


def pack_of_zeros(store: Path, size: int) -> str:
    """Put a pack with one blob of `size` zeros into the store; return the blob's id."""
    id = hashlib.sha1(b"blob %d\0" % size)
    block = bytes(1 << 20)
    for _ in range(size >> 20):
        id.update(block)
    head = bytearray([0x30 | (size & 0x0F) | 0x80])
    rest = size >> 4
    while rest > 0x7F:
        head.append(rest & 0x7F | 0x80)
        rest >>= 7
    head.append(rest)
    body = b"PACK" + struct.pack(">II", 2, 1) + bytes(head) + zeros(size, b"")
    pack = body + hashlib.sha1(body).digest()
    entry = zlib.crc32(body[12:])
    names = bytes.fromhex(id.hexdigest())
    fanout = b"".join(struct.pack(">I", int(at >= names[0])) for at in range(256))
    index = b"\xfftOc" + struct.pack(">I", 2) + fanout + names + struct.pack(">II", entry, 12)
    index += pack[-20:]
    index += hashlib.sha1(index).digest()
    place = store / "objects" / "pack" / f"pack-{hashlib.sha1(names).hexdigest()}"
    place.with_suffix(".pack").write_bytes(pack)
    place.with_suffix(".idx").write_bytes(index)
    assert pygit2.Repository(str(store)).odb.read_header(id.hexdigest()) == (3, size)
    return id.hexdigest()
