"""What failed checks found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from kuzugit.cli.render.escape import printable
from kuzugit.cli.render.quantity import count
from kuzugit.cli.render.rows import WIDEST, text_table

if TYPE_CHECKING:
    from kuzugit.cli.render.document import Json
    from kuzugit.porcelain.checks import Failure


def failure_lines(failures: Sequence[Failure]) -> Iterator[str]:
    """Yield each check's name and the table of its first rows, or why it could not be asked."""
    for failure in failures:
        yield printable(f"{failure}")
        if failure.problem is None:
            for line in text_table(failure.columns, [failure.rows], widest=WIDEST):
                yield f"  {line}"
        if failure.more:
            yield f"  ... {count(failure.more, 'row')} more"


def failure_fields(failures: Sequence[Failure]) -> list[Json]:
    """Return the failures as JSON."""
    return [
        {
            "check": failure.check,
            "problem": failure.problem,
            "columns": [*failure.columns],
            "rows": [[*row] for row in failure.rows],
            "more": failure.more,
        }
        for failure in failures
    ]
