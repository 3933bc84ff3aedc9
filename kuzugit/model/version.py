"""Versions: `v1.2.3`, their order and their arithmetic."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

_FORM = re.compile(r"v(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})", re.ASCII)


class Bump(StrEnum):
    """Which part of a version goes up."""

    MAJOR = "major"
    MINOR = "minor"
    PATCH = "patch"


@dataclass(frozen=True, order=True)
class Version:
    """A version in the order of its numbers; `str()` gives `v1.2.3`."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return f"v{self.major}.{self.minor}.{self.patch}"

    def bumped(self, bump: Bump) -> Version:
        """Return the next version: the named part goes up, the ones after it to 0."""
        match bump:
            case Bump.MAJOR:
                return Version(self.major + 1, 0, 0)
            case Bump.MINOR:
                return Version(self.major, self.minor + 1, 0)
            case Bump.PATCH:
                return Version(self.major, self.minor, self.patch + 1)


FIRST = Version(0, 1, 0)
"""The version of a store's first snapshot."""


def parse_version(text: str) -> Version | None:
    """Return the version that `text` is, or None where it has another form."""
    match = _FORM.fullmatch(text)
    return Version(*map(int, match.groups())) if match else None
