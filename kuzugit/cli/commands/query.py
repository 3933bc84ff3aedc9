from __future__ import annotations

from typing import Annotated

import typer

from kuzugit.cli.command import Command, new_app
from kuzugit.cli.completion import revisions
from kuzugit.cli.invocation import Invocation
from kuzugit.cli.parameters import parameters_of
from kuzugit.cli.render.rows import Format

app = new_app()


@app.command(
    cls=Command,
    epilog="""
    kuzugit query v0.1.0 'MATCH (r:Requirement) RETURN r.id, r.title'
    kuzugit query current 'MATCH (r:Requirement {id: $id})-[:needs*]->(x) RETURN x.id' --param id=R1
    """,
)
def query(
    ctx: typer.Context,
    revision: Annotated[
        str, typer.Argument(metavar="REV", help="The snapshot.", autocompletion=revisions)
    ],
    statement: Annotated[str, typer.Argument(metavar="QUERY", help="One reading statement.")],
    parameters: Annotated[
        list[str] | None,
        typer.Option(
            "--param",
            metavar="KEY=VALUE",
            help="The value of $KEY, as JSON, or a text where it is none. Repeatable.",
        ),
    ] = None,
    format: Annotated[
        Format, typer.Option("--format", help="How to write the rows.")
    ] = Format.TEXT,
    limit: Annotated[
        int | None, typer.Option("--limit", min=0, metavar="N", help="At most N rows.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Ask a snapshot in Cypher.

    The first query builds the snapshot's database, the next ones open it again. It is kept
    in the store, with others up to kuzugit.cacheSize of the store's Git configuration
    (2g). Nothing is written, neither there nor in the live database.
    """
    from kuzugit.cli.rows import write_rows
    from kuzugit.porcelain.query import query as run

    invocation: Invocation = ctx.obj
    with (
        invocation.progress() as progress,
        run(
            invocation.workspace(),
            revision,
            statement,
            parameters_of(parameters),
            progress=progress,
        ) as found,
    ):
        chosen = Format.JSON if as_json else format
        write_rows(invocation, chosen, found.columns, found.batches, limit)
