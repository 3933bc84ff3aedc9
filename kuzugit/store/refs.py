"""Publishing: the only place where references of the store move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pygit2
from pygit2.enums import ObjectType

from kuzugit import atomic
from kuzugit.errors import GitError, KuzugitError, LockedError, RefusedError, UsageError
from kuzugit.model.object_id import ObjectId
from kuzugit.store import history
from kuzugit.store.history import CURRENT, TAGS, Snapshot, VersionTag
from kuzugit.store.location import Store
from kuzugit.store.ref_file import (
    RefMoved,
    delete_ref,
    read_ref,
    remove_dead_lock,
    swap_ref,
    write_ref,
)
from kuzugit.store.ref_rules import meet, name_fault
from kuzugit.store.signature import Signature
from kuzugit.store.translate import StoreReadOnly, git_errors

PENDING = "refs/kuzugit/pending"
"""The tag object of a snapshot that is being published and is to become current."""

PENDING_ASIDE = "refs/kuzugit/pending-aside"
"""The same for a snapshot that leaves `current` where it is."""

LEFT = "refs/kuzugit/left"
"""The end of the branch from which the live database was last put elsewhere: by will, so what
the branch had until then is known to it. What came after is not."""


class TipMoved(LockedError):
    """Somebody else published first: the branch is at `found`, not at `expected`."""

    def __init__(self, expected: str | None, found: str | None) -> None:
        super().__init__(
            f"the branch has moved from {expected or 'nothing'} to {found or 'nothing'}"
            " since this snapshot was begun",
            hint="run the command again",
        )
        self.expected = expected
        self.found = found


class TagExists(UsageError):
    """There is a tag `name`, or one that stands in its way as a directory."""

    def __init__(self, name: str, existing: str) -> None:
        message = f"tag {name!r} exists already"
        if existing != name:
            message = f"tag {name!r} cannot stand beside the tag {existing!r}"
        super().__init__(message, hint=f"kuzugit show {existing}")
        self.name = name
        self.existing = existing


class BadTagName(UsageError):
    """A name that Git does not allow for a tag, or that means something else."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name!r} cannot be a tag: {reason}", hint="a name such as v1.2.3")
        self.name = name


class TagShared(RefusedError):
    """A tag that another store has too: `reference` says where. Others may count on its name."""

    def __init__(self, name: str, reference: str) -> None:
        where = reference.removeprefix(history.REMOTES)
        super().__init__(
            f"tag {name!r} is known elsewhere, as {where}, and keeps its name",
            hint=f"kuzugit tag NEW {name} gives the snapshot a further one",
        )
        self.name = name
        self.reference = reference


class BadMessage(UsageError):
    """A message that Git cannot store."""

    def __init__(self) -> None:
        super().__init__("a message cannot hold a NUL character")


class DetachedHead(GitError):
    """The store's HEAD is no branch, so there is none to publish on."""

    def __init__(self, store: Store) -> None:
        super().__init__(
            f"HEAD of {store.path} is not on a branch",
            hint=f"git --git-dir={store.path} symbolic-ref HEAD refs/heads/main",
        )


class PublishUnfinished(GitError):
    """The snapshot `commit` is in the branch, but its tag or `current` could not be written."""

    def __init__(self, commit: ObjectId, tag_name: str) -> None:
        super().__init__(
            f"snapshot {commit} is in the branch, but tag {tag_name!r} could not be written;"
            " the next command finishes it",
            hint="kuzugit status",
        )
        self.commit = commit
        self.tag_name = tag_name


@dataclass(frozen=True)
class _Intent:
    """What a pending reference says: this tag object is being published."""

    reference: str
    tag: str
    tag_name: str
    commit: str


