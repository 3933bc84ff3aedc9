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
    kuzugit show
    kuzugit show v0.2.0 --json
    """,
)
def show(
    ctx: typer.Context,
    revision: Annotated[
        str, typer.Argument(metavar="REV", help="The snapshot.", autocompletion=revisions)
    ] = "current",
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON document.")] = False,
) -> None:
    """Show a snapshot: message, changelog entry, tables."""
    from kuzugit.porcelain.show import show as run

    invocation: Invocation = ctx.obj
    shown = run(invocation.workspace(), revision)
    if as_json:
        from kuzugit.cli.render.contents import shown_fields
        from kuzugit.cli.render.document import document

        write(document(shown_fields(shown)))
        return
    from kuzugit.cli.render.contents import shown_lines

    with invocation.paged() as line:
        line("\n".join(shown_lines(shown, invocation.paint())))
