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
    kuzugit push
    kuzugit push backup --no-tags
    """,
)
def push(
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
    tags: Annotated[
        bool, typer.Option("--tags/--no-tags", help="Bring the versions, or the branch alone.")
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON document.")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Say only what is wrong.")] = False,
) -> None:
    """Bring the branch and its versions to another store.

    What would be lost there, or be given to another content, is refused.
    """
    from kuzugit.cli.render.transfer import push_fields, push_lines
    from kuzugit.porcelain.push import push as run

    invocation: Invocation = ctx.obj.quieter(quiet)
    workspace = invocation.workspace()
    with invocation.progress() as progress:
        result = run(workspace, remote, tags=tags, prompt=invocation.may_ask(), progress=progress)
    if as_json:
        from kuzugit.cli.render.document import document

        write(document(push_fields(result)))
        return
    invocation.say("\n".join(push_lines(result)))
