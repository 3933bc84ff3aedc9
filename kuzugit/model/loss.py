"""What a snapshot cannot keep, said by name."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from kuzugit.errors import RefusedError


@dataclass(frozen=True)
class Loss:
    """One thing that would not survive: `name` (`Table.column`), what it is, why, a way out.

    `left_out` tells that a snapshot without the thing is well defined and touches no
    value, so that whoever accepts the loss can have one.
    """

    name: str
    what: str
    why: str
    way_out: str = ""
    left_out: bool = False

    def __str__(self) -> str:
        return f"{self.name} ({self.what}): {self.why}"


class CannotKeep(RefusedError):
    """The database holds things that a snapshot would lose; nothing was written."""

    def __init__(self, losses: Sequence[Loss]) -> None:
        self.losses = tuple(losses)
        # On the command line it becomes one line.
        listed = ";\n".join(f"  {loss}" for loss in self.losses)
        # One way out is enough to show what they look like; the others are in `losses`.
        ways = [loss.way_out for loss in self.losses if loss.way_out][:1]
        if all(loss.left_out for loss in self.losses):
            words = " ".join(f"--accept-loss {shlex.quote(loss.name)}" for loss in self.losses)
            ways.append(f"leave it out: kuzugit commit -m MSG {words}")
        super().__init__(f"a snapshot would lose this:\n{listed}", hint="; or ".join(ways) or None)
