from __future__ import annotations

from typing import Annotated

import typer

from kuzugit.cli.command import Command, new_app
from kuzugit.cli.completion import remotes
from kuzugit.cli.invocation import Invocation, write

app = new_app()


@app.command(
    cls=Command,
    epilog="""
    kuzugit fetch
    kuzugit fetch requirement
    kuzugit diff requirement/v1.1.0 requirement/v1.2.0
    """,
)
def fetch(
    ctx: typer.Context,
    remote: Annotated[
        str | None,
        typer.Argument(
            metavar="REMOTE",
            help="The other store. Without it: origin, or the only one.",
            autocompletion=remotes,
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON document.")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Say only what is wrong.")] = False,
) -> None:
    """Bring the snapshots of another store, under its name.

    Its main is then REMOTE/main, its v1.2.0 is REMOTE/v1.2.0. Nothing of ours moves.
    """
    from kuzugit.cli.render.transfer import fetch_fields, fetch_lines
    from kuzugit.porcelain.fetch import fetch as run
    from kuzugit.store.clashes import refuse_clashes

    invocation: Invocation = ctx.obj.quieter(quiet)
    workspace = invocation.workspace()
    with invocation.progress() as progress:
        result = run(workspace, remote, prompt=invocation.may_ask(), progress=progress)
    if as_json:
        from kuzugit.cli.render.document import document

        write(document(fetch_fields(result)))
    else:
        invocation.say("\n".join(fetch_lines(result)))
    refuse_clashes(result.remote, result.clashes)
