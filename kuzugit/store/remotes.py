"""The stores that this one knows by name, in its Git configuration.

Plain Git reads the same lines: `git fetch <name>` and `git push <name>` do what they say.
"""

from __future__ import annotations

import os
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

import pygit2

from kuzugit.errors import RefusedError, UnknownNameError, UsageError
from kuzugit.model.object_id import ObjectId
from kuzugit.model.version import parse_version
from kuzugit.store.history import BRANCHES, REMOTES, TAGS
from kuzugit.store.location import STORE_NAME, Store
from kuzugit.store.packed_refs import write_packed
from kuzugit.store.ref_file import delete_ref
from kuzugit.store.remote_url import RemoteUrl, parse_url, redacted
from kuzugit.store.translate import git_errors

ORIGIN = "origin"

_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,98}[A-Za-z0-9_-])?")
_TAKEN = ("current", "HEAD", "heads", "tags", "remotes", "kuzugit", "refs")


class BadRemoteName(UsageError):
    """A name that no remote can have."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            f"{name!r} cannot be the name of a remote: {reason}",
            hint="letters, digits, `_`, `.` and `-`: kuzugit remote add requirement URL",
        )
        self.name = name


class RemoteExists(RefusedError):
    """There is a remote `name` already."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is a remote {name!r} already", hint="kuzugit remote list")
        self.name = name


class NameInUse(RefusedError):
    """A tag or branch of ours begins with the name of the remote: `existing`."""

    def __init__(self, name: str, existing: str) -> None:
        super().__init__(
            f"{existing!r} is a name of ours, so the versions of a remote {name!r} "
            "could be taken for it",
            hint="choose another name for the remote",
        )
        self.name = name
        self.existing = existing


class UnknownRemote(UnknownNameError):
    """There is no remote `name`."""

    def __init__(self, name: str, known: list[str]) -> None:
        hint = f"kuzugit remote add {name} URL"
        if not _NAME.fullmatch(name):
            hint = f"kuzugit remote add NAME {shlex.quote(name)}"
        elif known:
            hint = f"the remotes are {', '.join(known)}"
        super().__init__(f"there is no remote {name!r}", hint=hint)
        self.name = name


@dataclass(frozen=True)
class Remote:
    """A store that this one knows by name.

    `url` is as the configuration has it, relative paths from the directory of the store.
    `shares_versions` tells that it has the same history as this one, so that its versions
    are ours too; of others they keep the remote's name: `requirement/v1.2.0`.
    """

    name: str
    url: str
    shares_versions: bool

    @property
    def shown_url(self) -> str:
        """The URL without a password that plain Git may have left in it."""
        return redacted(self.url)


def remotes(store: Store) -> list[Remote]:
    """Return every remote, by name."""
    with git_errors(store.path, "read the remotes"):
        config = _local(store)
        names = sorted(
            {
                entry.name.removeprefix("remote.").removesuffix(".url")
                for entry in config
                if entry.name.startswith("remote.") and entry.name.endswith(".url")
            }
        )
        return [_remote(config, name) for name in names]


def _local(store: Store) -> pygit2.Config:
    return pygit2.Config(str(store.path / "config"))


def _remote(config: pygit2.Config, name: str) -> Remote:
    prefix = f"remote.{name}"
    options = list(config.get_multivar(f"{prefix}.tagopt"))
    url = next(iter(config.get_multivar(f"{prefix}.url")))
    return Remote(name, url or "", "--tags" in options)


def remote(store: Store, name: str) -> Remote:
    """Return the remote `name`; raise UnknownRemote."""
    known = remotes(store)
    for item in known:
        if item.name == name:
            return item
    raise UnknownRemote(name, [item.name for item in known])


def usual_remote(store: Store) -> Remote:
    """Return origin, or the only remote there is; raise UnknownRemote."""
    known = remotes(store)
    if len(known) == 1:
        return known[0]
    return remote(store, ORIGIN)


def url_of(store: Store, remote: Remote) -> RemoteUrl:
    """Return the URL of a remote, checked; raise BadUrl.

    A path to a project stands for the store in it.
    """
    return store_url(parse_url(remote.url, store.path.parent))


def store_url(url: RemoteUrl) -> RemoteUrl:
    """Return `url`, or that of the store in the directory which it names."""
    if url.path is not None and (url.path / STORE_NAME).is_dir():
        place = url.path / STORE_NAME
        return RemoteUrl(str(place), url.name, place)
    return url


def written_url(url: RemoteUrl, given: str, store: Path) -> str:
    """Return how the configuration of the store at `store` names `url`.

    A path that was `given` as a relative one is kept so, from the directory of the
    store: two projects that are moved together still find each other.
    """
    if url.path is None or Path(given).is_absolute() or given.startswith("file:"):
        return url.text
    return os.path.relpath(url.path, store.parent)


def add_remote(
    store: Store, name: str, url: str, *, directory: Path, shares_versions: bool
) -> Remote:
    """Remember the store at `url` as `name`; a relative path is taken from `directory`.

    A password in the URL is not kept. Raises BadRemoteName, BadUrl, RemoteExists, NameInUse,
    StoreReadOnly, GitFailed.
    """
    parsed = store_url(parse_url(url, directory))
    written = written_url(parsed, url, store.path)
    return remember_remote(store, name, written, shares_versions=shares_versions)


