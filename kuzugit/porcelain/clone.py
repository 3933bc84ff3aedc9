"""Clone: a project made from the store of another one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kuzugit.errors import UsageError
from kuzugit.model.progress import ProgressCallback, ignore_progress
from kuzugit.porcelain.fetch import checked
from kuzugit.porcelain.new_directory import check_new, new_directory
from kuzugit.porcelain.workspace import Workspace, open_workspace
from kuzugit.store.location import STORE_NAME, create_store
from kuzugit.store.receiving import FetchResult
from kuzugit.store.receiving import fetch as bring
from kuzugit.store.remote_url import RemoteUrl, parse_url
from kuzugit.store.remotes import ORIGIN, remember_remote, store_url

if TYPE_CHECKING:
    from kuzugit.porcelain.checkout import CheckoutResult

_ENDINGS = re.compile(r"(\.git|\.kuzugit|\.kuzu|\.bundle)$")


class NoCloneName(UsageError):
    """The URL does not say what the new directory is called."""

    def __init__(self, url: RemoteUrl) -> None:
        super().__init__(
            f"{url.text!r} gives no name for the new directory",
            hint="kuzugit clone URL DIR",
        )
        self.url = url


@dataclass(frozen=True)
class CloneResult:
    """What was cloned: the open workspace, what came, and the database where it was wanted."""

    workspace: Workspace
    fetched: FetchResult
    checkout: CheckoutResult | None


def clone(
    url: str,
    target: Path | None = None,
    *,
    directory: Path = Path(),
    database: Path | None = None,
    checkout: bool = False,
    engine: str | None = None,
    prompt: bool = False,
    progress: ProgressCallback = ignore_progress,
) -> CloneResult:
    """Make the directory `target` with a store in it that has what the one at `url` has.

    Without `target` it is named after the URL; relative paths are taken from `directory`.
    `database` is the path of the live database in it, by default the same name with
    `.kuzu`. It is built with `checkout` only. The other store becomes `origin`, whose
    versions are ours. It is all there at the end, or nothing: a crash leaves a directory
    `.kuzugit-clone-*` beside, which the next clone removes. Raises BadUrl, NoCloneName,
    DirectoryNotEmpty, CannotWrite, and what `fetch` and `checkout` raise.
    """
    parsed = store_url(parse_url(url, directory))
    name = _name(parsed)
    if target is None and not name:
        raise NoCloneName(parsed)
    place = (directory / (target or name)).absolute()
    live = database or Path(f"{name or place.name}.kuzu")
    check_new(place)
    with (
        new_directory(place, ".kuzugit-clone-", "clone into") as new,
        create_store(new / STORE_NAME, new / live) as store,
    ):
        origin = remember_remote(store, ORIGIN, parsed.text, shares_versions=True)
        fetched = bring(
            store,
            origin,
            checked(progress),
            url=parsed,
            cloning=True,
            progress=progress,
            prompt=prompt,
        )
    workspace = open_workspace(place, place / STORE_NAME, None, engine)
    done = None
    if checkout and fetched.head is not None:
        from kuzugit.porcelain.checkout import checkout as run

        done = run(workspace, fetched.head, progress=progress)
    return CloneResult(workspace, fetched, done)


def _name(url: RemoteUrl) -> str:
    """Return `graph` for `/srv/graph`, `host:graph.git` and `/srv/graph/.kuzugit`."""
    name = url.name
    if name == STORE_NAME:
        name = url.text.rstrip("/").removesuffix(STORE_NAME).rstrip("/").rpartition("/")[2]
        name = name.rpartition(":")[2]
    name = _ENDINGS.sub("", name)
    return "" if name in ("", ".", "..") or not name.isprintable() else name
