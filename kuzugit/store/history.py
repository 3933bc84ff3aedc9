"""Snapshots as the store's history has them: revisions, versions, the log."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import pygit2
from pygit2.enums import SortMode

from kuzugit.errors import CorruptError, UnknownNameError, UsageError
from kuzugit.model.object_id import ObjectId
from kuzugit.model.version import Version, parse_version
from kuzugit.store.location import Store
from kuzugit.store.trailers import Trailers, split_trailers
from kuzugit.store.translate import git_errors

CURRENT = "refs/current"
TAGS = "refs/tags/"
BRANCHES = "refs/heads/"
REMOTES = "refs/remotes/"
OF_PATHS = "path-"
"""Begins the names under which a sync keeps what it fetched from a path."""


class UnknownRevision(UnknownNameError):
    """`revision` names no snapshot; `near` are names that look like it."""

    def __init__(self, revision: str, reason: str, near: Sequence[str] = ()) -> None:
        hint = f"did you mean {' or '.join(near)}?" if near else "kuzugit log"
        super().__init__(f"unknown revision {revision!r}: {reason}", hint=hint)
        self.revision = revision
        self.near = tuple(near)


class BadRevision(UsageError):
    """Text that is no revision in any store, such as an option or a control character."""

    def __init__(self, revision: str, reason: str) -> None:
        super().__init__(f"bad revision {revision!r}: {reason}", hint="kuzugit log")
        self.revision = revision


class NotASnapshot(CorruptError):
    """The reference `name` leads to something that is no commit, or to nothing."""

    def __init__(self, store: Store, name: str, reason: str) -> None:
        super().__init__(
            f"{name!r} leads to {reason}", hint=f"git --git-dir={store.path} cat-file -t {name}"
        )
        self.name = name


@dataclass(frozen=True)
class Snapshot:
    """One commit of the store.

    `time` is the committer's, in seconds since 1970, `offset` in minutes east of
    UTC. `message` is whole, trailers included. `version` is the name of its tag:
    the highest version where there are several, else the first other name, None
    where it has no tag. Without one `remote_version` is that of a remote's tag, such as
    `requirement/v1.2.0`. Text from a fetched store may hold any character.
    """

    commit: ObjectId
    tree: ObjectId
    parents: tuple[ObjectId, ...]
    author_name: str
    author_email: str
    time: int
    offset: int
    message: str
    trailers: Trailers
    version: str | None
    remote_version: str | None = field(default=None, compare=False)

    @property
    def name(self) -> str:
        """What people call it: its version, a remote's, or the commit's short id."""
        return self.version or self.remote_version or self.commit[:7]

    @property
    def subject(self) -> str:
        """The first paragraph of the message, as one line."""
        return " ".join(split_trailers(self.message)[0].lstrip().partition("\n\n")[0].split("\n"))

    @property
    def body(self) -> str:
        """What follows the subject, without the trailers."""
        return split_trailers(self.message)[0].lstrip().partition("\n\n")[2].strip()

    def trailer(self, key: str) -> str | None:
        """Return the value of the last trailer `key` (in any case of letters), or None."""
        wanted = key.lower()
        return next((v for k, v in reversed(self.trailers) if k.lower() == wanted), None)


@dataclass(frozen=True)
class VersionTag:
    """A tag and its snapshot.

    A tag without an object of its own (a lightweight one) has an empty message
    and its snapshot's time.
    """

    name: str
    message: str
    time: int
    offset: int
    snapshot: Snapshot

    @property
    def version(self) -> Version | None:
        """The version that the name is, or None where it has another form."""
        return parse_version(self.name)


@dataclass(frozen=True)
class _Tag:
    name: str
    tag: pygit2.Tag | None
    commit: pygit2.Commit


def resolve(store: Store, revision: str) -> Snapshot:
    """Return the snapshot that `revision` names, in any form that `git rev-parse` knows.

    Raises BadRevision, UnknownRevision (with near names), NotASnapshot for a
    reference whose object is missing or is no commit.
    """
    _check_text(revision)
    tags = _tags(store)
    return _snapshot(_resolve_commit(store, revision, tags), _Names(store, tags))


def _check_text(revision: str) -> None:
    if not revision or revision.startswith("-"):
        raise BadRevision(revision, "it is empty or looks like an option")
    if not revision.isprintable():
        raise BadRevision(revision, "it holds a control character")


def _resolve_commit(store: Store, revision: str, tags: Sequence[_Tag]) -> pygit2.Commit:
    try:
        found = store.git.revparse_single(revision)
    except KeyError as error:
        _refuse_broken_reference(store, revision)
        raise UnknownRevision(revision, "no such name", _near(store, revision, tags)) from error
    except (ValueError, OSError, pygit2.GitError) as error:
        _refuse_broken_reference(store, revision)
        raise UnknownRevision(revision, str(error), _near(store, revision, tags)) from error
    try:
        return found.peel(pygit2.Commit)
    except (KeyError, ValueError, OSError, pygit2.GitError) as error:
        if isinstance(found, pygit2.Tag) or _reference(store, revision) is not None:
            raise NotASnapshot(store, revision, f"a {_innermost(found)}, not a commit") from error
        raise UnknownRevision(revision, f"it is a {found.type_str}, not a snapshot") from error


def _innermost(found: pygit2.Object) -> str:
    try:
        return found.peel(None).type_str
    except (KeyError, ValueError, OSError, pygit2.GitError):
        return "missing object"


def _reference(store: Store, revision: str) -> pygit2.Reference | None:
    for prefix in ("", "refs/", TAGS, BRANCHES):
        with git_errors(store.path, "read the references"):
            if not pygit2.reference_is_valid_name(prefix + revision):
                continue
            found = store.git.references.get(prefix + revision)
        if found is not None:
            return found
    return None


def _refuse_broken_reference(store: Store, revision: str) -> None:
    found = _reference(store, revision)
    if found is not None and not isinstance(found.target, str):
        raise NotASnapshot(store, revision, f"object {found.target}, which {_fault(store, found)}")


def _fault(store: Store, reference: pygit2.Reference) -> str:
    return "is damaged" if reference.target in store.git.odb else "is missing"


def _near(store: Store, revision: str, tags: Sequence[_Tag]) -> list[str]:
    names = [tag.name for tag in tags] + branch_names(store) + fetched_names(store)
    if current_target(store) is not None:
        names.append("current")
    # Imported here: only a wrong name needs it, and `kuzugit log` starts without it.
    import difflib

    return difflib.get_close_matches(revision, names, n=3)


def branch_names(store: Store) -> list[str]:
    """Return the name of every branch that has a snapshot. No object is read."""
    with git_errors(store.path, "read the branches"):
        return list(store.git.branches.local)


def fetched_names(store: Store) -> list[str]:
    """Return what the remotes have by name: `origin/main`, `requirement/v1.2.0`."""
    with git_errors(store.path, "read the references"):
        names = store.git.listall_references()
    return sorted(
        name.removeprefix(REMOTES)
        for name in names
        if name.startswith(REMOTES) and not name.endswith("/HEAD")
    )


def remote_names(store: Store) -> dict[str, list[str]]:
    """Return commit -> the names that lead to it under the remotes, as in `fetched_names`.

    Versions that are ours too are left out, and no object of theirs is read.
    """
    ours: dict[str, str] = {}
    theirs: list[pygit2.Reference] = []
    with git_errors(store.path, "read the references"):
        for reference in store.git.references.iterator():
            if isinstance(reference.target, str):
                continue
            if reference.name.startswith(TAGS):
                ours[reference.name.removeprefix(TAGS)] = str(reference.target)
            elif reference.name.startswith(REMOTES):
                theirs.append(reference)
    found: dict[str, list[str]] = {}
    for reference in theirs:
        name = reference.name.removeprefix(REMOTES)
        if ours.get(name.partition("/")[2]) == str(reference.target):
            continue
        tag = _peeled(store, reference)
        if tag is not None:
            found.setdefault(str(tag.commit.id), []).append(name)
    return found


def current_target(store: Store) -> pygit2.Commit | None:
    """Return the commit that `current` leads to; None where it is unset or its tag is gone."""
    with git_errors(store.path, "read current"):
        reference = store.git.references.get(CURRENT)
        if reference is None:
            return None
        try:
            reference.resolve()
        except KeyError:
            return None
    try:
        return reference.peel(pygit2.Commit)
    except (KeyError, ValueError, OSError, pygit2.GitError) as error:
        raise NotASnapshot(store, "current", "something that is no commit") from error


def branch_tip(store: Store) -> Snapshot | None:
    """Return the newest snapshot of the branch, None before the first one."""
    commit = tip_commit(store)
    return None if commit is None else _snapshot(commit, _Names(store, _tags(store)))


def tip_commit(store: Store) -> pygit2.Commit | None:
    """Return the commit at the end of the branch, None before the first one."""
    with git_errors(store.path, "read the branch"):
        if store.git.head_is_unborn:
            return None
        return store.git.head.peel(pygit2.Commit)


def snapshot_at(store: Store, commit: ObjectId) -> Snapshot:
    """Return the snapshot of a commit's full name; raise UnknownRevision."""
    return resolve(store, commit)


