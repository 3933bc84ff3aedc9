"""Diff: what changed between two snapshots, or between one and the live database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any

from kuzugit.errors import UnknownNameError, UsageError
from kuzugit.model.progress import ProgressCallback, ignore_progress
from kuzugit.porcelain.sides import Filters, Side
from kuzugit.porcelain.workspace import Workspace
from kuzugit.store import history
from kuzugit.store.refs import current

if TYPE_CHECKING:
    from kuzugit.diff.stream import Batch, Schemas
    from kuzugit.model.changes import RowCounts, SchemaChange
    from kuzugit.model.renames import Candidates
    from kuzugit.model.row_change import Row, RowChange, TableDiff
    from kuzugit.model.snapshot import Manifest
    from kuzugit.porcelain.comparison import Comparison
    from kuzugit.porcelain.graph import Graph

KINDS = ("added", "removed", "changed")


class NothingToCompare(UnknownNameError):
    """There is no snapshot that the live database was made from."""

    def __init__(self) -> None:
        super().__init__(
            "there is no snapshot to compare with", hint='kuzugit commit -m "first snapshot"'
        )


class NoCommonSnapshot(UnknownNameError):
    """The sides of `A...B` have no snapshot in common."""

    def __init__(self, a: str, b: str) -> None:
        super().__init__(f"{a} and {b} have no snapshot in common", hint=f"kuzugit diff {a} {b}")


class UnknownKindOfChange(UsageError):
    """A `--type` that is none of added, removed, changed."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"{name!r} is no type of change; there are: {', '.join(KINDS)}")


@dataclass
class Diff:
    """What changed. Use it in a `with` statement; rows can be read inside.

    `schema` and `tables` (those whose rows or columns may differ) are known; the rows are
    read when they are asked for, and only from the chunks that differ. `same` says that
    both sides hold the same; then nothing was read.
    """

    old: Side
    new: Side
    filters: Filters
    schema: tuple[SchemaChange, ...] = ()
    candidates: tuple[Candidates, ...] = ()
    tables: tuple[TableDiff, ...] = ()
    _comparison: Comparison | None = None
    _open: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Diff:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.__exit__(kind, error, trace)

    def close(self) -> None:
        """Remove what was written to work on."""
        self._open.close()

    @property
    def same(self) -> bool:
        """Whether both sides hold the same, before any filter."""
        return self._comparison is None

    def __bool__(self) -> bool:
        """Whether anything differs, after the filters. It may read rows."""
        return bool(self.schema) or any(True for head in self.tables for _ in self.rows(head))

    def rows(self, head: TableDiff) -> Iterator[RowChange]:
        """Yield the row changes of a table, at most `limit`.

        In the order of the key; rels of the same ends: removed, changed, added. Raises
        UnreadableChunksError, ComparisonMemoryError, BadCondition.
        """
        return self._needed.rows(head)

    def new_rows(self, head: TableDiff) -> Iterator[Row]:
        """Yield every row of the new side of a table, changed or not, whatever the filters."""
        return self._needed.side_rows(head)

    def old_rows(self, head: TableDiff) -> Iterator[Row]:
        """Yield every row of the old side of a table, changed or not, whatever the filters."""
        return self._needed.side_rows(head, old=True)

    def rows_near_changes(self, head: TableDiff) -> Iterator[Row]:
        """Yield rows of the new side: of each key that changed all, or at least two.

        Other rows come along, whatever the filters.
        """
        return self._needed.rows_near_changes(head)

    def batches(self, head: TableDiff) -> Iterator[Batch]:
        """Yield the same as Arrow batches (`kuzugit.diff.stream.Batch`)."""
        return self._needed.batches(head)

    def counts(self, head: TableDiff) -> RowCounts:
        """Return how many rows came, went and changed, after the filters, without the limit."""
        return self._needed.counts(head)

    def schemas(self, head: TableDiff) -> Schemas:
        """Return the Arrow schemas of both sides of a table."""
        return self._needed.schemas(head)

    @contextmanager
    def graph(self) -> Iterator[Graph]:
        """Yield what the changes do to nodes and their rels, whatever the filters."""
        from kuzugit.porcelain.graph import open_graph

        with open_graph(self._needed) as graph:
            yield graph

    def manifests(self) -> tuple[Manifest, Manifest]:
        """Return the manifests of both sides."""
        return self._needed.manifests

    @property
    def _needed(self) -> Comparison:
        assert self._comparison is not None, "equal sides have no tables to read"
        return self._comparison


