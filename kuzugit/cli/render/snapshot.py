"""A snapshot by name, as a heading, and as JSON fields."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

from kuzugit.cli.render.escape import printable, printable_lines
from kuzugit.cli.render.paint import Paint

if TYPE_CHECKING:
    from kuzugit.cli.render.document import Json
    from kuzugit.porcelain.log import Entry
    from kuzugit.store.history import Snapshot

SHORT = 7
"""The digits of a commit's id that people are shown."""


def snapshot_name(snapshot: Snapshot) -> str:
    """Return the version of a snapshot, a remote's, or the short id of its commit."""
    return printable(snapshot.name)


def moment(snapshot: Snapshot) -> datetime:
    """Return when it was committed, in the time zone of who did it.

    A time or an offset that no calendar has, which only a forged commit holds,
    becomes the nearest one that it has.
    """
    offset = snapshot.offset if abs(snapshot.offset) < 24 * 60 else 0
    seconds = min(max(snapshot.time, 0), 253402214400)
    return datetime.fromtimestamp(seconds, UTC).astimezone(timezone(timedelta(minutes=offset)))


def heading(entry: Entry, paint: Paint) -> list[str]:
    """Return the lines before a message: commit, author, date."""
    snapshot = entry.snapshot
    names = _decoration(entry)
    return [
        paint.yellow(f"commit {snapshot.commit}") + (f" ({names})" if names else ""),
        printable(f"Author: {snapshot.author_name} <{snapshot.author_email}>"),
        f"Date:   {moment(snapshot):%a %b %-d %H:%M:%S %Y %z}",
    ]


def long_lines(entry: Entry, paint: Paint) -> list[str]:
    """Return a snapshot as `git log` shows a commit: the heading and the whole message."""
    message = printable_lines(entry.snapshot.message.strip("\n"))
    return [*heading(entry, paint), "", *(f"    {line}".rstrip() for line in message)]


def one_line(entry: Entry, paint: Paint) -> str:
    """Return a snapshot as `git log --oneline` shows a commit."""
    names = _decoration(entry)
    id = paint.yellow(entry.snapshot.commit[:SHORT])
    return f"{id}{f' ({names})' if names else ''} {printable(entry.snapshot.subject)}"


def _decoration(entry: Entry) -> str:
    names = [*(f"tag: {tag}" for tag in entry.tags), *entry.remotes]
    if entry.branch is not None:
        names.insert(0, f"HEAD -> {entry.branch}")
    if entry.current:
        names.insert(0, "current")
    return printable(", ".join(names))


def snapshot_fields(snapshot: Snapshot) -> dict[str, Json]:
    """Return a snapshot as JSON fields; `date` is ISO 8601 with its offset.

    `subject` and `body` are the message without its trailers, which are objects
    of `key` and `value`, because a key may stand twice.
    """
    return {
        "commit": snapshot.commit,
        "version": snapshot.version,
        "remote_version": snapshot.remote_version,
        "tree": snapshot.tree,
        "parents": [*snapshot.parents],
        "author": {"name": snapshot.author_name, "email": snapshot.author_email},
        "date": moment(snapshot).isoformat(),
        "subject": snapshot.subject,
        "body": snapshot.body,
        "trailers": [{"key": key, "value": value} for key, value in snapshot.trailers],
    }


def entry_fields(entry: Entry) -> dict[str, Json]:
    """Return a snapshot and the names that lead to it as JSON fields."""
    return {
        **snapshot_fields(entry.snapshot),
        "tags": [*entry.tags],
        "branch": entry.branch,
        "remotes": [*entry.remotes],
        "current": entry.current,
    }
