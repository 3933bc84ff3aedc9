"""What collecting brought."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kuzugit.cli.render.quantity import count, size

if TYPE_CHECKING:
    from kuzugit.cli.render.document import Json
    from kuzugit.porcelain.gc import GcResult
    from kuzugit.store.sizes import StoreSize


def gc_line(result: GcResult) -> str:
    """Return the line of `gc`: before and after."""
    return f"{_said(result.before)} before, {_said(result.after)} after"


def packed_line(result: GcResult) -> str:
    """Return the line of a commit that packed the store by itself."""
    before, after = size(result.before.bytes), size(result.after.bytes)
    return f"Packed the store: {before} before, {after} after"


def _said(found: StoreSize) -> str:
    return f"{size(found.bytes)} ({count(found.loose, 'loose object')}, {_packs(found.packs)})"


def _packs(number: int) -> str:
    return count(number, "pack") if number else "no packs"


def gc_fields(result: GcResult) -> dict[str, Json]:
    """Return the result as JSON fields."""
    return {"before": size_fields(result.before), "after": size_fields(result.after)}


def size_fields(found: StoreSize) -> dict[str, Json]:
    """Return what the store takes, in bytes."""
    return {
        "bytes": found.bytes,
        "loose_objects": found.loose,
        "loose_bytes": found.loose_bytes,
        "packs": found.packs,
        "packed_bytes": found.packed_bytes,
        "cache_bytes": found.cache_bytes,
    }
