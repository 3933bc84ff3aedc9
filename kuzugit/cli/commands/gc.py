from __future__ import annotations

from typing import Annotated

import typer

from kuzugit.cli.command import Command, new_app
from kuzugit.cli.invocation import Invocation, write

app = new_app()


@app.command(
    cls=Command,
    epilog="""
    kuzugit gc
    kuzugit gc --prune now
    """,
)
def gc(
    ctx: typer.Context,
    prune: Annotated[
        str,
        typer.Option(
            "--prune",
            metavar="DATE",
            help="Remove what nothing names and is older: `now`, `2.weeks.ago`.",
        ),
    ] = "1.day.ago",
    aggressive: Annotated[
        bool, typer.Option("--aggressive", help="Search for longer, for the smallest store.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON document.")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Say only what is wrong.")] = False,
) -> None:
    """Pack the store and remove what nothing names.

    A commit packs by itself where single objects take more than half of what the packs
    take, unless kuzugit.gc of the store's Git configuration is off. No snapshot and no tag
    is ever removed. Needs the git program.
    """
    from kuzugit.porcelain.gc import gc as run

    if not prune.strip() or prune.startswith("-") or not prune.isprintable():
        raise typer.BadParameter("it is no date", param_hint="'--prune'")
    invocation: Invocation = ctx.obj.quieter(quiet)
    with invocation.progress() as progress:
        result = run(
            invocation.workspace(), prune_older=prune, aggressive=aggressive, progress=progress
        )
    if as_json:
        from kuzugit.cli.render.document import document
        from kuzugit.cli.render.gc import gc_fields

        write(document(gc_fields(result)))
        return
    from kuzugit.cli.render.gc import gc_line

    invocation.say(gc_line(result))
