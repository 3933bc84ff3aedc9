"""A bare clone that plain Git made, turned into a store again.

`git clone --bare` copies commits, branches and tags, and no configuration of
kuzugit's: neither the format nor the path of the database.
"""

from __future__ import annotations

from pathlib import Path

import pygit2
from pygit2.enums import RepositoryOpenFlag

from kuzugit.store import history
from kuzugit.store.location import STORE_FORMAT, NotAStore, Store, open_store
from kuzugit.store.object_format import check_object_format
from kuzugit.store.objects import DamagedObject, has_object, list_tree
from kuzugit.store.partial import PartialClone, promised_by
from kuzugit.store.translate import git_errors

_BARE = RepositoryOpenFlag.NO_SEARCH | RepositoryOpenFlag.BARE


def is_adoptable(path: Path) -> bool:
    """Whether `path` is a bare Git repository that is no store."""
    config = path / "config"
    if not config.is_file() or not (path / "objects").is_dir():
        return False
    with git_errors(path, "read the configuration"):
        return "kuzugit.format" not in pygit2.Config(str(config))


def adopt_store(path: Path, database: Path) -> Store:
    """Make the bare repository `path` the store of `database` and open it.

    The format is written last, in one step: a crash before it leaves a plain
    repository that can be adopted again. Raises NotAStore where the branch holds
    commits that kuzugit did not make, PartialClone where its objects are not all there,
    OtherObjectFormat, StoreReadOnly, GitFailed.
    """
    path, database = path.resolve(), database.resolve()
    check_object_format(path)
    with git_errors(path, "open the repository"):
        git = pygit2.Repository(str(path), _BARE)
    _check_history(Store(path, git, database))
    _check_whole(Store(path, git, database))
    inside = database.is_relative_to(path.parent)
    with git_errors(path, "adopt the repository"):
        git.config["kuzugit.database"] = str(
            database.relative_to(path.parent) if inside else database
        )
        git.config["kuzugit.format"] = STORE_FORMAT
    git.free()
    return open_store(path)


def _check_whole(store: Store) -> None:
    """Raise PartialClone where Git left out objects of the newest snapshot."""
    remote, tip = promised_by(store.path), history.branch_tip(store)
    if remote is None or tip is None:
        return
    try:
        files = list_tree(store, tip.tree).values()
    except DamagedObject as error:
        raise PartialClone(store.path, remote) from error
    if not all(has_object(store, blob) for blob in files):
        raise PartialClone(store.path, remote)


def _check_history(store: Store) -> None:
    tip = history.branch_tip(store)
    if tip is not None and tip.trailer("Kuzugit-Format") is None:
        raise NotAStore(store.path, f"its newest commit {tip.commit[:7]} is no snapshot")
