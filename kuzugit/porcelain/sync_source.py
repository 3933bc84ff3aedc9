"""Where a sync takes its data from: another store, a database, an exported directory."""

from __future__ import annotations

import hashlib
import os
import shlex
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from kuzugit.canonical.paths import SCHEMA_FILE
from kuzugit.engine.binding import OtherEngineChosen
from kuzugit.errors import EngineError, UnknownNameError, UsageError
from kuzugit.model.object_id import ObjectId
from kuzugit.model.progress import Progress, ProgressCallback
from kuzugit.model.snapshot import Manifest
from kuzugit.porcelain.admission import admit_fetched
from kuzugit.porcelain.fetch import checked, fetch
from kuzugit.porcelain.keeping import Keeper
from kuzugit.porcelain.live import open_live
from kuzugit.porcelain.reading import read_manifest
from kuzugit.porcelain.snapshot_tree import write_snapshot
from kuzugit.porcelain.take import take_snapshot
from kuzugit.porcelain.workspace import Workspace
from kuzugit.store.history import OF_PATHS, REMOTES, Snapshot, branch_tip, resolve
from kuzugit.store.location import STORE_NAME, Store
from kuzugit.store.receiving import FetchResult
from kuzugit.store.receiving import fetch as bring
from kuzugit.store.ref_file import read_ref
from kuzugit.store.remote_url import BadUrl, parse_url
from kuzugit.store.remotes import Remote, remotes, store_url, url_of, version_there

_SHORT = 7


class UnknownSource(UnknownNameError):
    """Something to sync from that is no remote, store, database or exported directory."""

    def __init__(self, source: str, known: list[str]) -> None:
        self.source = source
        listed = f" (remotes: {', '.join(known)})" if known else ""
        super().__init__(
            f"{source!r} is no remote, no store, no database and no exported directory{listed}",
            hint=f"kuzugit remote add NAME {shlex.quote(source)}",
        )


class NoSnapshotThere(UnknownNameError):
    """A store to sync from that has no snapshot yet."""

    def __init__(self, source: str) -> None:
        self.source = source
        super().__init__(f"{source!r} has no snapshot yet", hint="commit there first")


class SourceIsOurs(UsageError):
    """The store, or the database, that is to be synced."""

    def __init__(self, source: str) -> None:
        self.source = source
        super().__init__(
            f"{source!r} is this store itself, or its database", hint="kuzugit remote list"
        )


class RevisionOfFile(UsageError):
    """A revision of something that has none."""

    def __init__(self, source: str) -> None:
        self.source = source
        super().__init__(
            f"{source!r} is no store, so it has no revisions",
            hint=f"kuzugit sync {shlex.quote(source)}",
        )


class SourceOfOtherEngine(EngineError):
    """A database of one engine, in a process that works with the other one."""

    def __init__(self, source: str, error: OtherEngineChosen) -> None:
        self.source = source
        database, there = shlex.quote(source), shlex.quote(f"{source}.kuzugit")
        store = f"kuzugit --store {there}"
        super().__init__(
            f"{source!r} is a {error.wanted.title} database, and this process works with "
            f"{error.chosen.title}; both cannot be loaded in one process",
            hint=f"make a store of it, and sync from that: {store} init {database}; "
            f"{store} commit -m MSG; kuzugit sync {there}",
        )


@dataclass(frozen=True)
class Source:
    """What to sync from, its chunks in our store.

    `name` is how messages and trailers call it, and what it is known by in later syncs;
    `snapshot` is None for what is no store, and so is `remote`, under which its references
    are; `version` is its version there, or its short commit id; `tree` is the tree of the
    whole content.
    """

    name: str
    manifest: Manifest
    tree: ObjectId
    snapshot: Snapshot | None = None
    version: str | None = None
    remote: str | None = None