def read_commit(commit: pygit2.Commit) -> Snapshot:
    """Return a commit as a snapshot; its version is not looked for."""
    return _snapshot(commit, None)


def commit_at(store: Store, commit: ObjectId) -> Snapshot:
    """Return the snapshot of a commit's full name as `read_commit`; raise UnknownRevision."""
    return read_commit(_resolve_commit(store, commit, ()))


def parse_range(store: Store, text: str) -> tuple[Snapshot, Snapshot]:
    """Return (A, B) of `A..B`; a side that is left out is HEAD, as in Git.

    Raises BadRevision for text without `..` and for `A...B`, else as resolve.
    """
    before, dots, after = text.partition("..")
    if not dots or after.startswith("."):
        raise BadRevision(text, "a range is written A..B")
    return resolve(store, before or "HEAD"), resolve(store, after or "HEAD")


def log(
    store: Store, start: Snapshot, exclude: Sequence[Snapshot] = (), limit: int | None = None
) -> Iterator[Snapshot]:
    """Yield `start` and what came before it, newest first, children before parents.

    What `exclude` and its ancestors hold is left out. At most `limit` snapshots.
    Raises GitFailed where a commit is missing.
    """
    names = _Names(store, _tags(store))
    with git_errors(store.path, "read the history"):
        walker = store.git.walk(pygit2.Oid(hex=start.commit), SortMode.TOPOLOGICAL | SortMode.TIME)
        for snapshot in exclude:
            walker.hide(pygit2.Oid(hex=snapshot.commit))
    for commit in itertools.islice(_walked(store, walker), limit):
        yield _snapshot(commit, names)


