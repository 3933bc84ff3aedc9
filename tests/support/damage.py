"""Bytes that are flipped, cut off, cut out, doubled or moved: what a fuzzer does to a file."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

Act = tuple[str, int, int]
"""What is done, where, and how much: a mask, or a number of bytes."""

ACTS = ("flip", "cut off", "cut out", "double", "overwrite")


@dataclass(frozen=True)
class Damage:
    """Acts that are done one after the other; places are taken modulo the length."""

    acts: tuple[Act, ...]

    def done_to(self, data: bytes) -> bytes:
        """Return `data` with all of it done."""
        for kind, at, size in self.acts:
            if data:
                data = _done(kind, data, at % len(data), size)
        return data


def _done(kind: str, data: bytes, at: int, size: int) -> bytes:
    head, tail = data[:at], data[at:]
    if kind == "flip":
        return head + bytes([tail[0] ^ (size % 255 + 1)]) + tail[1:]
    if kind == "cut off":
        return head
    if kind == "cut out":
        return head + tail[size:]
    if kind == "double":
        return head + tail[:size] + tail
    # With bytes from elsewhere in the file.
    piece = data[-size:]
    return head + piece + tail[len(piece) :]


DAMAGE: st.SearchStrategy[Damage] = st.lists(
    st.tuples(st.sampled_from(ACTS), st.integers(0, 1 << 16), st.integers(1, 64)),
    min_size=1,
    max_size=4,
).map(lambda acts: Damage(tuple(acts)))
