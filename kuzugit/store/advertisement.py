"""What another store says it has, before anything of it is fetched."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from kuzugit.errors import CorruptError, RefusedError
from kuzugit.model.object_id import ObjectId
from kuzugit.store.history import BRANCHES, TAGS
from kuzugit.store.object_format import OtherObjectFormat
from kuzugit.store.quarantine import Quarantine
from kuzugit.store.ref_rules import meetings, name_fault

MAX_REFERENCES = 200_000


class HostileReference(CorruptError):
    """A reference of another store that no store has: `name` says which, `reason` why."""

    def __init__(self, remote: str, name: str, reason: str) -> None:
        super().__init__(
            f"{remote!r} has a reference {name!r} that is refused: {reason}",
            hint="nothing of it was kept",
        )
        self.remote = remote
        self.name = name


class TooManyReferences(CorruptError):
    """Another store tells of more references than are read."""

    def __init__(self, remote: str, count: int) -> None:
        super().__init__(f"{remote!r} has {count} references; {MAX_REFERENCES} are read at most")


class NamesCollide(RefusedError):
    """A branch and a tag of another store would get one name here."""

    def __init__(self, remote: str, first: str, second: str) -> None:
        super().__init__(
            f"{remote!r} has {first!r} and {second!r}, which get one name here",
            hint="rename one of them there",
        )


@dataclass(frozen=True)
class Advertised:
    """What another store says it has: branches and tags by name, and where its HEAD is.

    `tags` are the references' own values: a tag object, or a commit for one without.
    `tagged` is what the tag objects among them lead to, as far as the other store says so.
    """

    branches: Mapping[str, ObjectId]
    tags: Mapping[str, ObjectId]
    head: str | None
    tagged: Mapping[str, ObjectId] = field(default_factory=dict)

    @property
    def values(self) -> dict[str, ObjectId]:
        """Branches and tags together: a name is one or the other."""
        return {**self.branches, **self.tags}


def advertised(room: Quarantine) -> Advertised:
    """Return what the other store says it has; names checked.

    Raises TransferFailed and its kin, HostileReference, TooManyReferences, NamesCollide.
    """
    name = room.program.remote
    said = room.program.checked(
        "read", "ls-remote", "--symref", name, "HEAD", "refs/heads/*", "refs/tags/*"
    )
    branches: dict[str, ObjectId] = {}
    tags: dict[str, ObjectId] = {}
    tagged: dict[str, ObjectId] = {}
    head = None
    lines = said.out.splitlines()
    if len(lines) > MAX_REFERENCES:
        raise TooManyReferences(name, len(lines))
    for line in lines:
        value, _, reference = line.partition("\t")
        if value.startswith("ref: "):
            head = value.removeprefix(f"ref: {BRANCHES}") if reference == "HEAD" else head
        elif not reference.startswith((BRANCHES, TAGS)):
            continue  # the name of a HEAD of others, which that store has fetched itself
        elif re.fullmatch("[0-9a-f]{64}", value):
            raise OtherObjectFormat(repr(name))
        elif not re.fullmatch("[0-9a-f]{40}", value):
            raise HostileReference(name, reference, "its value is no name of an object")
        elif reference.startswith(BRANCHES):
            branches[reference.removeprefix(BRANCHES)] = ObjectId(value)
        elif reference.endswith("^{}"):
            tagged[reference.removeprefix(TAGS).removesuffix("^{}")] = ObjectId(value)
        else:
            tags[reference.removeprefix(TAGS)] = ObjectId(value)
    found = Advertised(branches, tags, own_branch(head, branches), tagged)
    check_names(name, found)
    return found


def own_branch(head: str | None, branches: Mapping[str, ObjectId]) -> str | None:
    """Return the branch that a clone begins with: HEAD's, or the one that is meant."""
    if head in branches or not branches:
        return head if branches else None
    return "main" if "main" in branches else min(branches)


def check_names(remote: str, there: Advertised) -> None:
    """Raise HostileReference or NamesCollide where names of another store cannot be ours."""
    for name in (*there.branches, *there.tags):
        fault = name_fault(name)
        if fault is not None:
            raise HostileReference(remote, name, fault)
    for first, second in meetings(there.branches.keys(), there.tags.keys()):
        raise NamesCollide(remote, first.removeprefix("refs/"), second.removeprefix("refs/"))