def first_parents(store: Store, start: Snapshot) -> Iterator[Snapshot]:
    """Yield `start`, its first parent, that one's first parent, and so on.

    Raises GitFailed where a commit is missing.
    """
    names = _Names(store, _tags(store))
    with git_errors(store.path, "read the history"):
        walker = store.git.walk(pygit2.Oid(hex=start.commit), SortMode.TOPOLOGICAL)
        walker.simplify_first_parent()
    for commit in _walked(store, walker):
        yield _snapshot(commit, names)


def _walked(store: Store, walker: pygit2.Walker) -> Iterator[pygit2.Commit]:
    while True:
        with git_errors(store.path, "read the history"):
            commit = next(walker, None)
        if commit is None:
            return
        yield commit


def versions(store: Store) -> list[VersionTag]:
    """Return every tag of a snapshot: versions in their order, then other names by name.

    Tags of other things (a file, a tree) are left out, and so are `broken_tags`.
    """
    tags = _tags(store)
    names = _Names(store, tags)
    return [_version_tag(tag, names) for tag in sorted(tags, key=lambda tag: _order(tag.name))]


def remote_versions(store: Store) -> list[VersionTag]:
    """Return the tags of remotes, under names such as `requirement/v1.2.0`, by name."""
    tags = _remote_tags(store)
    return [_version_tag(tag, None) for tag in sorted(tags, key=lambda tag: tag.name)]


