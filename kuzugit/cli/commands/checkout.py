from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kuzugit.cli.command import Command, new_app
from kuzugit.cli.completion import revisions
from kuzugit.cli.invocation import Invocation, warn, write
from kuzugit.cli.options import message_of

app = new_app()


@app.command(
    cls=Command,
    epilog="""
    kuzugit checkout v0.1.0
    kuzugit checkout main --save -m "before the rollback"
    kuzugit checkout v0.1.0 --to copy.kuzu
    """,
)
def checkout(
    ctx: typer.Context,
    revision: Annotated[
        str, typer.Argument(metavar="REV", help="The snapshot.", autocompletion=revisions)
    ],
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="PATH", help="Build a copy there; leave the live one alone."),
    ] = None,
    save: Annotated[
        bool, typer.Option("--save", help="Commit changes that no snapshot has, first.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Go on in spite of them; keep the old file aside.")
    ] = False,
    message: Annotated[
        list[str] | None,
        typer.Option("-m", "--message", metavar="MSG", help="The message of what --save commits."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON document.")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Say only what is wrong.")] = False,
) -> None:
    """Make the database that of a snapshot, or build a copy."""
    _check(to=to, save=save, force=force, message=message)
    from kuzugit.cli.render.restoration import restoration_fields, restoration_lines
    from kuzugit.porcelain.checkout import checkout as run

    invocation: Invocation = ctx.obj.quieter(quiet)
    workspace = invocation.workspace()
    author, committer = invocation.identities(workspace) if save else (None, None)
    with invocation.progress() as progress:
        result = run(
            workspace,
            revision,
            to=invocation.path(to) if to else None,
            save=save,
            force=force,
            message=message_of(message) if message else None,
            author=author,
            committer=committer,
            progress=progress,
        )
    for text in result.warnings:
        warn(text)
    if as_json:
        from kuzugit.cli.render.document import document

        write(document(restoration_fields(result)))
        return
    invocation.say("\n".join(restoration_lines(result, live=to is None)))


def _check(*, to: Path | None, save: bool, force: bool, message: list[str] | None) -> None:
    if to is not None and (save or force):
        raise typer.BadParameter("the live database stays as it is", param_hint="'--to'")
    if save and force:
        raise typer.BadParameter("--save leaves nothing to force", param_hint="'--force'")
    if message and not save:
        raise typer.BadParameter("only --save commits", param_hint="'-m' / '--message'")