def publish(
    store: Store,
    *,
    tree: ObjectId,
    message: str,
    tag_name: str,
    tag_message: str,
    author: Signature,
    committer: Signature,
    expected_tip: ObjectId | None,
    merged: Sequence[ObjectId] = (),
    make_current: bool = True,
) -> Snapshot:
    """Make `tree` the newest snapshot of the branch, tag it, and make it current.

    `expected_tip` is the branch's commit when the work began (None: no commit
    yet); it becomes the first parent, and `merged` are the further ones. Steps, under
    the store lock, and what a crash after each leaves behind:

    0. What an earlier crash left is finished or undone (recover).
    1. The commit and the tag object are written. A crash leaves two objects
       that nothing names, which `git gc` removes.
    2. `refs/kuzugit/pending` names the tag object: the intent, which also keeps
       both objects from `git gc`. A crash leaves the store as it was, and an
       intent that recover removes.
    3. The branch moves from `expected_tip` to the commit, compared under Git's
       own lock of the branch. THE COMMIT POINT. A crash leaves the snapshot in
       the branch without its tag, and `current` where it was; recover goes on
       from here.
    4. The tag's reference is made. A crash leaves `current` where it was;
       recover goes on.
    5. `current` names the tag. A crash leaves only the intent.
    6. The intent is removed.

    Each step flushes to the disk before the next begins. A reader may see any of
    these states; all of them are a readable history. Not promised: that steps
    3 to 5 appear at once.

    Raises LockHeld, TipMoved, RefLocked; TagExists, BadTagName, BadMessage,
    BadSignature; DetachedHead, StoreReadOnly, GitFailed: then nothing is
    published. PublishUnfinished: it is, and steps 4 to 6 are left to recover.
    """
    _check_message(message, tag_message)
    with store.lock():
        _recover_locked(store)
        branch = current_branch(store)
        _check_tip(store, branch, expected_tip)
        check_tag_name(store, tag_name)
        commit = _write_commit(
            store, tree, message, author, committer, _parents(expected_tip, merged)
        )
        tag = _write_tag(store, commit, tag_name, tag_message, committer)
        atomic.step("publish:objects-written")
        reference = PENDING if make_current else PENDING_ASIDE
        intent = _Intent(reference, tag, tag_name, commit)
        write_ref(store, reference, tag)
        atomic.step("publish:pending-written")
        try:
            swap_ref(store, branch, expected_tip, commit)
        except RefMoved as error:
            delete_ref(store, reference)
            raise TipMoved(expected_tip, error.found) from error
        atomic.step("publish:branch-moved")
        try:
            _finish(store, intent)
        except KuzugitError as error:
            raise PublishUnfinished(commit, tag_name) from error
    return history.resolve(store, commit)


def recover(store: Store) -> bool:
    """Finish or undo what a killed `publish` left; return whether there was something.

    An intent whose commit is in a branch is carried on from step 4, any other is
    removed. A tag of that name that plain Git has made meanwhile is left alone;
    `current` then names the commit itself. Where another process holds the store
    lock, or the store is read-only, nothing is done and False returned: the
    store is readable as it is, and the next writer recovers it.
    """
    if not _needs_recovery(store):
        return False
    try:
        with store.lock(timeout=0):
            return _recover_locked(store)
    except (atomic.LockHeld, StoreReadOnly):
        return False


def current(store: Store) -> Snapshot | None:
    """Return the snapshot that the live database was last committed as or made from.

    None where there is none yet, or where plain Git has removed its tag.
    Raises NotASnapshot.
    """
    commit = history.current_target(store)
    return None if commit is None else history.snapshot_at(store, ObjectId(str(commit.id)))


def make_current(store: Store, snapshot: Snapshot) -> None:
    """Let `current` name `snapshot`: by its tag where it has one, else by its commit.

    Where that is another snapshot than the end of the branch, `refs/kuzugit/left` names
    that end first. A crash leaves `current` as it was or as asked. Raises LockHeld,
    RefLocked, StoreReadOnly, GitFailed.
    """
    with store.lock():
        _recover_locked(store)
        tip, now = history.tip_commit(store), history.current_target(store)
        put = now is None or str(now.id) != snapshot.commit
        if tip is not None and put and str(tip.id) != snapshot.commit:
            write_ref(store, LEFT, str(tip.id))
        name = history.version_of(store, snapshot.commit)
        write_ref(store, CURRENT, snapshot.commit if name is None else f"ref: {TAGS}{name}")


def left(store: Store) -> Snapshot | None:
    """Return the end of the branch from which the live database was last put elsewhere."""
    commit = read_ref(store, LEFT)
    return None if commit is None else history.snapshot_at(store, ObjectId(commit))