def _version_tag(tag: _Tag, names: _Names | None) -> VersionTag:
    snapshot = _snapshot(tag.commit, names)
    if tag.tag is None or tag.tag.tagger is None:
        message = "" if tag.tag is None else _text(tag.tag.raw_message)
        return VersionTag(tag.name, message, snapshot.time, snapshot.offset, snapshot)
    tagger = tag.tag.tagger
    return VersionTag(tag.name, _text(tag.tag.raw_message), tagger.time, tagger.offset, snapshot)


def broken_tags(store: Store) -> dict[str, str]:
    """Return the tags that lead to no snapshot, and what is wrong with each.

    One of them must not keep anybody from the others, so nothing else speaks of them.
    """
    found = {}
    good = {tag.name for tag in _tags(store)}
    for name in tag_names(store):
        if name not in good:
            try:
                resolve(store, TAGS + name)
            except (CorruptError, UnknownNameError, UsageError) as error:
                found[name] = str(error)
    return found


def version_of(store: Store, commit: ObjectId) -> str | None:
    """Return the name of a snapshot's tag, chosen as in Snapshot; None where it has none."""
    return _best(_tags(store)).get(commit)


def tag_names(store: Store) -> list[str]:
    """Return the name of every tag, whatever it points at. No object is read."""
    with git_errors(store.path, "read the tags"):
        names = store.git.listall_references()
    return sorted(name.removeprefix(TAGS) for name in names if name.startswith(TAGS))


class _Names:
    """The names of commits. Those of the remotes are read when a commit has none of ours."""

    def __init__(self, store: Store, tags: Sequence[_Tag]) -> None:
        self._store = store
        self._ours = _best(tags)
        self._theirs: dict[str, str] | None = None

    def ours(self, commit: str) -> str | None:
        """Return the name of our tag of a commit."""
        return self._ours.get(commit)

    def theirs(self, commit: str) -> str | None:
        """Return the name of a remote's tag of a commit."""
        if self._theirs is None:
            self._theirs = _best(_remote_tags(self._store), remote=True)
        return self._theirs.get(commit)


def _remote_tags(store: Store) -> list[_Tag]:
    """Return the tags that remotes have; those are annotated, and branches are not.

    What a sync fetched from a path is left out: nobody knows it by the name it has here.
    """
    found = []
    with git_errors(store.path, "read the references"):
        for reference in store.git.references.iterator():
            name = reference.name
            if not name.startswith(REMOTES) or name.startswith(f"{REMOTES}{OF_PATHS}"):
                continue
            tag = _peeled(store, reference)
            if tag is not None and tag.tag is not None:
                found.append(replace(tag, name=name.removeprefix(REMOTES)))
    return found


def _tags(store: Store) -> list[_Tag]:
    """Return the tags of commits: one pass over the tags, one look at each."""
    found = []
    with git_errors(store.path, "read the tags"):
        for reference in store.git.references.iterator():
            if reference.name.startswith(TAGS):
                tag = _peeled(store, reference)
                if tag is not None:
                    found.append(tag)
    return found


def _peeled(store: Store, reference: pygit2.Reference) -> _Tag | None:
    name = reference.name.removeprefix(TAGS)
    try:
        found = store.git.get(reference.resolve().target)
        tag = found if isinstance(found, pygit2.Tag) else None
        while isinstance(found, pygit2.Tag):
            found = store.git.get(found.target)
    except (KeyError, ValueError, pygit2.GitError):
        return None  # `broken_tags` tells of it
    return _Tag(name, tag, found) if isinstance(found, pygit2.Commit) else None


