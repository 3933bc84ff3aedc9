from __future__ import annotations

from typing import Annotated

import typer

from kuzugit.cli.command import Command, new_app
from kuzugit.cli.completion import revisions
from kuzugit.cli.invocation import Invocation, write
from kuzugit.cli.row_key import row_key

app = new_app()


@app.command(
    cls=Command,
    epilog="""
    kuzugit log
    kuzugit log --oneline -n 5
    kuzugit log v0.1.0..v0.3.0 --json
    kuzugit log --table Requirement
    kuzugit log --table Requirement --key R1
    kuzugit log --table needs --from R1 --to R2 --oneline
    """,
)
def log(
    ctx: typer.Context,
    revision: Annotated[
        str | None,
        typer.Argument(
            metavar="REV|A..B",
            help="Where to begin, or a range. Without it: the branch.",
            autocompletion=revisions,
            show_default=False,
        ),
    ] = None,
    oneline: Annotated[bool, typer.Option("--oneline", help="A line for each snapshot.")] = False,
    limit: Annotated[
        int | None,
        typer.Option("-n", "--max-count", min=0, metavar="N", help="At most N snapshots."),
    ] = None,
    table: Annotated[
        str | None,
        typer.Option("--table", metavar="T", help="Only versions that changed rows of T."),
    ] = None,
    key: Annotated[
        str | None, typer.Option("--key", metavar="K", help="Of T: only the node of the key K.")
    ] = None,
    from_key: Annotated[
        str | None,
        typer.Option("--from", metavar="A", help="Of T: only rels from the node of the key A,"),
    ] = None,
    to_key: Annotated[
        str | None, typer.Option("--to", metavar="B", help="to the node of the key B.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON document.")] = False,
) -> None:
    """Show the history, newest first.

    With --table that of a table; with a key too, that of one row and its changes. These
    follow first parents.
    """
    row = row_key(key, from_key, to_key)
    if row and table is None:
        raise typer.BadParameter("a row needs its table", param_hint="'--table'")
    if row and table is not None:
        _log_row(ctx.obj, revision, table, row, oneline, limit, as_json)
        return
    from kuzugit.cli.render.snapshot import entry_fields, long_lines, one_line
    from kuzugit.porcelain.log import log as run

    invocation: Invocation = ctx.obj
    if table is None:
        entries = run(invocation.workspace(), revision, limit=limit)
    else:
        from itertools import islice

        from kuzugit.porcelain.table_history import table_history

        entries = islice(table_history(invocation.workspace(), table, revision), limit)
    if as_json:
        from kuzugit.cli.render.document import document

        write(document({"snapshots": [entry_fields(entry) for entry in entries]}))
        return
    paint = invocation.paint()
    number = -1
    with invocation.paged() as show:
        for number, entry in enumerate(entries):
            if oneline:
                show(one_line(entry, paint))
                continue
            if number:
                show("")
            show("\n".join(long_lines(entry, paint)))
    if number < 0 and revision is None and limit is None and table is None:
        invocation.remark("no snapshots yet")


def _log_row(
    invocation: Invocation,
    revision: str | None,
    table: str,
    key: tuple[str, ...],
    oneline: bool,
    limit: int | None,
    as_json: bool,
) -> None:
    from itertools import islice

    from kuzugit.cli.render.row_history import version_fields, version_line, version_lines
    from kuzugit.porcelain.row_history import row_history

    versions = islice(row_history(invocation.workspace(), table, key, revision), limit)
    if as_json:
        from kuzugit.cli.render.document import document

        write(document({"snapshots": [version_fields(version) for version in versions]}))
        return
    paint = invocation.paint()
    with invocation.paged() as show:
        for number, version in enumerate(versions):
            if oneline:
                show(version_line(version, paint))
                continue
            if number:
                show("")
            show("\n".join(version_lines(version, paint)))
