from __future__ import annotations

from typing import Annotated

import typer

from kuzugit.cli.command import Command, new_app
from kuzugit.cli.completion import revisions
from kuzugit.cli.invocation import Invocation
from kuzugit.cli.render.rows import Format

app = new_app()


@app.command(
    cls=Command,
    epilog="""
    kuzugit sql current 'SELECT count(*) FROM "Requirement"'
    kuzugit sql v0.1.0 'SELECT "from", count(*) FROM "needs" GROUP BY ALL' --format csv
    kuzugit sql v0.1.0..v0.2.0 'SELECT id FROM new."Requirement" EXCEPT SELECT id FROM old."Requirement"'
    kuzugit sql current 'SHOW TABLES'
    kuzugit sql current 'DESCRIBE "Requirement"'
    """,  # noqa: E501 - one command, one line
)
def sql(
    ctx: typer.Context,
    revision: Annotated[
        str,
        typer.Argument(
            metavar="REV|A..B",
            help="The snapshot; of two, the schemas old and new.",
            autocompletion=revisions,
        ),
    ],
    query: Annotated[str, typer.Argument(metavar="QUERY", help="One SELECT, as DuckDB has it.")],
    format: Annotated[
        Format, typer.Option("--format", help="How to write the rows.")
    ] = Format.TEXT,
    limit: Annotated[
        int | None, typer.Option("--limit", min=0, metavar="N", help="At most N rows.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Ask a snapshot in SQL, without building its database.

    Every table is a view of its name. Rels begin with the columns from and to; where a rel
    table has several pairs, from_table and to_table follow. The query reads nothing else:
    no file, no network.
    """
    from kuzugit.cli.rows import write_rows
    from kuzugit.porcelain.sql import sql as run

    invocation: Invocation = ctx.obj
    chosen = Format.JSON if as_json else format
    with (
        invocation.progress() as progress,
        run(
            invocation.workspace(),
            revision,
            query,
            as_text=chosen in (Format.TEXT, Format.CSV),
            # One more, which tells that there are more.
            limit=None if limit is None else limit + 1,
            progress=progress,
        ) as answer,
    ):
        write_rows(invocation, chosen, answer.columns, answer.batches, limit)
