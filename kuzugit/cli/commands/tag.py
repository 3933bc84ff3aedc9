from __future__ import annotations

from typing import Annotated

import typer

from kuzugit.cli.command import Command, new_app
from kuzugit.cli.completion import revisions
from kuzugit.cli.invocation import Invocation, write
from kuzugit.cli.options import message_of

app = new_app()


@app.command(
    cls=Command,
    epilog="""
    kuzugit tag
    kuzugit tag audited-2026 v0.2.0 -m "what the auditors saw"
    kuzugit tag v0.1.3 --rename v0.1.2
    """,
)
def tag(
    ctx: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME", help="The new tag. Without it: list the tags.", show_default=False
        ),
    ] = None,
    revision: Annotated[
        str, typer.Argument(metavar="REV", help="The snapshot.", autocompletion=revisions)
    ] = "current",
    message: Annotated[
        list[str] | None,
        typer.Option("-m", "--message", metavar="MSG", help="The message; again: a paragraph."),
    ] = None,
    rename: Annotated[
        str | None,
        typer.Option(
            "--rename", metavar="OLD", help="Call the tag OLD by NAME; no other store has it yet."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON document.")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Say only what is wrong.")] = False,
) -> None:
    """List the tags, or give a snapshot one more.

    A tag is never moved or removed: others may have built on it. One that no other
    store has can get another name.
    """
    from kuzugit.cli.render.tags import tag_fields, tag_line
    from kuzugit.porcelain.tag import create_tag, rename_tag, tags

    invocation: Invocation = ctx.obj.quieter(quiet)
    if name is None:
        if message:
            raise typer.BadParameter("a message needs a NAME", param_hint="'-m' / '--message'")
        if rename is not None:
            raise typer.BadParameter("the new NAME is missing", param_hint="'--rename'")
        found = tags(invocation.workspace())
        lines = [tag_line(item) for item in found]
    elif rename is not None:
        if message:
            raise typer.BadParameter("the tag keeps its own", param_hint="'-m' / '--message'")
        workspace = invocation.workspace()
        tagger = invocation.identities(workspace)[1]
        found = [rename_tag(workspace, rename, name, tagger=tagger)]
        lines = []
    else:
        text = message_of(message)
        workspace = invocation.workspace()
        tagger = invocation.identities(workspace)[1]
        found = [create_tag(workspace, name, revision, message=text, tagger=tagger)]
        lines = []
    if as_json:
        from kuzugit.cli.render.document import document

        write(document({"tags": [tag_fields(item) for item in found]}))
        return
    for line in lines:
        write(line)
