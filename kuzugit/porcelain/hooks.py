"""Hooks of Git that look at the graph: put in place, looked at, taken away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import kuzugit.errors
from kuzugit.porcelain.lock_file import lock_path, write_lock
from kuzugit.porcelain.workspace import Workspace
from kuzugit.store.application import Application, find_application, hooks_of_store
from kuzugit.store.hook_files import Hook, look_at, put, take_away
from kuzugit.store.maintenance import run_git
from kuzugit.store.refs import current
from kuzugit.store.translate import git_errors

FOR_APPLICATION = ("pre-commit", "post-checkout", "post-merge")
FOR_STORE = ("pre-receive",)
PROGRAM = "kuzugit.program"
FSCK = "receive.fsckObjects"
STORE = "kuzugit.store"


@dataclass(frozen=True)
class Hooks:
    """The hooks of a repository, and the directory that Git looks for them in.

    `lock_file` is the `kuzugit.lock` that was made, None where none was.
    """

    directory: Path
    hooks: tuple[Hook, ...]
    lock_file: Path | None = None


def install_hooks(
    workspace: Workspace, *, shared: bool = False, program: Path | None = None, lock: bool = True
) -> Hooks:
    """Put our hooks into the application's repository, or into the store that is `shared`.

    A hook that is there is kept, and ours runs it first. `program` is the kuzugit that the
    hooks call; without it they look for one on their path. `lock` also makes the file
    `kuzugit.lock` for the application to track. In a shared store Git is told to check the
    objects of a push (`receive.fsckObjects`), unless it is told otherwise. Raises
    NoApplication, HookInTheWay, GitProgramMissing, GitProgramFailed.
    """
    if shared:
        return _install_in_store(workspace, program)
    application = _application(workspace)
    if program is not None:
        application.git("config", PROGRAM, str(program))
    application.git("config", STORE, _named(workspace.store.path, application.root))
    hooks = tuple(put(application.hooks, name, _ours(name)) for name in FOR_APPLICATION)
    made = None
    if lock and not lock_path(workspace.store).exists():
        with git_errors(workspace.store.path.parent, "write kuzugit.lock"):
            write_lock(workspace.store, current(workspace.store))
        made = lock_path(workspace.store)
    return Hooks(application.hooks, hooks, made)


def _install_in_store(workspace: Workspace, program: Path | None) -> Hooks:
    directory = hooks_of_store(workspace.store.path)
    if program is not None:
        with git_errors(workspace.store.path, "set the program of the hooks"):
            workspace.store.git.config[PROGRAM] = str(program)
    with git_errors(workspace.store.path, "let Git check what is pushed"):
        # What a fetch lets Git refuse, Git is to refuse before it is here.
        if FSCK not in workspace.store.git.config:
            workspace.store.git.config[FSCK] = True
    return Hooks(directory, tuple(put(directory, name, _ours(name)) for name in FOR_STORE))


def uninstall_hooks(workspace: Workspace, *, shared: bool = False) -> Hooks:
    """Take our hooks away; those that were there before are as they were.

    What they were told to do (`kuzugit.preCommit`, ...) and `kuzugit.lock` stay: they are
    the user's. Raises as install_hooks.
    """
    directory = _directory(workspace, shared=shared)
    names = FOR_STORE if shared else FOR_APPLICATION
    hooks = tuple(take_away(directory, name, _ours(name)) for name in names)
    if shared:
        run_git(workspace.store, "config", "--unset-all", PROGRAM)  # fails where there is none
    else:
        application = _application(workspace)
        for key in (PROGRAM, STORE):
            if application.setting(key) is not None:
                application.git("config", "--unset-all", key)
    return Hooks(directory, hooks)


def hooks_status(workspace: Workspace, *, shared: bool = False) -> Hooks:
    """Return how the hooks stand; nothing is changed. Raises as install_hooks."""
    directory = _directory(workspace, shared=shared)
    names = FOR_STORE if shared else FOR_APPLICATION
    return Hooks(directory, tuple(look_at(directory, name, _ours(name)) for name in names))


def _directory(workspace: Workspace, *, shared: bool) -> Path:
    return hooks_of_store(workspace.store.path) if shared else _application(workspace).hooks


def _application(workspace: Workspace) -> Application:
    return find_application(workspace.store.path.parent)


def _named(path: Path, root: Path) -> str:
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)


def _ours(name: str) -> bytes:
    """Return the shell that is shipped as the hook `name`.

    In an installed kuzugit it is within the package, in a checkout beside it.
    """
    package = Path(kuzugit.errors.__file__).parent
    places: Sequence[Path] = (package / "hooks" / name, package.parent / "hooks" / name)
    found = next((place for place in places if place.is_file()), places[0])
    return found.read_bytes()
