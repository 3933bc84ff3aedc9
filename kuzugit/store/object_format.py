"""How a repository names its objects: kuzugit reads those of SHA-1, Git's default."""

from __future__ import annotations

import os
from pathlib import Path

import pygit2

from kuzugit.errors import UnsupportedError
from kuzugit.store.translate import git_errors

KEY = "extensions.objectformat"


class OtherObjectFormat(UnsupportedError):
    """The repository `where` names its objects by another hash than SHA-1."""

    def __init__(self, where: str) -> None:
        super().__init__(
            f"{where} names its objects by another hash than SHA-1, which kuzugit does not read",
            hint="git init --bare --object-format=sha1 DIR makes a repository that it reads",
        )
        self.where = where


def check_object_format(path: Path) -> None:
    """Raise OtherObjectFormat unless the repository at `path`, or in it, is one of SHA-1.

    Where there is none, or none that may be read, nothing is said.
    """
    for config in (path / "config", path / ".git" / "config"):
        if not os.access(config, os.R_OK):
            continue
        with git_errors(path, "read the configuration"):
            found = pygit2.Config(str(config))
            other = KEY in found and (found[KEY] or "").lower() != "sha1"
        if other:
            raise OtherObjectFormat(str(path))
