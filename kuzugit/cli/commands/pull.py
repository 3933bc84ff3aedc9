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
    kuzugit pull
    kuzugit pull --no-checkout
    """,
)
def pull(
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
    checkout: Annotated[
        bool,
        typer.Option("--checkout/--no-checkout", help="Let the database go along, or leave it."),
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON document.")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Say only what is wrong.")] = False,
) -> None:
    """Fetch, and let branch and database go on to what came.

    Where both sides have snapshots of their own, nothing moves: kuzugit sync brings
    their changes into ours.
    """
    from kuzugit.cli.render.transfer import pull_fields, pull_lines
    from kuzugit.porcelain.pull import pull as run
    from kuzugit.store.clashes import refuse_clashes

    invocation: Invocation = ctx.obj.quieter(quiet)
    workspace = invocation.workspace()
    with invocation.progress() as progress:
        result = run(
            workspace, remote, checkout=checkout, prompt=invocation.may_ask(), progress=progress
        )
    if as_json:
        from kuzugit.cli.render.document import document

        write(document(pull_fields(result)))
    else:
        invocation.say("\n".join(pull_lines(result, workspace.branch)))
    refuse_clashes(result.fetched.remote, result.fetched.clashes)
