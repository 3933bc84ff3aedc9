"""One object of a pack, read without libgit2.

libgit2 holds Python's lock while it unpacks, so that several threads read no faster than
one. Here they do, with ISA-L, which takes half of zlib's time. What is in any way odd is
left to libgit2.

The forms are those of Git: https://git-scm.com/docs/pack-format.
"""

from __future__ import annotations

import hashlib
import os
import struct
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from isal import isal_zlib
from isal.isal_zlib import IsalError

from kuzugit.model.object_id import ObjectId

_MAGIC = b"\xfftOc\0\0\0\2"
_HEAD = len(_MAGIC) + 256 * 4
_NAME = 20
_LARGE = 1 << 31
_KINDS = {1: "commit", 2: "tree", 3: "blob", 4: "tag"}
_DELTA_BEHIND, _DELTA_BY_NAME = 6, 7
_LONGEST_HEADER = 32
_MOST_DELTAS = 64
"""On the way to an object that stands whole; Git itself makes at most 50."""


def read_packed(objects: Path, id: ObjectId, limit: int) -> tuple[str, bytes] | None:
    """Return (kind, bytes) of the object `id`, compared with its name.

    None where no pack has it; where it, or what it is a delta of, has more than `limit`
    bytes; where it is not what its name says. Several threads may call it at once.
    Raises OSError.
    """
    name = bytes.fromhex(id)
    for index in _indexes(objects):
        try:
            with index.open("rb") as file:
                find = partial(_offset, file.fileno())
                offset = find(name)
                if offset is not None:
                    with index.with_suffix(".pack").open("rb") as pack:
                        found = _unpacked(pack.fileno(), offset, find, limit)
                        return found if found and _name(*found) == name else None
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


def _name(kind: str, data: bytes) -> bytes:
    digest = hashlib.sha1(b"%s %d\0" % (kind.encode(), len(data)), usedforsecurity=False)
    digest.update(data)
    return digest.digest()


def _unpacked(
    pack: int, offset: int, find: Callable[[bytes], int | None], limit: int
) -> tuple[str, bytes] | None:
    """Return the object at `offset`, made of the one that stands whole and its deltas.

    `find` gives the offset of another one, by its name.
    """
    deltas: list[bytes] = []
    while len(deltas) <= _MOST_DELTAS:
        head = os.pread(pack, _LONGEST_HEADER, offset)
        first = _number(head, 0, head[0] & 15 if head else 0, 4)
        if first is None or first[0] > limit:
            return None
        size, length = first
        number = head[0] >> 4 & 7
        base: int | None = None
        if number == _DELTA_BY_NAME:
            base, length = find(head[length : length + _NAME]), length + _NAME
        elif number == _DELTA_BEHIND:
            base, length = _before(offset, head, length)
        elif number not in _KINDS:
            return None
        data = _inflated(pack, offset + length, size)
        if data is None:
            return None
        if number in _KINDS:
            whole = _applied(data, deltas, limit)
            return None if whole is None else (_KINDS[number], whole)
        if base is None:
            return None
        deltas.append(data)
        offset = base
    return None


def _number(data: bytes, at: int, number: int = 0, bits: int = 0) -> tuple[int, int] | None:
    """Return a number whose bytes go from `at` to the first one below 128, and where they end.

    The lowest bits come first. `number` is what the first byte holds, where it has but `bits`
    of it.
    """
    start = at
    while at < len(data):
        byte = data[at]
        if at > start or not bits:
            number |= (byte & 0x7F) << bits
            bits += 7
        at += 1
        if byte < 0x80:
            return number, at
    return None


def _before(offset: int, head: bytes, at: int) -> tuple[int | None, int]:
    """Return the offset of the object that the delta at `offset` is of, and where it is said."""
    back = -1
    while at < len(head):
        back = (back + 1) << 7 | (head[at] & 0x7F)
        at += 1
        if head[at - 1] < 0x80:
            return (offset - back if 0 < back < offset else None), at
    return None, at


def _inflated(pack: int, offset: int, size: int) -> bytes | None:
    # What does not shrink grows by less than this.
    packed = os.pread(pack, size + size // 100 + 1024, offset)
    unpacker = isal_zlib.decompressobj()
    try:
        data = bytes(unpacker.decompress(packed, size + 1))
    except IsalError:  # type: ignore[misc]  # its stub forgets that it is a type
        return None
    return data if len(data) == size and unpacker.eof else None


def _applied(data: bytes, deltas: Sequence[bytes], limit: int) -> bytes | None:
    """Return what the deltas make of `data`, the last of them first; None where they cannot."""
    for delta in reversed(deltas):
        try:
            made = _changed(data, delta, limit)
        except IndexError:  # it ends in the middle of what it says
            return None
        if made is None:
            return None
        data = made
    return data


def _changed(base: bytes, delta: bytes, limit: int) -> bytes | None:
    lengths = _number(delta, 0)
    total = None if lengths is None else _number(delta, lengths[1])
    if lengths is None or total is None or lengths[0] != len(base) or total[0] > limit:
        return None
    view, left, at = memoryview(base), total[0], total[1]
    parts: list[bytes | memoryview] = []
    while at < len(delta):
        code = delta[at]
        at += 1
        if code & 0x80:
            start = size = 0
            for bit in range(7):
                if code >> bit & 1:
                    byte, at = delta[at], at + 1
                    start |= byte << 8 * bit if bit < 4 else 0
                    size |= byte << 8 * (bit - 4) if bit >= 4 else 0
            part: bytes | memoryview = view[start : start + (size or 1 << 16)]
            size = size or 1 << 16
        else:
            size, part = code, delta[at : at + code]
            at += code
        left -= size
        if left < 0 or not size or len(part) != size:
            return None
        parts.append(part)
    return b"".join(parts) if left == 0 else None