def remember_remote(store: Store, name: str, written: str, *, shares_versions: bool) -> Remote:
    """Write a new remote into the configuration, its checked URL as it is to stand there.

    Raises BadRemoteName, RemoteExists, NameInUse, StoreReadOnly, GitFailed.
    """
    with store.lock():
        _check_new_name(store, name)
        with git_errors(store.path, "write the configuration"):
            _write(_local(store), Remote(name, written, shares_versions))
    return remote(store, name)


def _check_new_name(store: Store, name: str) -> None:
    if not _NAME.fullmatch(name) or ".." in name or name.endswith(".lock"):
        raise BadRemoteName(name, "it must begin with a letter or a digit, and hold no `/`")
    if name in _TAKEN:
        raise BadRemoteName(name, "the name means something else")
    if any(item.name.lower() == name.lower() for item in remotes(store)):
        raise RemoteExists(name)
    with git_errors(store.path, "read the references"):
        names = store.git.listall_references()
    for prefix in (TAGS, BRANCHES):
        for existing in names:
            if existing.startswith(f"{prefix}{name}/") or existing == prefix + name:
                raise NameInUse(name, existing.removeprefix(prefix))


def _write(config: pygit2.Config, remote: Remote) -> None:
    prefix = f"remote.{remote.name}"
    # The URL last: without it there is no remote, whatever else was written.
    tracking = f"{REMOTES}{remote.name}/*"
    for source in ("heads", "tags"):
        config.set_multivar(f"{prefix}.fetch", "^$", f"+refs/{source}/*:{tracking}")
    config[f"{prefix}.tagopt"] = "--tags" if remote.shares_versions else "--no-tags"
    config[f"{prefix}.url"] = remote.url


def set_url(store: Store, name: str, url: str, *, directory: Path) -> Remote:
    """Let the remote `name` be at `url`; raise UnknownRemote, BadUrl."""
    parsed = store_url(parse_url(url, directory))
    with store.lock():
        remote(store, name)
        with git_errors(store.path, "write the configuration"):
            written = written_url(parsed, url, store.path)
            _local(store).set_multivar(f"remote.{name}.url", ".*", written)
    return remote(store, name)


def remove_remote(store: Store, name: str) -> None:
    """Forget the remote `name` and what was fetched under its name; raise UnknownRemote.

    Versions that came into ours stay. A crash leaves the remote, or less of it; the
    command can be given again.
    """
    with store.lock():
        remote(store, name)
        _drop(store, name)
        with git_errors(store.path, "write the configuration"):
            _delete_section(_local(store), name)


def _drop(store: Store, name: str) -> None:
    names = set(tracking_refs(store, name))
    head = f"{REMOTES}{name}/HEAD"
    delete_ref(store, head)
    write_packed(store, {}, drop=names - {head})


def tracking_refs(store: Store, name: str) -> dict[str, str]:
    """Return the references of the remote `name` and their values, as `read_ref` gives them."""
    prefix = f"{REMOTES}{name}/"
    found = {}
    with git_errors(store.path, "read the references"):
        for reference in store.git.references.iterator():
            if reference.name.startswith(prefix):
                target = reference.target
                symbolic = isinstance(target, str)
                found[reference.name] = f"ref: {target}" if symbolic else str(target)
    return found


def version_there(store: Store, name: str, commit: ObjectId) -> str | None:
    """Return the highest version that `commit` has at the remote `name`, None without any."""
    prefix = f"{REMOTES}{name}/"
    found = []
    with git_errors(store.path, "read the references"):
        for reference in store.git.references.iterator():
            if not reference.name.startswith(prefix) or isinstance(reference.target, str):
                continue
            version = parse_version(reference.name.removeprefix(prefix))
            if version is not None and str(reference.peel(pygit2.Commit).id) == commit:
                found.append(version)
    return str(max(found)) if found else None


def _delete_section(config: pygit2.Config, name: str) -> None:
    prefix = f"remote.{name}."
    # The URL first: without it there is no remote.
    names = {entry.name for entry in config if entry.name.startswith(prefix)}
    for key in sorted(names, key=lambda key: (not key.endswith(".url"), key)):
        config.delete_multivar(key, ".*")


def rename_remote(store: Store, old: str, new: str) -> Remote:
    """Call the remote `old` by the name `new`, and so what was fetched from it.

    One that becomes `origin` shares our versions, as one that is added by that name. Raises
    UnknownRemote, BadRemoteName, RemoteExists, NameInUse. A crash leaves a remote under
    either name or both, each of them usable.
    """
    with store.lock():
        known = remote(store, old)
        _check_new_name(store, new)
        with git_errors(store.path, "write the configuration"):
            shares = known.shares_versions or new == ORIGIN
            _write(_local(store), Remote(new, known.url, shares))
        at = len(f"{REMOTES}{old}/")
        moved = {
            f"{REMOTES}{new}/{name[at:]}": ObjectId(value)
            for name, value in tracking_refs(store, old).items()
            if not value.startswith("ref: ")
        }
        write_packed(store, moved)
        remove_remote(store, old)
    return remote(store, new)
