"""Who makes a snapshot, as Git's configuration says."""

from __future__ import annotations

import time as clock
from dataclasses import dataclass

import pygit2

from kuzugit.errors import GitError, UsageError
from kuzugit.store.location import Store
from kuzugit.store.translate import git_errors


class NoAuthor(GitError):
    """Git's configuration does not say who the user is: `missing` names the key."""

    def __init__(self, missing: str) -> None:
        value = "Your Name" if missing == "user.name" else "you@example.org"
        super().__init__(
            f"Git's configuration has no {missing}, so the snapshot would have no author",
            hint=f'git config --global {missing} "{value}"',
        )
        self.missing = missing


class BadSignature(UsageError):
    """A name or email that Git cannot store."""

    def __init__(self, name: str, email: str) -> None:
        super().__init__(f"Git cannot store the author {name!r} <{email!r}>")


@dataclass(frozen=True)
class Signature:
    """Who and when: `time` in seconds since 1970, `offset` in minutes east of UTC."""

    name: str
    email: str
    time: int
    offset: int

    def for_git(self) -> pygit2.Signature:
        """Return it as libgit2 wants it; raise BadSignature."""
        if any(mark in self.name + self.email for mark in "<>\n\0"):
            raise BadSignature(self.name, self.email)
        try:
            return pygit2.Signature(self.name, self.email, self.time, self.offset, "utf-8")
        except (pygit2.GitError, ValueError) as error:
            raise BadSignature(self.name, self.email) from error


def configured_signature(store: Store) -> Signature:
    """Return `user.name` and `user.email` of Git's configuration, now, local time.

    Raises NoAuthor where one of them is missing or empty.
    """
    values = []
    for key in ("user.name", "user.email"):
        with git_errors(store.path, "read Git's configuration"):
            config = store.git.config
            value = (config[key] or "").strip() if key in config else ""
        if not value:
            raise NoAuthor(key)
        values.append(value)
    now = int(clock.time())
    offset = (clock.localtime(now).tm_gmtoff or 0) // 60
    return Signature(values[0], values[1], now, offset)
