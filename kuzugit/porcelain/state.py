"""What the store remembers of the live database's file: `kuzugit/state.json`.

It is a cache and an intent, never the truth: without it every command still gives the
right answer, only later.
"""

from __future__ import annotations

import json
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kuzugit.atomic import write_atomically
from kuzugit.engine.file import is_open_here
from kuzugit.engine.fingerprint import FileStat, Fingerprint, digest_database, stat_database
from kuzugit.model.object_id import ObjectId

_TICK_NS = 100_000_000
_COARSE_TICK_NS = 2_000_000_000
"""A file that was changed this shortly before it was looked at may have changed again
within the same tick of the file system's clock. Such a stat is not believed; the bytes
are read. Times without a fraction of a second come from a coarse clock."""


@dataclass(frozen=True)
class LiveState:
    """The file whose content is the snapshot `commit`; looked at at `seen_ns`.

    `intent` is set while a checkout puts that file in the live one's place: where it
    stands there, `current` is to name the snapshot.
    """

    commit: ObjectId
    fingerprint: Fingerprint
    seen_ns: int
    intent: bool = False


def remember(
    path: Path, commit: ObjectId, fingerprint: Fingerprint, *, intent: bool = False
) -> None:
    """Write down that the file with this fingerprint holds the snapshot `commit`."""
    state = LiveState(commit, fingerprint, time.time_ns(), intent)
    text = json.dumps({"format": 1, **asdict(state)}, sort_keys=True, indent=1)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, text.encode())


def note(path: Path, commit: ObjectId, fingerprint: Fingerprint) -> None:
    """Remember it where that can be written: without it the next answer comes later."""
    with suppress(OSError):
        remember(path, commit, fingerprint)


def forget(path: Path) -> None:
    """Remove what was remembered."""
    path.unlink(missing_ok=True)


def recall(path: Path) -> LiveState | None:
    """Return what was remembered, None where that is nothing or not readable."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
        return _live_state(value) if value["format"] == 1 else None
    except (OSError, ValueError, KeyError, TypeError):
        # A cache: what cannot be read is as good as absent.
        return None


def snapshot_of_file(path: Path, database: Path) -> ObjectId | None:
    """Return the snapshot that the live file is known to hold byte for byte, or None.

    None too while this process has the database open: reading it would drop its lock.
    """
    state = recall(path)
    if state is None or is_open_here(database):
        return None
    try:
        stat = stat_database(database)
    except OSError:
        return None
    known = state.fingerprint
    if stat == known.stat and _is_settled(stat, state.seen_ns):
        return state.commit
    if known.digest is None or stat.size != known.stat.size:
        return None
    return state.commit if digest_database(database) == known.digest else None


def _is_settled(stat: FileStat, seen_ns: int) -> bool:
    changed = max(stat.modified_ns, *(item[2] for item in stat.side), 0)
    tick = _TICK_NS if changed % 1_000_000_000 else _COARSE_TICK_NS
    return seen_ns - changed > tick


def _live_state(value: dict[str, Any]) -> LiveState:
    found = value["fingerprint"]
    stat = found["stat"]
    side = tuple((str(a), int(b), int(c)) for a, b, c in stat["side"])
    return LiveState(
        ObjectId(value["commit"]),
        Fingerprint(
            FileStat(int(stat["size"]), int(stat["modified_ns"]), int(stat["inode"]), side),
            None if found["digest"] is None else str(found["digest"]),
        ),
        int(value["seen_ns"]),
        bool(value["intent"]),
    )