def read_source(
    workspace: Workspace,
    source: str,
    revision: str | None,
    directory: Path,
    room: Path,
    progress: ProgressCallback,
    *,
    fetching: bool = True,
    prompt: bool = False,
) -> Source:
    """Return what `source` holds at `revision`, by default at the end of its branch.

    A remote is fetched first, unless `fetching` is False. A path is taken from `directory`.
    `room` is an empty directory. Raises UnknownSource, NoSnapshotThere, RevisionOfFile,
    SourceIsOurs, SourceOfOtherEngine, and what `fetch`, `import_directory` and `commit` raise
    for such a source.
    """
    store = workspace.store
    known = [item.name for item in remotes(store)]
    path = directory / source
    if source not in known and _is_ours(workspace, path):
        raise SourceIsOurs(source)
    if source not in known and _is_store(path):
        # By its path or by its name, it is one source: what it gave before is the base.
        source = _name_of(store, path) or source
    if source in known:
        done = None
        if fetching:
            done = fetch(workspace, source, prompt=prompt, progress=progress)
        return _of_store(store, source, source, revision, done, progress)
    name = _written(store, path)
    if _is_store(path):
        return _of_path(store, name, path, directory, revision, progress)
    if revision is not None:
        raise RevisionOfFile(source)
    if (path / SCHEMA_FILE).is_file():
        from kuzugit.porcelain.import_ import load_directory

        database = room / "source.kuzu"
        progress(Progress("loading", path.name, unit="files"))
        load_directory(path.absolute(), database)
        return _of_database(store, name, database, room, progress)
    if path.is_file():
        try:
            return _of_database(store, name, path, room, progress)
        except OtherEngineChosen as error:
            raise SourceOfOtherEngine(source, error) from error
    raise UnknownSource(source, known)


def _written(store: Store, path: Path) -> str:
    """Return how a path is remembered: from the directory of the store, however it was typed."""
    return os.path.relpath(path.resolve(), store.path.parent)


def _is_store(path: Path) -> bool:
    """Tell whether a directory is a store, or a project that has one."""
    return (path / STORE_NAME).is_dir() or (path / "objects").is_dir()


def _is_ours(workspace: Workspace, path: Path) -> bool:
    own = (workspace.store.path, workspace.database)
    return any(
        place.exists() and other.exists() and place.samefile(other)
        for place in (path, path / STORE_NAME)
        for other in own
    )


def _name_of(store: Store, path: Path) -> str | None:
    """Return the remote that is at `path`, None where none is."""
    wanted = store_url(parse_url(str(path.resolve()), path)).path
    for item in remotes(store):
        with suppress(BadUrl):
            found = url_of(store, item).path
            if found is not None and wanted is not None and found.resolve() == wanted.resolve():
                return item.name
    return None


def _of_store(
    store: Store,
    name: str,
    remote: str,
    revision: str | None,
    done: FetchResult | None,
    progress: ProgressCallback,
) -> Source:
    if revision is None:
        wanted = (done and done.head) or _own_branch(store, remote)
        if wanted is None:
            raise NoSnapshotThere(name)
        snapshot = resolve(store, f"{REMOTES}{remote}/{wanted}")
    else:
        wanted = revision.removeprefix(f"{remote}/")
        snapshot = resolve(store, f"{remote}/{wanted}")
    if done is None or f"{remote}/{wanted}" not in done.updated:
        # It was there before: plain Git may have brought it, which looks at nothing.
        admit_fetched(store, name, snapshot, branch_tip(store), progress)
    version = version_there(store, remote, snapshot.commit) or snapshot.commit[:_SHORT]
    return Source(name, read_manifest(store, snapshot), snapshot.tree, snapshot, version, remote)


def _own_branch(store: Store, remote: str) -> str | None:
    value = read_ref(store, f"{REMOTES}{remote}/HEAD") or ""
    prefix = f"ref: {REMOTES}{remote}/"
    return value.removeprefix(prefix) if value.startswith(prefix) else None


def _of_path(
    store: Store,
    name: str,
    path: Path,
    directory: Path,
    revision: str | None,
    progress: ProgressCallback,
) -> Source:
    # Not a remote that the user named, yet what came is kept, so that the next sync
    # brings only what is new.
    home = path.resolve()
    own = f"{OF_PATHS}{hashlib.sha256(str(home).encode()).hexdigest()[:12]}"
    remote = Remote(own, str(home), shares_versions=False)
    url = store_url(parse_url(str(home), directory))
    done = bring(store, remote, checked(progress), url=url, progress=progress)
    if done.head is None:
        raise NoSnapshotThere(name)
    return _of_store(store, name, own, revision, done, progress)


def _of_database(
    store: Store,
    name: str,
    database: Path,
    room: Path,
    progress: ProgressCallback,
) -> Source:
    taken = room / "source"
    taken.mkdir()
    with (
        Keeper(store, None, taken / "new") as keeper,
        open_live(database.absolute(), None) as live,
    ):
        manifest = take_snapshot(live.source, taken, keeper.keep, progress)
    return Source(name, manifest, write_snapshot(store, manifest))
