"""What the user set in the store's Git configuration, or for all stores in their own."""

from __future__ import annotations

from collections.abc import Sequence

import pygit2

from kuzugit.errors import UsageError
from kuzugit.store.location import Store
from kuzugit.store.translate import git_errors


class BadValue(UsageError):
    """A setting `key` whose value `found` means nothing; `wanted` says what would."""

    def __init__(self, store: Store, key: str, found: str, wanted: str, example: str) -> None:
        super().__init__(
            f"{key} is {found!r}, and not {wanted}",
            hint=f"git --git-dir={store.path} config {key} {example}",
        )
        self.key = key
        self.found = found


def chosen(store: Store, key: str, choices: Sequence[str]) -> str:
    """Return the setting `key`, one of `choices`, the first of which is the default.

    Raises BadValue.
    """
    value = _value(store, key)
    if value is None:
        return choices[0]
    if value.lower() not in choices:
        raise BadValue(store, key, value, f"one of {', '.join(choices)}", choices[0])
    return value.lower()


def size(store: Store, key: str, default: int) -> int:
    """Return the setting `key` as bytes (`500m`, `2g`), `default` where it is not set.

    Raises BadValue.
    """
    value = _value(store, key)
    if value is None:
        return default
    try:
        return int(pygit2.Config.parse_int(value))
    except (ValueError, pygit2.GitError) as error:
        raise BadValue(store, key, value, "a size such as 500m or 2g", "500m") from error


def _value(store: Store, key: str) -> str | None:
    with git_errors(store.path, f"read the setting {key}"):
        config = store.git.config
        return (config[key] or "") if key in config else None
