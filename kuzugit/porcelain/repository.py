"""The Python API: a store and its database as one object."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kuzugit.model.progress import ProgressCallback, ignore_progress
from kuzugit.model.version import Bump
from kuzugit.porcelain.workspace import Workspace, open_workspace

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from kuzugit.canonical.parquet import Table
    from kuzugit.canonical.sql import Connection
    from kuzugit.engine.ask import Found
    from kuzugit.model.merge import Choices
    from kuzugit.porcelain.apply import ApplyResult
    from kuzugit.porcelain.checkout import CheckoutResult
    from kuzugit.porcelain.commit import CommitResult
    from kuzugit.porcelain.compact import CompactResult
    from kuzugit.porcelain.diff import Diff
    from kuzugit.porcelain.export import ExportResult
    from kuzugit.porcelain.gc import GcResult
    from kuzugit.porcelain.log import Entry
    from kuzugit.porcelain.pull import PullResult
    from kuzugit.porcelain.status import Status
    from kuzugit.porcelain.sync import SyncResult
    from kuzugit.porcelain.verify import VerifyReport
    from kuzugit.store.history import Snapshot
    from kuzugit.store.receiving import FetchResult
    from kuzugit.store.remotes import Remote
    from kuzugit.store.sending import PushResult


class Repository:
    """An open store and its live database. Close it, or use it in a `with` statement.

    Each method is the function of the same name in `kuzugit.porcelain`, whose
    docstring says what it does, promises and raises.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    @classmethod
    def open(
        cls,
        directory: str | Path = ".",
        *,
        store: str | Path | None = None,
        database: str | Path | None = None,
        engine: str | None = None,
    ) -> Repository:
        """Open the store of `directory`, found as Git finds its own, or the `store` named.

        `engine` is `kuzu` or `ladybug`, for what is built; a process can work with one
        of them only. Without it, the store's configuration or the database says it.
        """
        return cls(
            open_workspace(
                Path(directory),
                None if store is None else Path(store),
                None if database is None else Path(database),
                engine,
            )
        )

    @classmethod
    def init(
        cls, database: str | Path, *, directory: str | Path = ".", store: str | Path | None = None
    ) -> Repository:
        """Make a store for `database`, by default `.kuzugit` in `directory`."""
        from kuzugit.porcelain.init import init

        return cls(init(Path(directory), Path(database), None if store is None else Path(store)))

    @classmethod
    def clone(
        cls,
        url: str,
        target: str | Path | None = None,
        *,
        database: str | Path | None = None,
        checkout: bool = False,
        engine: str | None = None,
        prompt: bool = False,
        progress: ProgressCallback = ignore_progress,
    ) -> Repository:
        """Make the directory `target` with a store that has what the one at `url` has."""
        from kuzugit.porcelain.clone import clone

        done = clone(
            url,
            None if target is None else Path(target),
            database=None if database is None else Path(database),
            checkout=checkout,
            engine=engine,
            prompt=prompt,
            progress=progress,
        )
        return cls(done.workspace)

    def __enter__(self) -> Repository:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Free what the store holds open. The database is never held between calls."""
        self._workspace.store.close()

    @property
    def path(self) -> Path:
        """The store: a bare Git repository."""
        return self._workspace.store.path

    @property
    def database(self) -> Path:
        """The live database's file."""
        return self._workspace.database

    def commit(
        self,
        message: str,
        *,
        connection: Any | None = None,
        tag: str | None = None,
        bump: Bump | str | None = None,
        trailers: Sequence[tuple[str, str]] = (),
        allow_empty: bool = False,
        dry_run: bool = False,
        verify: bool | None = None,
        accept_loss: Collection[str] = (),
        checks: bool = True,
        tell: Callable[[str], None] = lambda _: None,
        progress: ProgressCallback = ignore_progress,
    ) -> CommitResult:
        """Snapshot the database; with a `connection`, from inside the process that writes."""
        from kuzugit.porcelain.commit import commit

        return commit(
            self._workspace,
            message,
            tag=tag,
            bump=None if bump is None else Bump(bump),
            trailers=trailers,
            allow_empty=allow_empty,
            dry_run=dry_run,
            verify=verify,
            accept_loss=accept_loss,
            checks=checks,
            tell=tell,
            connection=connection,
            progress=progress,
        )

    def status(
        self, *, connection: Any | None = None, progress: ProgressCallback = ignore_progress
    ) -> Status:
        """Compare the live database with current."""
        from kuzugit.porcelain.status import status

        return status(self._workspace, connection=connection, progress=progress)

    def checkout(
        self,
        revision: str,
        *,
        to: str | Path | None = None,
        save: bool = False,
        force: bool = False,
        progress: ProgressCallback = ignore_progress,
    ) -> CheckoutResult:
        """Make the live database that of `revision`, or build a copy at the path `to`."""
        from kuzugit.porcelain.checkout import checkout

        return checkout(
            self._workspace,
            revision,
            to=None if to is None else Path(to),
            save=save,
            force=force,
            progress=progress,
        )

    def compact(self, *, progress: ProgressCallback = ignore_progress) -> CompactResult:
        """Rebuild the live database from current, without its dead space."""
        from kuzugit.porcelain.compact import compact

        return compact(self._workspace, progress=progress)

    def diff(
        self,
        old: str | None = None,
        new: str | None = None,
        *,
        tables: Sequence[str] = (),
        keys: Sequence[str] = (),
        types: Sequence[str] = (),
        columns: Sequence[str] = (),
        where: str | None = None,
        limit: int | None = None,
        reverse: bool = False,
        connection: Any | None = None,
        progress: ProgressCallback = ignore_progress,
    ) -> Diff:
        """Compare two snapshots, or one with the live database. Use it in a `with` statement."""
        from kuzugit.porcelain.diff import diff

        return diff(
            self._workspace,
            old,
            new,
            tables=tables,
            keys=keys,
            types=types,
            columns=columns,
            where=where,
            limit=limit,
            reverse=reverse,
            connection=connection,
            progress=progress,
        )

    def apply(
        self,
        patch: str | Path | Iterable[str],
        *,
        reverse: bool = False,
        check: bool = False,
        progress: ProgressCallback = ignore_progress,
    ) -> ApplyResult:
        """Change the live database as a patch says, a file or its lines; `reverse` undoes it."""
        from kuzugit.model.patch import EMPTY
        from kuzugit.porcelain.apply import apply
        from kuzugit.porcelain.patch import open_patch, read_patch

        lines = open_patch(Path(patch)) if isinstance(patch, str | Path) else patch
        found = read_patch(lines) or EMPTY
        return apply(
            self._workspace,
            found.reversed() if reverse else found,
            check=check,
            progress=progress,
        )

    def log(self, revision: str | None = None, *, limit: int | None = None) -> Iterator[Entry]:
        """Return the history, newest first."""
        from kuzugit.porcelain.log import log

        return log(self._workspace, revision, limit=limit)

    def export(
        self, revision: str, directory: str | Path, *, format: str = "parquet"
    ) -> ExportResult:
        """Write a snapshot as a directory that IMPORT DATABASE takes."""
        from kuzugit.porcelain.export import export

        return export(self._workspace, revision, Path(directory), format=format)

    def import_directory(
        self,
        directory: str | Path,
        message: str,
        *,
        accept_loss: Collection[str] = (),
        checks: bool = True,
    ) -> CommitResult:
        """Commit a directory that EXPORT DATABASE or `export` wrote."""
        from kuzugit.porcelain.import_ import import_directory

        return import_directory(
            self._workspace, Path(directory), message, accept_loss=accept_loss, checks=checks
        )

    def verify(
        self, revision: str | None = None, *, every: bool = False, rebuild: bool = False
    ) -> VerifyReport:
        """Check what the store holds against what was committed."""
        from kuzugit.porcelain.verify import verify

        return verify(self._workspace, revision, every=every, rebuild=rebuild)

    def gc(
        self,
        *,
        prune_older: str = "1.day.ago",
        aggressive: bool = False,
        progress: ProgressCallback = ignore_progress,
    ) -> GcResult:
        """Pack the store and remove what no reference reaches."""
        from kuzugit.porcelain.gc import gc

        return gc(
            self._workspace, prune_older=prune_older, aggressive=aggressive, progress=progress
        )

    def remotes(self) -> list[Remote]:
        """Return the stores that this one knows by name."""
        from kuzugit.porcelain.remote import remotes

        return remotes(self._workspace)

    def add_remote(self, name: str, url: str, *, shares_versions: bool | None = None) -> Remote:
        """Remember the store at `url` as `name`."""
        from kuzugit.porcelain.remote import add_remote

        return add_remote(self._workspace, name, url, shares_versions=shares_versions)

    def set_remote_url(self, name: str, url: str) -> Remote:
        """Let the remote `name` be at `url`."""
        from kuzugit.porcelain.remote import set_remote_url

        return set_remote_url(self._workspace, name, url)

    def rename_remote(self, old: str, new: str) -> Remote:
        """Call a remote, and what was fetched from it, by another name."""
        from kuzugit.porcelain.remote import rename_remote

        return rename_remote(self._workspace, old, new)

    def remove_remote(self, name: str) -> None:
        """Forget a remote and what was fetched under its name."""
        from kuzugit.porcelain.remote import remove_remote

        remove_remote(self._workspace, name)

    def fetch(
        self,
        remote: str | None = None,
        *,
        prompt: bool = False,
        progress: ProgressCallback = ignore_progress,
    ) -> FetchResult:
        """Bring what a remote has, under its name; by default origin or the only one."""
        from kuzugit.porcelain.fetch import fetch

        return fetch(self._workspace, remote, prompt=prompt, progress=progress)

    def pull(
        self,
        remote: str | None = None,
        *,
        checkout: bool = True,
        prompt: bool = False,
        progress: ProgressCallback = ignore_progress,
    ) -> PullResult:
        """Fetch, and let branch and database go on to what came."""
        from kuzugit.porcelain.pull import pull

        return pull(self._workspace, remote, checkout=checkout, prompt=prompt, progress=progress)

    def push(
        self,
        remote: str | None = None,
        *,
        tags: bool = True,
        prompt: bool = False,
        progress: ProgressCallback = ignore_progress,
    ) -> PushResult:
        """Bring the branch and the tags to a remote; by default origin or the only one."""
        from kuzugit.porcelain.push import push

        return push(self._workspace, remote, tags=tags, prompt=prompt, progress=progress)

    def sync(
        self,
        source: str | Path,
        revision: str | None = None,
        *,
        tables: Sequence[str] = (),
        prefix: str = "",
        choices: Choices | None = None,
        dry_run: bool = False,
        save: bool = False,
        message: str | None = None,
        tag: str | None = None,
        trailers: Sequence[tuple[str, str]] = (),
        checks: bool = True,
        fetching: bool = True,
        prompt: bool = False,
        tell: Callable[[str], None] = lambda _: None,
        progress: ProgressCallback = ignore_progress,
    ) -> SyncResult:
        """Take over what a remote, a store, a database or an exported directory has.

        Conflicts are raised as SyncConflicts, unless `choices` says who wins.
        """
        from kuzugit.model.merge import Choices
        from kuzugit.porcelain.sync import sync

        return sync(
            self._workspace,
            str(source),
            revision,
            tables=tables,
            prefix=prefix,
            choices=Choices() if choices is None else choices,
            dry_run=dry_run,
            save=save,
            message=message,
            tag=tag,
            trailers=trailers,
            checks=checks,
            fetching=fetching,
            prompt=prompt,
            tell=tell,
            progress=progress,
        )

    def snapshot(self, revision: str) -> SnapshotReader:
        """Return a snapshot to read from."""
        from kuzugit.store.history import resolve

        return SnapshotReader(self._workspace, resolve(self._workspace.store, revision))


