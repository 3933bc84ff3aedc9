from __future__ import annotations

from typing import Annotated

import typer

from kuzugit.cli.command import Command, new_app
from kuzugit.cli.completion import revisions
from kuzugit.cli.invocation import Invocation, write

app = new_app()


@app.command(
    cls=Command,
    epilog="""
    kuzugit log
    kuzugit log --oneline -n 5
    kuzugit log v0.1.0..v0.3.0 --json
    """,
)
def log(
    ctx: typer.Context,
    revision: Annotated[
        str | None,
        typer.Argument(
            metavar="REV|A..B",
            help="Where to begin, or a range. Without it: the branch.",
            autocompletion=revisions,
            show_default=False,
        ),
    ] = None,
    oneline: Annotated[bool, typer.Option("--oneline", help="A line for each snapshot.")] = False,
    limit: Annotated[
        int | None,
        typer.Option("-n", "--max-count", min=0, metavar="N", help="At most N snapshots."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON document.")] = False,
) -> None:
    """Show the history, newest first."""
    from kuzugit.cli.render.snapshot import entry_fields, long_lines, one_line
    from kuzugit.porcelain.log import log as run

    invocation: Invocation = ctx.obj
    entries = run(invocation.workspace(), revision, limit=limit)
    if as_json:
        from kuzugit.cli.render.document import document

        write(document({"snapshots": [entry_fields(entry) for entry in entries]}))
        return
    paint = invocation.paint()
    number = -1
    with invocation.paged() as show:
        for number, entry in enumerate(entries):
            if oneline:
                show(one_line(entry, paint))
                continue
            if number:
                show("")
            show("\n".join(long_lines(entry, paint)))
    if number < 0 and revision is None and limit is None:
        invocation.remark("no snapshots yet")