def diff(
    workspace: Workspace,
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
    """Compare: the live database with current, or with `old`; or `old` with `new`.

    `old` may be `A..B`, or `A...B` from their newest common snapshot. `Filters` says what
    the other arguments choose; `reverse` swaps the sides. With a `connection` of this
    process the live database is read beside those who write it. Nothing in the store or
    the database moves. Raises UnknownRevision, BadRevision, NothingToCompare,
    NoCommonSnapshot, UnknownTable, UnknownColumn, BadKey, BadCondition, DatabaseLocked,
    CannotKeep, SnapshotCorrupt.
    """
    for name in types:
        if name not in KINDS:
            raise UnknownKindOfChange(name)
    filters = Filters(tuple(tables), tuple(keys), tuple(types), tuple(columns), where, limit)
    before, after = _sides(workspace, old, new, live=connection is not None)
    if reverse:
        before, after = after, before
    return _compare(workspace, before, after, filters, connection, progress)


def diff_from_parent(
    workspace: Workspace, revision: str, *, progress: ProgressCallback = ignore_progress
) -> Diff:
    """Return what `revision` changed since its first parent; the first snapshot: since nothing.

    Raises UnknownRevision, SnapshotCorrupt.
    """
    store = workspace.store
    snapshot = history.resolve(store, revision)
    parent = history.snapshot_at(store, snapshot.parents[0]) if snapshot.parents else None
    return _compare(workspace, Side(parent), Side(snapshot), Filters(), None, progress)


def _compare(
    workspace: Workspace,
    before: Side,
    after: Side,
    filters: Filters,
    connection: Any | None,
    progress: ProgressCallback,
) -> Diff:
    found = Diff(before, after, filters)
    if before.tree is not None and before.tree == after.tree and not filters.by_name:
        return found
    # Here, because what reads rows takes longer to import than equal sides to tell.
    from kuzugit.porcelain.comparison import open_comparison

    with ExitStack() as stack:
        comparison = stack.enter_context(
            open_comparison(workspace, before, after, filters, connection, progress)
        )
        if comparison.same:
            return found
        found.schema = comparison.schema
        found.candidates = comparison.candidates
        found.tables = comparison.tables
        found._comparison = comparison
        found._open = stack.pop_all()
    return found


def _sides(
    workspace: Workspace, old: str | None, new: str | None, *, live: bool
) -> tuple[Side, Side]:
    store = workspace.store
    if new is not None:
        return Side(history.resolve(store, old or "HEAD")), Side(history.resolve(store, new))
    if old is not None and "..." in old:
        a, _, b = old.partition("...")
        return _from_merge_base(workspace, a or "HEAD", b or "HEAD")
    if old is not None and ".." in old:
        before, after = history.parse_range(store, old)
        return Side(before), Side(after)
    base = current(store) if old is None else history.resolve(store, old)
    if base is None:
        raise NothingToCompare
    return Side(base), _live_side(workspace, live=live)


def _from_merge_base(workspace: Workspace, a: str, b: str) -> tuple[Side, Side]:
    store = workspace.store
    first, second = history.resolve(store, a), history.resolve(store, b)
    base = history.merge_base(store, first, second)
    if base is None:
        raise NoCommonSnapshot(a, b)
    return Side(base), Side(second)


def _live_side(workspace: Workspace, *, live: bool) -> Side:
    """Return the live database; where its bytes are known, the snapshot that they hold."""
    if not live:
        from kuzugit.porcelain import state

        known = state.snapshot_of_file(workspace.store.state_path, workspace.database)
        if known is not None:
            return Side(history.snapshot_at(workspace.store, known), workspace.database)
    return Side(None, workspace.database)
