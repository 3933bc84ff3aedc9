"""The name of a Git object. By itself, so that reading history loads nothing else."""

from __future__ import annotations

from typing import NewType

ObjectId = NewType("ObjectId", str)
"""The name of a Git object: 40 lower-case hexadecimal digits."""
