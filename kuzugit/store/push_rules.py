"""What a push may do to the references of a shared store: they come, they grow, they stay."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pygit2

from kuzugit.errors import KuzugitError
from kuzugit.store.history import BRANCHES, TAGS
from kuzugit.store.location import Store
from kuzugit.store.ref_rules import meetings, name_fault
from kuzugit.store.refs import check_tag_name
from kuzugit.store.translate import git_errors


@dataclass(frozen=True)
class Update:
    """A reference and what it is to be; `old` and `new` are None where it is not there."""

    reference: str
    old: str | None
    new: str | None


def read_quarantine(store: Store, directory: Path) -> None:
    """Let the store read the objects that Git keeps apart until a push is taken, too."""
    with git_errors(store.path, "read what was pushed"):
        store.git.odb.add_disk_alternate(str(directory))


def refused_updates(store: Store, updates: Sequence[Update]) -> Iterator[tuple[str, str]]:
    """Yield each reference that may not become what a push wants, and why."""
    met = _meetings(store, updates)
    for update in updates:
        if update.reference in met:
            why: str | None = f"who fetches cannot have it beside {met[update.reference]}"
        elif update.reference.startswith(BRANCHES):
            why = _against_branch(store, update)
        elif update.reference.startswith(TAGS):
            why = _against_tag(store, update)
        else:
            why = "a store takes branches and tags only"
        if why is not None:
            yield update.reference, why


def _meetings(store: Store, updates: Sequence[Update]) -> dict[str, str]:
    """Return each new reference that could not stand beside another, and the other one."""
    with git_errors(store.path, "read the references"):
        names = {*store.git.listall_references(), *(update.reference for update in updates)}
    new = {update.reference for update in updates if update.old is None}
    found = {}
    for first, second in meetings(_below(BRANCHES, names), _below(TAGS, names)):
        for one, other in ((first, second), (second, first)):
            if one in new:
                found[one] = other
    return found


def _below(prefix: str, names: Iterable[str]) -> set[str]:
    return {name.removeprefix(prefix) for name in names if name.startswith(prefix)}


def _against_branch(store: Store, update: Update) -> str | None:
    if update.new is None:
        return "a branch is never removed"
    fault = name_fault(update.reference.removeprefix(BRANCHES))
    if fault is not None:
        return fault
    if update.old is None:
        return None
    if not _is_commit(store, update.new):
        return "it leads to no commit"
    with git_errors(store.path, "read the history"):
        grows = store.git.descendant_of(pygit2.Oid(hex=update.new), pygit2.Oid(hex=update.old))
    return None if grows or update.new == update.old else "its history would be rewritten"


def _against_tag(store: Store, update: Update) -> str | None:
    if update.old is not None:
        return "a version is never " + ("removed" if update.new is None else "moved")
    try:
        check_tag_name(store, update.reference.removeprefix(TAGS))
    except KuzugitError as error:
        return str(error)
    return None


def _is_commit(store: Store, id: str) -> bool:
    with git_errors(store.path, "read what was pushed"):
        return isinstance(store.git[pygit2.Oid(hex=id)], pygit2.Commit)
