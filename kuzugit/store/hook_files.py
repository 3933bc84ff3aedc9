"""Git's hooks as files: ours beside those that were there before.

A hook of somebody else's is renamed to `<name>.before-kuzugit`, and ours runs it first. To
remove ours is to rename it back: the same file, with its bytes, its mode and its target.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from kuzugit import atomic
from kuzugit.errors import RefusedError
from kuzugit.store.translate import git_errors

MARK = b"# kuzugit hook "
BEFORE = ".before-kuzugit"


class HookState(StrEnum):
    """How it stands with a hook."""

    ABSENT = "absent"
    INSTALLED = "installed"
    OUTDATED = "outdated"
    REPLACED = "replaced"


@dataclass(frozen=True)
class Hook:
    """A hook `name` at `path`; `before` is the hook that it runs first, None where none is.

    `REPLACED` tells that another program has put its hook over ours.
    """

    name: str
    path: Path
    state: HookState
    before: Path | None


class HookInTheWay(RefusedError):
    """Two hooks that are not ours, of which only one could be kept."""

    def __init__(self, path: Path, before: Path) -> None:
        super().__init__(
            f"{path} is not kuzugit's, and {before.name} beside it already keeps another hook",
            hint=f"join the two, or: rm {before}",
        )
        self.path = path
        self.before = before


def look_at(directory: Path, name: str, wanted: bytes) -> Hook:
    """Return how the hook `name` stands in `directory`; `wanted` is what ours has to be."""
    path = directory / name
    before = path.with_name(f"{name}{BEFORE}")
    kept = before if os.path.lexists(before) else None
    if not os.path.lexists(path):
        return Hook(name, path, HookState.ABSENT, kept)
    found = _ours(path)
    if found is None:
        state = HookState.ABSENT if kept is None else HookState.REPLACED
        return Hook(name, path, state, kept)
    return Hook(name, path, HookState.INSTALLED if found == wanted else HookState.OUTDATED, kept)


def put(directory: Path, name: str, wanted: bytes) -> Hook:
    """Make ours the hook `name`. A kill leaves the other's at `before`, which ours will run.

    Raises HookInTheWay, StoreReadOnly, GitFailed.
    """
    hook = look_at(directory, name, wanted)
    if hook.state is HookState.REPLACED and hook.before is not None:
        raise HookInTheWay(hook.path, hook.before)
    with git_errors(directory, f"install the hook {name}"):
        directory.mkdir(parents=True, exist_ok=True)
        beside = hook.path.with_name(f".{name}.kuzugit-new")
        beside.write_bytes(wanted)
        beside.chmod(0o755)
        atomic.fsync_file(beside)
        if hook.state is HookState.ABSENT and os.path.lexists(hook.path):
            hook.path.rename(hook.path.with_name(f"{name}{BEFORE}"))
            atomic.step("hooks:other-kept")
        beside.replace(hook.path)
        atomic.fsync_directory(directory)
    return look_at(directory, name, wanted)


def take_away(directory: Path, name: str, wanted: bytes) -> Hook:
    """Remove our hook `name` and put back the one that was there before.

    One that is not ours stays. Raises StoreReadOnly, GitFailed.
    """
    hook = look_at(directory, name, wanted)
    if hook.state is HookState.REPLACED:
        return hook
    with git_errors(directory, f"remove the hook {name}"):
        if hook.before is not None:
            hook.before.replace(hook.path)
        elif hook.state is not HookState.ABSENT:
            hook.path.unlink()
        if directory.is_dir():
            atomic.fsync_directory(directory)
    return look_at(directory, name, wanted)


def _ours(path: Path) -> bytes | None:
    try:
        content = path.read_bytes()
    except OSError:
        return None  # a dangling link, or what we may not read: not ours
    return content if MARK in content[:200] else None