def create_tag(
    store: Store, snapshot: Snapshot, *, name: str, message: str, tagger: Signature
) -> None:
    """Make the annotated tag `name` of `snapshot`, which becomes visible in one step.

    Raises TagExists, BadTagName, BadMessage, BadSignature, LockHeld, RefLocked,
    StoreReadOnly, GitFailed.
    """
    _check_message(message)
    with store.lock():
        _recover_locked(store)
        check_tag_name(store, name)
        tag = _write_tag(store, snapshot.commit, name, message, tagger)
        atomic.step("tag:object-written")
        try:
            swap_ref(store, TAGS + name, None, tag)
        except RefMoved as error:
            raise TagExists(name, name) from error


def rename_tag(store: Store, tag: VersionTag, new: str, tagger: Signature) -> None:
    """Call the tag by the name `new`: a new tag object of the same snapshot and message.

    Steps, under the store lock, and what a crash after each leaves behind:

    1. The new tag is made. Both names; the same command goes on.
    2. `current` names it where it named the old one. The same.
    3. The old one is removed. THE COMMIT POINT.

    Raises TagShared where a remote has the old one; TagExists, BadTagName, BadSignature,
    LockHeld, RefLocked, StoreReadOnly, GitFailed.
    """
    with store.lock():
        _recover_locked(store)
        _check_unshared(store, tag.name)
        target = _tag_target(store, new)
        if target != tag.snapshot.commit:
            check_tag_name(store, new)
            message = tag.message or tag.name
            rest = message.removeprefix(tag.name)
            if rest[:1] in ("", ":", "\n") and rest != message:
                message = new + rest
            swap_ref(store, TAGS + new, None, _write_tag(
                store, tag.snapshot.commit, new, message, tagger
            ))  # fmt: skip
        atomic.step("rename:made")
        if read_ref(store, CURRENT) == f"ref: {TAGS}{tag.name}":
            write_ref(store, CURRENT, f"ref: {TAGS}{new}")
        atomic.step("rename:current-moved")
        delete_ref(store, TAGS + tag.name)


def _check_unshared(store: Store, name: str) -> None:
    ours = read_ref(store, TAGS + name)
    for reference in history.fetched_names(store):
        theirs = history.REMOTES + reference
        if reference.partition("/")[2] == name and read_ref(store, theirs) == ours:
            raise TagShared(name, theirs)


def _tag_target(store: Store, name: str) -> ObjectId | None:
    """Return the commit of a tag, None where there is none of this name."""
    return next((t.snapshot.commit for t in history.versions(store) if t.name == name), None)


def fast_forward(store: Store, expected: ObjectId | None, commit: ObjectId) -> None:
    """Move the branch from `expected` (None: no commit yet) to `commit`, in one step.

    That `commit` has `expected` in its history is the caller's to know. Raises LockHeld,
    TipMoved, RefLocked, DetachedHead, StoreReadOnly, GitFailed.
    """
    with store.lock():
        _recover_locked(store)
        branch = current_branch(store)
        _check_tip(store, branch, expected)
        try:
            swap_ref(store, branch, expected, commit)
        except RefMoved as error:
            raise TipMoved(expected, error.found) from error


def _needs_recovery(store: Store) -> bool:
    names = (PENDING, PENDING_ASIDE)
    left_lock = (store.path / "kuzugit" / "ref-lock").exists()
    return left_lock or any(read_ref(store, name) is not None for name in names)


def _recover_locked(store: Store) -> bool:
    remove_dead_lock(store)
    intents = [_read_intent(store, name) for name in (PENDING, PENDING_ASIDE)]
    for intent in filter(None, intents):
        if _is_published(store, intent):
            _finish(store, intent)
        else:
            delete_ref(store, intent.reference)
    return any(intents)


def _read_intent(store: Store, reference: str) -> _Intent | None:
    value = read_ref(store, reference)
    if value is None:
        return None
    with git_errors(store.path, f"read {reference}"):
        tag = store.git.get(value)
    if not isinstance(tag, pygit2.Tag):
        # Not of our making; an intent without a commit is undone.
        return _Intent(reference, value, "", "")
    return _Intent(reference, value, tag.name or "", str(tag.target))


def _is_published(store: Store, intent: _Intent) -> bool:
    if not intent.commit:
        return False
    commit = pygit2.Oid(hex=intent.commit)
    with git_errors(store.path, "look for the pending snapshot"):
        tips = [
            reference.target
            for reference in store.git.references.iterator()
            if reference.name.startswith(history.BRANCHES)
        ]
        return any(tip == commit or store.git.descendant_of(tip, commit) for tip in tips)


