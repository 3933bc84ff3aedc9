"""Push: what this store has goes into another one."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pygit2

from kuzugit import atomic
from kuzugit.errors import GitError, RefusedError, UnknownNameError
from kuzugit.model.object_id import ObjectId
from kuzugit.model.progress import ProgressCallback, ignore_progress
from kuzugit.store import history
from kuzugit.store.advertisement import Advertised, advertised
from kuzugit.store.clashes import VersionClash, clash_between
from kuzugit.store.history import BRANCHES, REMOTES, TAGS
from kuzugit.store.location import Store
from kuzugit.store.packed_refs import write_packed
from kuzugit.store.quarantine import Quarantine, quarantine
from kuzugit.store.ref_file import read_ref
from kuzugit.store.ref_rules import meetings, name_fault, version_fault
from kuzugit.store.refs import current_branch
from kuzugit.store.remotes import Remote, tracking_refs, url_of
from kuzugit.store.translate import git_errors
from kuzugit.store.transport import Said

_AT_ONCE = 1000
"""How many references go into one command: a system takes no line of any length."""

_NO_ATOMIC = "does not support --atomic"


class NothingToPush(UnknownNameError):
    """The branch has no snapshot yet."""

    def __init__(self, branch: str) -> None:
        super().__init__(f"the branch {branch} has no snapshot", hint='kuzugit commit -m "first"')


class NotFastForward(RefusedError):
    """The branch of the other store has snapshots that ours lacks: they would be lost."""

    def __init__(self, remote: str, branch: str) -> None:
        super().__init__(
            f"{remote}/{branch} has snapshots that ours lacks, which a push would lose",
            hint=f"kuzugit pull {remote}",
        )
        self.remote = remote
        self.branch = branch


class UnfitReference(RefusedError):
    """A reference of ours that nobody could fetch from there: `reference` says which."""

    def __init__(self, store: Store, remote: str, reference: str, reason: str) -> None:
        name = reference.removeprefix(TAGS).removeprefix(BRANCHES)
        hint = f"kuzugit tag NEW --rename {name}"
        if reference.startswith(BRANCHES):
            hint = f"git --git-dir={store.path} branch -m -- {name} NEW"
        super().__init__(f"{name!r} cannot go to {remote!r}: {reason}", hint=hint)
        self.remote = remote
        self.reference = reference


class PushRejected(GitError):
    """The other store did not take what was sent: a hook, a right, a full disk; `said` is why."""

    def __init__(self, remote: str, reason: str, said: str) -> None:
        super().__init__(f"{remote!r} did not take the push: {reason}", hint="kuzugit verify --all")
        self.remote = remote
        self.said = said


@dataclass(frozen=True)
class PushResult:
    """What a push did.

    `before` and `after` are the branch of the other store, None where it had none; `versions`
    the tags that it lacked; `bytes` what was sent, as the git program tells it.
    """

    remote: str
    branch: str
    before: ObjectId | None
    after: ObjectId
    versions: tuple[str, ...]
    bytes: int

    @property
    def changed(self) -> bool:
        """Whether the other store lacked anything."""
        return self.before != self.after or bool(self.versions)


def push(
    store: Store,
    remote: Remote,
    *,
    tags: bool = True,
    progress: ProgressCallback = ignore_progress,
    prompt: bool = False,
) -> PushResult:
    """Bring our branch, and the `tags` that it lacks, into the store `remote`.

    Steps, and what a crash after each leaves behind:

    1. The other store says what it has; what would be lost there, be given to another
       content, or keep others from fetching, is refused. Nothing.
    2. Objects, branch and tags are sent. The other store takes all of it, or none: where
       it knows no atomic push, the branch comes first and the tags after it, and
       a push that is broken off between them is finished by the next one.
    3. Our references under the remote's name follow. The next push or fetch does it.

    Raises NothingToPush, NotFastForward, VersionClash, UnfitReference, PushRejected,
    TransferFailed and its kin, BadUrl, DetachedHead: then nothing has moved there.
    """
    branch = current_branch(store).removeprefix(BRANCHES)
    tip = read_ref(store, BRANCHES + branch)
    if tip is None:
        raise NothingToPush(branch)
    with quarantine(store, remote.name, url_of(store, remote), progress, prompt=prompt) as room:
        there = advertised(room)
        before = there.branches.get(branch)
        _check_fast_forward(store, remote, branch, before, tip)
        lacking, same = _compared(store, remote, there) if tags else ({}, {})
        wanted = {BRANCHES + branch: ObjectId(tip)} if before != tip else {}
        wanted |= {TAGS + name: value for name, value in lacking.items()}
        _check_fit(store, remote, there, wanted)
        atomic.step("push:checked")
        sent = _send(room, branch, wanted)
        atomic.step("push:sent")
        room.keep_password()
    _remember(store, remote, {branch: ObjectId(tip), **same, **lacking})
    return PushResult(remote.name, branch, before, ObjectId(tip), tuple(sorted(lacking)), sent)


def _check_fast_forward(
    store: Store, remote: Remote, branch: str, there: ObjectId | None, tip: str
) -> None:
    if there is None or there == tip:
        return
    old, new = pygit2.Oid(hex=there), pygit2.Oid(hex=tip)
    with git_errors(store.path, "read the history"):
        known = old in store.git.odb and store.git.descendant_of(new, old)
    if not known:
        raise NotFastForward(remote.name, branch)


def _compared(
    store: Store, remote: Remote, there: Advertised
) -> tuple[dict[str, ObjectId], dict[str, ObjectId]]:
    """Return our tags that the other store lacks, and those that it has; raise VersionClash."""
    lacking: dict[str, ObjectId] = {}
    same: dict[str, ObjectId] = {}
    clashes = []
    for tag in history.versions(store):
        ours = ObjectId(read_ref(store, TAGS + tag.name) or "")
        theirs = there.tags.get(tag.name)
        if ours == theirs:
            same[tag.name] = ours
        elif theirs is not None:
            # Its commit, which may be ours where the tag object is not here.
            clash = clash_between(store, tag.name, ours, there.tagged.get(tag.name, theirs))
            clashes += [] if clash is None else [clash]
        elif version_fault(tag.name, _object(store, ours)) is None:
            # Others would be refused by whoever fetches.
            lacking[tag.name] = ours
    if clashes:
        known = tracking_refs(store, remote.name)
        first = f"{REMOTES}{remote.name}/{clashes[0].version}"
        raise VersionClash(remote.name, clashes, fetched=first in known)
    return lacking, same


def _object(store: Store, id: ObjectId) -> pygit2.Object:
    with git_errors(store.path, f"read the object {id}"):
        return store.git[pygit2.Oid(hex=id)]


def _check_fit(store: Store, remote: Remote, there: Advertised, sent: Collection[str]) -> None:
    """Raise UnfitReference where a fetch of what is there, and what is sent, would fail."""
    for reference in sent:
        fault = name_fault(reference.removeprefix(TAGS).removeprefix(BRANCHES))
        if fault is not None:
            raise UnfitReference(store, remote.name, reference, fault)
    branches = {n.removeprefix(BRANCHES) for n in sent if n.startswith(BRANCHES)}
    tags = {n.removeprefix(TAGS) for n in sent if n.startswith(TAGS)}
    for first, second in meetings(there.branches.keys() | branches, there.tags.keys() | tags):
        # The tag, where both are ours: another name of it harms nobody.
        ours, other = (second, first) if second in sent else (first, second)
        raise UnfitReference(store, remote.name, ours, f"who fetches cannot have it beside {other}")


def _send(room: Quarantine, branch: str, wanted: Mapping[str, ObjectId]) -> int:
    """Send the references; return how many bytes went."""
    specs = [f"{value}:{name}" for name, value in wanted.items()]
    sent = 0
    for at in range(0, len(specs), _AT_ONCE):
        part = specs[at : at + _AT_ONCE]
        said = _push(room, "--atomic", *part)
        if said.status and _NO_ATOMIC in said.err:
            # The branch first: a version without its place in the history would be odd.
            for spec in (part[:1], part[1:]):
                said = _push(room, *spec) if spec else said
                _check_taken(room, branch, said)
        _check_taken(room, branch, said)
        sent += said.bytes
    return sent


def _push(room: Quarantine, *arguments: str) -> Said:
    return room.program.run(
        "push", "--porcelain", "--progress", "--thin", "--no-follow-tags",
        room.program.remote, *arguments,
    )  # fmt: skip


_REJECTED = re.compile(r"!\t[^\t]*:([^\t]*)\t\[([^\]]*)\](?: \((.*)\))?")


def _check_taken(room: Quarantine, branch: str, said: Said) -> None:
    if said.status == 0:
        return
    name = room.program.remote
    found = [_REJECTED.match(line) for line in said.out.splitlines()]
    reasons = [(item[1], item[3] or item[2]) for item in found if item]
    reasons = [item for item in reasons if "atomic" not in item[1]] or reasons
    if not reasons:
        raise room.program.failure("push to", said)
    reference, reason = reasons[0]
    if reason in ("fetch first", "non-fast-forward", "stale info", "needs force"):
        raise NotFastForward(name, branch)
    told = [line.removeprefix("remote: ") for line in said.err.splitlines()
            if line.startswith("remote: ")]  # fmt: skip
    raise PushRejected(name, ": ".join([reference, reason, *told[:5]]), said.err)


def _remember(store: Store, remote: Remote, values: Mapping[str, ObjectId]) -> None:
    """Let our references under the remote's name be what is there now."""
    prefix = f"{REMOTES}{remote.name}/"
    with store.lock():
        before = tracking_refs(store, remote.name)
        changed = {
            prefix + name: value
            for name, value in values.items()
            if before.get(prefix + name) != value
        }
        if changed:
            write_packed(store, changed)
