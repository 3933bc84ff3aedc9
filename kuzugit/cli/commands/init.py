from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kuzugit.cli.command import Command, new_app
from kuzugit.cli.invocation import Invocation

app = new_app()


@app.command(
    cls=Command,
    epilog="""
    kuzugit init
    kuzugit init requirements.kuzu
    kuzugit init requirements.kuzu --store /srv/history.git
    """,
)
def init(
    ctx: typer.Context,
    database: Annotated[
        Path | None,
        typer.Argument(
            metavar="DB",
            help="The database file. Without it: the only one in the directory.",
            show_default=False,
        ),
    ] = None,
    store: Annotated[
        Path | None,
        typer.Option(
            "--store",
            metavar="DIR",
            help="Where the store goes, or a bare clone of one. Without it: .kuzugit.",
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Say only what is wrong.")] = False,
) -> None:
    """Make the store that versions a database."""
    from kuzugit.cli.render.escape import printable
    from kuzugit.porcelain.init import init as run

    invocation: Invocation = ctx.obj.quieter(quiet)
    chosen = invocation.path(database) if database else invocation.database
    place = invocation.path(store) if store else invocation.store
    workspace = run(invocation.directory, chosen, place)
    invocation.say(
        printable(f"Initialized the store {workspace.store.path} for {workspace.database}")
    )
