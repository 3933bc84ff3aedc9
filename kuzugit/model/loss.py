"""What a snapshot cannot keep, said by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kuzugit.errors import RefusedError


@dataclass(frozen=True)
class Loss:
    """One thing that would not survive: `name` (`Table.column`), what it is, why, a way out."""

    name: str
    what: str
    why: str
    way_out: str = ""

    def __str__(self) -> str:
        return f"{self.name} ({self.what}): {self.why}"


class CannotKeep(RefusedError):
    """The database holds things that a snapshot would lose; nothing was written."""

    def __init__(self, losses: Sequence[Loss]) -> None:
        self.losses = tuple(losses)
        listed = "\n".join(f"  {loss}" for loss in self.losses)
        ways = [loss.way_out for loss in self.losses if loss.way_out]
        super().__init__(f"a snapshot would lose this:\n{listed}", hint=ways[0] if ways else None)
