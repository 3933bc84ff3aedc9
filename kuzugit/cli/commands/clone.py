from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kuzugit.cli.command import Command, new_app
from kuzugit.cli.invocation import Invocation, write

app = new_app()


@app.command(
    cls=Command,
    epilog="""
    kuzugit clone https://example.org/graph.git
    kuzugit clone ada@example.org:graph.git plan --checkout
    kuzugit clone ../graph copy --db plan.kuzu
    """,
)
def clone(
    ctx: typer.Context,
    url: Annotated[str, typer.Argument(metavar="URL", help="The other store: a URL or a path.")],
    target: Annotated[
        Path | None,
        typer.Argument(
            metavar="DIR", help="The new directory. Without it: the URL's name.", show_default=False
        ),
    ] = None,
    database: Annotated[
        Path | None,
        typer.Option("--db", metavar="FILE", help="The database in it. Without it: NAME.kuzu."),
    ] = None,
    checkout: Annotated[bool, typer.Option("--checkout", help="Build the database, too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON document.")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Say only what is wrong.")] = False,
) -> None:
    """Make a directory with a copy of another store."""
    from kuzugit.cli.render.transfer import clone_fields, clone_lines
    from kuzugit.porcelain.clone import clone as run

    invocation: Invocation = ctx.obj.quieter(quiet)
    with invocation.progress() as progress:
        result = run(
            url,
            target,
            directory=invocation.directory,
            database=database,
            checkout=checkout,
            engine=invocation.engine,
            prompt=invocation.may_ask(),
            progress=progress,
        )
    if as_json:
        from kuzugit.cli.render.document import document

        write(document(clone_fields(result)))
    else:
        invocation.say("\n".join(clone_lines(result)))
