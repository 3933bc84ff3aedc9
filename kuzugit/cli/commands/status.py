from __future__ import annotations

from typing import Annotated

import typer

from kuzugit.cli.command import Command, new_app
from kuzugit.cli.invocation import Invocation, write
from kuzugit.errors import ExitCode

app = new_app()


@app.command(
    cls=Command,
    epilog="""
    kuzugit status
    kuzugit status --exit-code || kuzugit commit -m "nightly"
    """,
)
def status(
    ctx: typer.Context,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit 1 where the database has changes.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON document.")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Say only what is wrong.")] = False,
) -> ExitCode:
    """Show where the database stands and what changed."""
    from kuzugit.porcelain.status import status as run

    invocation: Invocation = ctx.obj.quieter(quiet)
    with invocation.progress() as progress:
        found = run(invocation.workspace(), progress=progress)
    if as_json:
        from kuzugit.cli.render.document import document
        from kuzugit.cli.render.status import status_fields

        write(document(status_fields(found)))
    else:
        from kuzugit.cli.render.status import status_lines

        invocation.say("\n".join(status_lines(found, invocation.paint())))
    different = bool(found.changes) or not found.exists
    return ExitCode.DIFFERENT if exit_code and different else ExitCode.DONE
