"""A push into a shared store, looked at before it is taken.

The work of `pre-receive`: Git has the objects in a quarantine, has checked their hashes and
that none is missing, and moves no reference unless all is well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from kuzugit.errors import RefusedError, UsageError
from kuzugit.model.object_id import ObjectId
from kuzugit.model.progress import ProgressCallback, ignore_progress
from kuzugit.porcelain.admission import admit
from kuzugit.porcelain.workspace import Workspace
from kuzugit.store.advertisement import Advertised
from kuzugit.store.arrival import check_lengths, new_snapshots
from kuzugit.store.history import BRANCHES, TAGS
from kuzugit.store.push_rules import Update, read_quarantine, refused_updates
from kuzugit.store.receiving import Received

_NOTHING = "0" * 40
_LINE = re.compile(r"([0-9a-f]{40}) ([0-9a-f]{40}) (refs/.+)")
_PUSH = "the push"


class BadUpdates(UsageError):
    """What was read is not what Git writes for `pre-receive`."""

    def __init__(self, line: str) -> None:
        super().__init__(
            f"{line!r} is no line of `pre-receive`: OLD NEW REFERENCE",
            hint="kuzugit hooks install --shared; Git itself calls this",
        )


class PushRefused(RefusedError):
    """References that may not become what a push wants: (reference, why)."""

    def __init__(self, refused: Sequence[tuple[str, str]]) -> None:
        self.refused = tuple(refused)
        listed = "; ".join(f"{reference}: {why}" for reference, why in refused)
        super().__init__(
            f"nothing of the push is taken: {listed}",
            hint="fetch, and commit upon what is there: versions and history are for ever",
        )


def read_updates(lines: Iterable[str]) -> list[Update]:
    """Return the updates that Git tells `pre-receive` of; raise BadUpdates."""
    found = []
    for line in filter(None, (line.rstrip("\n") for line in lines)):
        match = _LINE.fullmatch(line)
        if match is None:
            raise BadUpdates(line)
        old, new = (None if id == _NOTHING else id for id in match.group(1, 2))
        found.append(Update(match[3], old, new))
    return found


def check_push(
    workspace: Workspace,
    updates: Sequence[Update],
    quarantine: Path | None = None,
    progress: ProgressCallback = ignore_progress,
) -> int:
    """Raise unless a push may be taken; return the number of new snapshots.

    Branches only grow. Tags come and stay. References of other kinds are refused. Every
    snapshot that is new is held against its manifest, and every chunk that is new is
    decoded. `quarantine` is the directory that Git keeps the new objects in. Nothing is
    written. Raises PushRefused, HostileReference, ObjectTooLong, and as `admission.admit`.
    """
    store = workspace.store
    if quarantine is not None:
        check_lengths(quarantine, _PUSH)
        read_quarantine(store, quarantine)
    refused = list(refused_updates(store, updates))
    if refused:
        raise PushRefused(refused)
    new = {item.reference: ObjectId(item.new) for item in updates if item.new is not None}
    pushed = Advertised(_below(BRANCHES, new), _below(TAGS, new), None)
    snapshots = new_snapshots(store, store, _PUSH, pushed)
    admit(Received(_PUSH, store, snapshots), progress)
    return len(snapshots)


def _below(prefix: str, new: Mapping[str, ObjectId]) -> dict[str, ObjectId]:
    return {name.removeprefix(prefix): id for name, id in new.items() if name.startswith(prefix)}
