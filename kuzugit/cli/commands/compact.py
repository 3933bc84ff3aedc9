from __future__ import annotations

from typing import Annotated

import typer

from kuzugit.cli.command import Command, new_app
from kuzugit.cli.invocation import Invocation, warn, write

app = new_app()


@app.command(
    cls=Command,
    epilog="""
    kuzugit compact
    kuzugit compact --save
    """,
)
def compact(
    ctx: typer.Context,
    save: Annotated[
        bool, typer.Option("--save", help="Commit changes that no snapshot has, first.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON document.")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Say only what is wrong.")] = False,
) -> None:
    """Rebuild the database without the space it wastes.

    Kùzu's files only grow. The database is built anew from its own snapshot.
    """
    from kuzugit.porcelain.compact import compact as run

    invocation: Invocation = ctx.obj.quieter(quiet)
    workspace = invocation.workspace()
    author, committer = invocation.identities(workspace) if save else (None, None)
    with invocation.progress() as progress:
        result = run(workspace, save=save, author=author, committer=committer, progress=progress)
    for text in result.warnings:
        warn(text)
    if as_json:
        from kuzugit.cli.render.document import Json, document

        warnings: list[Json] = [*result.warnings]
        write(document({"before": result.before, "after": result.after, "warnings": warnings}))
        return
    from kuzugit.cli.render.quantity import size

    invocation.say(f"{size(result.before)} before, {size(result.after)} after")
