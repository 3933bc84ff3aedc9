"""One object that stands whole in a pack, read without libgit2.

libgit2 holds Python's lock while it unpacks, so that several threads read no faster than
one. Here they do, with ISA-L, which takes half of zlib's time. What is kept as a delta of
another object, or is in any way odd, is left to libgit2.

The forms are those of Git: https://git-scm.com/docs/pack-format.
"""

from __future__ import annotations

import hashlib
import os
import struct
from pathlib import Path

from isal import isal_zlib
from isal.isal_zlib import IsalError

from kuzugit.model.object_id import ObjectId

_MAGIC = b"\xfftOc\0\0\0\2"
_HEAD = len(_MAGIC) + 256 * 4
_NAME = 20
_LARGE = 1 << 31
_KINDS = {1: "commit", 2: "tree", 3: "blob", 4: "tag"}
_LONGEST_HEADER = 16


def read_packed(objects: Path, id: ObjectId, limit: int) -> tuple[str, bytes] | None:
    """Return (kind, bytes) of the object `id`, compared with its name.

    None where no pack has it, or only as a delta; where it has more than `limit` bytes, or
    is not what its name says. Several threads may call it at once. Raises OSError.
    """
    name = bytes.fromhex(id)
    for index in _indexes(objects):
        try:
            with index.open("rb") as file:
                offset = _offset(file.fileno(), name)
            if offset is not None:
                with index.with_suffix(".pack").open("rb") as pack:
                    return _entry(pack.fileno(), offset, name, limit)
        except FileNotFoundError:
            continue  # packed anew meanwhile
    return None


def _indexes(objects: Path) -> list[Path]:
    try:
        with os.scandir(objects / "pack") as entries:
            return [Path(entry.path) for entry in entries if entry.name.endswith(".idx")]
    except FileNotFoundError:
        return []


def _offset(index: int, name: bytes) -> int | None:
    """Return where the object begins in the pack, None where the index has it not."""
    head = os.pread(index, _HEAD, 0)
    if len(head) != _HEAD or not head.startswith(_MAGIC):
        return None
    ends = struct.unpack(">256I", head[len(_MAGIC) :])
    low, high, count = (ends[name[0] - 1] if name[0] else 0), ends[name[0]], ends[255]
    names = os.pread(index, _NAME * max(high - low, 0), _HEAD + _NAME * low)
    at = names.find(name)
    while at > 0 and at % _NAME:
        at = names.find(name, at + 1)
    if at < 0:
        return None
    number = low + at // _NAME
    # Behind the names stand as many checksums of four bytes, and then the offsets.
    place = _word(index, ">I", _HEAD + (_NAME + 4) * count + 4 * number)
    if place is None or place < _LARGE:
        return place
    return _word(index, ">Q", _HEAD + (_NAME + 8) * count + 8 * (place - _LARGE))


def _word(index: int, form: str, at: int) -> int | None:
    data = os.pread(index, struct.calcsize(form), at)
    return int(struct.unpack(form, data)[0]) if len(data) == struct.calcsize(form) else None


def _entry(pack: int, offset: int, name: bytes, limit: int) -> tuple[str, bytes] | None:
    head = os.pread(pack, _LONGEST_HEADER, offset)
    length = next((at + 1 for at, byte in enumerate(head) if byte < 0x80), None)
    if length is None:
        return None
    size = head[0] & 15
    for at in range(1, length):
        size |= (head[at] & 0x7F) << (7 * at - 3)
    kind = _KINDS.get(head[0] >> 4 & 7)
    if kind is None or size > limit:
        return None
    # What does not shrink grows by less than this.
    packed = os.pread(pack, size + size // 100 + 1024, offset + length)
    unpacker = isal_zlib.decompressobj()
    try:
        data = unpacker.decompress(packed, size + 1)
    except IsalError:  # type: ignore[misc]  # its stub forgets that it is a type
        return None
    if len(data) != size or not unpacker.eof:
        return None
    digest = hashlib.sha1(b"%s %d\0" % (kind.encode(), size), usedforsecurity=False)
    digest.update(data)
    return (kind, data) if digest.digest() == name else None
