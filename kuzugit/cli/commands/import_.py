from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kuzugit.cli.command import Command, new_app
from kuzugit.cli.invocation import Invocation
from kuzugit.cli.options import check_version_options, message_of, trailers_of
from kuzugit.model.version import Bump

app = new_app()


@app.command(
    "import",
    cls=Command,
    epilog="""
    kuzugit import migrations/v4.0.0 -m "as it was in 4.0" --tag v4.0.0
    """,
)
def import_(
    ctx: typer.Context,
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="What EXPORT DATABASE or kuzugit export wrote.")
    ],
    message: Annotated[
        list[str] | None,
        typer.Option("-m", "--message", metavar="MSG", help="The message; again: a paragraph."),
    ] = None,
    tag: Annotated[
        str | None, typer.Option("--tag", metavar="NAME", help="The version's name.")
    ] = None,
    bump: Annotated[
        Bump | None, typer.Option("--bump", help="The part of the version that goes up.")
    ] = None,
    trailer: Annotated[
        list[str] | None, typer.Option("--trailer", metavar="K=V", help="A trailer; repeatable.")
    ] = None,
    accept_loss: Annotated[
        list[str] | None,
        typer.Option("--accept-loss", metavar="NAME", help="Leave this out; repeatable."),
    ] = None,
    allow_empty: Annotated[
        bool, typer.Option("--allow-empty", help="Commit although nothing changed.")
    ] = False,
    no_checks: Annotated[
        bool, typer.Option("--no-checks", help="Do not ask checks/*.cypher beside the store.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON document.")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Say only what is wrong.")] = False,
) -> None:
    """Commit a directory that EXPORT DATABASE or kuzugit wrote."""
    text = message_of(message)
    check_version_options(tag, bump)
    trailers = trailers_of(trailer)
    from kuzugit.cli.committed import show_committed, showing_failed_checks
    from kuzugit.porcelain.import_ import import_directory

    invocation: Invocation = ctx.obj.quieter(quiet)
    workspace = invocation.workspace()
    author, committer = invocation.identities(workspace)
    with showing_failed_checks(as_json=as_json), invocation.progress() as progress:
        result = import_directory(
            workspace,
            invocation.path(directory),
            text,
            tag=tag,
            bump=bump,
            trailers=trailers,
            accept_loss=accept_loss or (),
            allow_empty=allow_empty,
            checks=not no_checks,
            author=author,
            committer=committer,
            progress=progress,
        )
    show_committed(invocation, workspace, result, as_json=as_json)
