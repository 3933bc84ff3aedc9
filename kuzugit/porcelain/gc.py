"""Collecting: the store packed, and rid of what nobody names any more."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass

from kuzugit.atomic import LockHeld
from kuzugit.errors import KuzugitError
from kuzugit.model.progress import Progress, ProgressCallback, ignore_progress
from kuzugit.porcelain.workspace import Workspace
from kuzugit.store.cache import cache_size, evict
from kuzugit.store.history import tip_commit
from kuzugit.store.location import Store
from kuzugit.store.maintenance import GitProgramMissing, has_git
from kuzugit.store.packing import DEFAULT_GRACE, check_date, collecting, pack, prune
from kuzugit.store.scratch import sweep
from kuzugit.store.settings import chosen, size
from kuzugit.store.sizes import (
    StoreSize,
    longest_pack_and_others,
    loose_bytes_exceed,
    measure,
)

SWITCH = "kuzugit.gc"
LEAST = "kuzugit.gcSize"
DEFAULT_LEAST = 16 << 20
"""Bytes of single objects that no commit collects by itself: little is won by it."""


@dataclass(frozen=True)
class GcResult:
    """What the store took before and after."""

    before: StoreSize
    after: StoreSize


def gc(
    workspace: Workspace,
    *,
    prune_older: str = DEFAULT_GRACE,
    aggressive: bool = False,
    wait: float = 5.0,
    progress: ProgressCallback = ignore_progress,
) -> GcResult:
    """Pack the store; remove what no reference reaches, and what killed commands left.

    Every branch, tag and other reference keeps what it reaches. What none reaches stays
    until it is older than `prune_older`, a date in Git's words (`now`, `2.weeks.ago`).
    Steps, and what a kill after each leaves:

    1. The objects are packed, while commits go on: see `store.packing.pack`.
    2. What nobody names is removed, under the store lock: see `store.packing.prune`. Some
       of it may be left.
    3. Scratch of dead processes, and databases of `query` beyond the cache's size, go.

    Raises BadDate, GitProgramMissing, GitProgramFailed, LockHeld where another gc or command does
    not end within `wait` seconds.
    """
    store = workspace.store
    if not has_git():
        raise GitProgramMissing
    check_date(store, prune_older)
    limit = cache_size(store)
    before = measure(store)
    with collecting(store, wait) as collector:
        progress(Progress("packing", unit="objects"))
        pack(collector, aggressive=aggressive)
        prune(collector, prune_older)
    sweep(store.path / "kuzugit" / "tmp", "work-")
    if (store.path / "kuzugit" / "cache").is_dir():
        evict(store.path / "kuzugit" / "cache", limit)
    return GcResult(before, measure(store))


@dataclass(frozen=True)
class Collected:
    """What a commit collected by itself: nothing, something, or what kept it from it."""

    result: GcResult | None = None
    warning: str | None = None


def collect_if_due(store: Store, progress: ProgressCallback = ignore_progress) -> Collected:
    """Pack the store where single objects take more than half of what the packs take.

    Or where the packs that fetches have brought are together longer than the longest. So a
    store is never much larger than twice what it is packed. Call it when a snapshot is
    published. Nothing is pruned, so no lock of the store is needed.
    What goes wrong becomes a warning; where another process collects, or there is no git
    program, or the store has one snapshot only (of which little is to be gained), nothing
    is done.
    """
    try:
        if not _is_due(store):
            return Collected()
        with ExitStack() as stack:
            try:
                collector = stack.enter_context(collecting(store))
            except LockHeld:
                return Collected()
            before = measure(store)
            progress(Progress("packing", unit="objects"))
            pack(collector)
            return Collected(GcResult(before, measure(store)))
    except GitProgramMissing:
        return Collected()
    except KuzugitError as error:
        return Collected(warning=f"the snapshot is committed, but could not be packed: {error}")


def _is_due(store: Store) -> bool:
    if chosen(store, SWITCH, ("auto", "off")) == "off":
        return False
    tip = tip_commit(store)
    if tip is None or not tip.parent_ids:
        return False
    least = size(store, LEAST, DEFAULT_LEAST)
    longest, others = longest_pack_and_others(store)
    if others > max(longest, least):
        return has_git()
    return loose_bytes_exceed(store, max((longest + others) // 2, least)) and has_git()
