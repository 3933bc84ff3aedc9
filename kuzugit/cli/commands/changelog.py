from __future__ import annotations

from itertools import chain
from typing import Annotated

import typer

from kuzugit.cli.command import Command, new_app
from kuzugit.cli.completion import revisions
from kuzugit.cli.invocation import Invocation, write

app = new_app()


@app.command(
    cls=Command,
    epilog="""
    kuzugit changelog > CHANGELOG.md
    kuzugit changelog v0.1.0..v0.3.0
    """,
)
def changelog(
    ctx: typer.Context,
    revision: Annotated[
        str | None,
        typer.Argument(
            metavar="REV|A..B",
            help="The newest version, or a range. Without it: the branch.",
            autocompletion=revisions,
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON document.")] = False,
) -> None:
    """Write the changelog of the versions as Markdown."""
    from kuzugit.porcelain.changelog import changelog as run

    invocation: Invocation = ctx.obj
    releases = run(invocation.workspace(), revision)
    if as_json:
        from kuzugit.cli.render.changelog import release_fields
        from kuzugit.cli.render.document import document

        write(document({"releases": [release_fields(release) for release in releases]}))
        return
    from kuzugit.cli.render.changelog import HEAD, release_lines

    # The first one is asked for before the head is written: there may be no such version.
    first = next(releases, None)
    with invocation.paged() as line:
        line(HEAD)
        for release in chain(() if first is None else (first,), releases):
            line("\n".join(["", *release_lines(release)]))
