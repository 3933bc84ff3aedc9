"""Stores with snapshots in them, child processes, and plain Git, for the tests of the store."""

from __future__ import annotations

import os
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pygit2
from pygit2.enums import ConfigLevel

from kuzugit.model.object_id import ObjectId
from kuzugit.store.history import Snapshot, branch_tip
from kuzugit.store.location import Store
from kuzugit.store.objects import write_blob, write_tree
from kuzugit.store.refs import publish
from kuzugit.store.signature import Signature

ADA = Signature("Ada Tester", "ada@example.org", 1_700_000_000, 60)
NOBODY = 65534
HOMES = (ConfigLevel.GLOBAL, ConfigLevel.XDG)


def a_tree(store: Store, content: str = "rows") -> ObjectId:
    blob = write_blob(store, content.encode())
    return write_tree(store, {"schema.cypher": blob, "nodes/Person/1.parquet": blob})


def commit(
    store: Store,
    tag: str,
    *,
    message: str | None = None,
    tip: ObjectId | None = None,
    make_current: bool = True,
    at: int = ADA.time,
) -> Snapshot:
    """Publish a snapshot whose content is its tag's name, upon `tip` or the branch as it is."""
    if tip is None:
        found = branch_tip(store)
        tip = None if found is None else found.commit
    who = Signature(ADA.name, ADA.email, at, ADA.offset)
    return publish(
        store,
        tree=a_tree(store, tag),
        message=message or f"Snapshot {tag}",
        tag_name=tag,
        tag_message=f"Changes of {tag}",
        author=who,
        committer=who,
        expected_tip=tip,
        make_current=make_current,
    )


def git(store: Store | Path, *arguments: str) -> str:
    """Run plain Git on the store and return what it prints; it must succeed."""
    path = store.path if isinstance(store, Store) else store
    done = subprocess.run(
        ["git", f"--git-dir={path}", *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def in_child(work: Callable[[], None]) -> int:
    """Run `work` in a child process; return its exit status, or minus the signal's number."""
    return wait(start_child(work))


def start_child(work: Callable[[], None]) -> int:
    """Start `work` in a child process and return its id. An exception makes it end with 1."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        work()
        status = 0
    finally:
        if status:
            traceback.print_exc(file=sys.__stderr__)
        os._exit(status)


def wait(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def names(directory: Path) -> list[str]:
    return sorted(item.name for item in directory.iterdir())


@contextmanager
def read_only(path: Path) -> Iterator[None]:
    """Take the right to write `path` and all below it from this process, root or not."""
    paths = [path, *path.rglob("*")]
    modes = {item: item.stat().st_mode for item in paths}
    as_root = os.geteuid() == 0
    for item in paths:
        if as_root:
            os.chown(item, NOBODY, -1)
        item.chmod(modes[item] & ~0o222)
    homes = {level: pygit2.settings.search_path[level] for level in HOMES}
    if as_root:
        # The test session's home is closed to others, and libgit2 looks there.
        for level in HOMES:
            pygit2.settings.search_path[level] = str(path)
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if as_root:
            os.seteuid(0)
        for level in HOMES:
            pygit2.settings.search_path[level] = homes[level]
        for item in paths:
            if as_root:
                os.chown(item, 0, -1)
            item.chmod(modes[item])
