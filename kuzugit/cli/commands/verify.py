from __future__ import annotations

from typing import Annotated

import typer

from kuzugit.cli.command import Command, new_app
from kuzugit.cli.completion import revisions
from kuzugit.cli.invocation import Invocation, write
from kuzugit.errors import ExitCode

app = new_app()


@app.command(
    cls=Command,
    epilog="""
    kuzugit verify
    kuzugit verify v0.2.0 --rebuild
    kuzugit verify --all
    """,
)
def verify(
    ctx: typer.Context,
    revision: Annotated[
        str | None,
        typer.Argument(
            metavar="REV",
            help="The snapshot. Without it: current.",
            autocompletion=revisions,
            show_default=False,
        ),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Verify every snapshot.")] = False,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Also build the database and compare it.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON document.")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Say only what is wrong.")] = False,
) -> ExitCode:
    """Read every object of a snapshot and check it. Exit 1 where something is wrong."""
    from kuzugit.porcelain.verify import verify as run

    if every and revision is not None:
        raise typer.BadParameter("REV and --all exclude each other", param_hint="'--all'")
    invocation: Invocation = ctx.obj.quieter(quiet)
    with invocation.progress() as progress:
        report = run(
            invocation.workspace(), revision, every=every, rebuild=rebuild, progress=progress
        )
    if as_json:
        from kuzugit.cli.render.document import document
        from kuzugit.cli.render.verification import verification_fields

        write(document(verification_fields(report)))
    else:
        from kuzugit.cli.render.verification import finding_lines, summary

        for line in finding_lines(report):
            write(line)
        invocation.say(summary(report))
    return ExitCode.DIFFERENT if report.findings else ExitCode.DONE
