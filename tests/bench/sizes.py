"""How much the benchmark measures."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """Rows of the databases, and how often each thing is done.

    `few_rels` and `many_rels` are the rels of the two databases of the memory
    row, which have `nodes` nodes like the others; `edits` is the number of rows
    that each of the `commits` of the growth row changes; a time is the median of
    `repeats`, one of a process that does little of `starts`; `odd_rows` are those of
    the two tables of odd and of plain types.
    """

    nodes: int = 1_000_000
    rels: int = 4_000_000
    few_rels: int = 2_000_000
    many_rels: int = 8_000_000
    commits: int = 10
    edits: int = 500
    repeats: int = 3
    starts: int = 15
    odd_rows: int = 200_000

    def divided(self, by: int) -> Sizes:
        """Return the same with `by` times fewer rows, and each thing done once."""
        return Sizes(
            nodes=self.nodes // by,
            rels=self.rels // by,
            few_rels=self.few_rels // by,
            many_rels=self.many_rels // by,
            commits=self.commits,
            edits=max(1, self.edits // by),
            repeats=1,
            starts=5,
            odd_rows=self.odd_rows // by,
        )


FULL = Sizes()
SMALL = FULL.divided(20)
