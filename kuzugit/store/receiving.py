"""Fetch: what another store has comes into this one, looked at before it is visible."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kuzugit import atomic
from kuzugit.model.object_id import ObjectId
from kuzugit.model.progress import ProgressCallback, ignore_progress
from kuzugit.store.advertisement import Advertised, advertised
from kuzugit.store.arrival import INCOMING, arrived_references, check_lengths, new_snapshots
from kuzugit.store.clashes import Clash, clash_between, new_and_clashing
from kuzugit.store.history import BRANCHES, REMOTES, TAGS, Snapshot
from kuzugit.store.location import Store
from kuzugit.store.packed_refs import write_packed
from kuzugit.store.quarantine import Quarantine, known_objects, quarantine
from kuzugit.store.ref_file import read_ref, write_ref
from kuzugit.store.remote_url import RemoteUrl
from kuzugit.store.remotes import Remote, tracking_refs, url_of


@dataclass(frozen=True)
class Received:
    """What arrived, not yet visible: `store` reads it, with everything that we have.

    `new` are the snapshots that no reference of ours led to, oldest first.
    """

    remote: str
    store: Store
    new: tuple[Snapshot, ...]


@dataclass(frozen=True)
class FetchResult:
    """What a fetch brought.

    `updated` are the references under the remote's name that are new or moved, without
    `refs/remotes/`; `versions` the tags that became ours; `clashes` those that could not;
    `snapshots` how many are new, `bytes` the size of the packs that came. `head` is the
    remote's own branch, None where it has none.
    """

    remote: str
    updated: tuple[str, ...]
    versions: tuple[str, ...]
    clashes: tuple[Clash, ...]
    snapshots: int
    bytes: int
    head: str | None


Check = Callable[[Received], None]
"""Looks at what arrived and raises where that is no history of snapshots."""


def fetch(
    store: Store,
    remote: Remote,
    check: Check,
    *,
    url: RemoteUrl | None = None,
    cloning: bool = False,
    progress: ProgressCallback = ignore_progress,
    prompt: bool = False,
) -> FetchResult:
    """Bring what `remote` has into `store`, under the remote's name.

    Its branches and tags become `refs/remotes/<remote>/*`. Of one that shares our
    versions, tags that we lack become ours. `url` stands in for the remote's own; `cloning`
    makes its branch ours, which is empty yet. Steps, and what a
    crash after each leaves behind:

    1. The other store says what it has. Nothing.
    2. What we lack comes into a quarantine, where the git program checks every object's
       hash, and that none is missing. A scratch directory that the next command removes.
    3. `check` looks at each new snapshot. The same.
    4. Under the store lock, the packs are moved into the store. Objects that nothing names.
    5. All references are written as one file. THE COMMIT POINT.
    6. `refs/remotes/<remote>/HEAD` says which branch is the remote's own; the next fetch
       does it otherwise.

    Raises BadUrl, TransferFailed, AccessDenied, HostKeyUnknown; TransferUnsound,
    HostileReference, NamesCollide, and what `check` raises; LockHeld, RefLocked,
    StoreReadOnly, GitFailed. Then nothing is visible.
    """
    place = url or url_of(store, remote)
    with quarantine(store, remote.name, place, progress, prompt=prompt) as room:
        there = advertised(room)
        if _lacks(store, remote, there):
            _bring(room)
            check_lengths(room.directory / "objects", remote.name)
        with room.opened() as arrived:
            found = arrived_references(arrived, remote.name, there)
            new = new_snapshots(arrived, store, remote.name, found)
            check(Received(remote.name, arrived, new))
        size = sum(pack.stat().st_size for pack in room.packs())
        # Long, because what has come would have to come again.
        with store.lock(timeout=60):
            room.move_objects()
            atomic.step("fetch:objects-moved")
            values, versions, clashes = _to_write(store, remote, found)
            if cloning and found.head is not None:
                write_ref(store, "HEAD", f"ref: {BRANCHES}{found.head}")
                values[BRANCHES + found.head] = found.branches[found.head]
            if values:
                write_packed(store, values)
            atomic.step("fetch:references-written")
            _write_head(store, remote.name, found.head)
        room.keep_password()
    prefix = f"{REMOTES}{remote.name}/"
    updated = sorted(n.removeprefix(REMOTES) for n in values if n.startswith(prefix))
    return FetchResult(remote.name, tuple(updated), versions, clashes, len(new), size, found.head)


def _lacks(store: Store, remote: Remote, there: Advertised) -> bool:
    """Whether something is there that no reference of ours leads to."""
    known = set(known_objects(store))
    return any(value not in known for value in there.values.values())


def _bring(room: Quarantine) -> None:
    room.program.checked(
        "fetch from",
        "fetch",
        "--progress",
        "--no-tags",
        "--no-write-fetch-head",
        "--no-recurse-submodules",
        "--no-show-forced-updates",
        "--refmap=",
        room.program.remote,
        f"+refs/heads/*:{INCOMING}heads/*",
        f"+refs/tags/*:{INCOMING}tags/*",
    )


def _to_write(
    store: Store, remote: Remote, found: Advertised
) -> tuple[dict[str, ObjectId], tuple[str, ...], tuple[Clash, ...]]:
    """Return the references to write, the versions among them that become ours, the clashes."""
    before = tracking_refs(store, remote.name)
    values: dict[str, ObjectId] = {}
    clashes = []
    for name, value in found.values.items():
        reference = f"{REMOTES}{remote.name}/{name}"
        old = before.get(reference)
        if old == value:
            continue
        if name in found.tags and old is not None:
            clash = clash_between(store, name, ObjectId(old), value)
            if clash is not None:
                clashes.append(clash)
            continue
        values[reference] = value
    versions = []
    if remote.shares_versions:
        ours, more = new_and_clashing(store, found.tags)
        versions = sorted(ours)
        values |= {TAGS + name: value for name, value in ours.items()}
        known = {clash.version for clash in clashes}
        clashes += [clash for clash in more if clash.version not in known]
    return values, tuple(versions), tuple(clashes)


def _write_head(store: Store, remote: str, head: str | None) -> None:
    if head is None:
        return
    name, value = f"{REMOTES}{remote}/HEAD", f"ref: {REMOTES}{remote}/{head}"
    if read_ref(store, name) != value:
        write_ref(store, name, value)