class SnapshotReader:
    """The tables of a snapshot, read without building its database."""

    def __init__(self, workspace: Workspace, snapshot: Snapshot) -> None:
        self._workspace = workspace
        self.snapshot = snapshot

    def table(self, name: str, from_table: str | None = None, to_table: str | None = None) -> Table:
        """Return the rows of a table as Arrow, in the stored form, all in memory.

        Rels begin with the columns `from` and `to`. Of a rel table whose pairs have
        keys of different types, name one pair. Raises UnknownTable, AmbiguousTable.
        """
        from kuzugit.porcelain.tables import read_table

        return read_table(self._workspace.store, self.snapshot, name, from_table, to_table)

    def duckdb(self) -> AbstractContextManager[Connection]:
        """Give a DuckDB with every table as a view, of its logical values, for a `with` block.

        Rels have the columns `from` and `to`. The connection reads the snapshot's tables
        and nothing else: no other file, no network.
        """
        from kuzugit.porcelain.sql import duckdb

        return duckdb(self._workspace, self.snapshot.commit)

    def query(
        self, statement: str, parameters: Mapping[str, Any] | None = None
    ) -> AbstractContextManager[Found]:
        """Run one reading Cypher statement on the snapshot's database, which is kept."""
        from kuzugit.porcelain.query import query

        return query(self._workspace, self.snapshot.commit, statement, parameters)
