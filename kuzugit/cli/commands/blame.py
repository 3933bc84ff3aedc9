from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kuzugit.cli.command import Command, new_app
from kuzugit.cli.completion import revisions
from kuzugit.cli.invocation import Invocation
from kuzugit.cli.render.rows import Format

if TYPE_CHECKING:
    from kuzugit.porcelain.blame import Blamed
    from kuzugit.store.history import Snapshot

_BATCH = 1000

app = new_app()


@app.command(
    cls=Command,
    epilog="""
    kuzugit blame Requirement --key R1
    kuzugit blame needs v0.2.0 --from R1 --to R2
    kuzugit blame Requirement --where "weight > 5" --format csv
    """,
)
def blame(
    ctx: typer.Context,
    table: Annotated[str, typer.Argument(metavar="TABLE", help="The table.")],
    revision: Annotated[
        str, typer.Argument(metavar="REV", help="The snapshot.", autocompletion=revisions)
    ] = "current",
    key: Annotated[
        str | None, typer.Option("--key", metavar="K", help="Only the node of the key K.")
    ] = None,
    from_key: Annotated[
        str | None,
        typer.Option("--from", metavar="A", help="Only rels from the node of the key A,"),
    ] = None,
    to_key: Annotated[
        str | None, typer.Option("--to", metavar="B", help="to the node of the key B.")
    ] = None,
    where: Annotated[
        str | None,
        typer.Option("--where", metavar="SQL", help="Only rows for which the condition holds."),
    ] = None,
    format: Annotated[
        Format, typer.Option("--format", help="How to write the values.")
    ] = Format.TEXT,
    limit: Annotated[
        int | None, typer.Option("--limit", min=0, metavar="N", help="At most N values.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Show which version set each value of a table.

    And who made that version. History follows first parents. Of parallel rels that
    changed, every value counts as set.
    """
    from kuzugit.cli.row_key import row_key
    from kuzugit.cli.rows import write_rows
    from kuzugit.porcelain.blame import blame as run

    invocation: Invocation = ctx.obj
    chosen = Format.JSON if as_json else format
    with invocation.progress() as progress:
        found = run(
            invocation.workspace(),
            table,
            revision,
            key=row_key(key, from_key, to_key),
            where=where,
            as_text=chosen in (Format.TEXT, Format.CSV),
            progress=progress,
        )
        first = next(found)
        columns = [*first.key_columns, "property", "value", "version", "author", "date"]
        write_rows(invocation, chosen, columns, _batches(first, found), limit)


def _batches(first: Blamed, others: Iterator[Blamed]) -> Iterator[list[tuple[Any, ...]]]:
    blamed: Blamed | None = first
    who: dict[str, tuple[str, str, str]] = {}
    while blamed is not None:
        while origins := list(islice(blamed.origins, _BATCH)):
            for snapshot in {
                origin.snapshot.commit: origin.snapshot for origin in origins
            }.values():
                who.setdefault(snapshot.commit, _who(snapshot))
            yield [
                (*origin.key, origin.column, origin.value, *who[origin.snapshot.commit])
                for origin in origins
            ]
        blamed = next(others, None)


def _who(snapshot: Snapshot) -> tuple[str, str, str]:
    from kuzugit.cli.render.snapshot import moment, snapshot_name

    return snapshot_name(snapshot), snapshot.author_name, moment(snapshot).isoformat()