def _finish(store: Store, intent: _Intent) -> None:
    """Do steps 4 to 6 of publish, as far as they are not done."""
    value = f"ref: {TAGS}{intent.tag_name}"
    try:
        swap_ref(store, TAGS + intent.tag_name, None, intent.tag)
    except RefMoved as error:
        # Done before the crash, or the name was taken meanwhile by plain Git.
        if error.found != intent.tag:
            value = intent.commit
    atomic.step("publish:tag-written")
    if intent.reference == PENDING:
        write_ref(store, CURRENT, value)
    atomic.step("publish:current-moved")
    delete_ref(store, intent.reference)
    atomic.step("publish:done")


def current_branch(store: Store) -> str:
    """Return the full name of the branch that HEAD is on; raise DetachedHead."""
    value = read_ref(store, "HEAD")
    if value is None or not value.startswith("ref: "):
        raise DetachedHead(store)
    return value.removeprefix("ref: ")


def _check_tip(store: Store, branch: str, expected: ObjectId | None) -> None:
    found = read_ref(store, branch)
    if found != expected:
        raise TipMoved(expected, found)


def _check_message(*messages: str) -> None:
    if any("\0" in message for message in messages):
        raise BadMessage


def check_tag_name(store: Store, name: str) -> None:
    """Raise BadTagName or TagExists where a new tag `name` cannot be made.

    Offered for a check before long work; publish and create_tag check again.
    """
    # A fetch takes `@` under the name of its remote, where it means nothing else.
    fault = "the name means something else" if name == "@" else name_fault(name)
    if fault is not None:
        raise BadTagName(name, fault)
    _check_beside_branches(store, name)
    _check_not_of_a_remote(store, name)
    for existing in history.tag_names(store):
        if meet(name, existing):
            raise TagExists(name, existing)


def _check_beside_branches(store: Store, name: str) -> None:
    head = (read_ref(store, "HEAD") or "").removeprefix(f"ref: {history.BRANCHES}")
    for branch in {head, *history.branch_names(store)}:
        if branch == name:
            # Git takes the tag where a name is both, so the branch would be hidden.
            raise BadTagName(name, "it is the name of a branch")
        if meet(branch, name):
            # Whoever fetches has both under the name of the remote.
            raise BadTagName(name, f"it cannot stand beside the branch {branch!r}")


def _check_not_of_a_remote(store: Store, name: str) -> None:
    first, slash, _ = name.partition("/")
    if slash:
        # Here, because few names need it, and `log` starts without it.
        from kuzugit.store.remotes import remotes

        if any(item.name == first for item in remotes(store)):
            raise BadTagName(name, f"it would be taken for a version of the remote {first!r}")


def _parents(tip: ObjectId | None, merged: Sequence[ObjectId]) -> list[ObjectId]:
    first = [] if tip is None else [tip]
    return [*first, *(commit for commit in merged if commit != tip)]


def _write_commit(
    store: Store,
    tree: ObjectId,
    message: str,
    author: Signature,
    committer: Signature,
    parents: Sequence[ObjectId],
) -> ObjectId:
    by, through = author.for_git(), committer.for_git()
    ids = [pygit2.Oid(hex=parent) for parent in parents]
    with git_errors(store.path, "write the commit"):
        id = store.git.create_commit(None, by, through, _clean(message), pygit2.Oid(hex=tree), ids)
    return ObjectId(str(id))


def _write_tag(
    store: Store, commit: ObjectId, name: str, message: str, tagger: Signature
) -> ObjectId:
    by = tagger.for_git()
    sign = "-" if by.offset < 0 else "+"
    zone = f"{sign}{abs(by.offset) // 60:02}{abs(by.offset) % 60:02}"
    text = (
        f"object {commit}\ntype commit\ntag {name}\n"
        f"tagger {by.name} <{by.email}> {by.time} {zone}\n\n{_clean(message)}"
    )
    # Written as bytes, because libgit2's create_tag makes the reference with it.
    with git_errors(store.path, "write the tag"):
        return ObjectId(str(store.git.odb.write(ObjectType.TAG, text.encode())))


def _clean(message: str) -> str:
    """Strip trailing space and end with one newline, as `git commit` does."""
    lines = [line.rstrip() for line in message.strip().splitlines()]
    return "\n".join(lines) + "\n" if lines else ""
