"""Which engine this is."""

from __future__ import annotations

from kuzugit.engine import binding


def engine_name() -> str:
    """Return the engine's name and release, such as `kuzu 0.11.3`."""
    return f"{binding.dialect().name} {binding.module().__version__}"


def storage_version() -> int:
    """Return the version of the files that this engine writes."""
    return int(binding.module().storage_version)
