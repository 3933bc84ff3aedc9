"""How many databases a law is tried on, and where they stand."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hypothesis import HealthCheck, Phase, reject, settings

from kuzugit.engine.unreadable import NumbersUnreadable
from kuzugit.model.loss import CannotKeep
from tests.support.databases import Unmakeable

FEW = settings(
    max_examples=15,
    deadline=None,
    # A failing database is small enough; making it smaller takes minutes.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
FEWER = settings(FEW, max_examples=6)
"""For what starts a process for each."""


@contextmanager
def lawful_refusal() -> Iterator[None]:
    """Draw another example where a commit refuses by name what it cannot keep.

    Or where Kùzu cannot even make the database that was drawn.
    """
    try:
        yield
    except (CannotKeep, NumbersUnreadable, Unmakeable):
        reject()
    except RuntimeError as error:
        # The second is of Kùzu's own database, which it cannot read once it is closed.
        if not any(text in str(error) for text in ("not implemented", "cannot add in place")):
            raise
        reject()


@contextmanager
def folder() -> Iterator[Path]:
    """Yield an empty directory for one example."""
    with tempfile.TemporaryDirectory(prefix="law-") as name:
        yield Path(name)
