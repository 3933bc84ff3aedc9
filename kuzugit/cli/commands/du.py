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
    kuzugit du
    kuzugit du v4.0.0
    kuzugit du -n 10 --json
    """,
)
def du(
    ctx: typer.Context,
    revision: Annotated[
        str | None,
        typer.Argument(
            metavar="[REV]",
            help="One snapshot, table by table. Without it: the branch, version by version.",
            show_default=False,
            autocompletion=revisions,
        ),
    ] = None,
    limit: Annotated[
        int | None, typer.Option("-n", min=0, metavar="N", help="At most N versions.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON document.")] = False,
) -> None:
    """Show what versions and tables take, and what each added."""
    from kuzugit.porcelain.du import disk_usage

    invocation: Invocation = ctx.obj
    with invocation.progress() as progress:
        found = disk_usage(invocation.workspace(), revision, limit=limit, progress=progress)
    if as_json:
        from kuzugit.cli.render.document import document
        from kuzugit.cli.render.du import usage_fields

        write(document(usage_fields(found)))
        return
    from kuzugit.cli.render.du import table_lines, version_lines

    lines = version_lines(found) if revision is None else table_lines(found.versions[0])
    with invocation.paged() as put:
        for line in lines:
            put(line)
