"""A repository for one journey: what arrives is looked at there before the store has it.

It is a scratch directory of the store. Its objects are the ones that arrived, and it reads
the store's as an alternate; nothing in the store leads to it. When it is looked at and found
sound, its packs are moved into the store. Left by a killed process, the next one removes it.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pygit2
from pygit2.enums import RepositoryOpenFlag

from kuzugit import atomic
from kuzugit.model.progress import ProgressCallback
from kuzugit.store.location import Store
from kuzugit.store.object_format import check_object_format
from kuzugit.store.remote_url import RemoteUrl
from kuzugit.store.translate import git_errors
from kuzugit.store.transport import GitProgram

SHALLOW = "shallow"
"""Git's file of the commits whose parents a store does not have."""

_NOTHING = "^ $"
"""A pattern that no value of the configuration matches, so that one is added."""

_NOT_COPIED = ("core.bare", "core.repositoryformatversion", "core.worktree", "extensions.",
               "include.", "includeif.", "kuzugit.", "branch.")  # fmt: skip


class Quarantine:
    """An empty repository beside the store's objects, and the git program to fill it.

    `store` is it as a store: snapshots in it are read as those of any other.
    """

    def __init__(self, directory: Path, home: Store, url: RemoteUrl, program: GitProgram) -> None:
        self.directory = directory
        self.home = home
        self.url = url
        self.program = program

    def keep_password(self) -> None:
        """Hand the URL's password to Git's credential helpers, as Git does with a good one."""
        if self.url.password is None:
            return
        with git_errors(self.home.path, "hand over the password"):
            pygit2.Config(str(self.directory / "config")).delete_multivar(
                _helper_key(self.url), ".*"
            )
            (self.directory / "credential").unlink()
        said = f"url={self.url.text}\nusername={self.url.user or ''}\n"
        self.program.run("credential", "approve", stdin=f"{said}password={self.url.password}\n\n")

    @contextmanager
    def opened(self) -> Iterator[Store]:
        """Open what arrived, with the store's own objects behind it."""
        with git_errors(self.home.path, "open what was received"):
            git = pygit2.Repository(
                str(self.directory), RepositoryOpenFlag.NO_SEARCH | RepositoryOpenFlag.BARE
            )
            # Of the file `alternates` libgit2 does not read a line with escapes.
            git.odb.add_disk_alternate(str(self.home.path / "objects"))
        with Store(self.directory, git, self.home.database) as store:
            yield store

    def packs(self) -> list[Path]:
        """Return the packs that arrived."""
        return sorted((self.directory / "objects" / "pack").glob("pack-*.pack"))

    def move_objects(self) -> None:
        """Move the packs into the store; call it under the store lock.

        Each is flushed before, and its index comes last, which is what makes it one. A
        crash leaves packs in the store that nothing names, and `git gc` removes.
        """
        target = self.home.path / "objects" / "pack"
        with git_errors(self.home.path, "keep what was received"):
            target.mkdir(exist_ok=True)
            for pack in self.packs():
                for suffix in (".pack", ".rev", ".idx"):
                    file = pack.with_suffix(suffix)
                    if file.exists():
                        atomic.fsync_file(file)
                        file.replace(target / file.name)
                        atomic.step(f"objects:moved{suffix}")
            atomic.fsync_directory(target)


@contextmanager
def quarantine(
    home: Store, name: str, url: RemoteUrl, progress: ProgressCallback, *, prompt: bool = False
) -> Iterator[Quarantine]:
    """Give a quarantine for a journey to `url`, known as the remote `name`.

    It has the store's Git configuration but for what says where the remote is. Raises
    OtherObjectFormat, StoreReadOnly, GitFailed.
    """
    if url.path is not None:
        # An empty one says nothing of it to who lists its references.
        check_object_format(url.path)
    with home.scratch() as scratch:
        directory = scratch / "quarantine.git"
        with git_errors(home.path, "make a place for what arrives"):
            _make(directory, home)
            _configure(directory, home, name, url)
        program = GitProgram(directory, name, url.text, progress, prompt)
        yield Quarantine(directory, home, url, program)


def _make(directory: Path, home: Store) -> None:
    for below in ("objects/info", "objects/pack", "refs"):
        (directory / below).mkdir(parents=True)
    (directory / "HEAD").write_text("ref: refs/heads/none\n")
    alternate = str(home.path / "objects")
    # Git takes a line that begins with a quote for one with escapes.
    quoted = alternate.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    plain = not alternate.startswith(("#", '"')) and "\n" not in alternate
    line = alternate if plain else f'"{quoted}"'
    (directory / "objects" / "info" / "alternates").write_text(f"{line}\n")
    (directory / "packed-refs").write_text(
        "".join(f"{id} refs/ours/{at}\n" for at, id in enumerate(known_objects(home)))
    )
    ends = ends_of_history(home)
    if ends:
        (directory / SHALLOW).write_text("".join(f"{id}\n" for id in sorted(ends)))


def ends_of_history(store: Store) -> frozenset[str]:
    """Return the commits before which a store has nothing, as `git clone --depth` leaves it."""
    with git_errors(store.path, "read where the history ends"):
        try:
            return frozenset((store.path / SHALLOW).read_text().split())
        except FileNotFoundError:
            return frozenset()


_NEARBY = "git -c pack.window=0 -c pack.compression=1 upload-pack"
"""How a store on this machine is read: to search for small deltas takes longer than to copy."""


def known_objects(home: Store) -> list[str]:
    """Return the objects that the store's references lead to, as far as it has them."""
    found = set()
    with git_errors(home.path, "read the references"):
        for reference in home.git.references.iterator():
            target = reference.target
            if not isinstance(target, str) and target in home.git.odb:
                found.add(str(target))
    return sorted(found)


def _configure(directory: Path, home: Store, name: str, url: RemoteUrl) -> None:
    file = directory / "config"
    file.touch(mode=0o600)
    config = pygit2.Config(str(file))
    config["core.repositoryformatversion"] = 0
    config["core.bare"] = True
    where = tuple(f"remote.{name}.{key}" for key in ("url", "pushurl", "fetch", "push", "tagopt",
                                                     "mirror", "prune"))  # fmt: skip
    for entry in pygit2.Config(str(home.path / "config")):
        mine = entry.name.startswith(f"remote.{name}.")
        other = entry.name.startswith("remote.") and not mine
        if not other and entry.name not in where and not entry.name.startswith(_NOT_COPIED):
            config.set_multivar(entry.name, _NOTHING, entry.value or "true")
    config[f"remote.{name}.url"] = url.text
    if url.path is not None:
        config[f"remote.{name}.uploadpack"] = _NEARBY
    if url.password is not None:
        _put_secret(config, directory, url)


def _put_secret(config: pygit2.Config, directory: Path, url: RemoteUrl) -> None:
    """Let a credential helper give the password: as a word it would be seen by everybody."""
    secret = directory / "credential"
    secret.touch(mode=0o600)
    secret.write_text(f"username={url.user or ''}\npassword={url.password}\n")
    key = _helper_key(url)
    # The first, empty one makes Git forget those of the user, who has said another.
    config[key] = ""
    gives = f'!f() {{ test "$1" = get && cat {shlex.quote(str(secret))}; }}; f'
    config.set_multivar(key, _NOTHING, gives)


def _helper_key(url: RemoteUrl) -> str:
    parts = urlsplit(url.text)
    return f"credential.{parts.scheme}://{parts.netloc.rpartition('@')[2]}.helper"
