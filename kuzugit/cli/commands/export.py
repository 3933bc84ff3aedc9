from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from kuzugit.cli.command import Command, new_app
from kuzugit.cli.completion import revisions
from kuzugit.cli.invocation import Invocation, warn, write

app = new_app()


class Format(StrEnum):
    """The files that an export is made of."""

    PARQUET = "parquet"
    CSV = "csv"


@app.command(
    cls=Command,
    epilog="""
    kuzugit export v0.2.0 out/
    kuzugit export current out/ --format csv
    """,
)
def export(
    ctx: typer.Context,
    revision: Annotated[
        str, typer.Argument(metavar="REV", help="The snapshot.", autocompletion=revisions)
    ],
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="Where to write it: a new or an empty directory.")
    ],
    format: Annotated[
        Format, typer.Option("--format", help="The format of the rows.")
    ] = Format.PARQUET,
    schema_only: Annotated[bool, typer.Option("--schema-only", help="Leave the rows out.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON document.")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Say only what is wrong.")] = False,
) -> None:
    """Write a snapshot as a directory that IMPORT DATABASE takes."""
    from kuzugit.porcelain.export import export as run

    invocation: Invocation = ctx.obj.quieter(quiet)
    with invocation.progress() as progress:
        result = run(
            invocation.workspace(),
            revision,
            invocation.path(directory),
            format=format.value,
            schema_only=schema_only,
            progress=progress,
        )
    for warning in result.warnings:
        warn(warning)
    if as_json:
        from kuzugit.cli.render.document import document

        write(
            document(
                {
                    "directory": str(result.directory),
                    "files": result.files,
                    "bytes": result.bytes,
                    "warnings": [*result.warnings],
                }
            )
        )
        return
    from kuzugit.cli.render.escape import printable
    from kuzugit.cli.render.quantity import count, size

    invocation.say(
        printable(f"{revision} in {result.directory}: ")
        + f"{count(result.files, 'file')}, {size(result.bytes)}"
    )