def _best(tags: Sequence[_Tag], *, remote: bool = False) -> dict[str, str]:
    """Return commit -> name of its tag, the best of several; `remote`: after the remote's name."""
    best: dict[str, tuple[_Rank, str]] = {}
    for tag in tags:
        rank = _rank(tag.name.rpartition("/")[2] if remote else tag.name)
        commit, ranked = str(tag.commit.id), (rank, tag.name)
        best[commit] = min(best.get(commit, ranked), ranked)
    return {commit: name for commit, (_, name) in best.items()}


def _order(name: str) -> tuple[bool, Version, str]:
    version = parse_version(name)
    return (version is None, version or Version(0, 0, 0), name)


_Rank: TypeAlias = tuple[int, int, int, int, str]


def _rank(name: str) -> _Rank:
    """The best name first: versions from the highest down, then the others."""
    version = parse_version(name)
    if version is None:
        return (1, 0, 0, 0, name)
    return (0, -version.major, -version.minor, -version.patch, name)


def is_ancestor(store: Store, ancestor: Snapshot, descendant: Snapshot) -> bool:
    """Whether `descendant` is `ancestor` or has it in its history."""
    if ancestor.commit == descendant.commit:
        return True
    with git_errors(store.path, "read the history"):
        return store.git.descendant_of(
            pygit2.Oid(hex=descendant.commit), pygit2.Oid(hex=ancestor.commit)
        )


def count_between(store: Store, a: Snapshot, b: Snapshot) -> tuple[int, int]:
    """Return how many snapshots only `a` has (ahead) and only `b` has (behind)."""
    with git_errors(store.path, "read the history"):
        ahead, behind = store.git.ahead_behind(pygit2.Oid(hex=a.commit), pygit2.Oid(hex=b.commit))
    return ahead, behind


def merge_base(store: Store, a: Snapshot, b: Snapshot) -> Snapshot | None:
    """Return the newest snapshot that both have in their history, None where there is none."""
    with git_errors(store.path, "read the history"):
        found = store.git.merge_base(pygit2.Oid(hex=a.commit), pygit2.Oid(hex=b.commit))
    return None if found is None else snapshot_at(store, ObjectId(str(found)))


def merge_bases(store: Store, a: Snapshot, b: Snapshot) -> list[Snapshot]:
    """Return the snapshots that both have in their history and no newer one comes from.

    There are several where each of two branches took in the other's, apart.
    """
    first = merge_base(store, a, b)
    found = [] if first is None else [first]
    while found:
        theirs = {snapshot.commit for snapshot in log(store, b, exclude=found)}
        # Children come before their parents, so the first one is the newest of its line.
        more = (one for one in log(store, a, exclude=found) if one.commit in theirs)
        further = next(more, None)
        if further is None:
            break
        found.append(further)
    return found


def with_tree(store: Store, starts: Sequence[Snapshot], tree: ObjectId) -> Snapshot | None:
    """Return the newest snapshot with this tree among `starts` and what they come from."""
    with git_errors(store.path, "read the history"):
        walker = store.git.walk(None, SortMode.TIME)
        for start in starts:
            walker.push(pygit2.Oid(hex=start.commit))
    found = (commit for commit in _walked(store, walker) if str(commit.tree_id) == tree)
    commit = next(found, None)
    return None if commit is None else read_commit(commit)


def _snapshot(commit: pygit2.Commit, names: _Names | None) -> Snapshot:
    message = _text(commit.raw_message)
    version = None if names is None else names.ours(str(commit.id))
    remote = None if names is None or version is not None else names.theirs(str(commit.id))
    return Snapshot(
        commit=ObjectId(str(commit.id)),
        tree=ObjectId(str(commit.tree_id)),
        parents=tuple(ObjectId(str(parent)) for parent in commit.parent_ids),
        author_name=_text(commit.author.raw_name),
        author_email=_text(commit.author.raw_email),
        time=commit.committer.time,
        offset=commit.committer.offset,
        message=message,
        trailers=split_trailers(message)[1],
        version=version,
        remote_version=remote,
    )


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
