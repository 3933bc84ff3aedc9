"""Clones that plain Git made without some objects: `git clone --filter=...`.

Git fetches what is missing when it is asked for it. libgit2 does not, and a snapshot that
has to be fetched chunk by chunk would be slow; so such a clone is told of, and how to get
the rest.
"""

from __future__ import annotations

from pathlib import Path

import pygit2

from kuzugit.errors import UnsupportedError
from kuzugit.store.translate import git_errors


class PartialClone(UnsupportedError):
    """The repository at `path` is a clone without all of its objects, so it can be no store."""

    def __init__(self, path: Path, remote: str) -> None:
        super().__init__(
            f"{path} is a partial clone: objects of its snapshots were left out",
            hint=how_to_complete(path, remote),
        )
        self.path = path


def promised_by(path: Path) -> str | None:
    """Return the remote that has the objects which a partial clone left out, else None.

    That the repository at `path` still lacks any is not said.
    """
    with git_errors(path, "read the configuration"):
        config = pygit2.Config(str(path / "config"))
        for entry in config:
            name = entry.name.removeprefix("remote.").removesuffix(".promisor")
            if entry.name == f"remote.{name}.promisor" and config.get_bool(entry.name):
                return name
    return None


def how_to_complete(path: Path, remote: str) -> str:
    """Return the command that brings what a partial clone left out."""
    return (
        f"git --git-dir={path} fetch --refetch --no-filter {remote} "
        "'refs/heads/*:refs/heads/*' 'refs/tags/*:refs/tags/*'"
    )
