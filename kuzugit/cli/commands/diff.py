from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kuzugit.cli.command import Command, new_app
from kuzugit.cli.completion import revisions
from kuzugit.cli.diff_formats import FORMATS as FILE_FORMATS
from kuzugit.cli.diff_formats import check_output, write_format
from kuzugit.cli.invocation import Invocation
from kuzugit.errors import ExitCode

if TYPE_CHECKING:
    from kuzugit.cli.render.document import Json
    from kuzugit.porcelain.diff import Diff
    from kuzugit.porcelain.graph import Graph

app = new_app()

FORMATS = ("text", "json", "jsonl", *FILE_FORMATS)


@app.command(
    cls=Command,
    epilog="""
    kuzugit diff
    kuzugit diff v0.1.0 v0.2.0 --stat
    kuzugit diff v0.1.0..v0.2.0 --table 'Person*' --type changed
    kuzugit diff v0.1.0 --where "old_age < new_age" --format jsonl
    """,
)
def diff(
    ctx: typer.Context,
    old: Annotated[
        str | None,
        typer.Argument(
            metavar="A|A..B",
            help="The old side, or a range. Without it: current.",
            autocompletion=revisions,
            show_default=False,
        ),
    ] = None,
    new: Annotated[
        str | None,
        typer.Argument(
            metavar="B",
            help="The new side. Without it: the live database.",
            autocompletion=revisions,
            show_default=False,
        ),
    ] = None,
    tables: Annotated[
        list[str] | None,
        typer.Option(
            "--table", metavar="T", help="Only this table, or those of a glob. Again: more."
        ),
    ] = None,
    keys: Annotated[
        list[str] | None,
        typer.Option(
            "--key",
            metavar="K",
            help="Only rows of this key; of rels an end, or A->B. Again: more.",
        ),
    ] = None,
    types: Annotated[
        str | None,
        typer.Option("--type", metavar="TYPES", help="Only these of added,removed,changed."),
    ] = None,
    columns: Annotated[
        str | None,
        typer.Option(
            "--columns", metavar="NAMES", help="Changed rows: only where one of these is."
        ),
    ] = None,
    where: Annotated[
        str | None,
        typer.Option("--where", metavar="SQL", help="Only rows for which it holds: old_x < new_x."),
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=0, metavar="N", help="At most N rows of a table.")
    ] = None,
    reverse: Annotated[bool, typer.Option("-R", help="Swap the two sides.")] = False,
    format: Annotated[
        str | None, typer.Option("--format", metavar="FORMAT", help=f"One of {', '.join(FORMATS)}.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="PATH",
            help="Where to write it: a directory for csv and parquet, else a file.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    stat: Annotated[bool, typer.Option("--stat", help="Only numbers: a line a table.")] = False,
    summary: Annotated[
        bool, typer.Option("--summary", help="Only the schema, and numbers in words.")
    ] = False,
    name_only: Annotated[
        bool, typer.Option("--name-only", help="Only the names of the tables.")
    ] = False,
    schema: Annotated[bool, typer.Option("--schema", help="Only the schema.")] = False,
    data: Annotated[bool, typer.Option("--data", help="Only the rows.")] = False,
    graph: Annotated[
        bool, typer.Option("--graph", help="Also the rels that came and went with each node.")
    ] = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit 1 where something differs.")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("-q", "--quiet", help="Show nothing; implies --exit-code.")
    ] = False,
) -> ExitCode:
    """Show what changed: the schema, and row by row the data."""
    from kuzugit.porcelain.diff import diff as run
    from kuzugit.porcelain.output_place import check_place

    chosen = _format(format, as_json)
    check_output(chosen, output)
    if quiet and output is not None:
        raise typer.BadParameter("-q shows and writes nothing", param_hint="'--output'")
    if [stat, summary, name_only].count(True) > 1:
        raise typer.BadParameter("choose one", param_hint="'--stat', '--summary', '--name-only'")
    invocation: Invocation = ctx.obj.quieter(quiet)
    workspace = invocation.workspace()
    if output is not None:
        check_place(workspace, invocation.path(output))
    with (
        invocation.progress() as progress,
        run(
            workspace,
            old,
            new,
            tables=tables or (),
            keys=keys or (),
            types=_listed(types),
            columns=_listed(columns),
            where=where,
            limit=limit,
            reverse=reverse,
            progress=progress,
        ) as found,
        found.graph() if (graph or summary) and not found.same else nullcontext() as graph_of,
    ):
        if quiet:
            return ExitCode.DIFFERENT if found else ExitCode.DONE
        view = "stat" if stat else "summary" if summary else "names" if name_only else "rows"
        parts = (schema or not data, data or not schema)
        if chosen in FILE_FORMATS:
            different = write_format(invocation, found, chosen, output, parts)
            return ExitCode.DIFFERENT if exit_code and different else ExitCode.DONE
        lines: Iterable[str]
        totals = Counter[str]()
        if chosen == "json":
            from kuzugit.cli.render.diff_document import document_lines

            rows = view == "rows"
            lines = document_lines(
                found,
                schema=parts[0],
                data=parts[1],
                rows=rows,
                graph=_graph_fields(graph_of),
                totals=totals,
            )
        elif chosen == "jsonl":
            from kuzugit.cli.render.row_change import json_lines

            lines = json_lines(found)
        else:
            lines = chain(
                _text(invocation, found, view, parts, graph_of),
                _graph_lines(invocation, view, graph_of),
            )
        shown = _show(invocation, lines)
        # The rows were counted on the way; to ask again would read them again.
        in_schema = parts[0] and bool(found.schema)
        different = in_schema or (totals.total() > 0 if chosen == "json" else shown)
        return ExitCode.DIFFERENT if exit_code and different else ExitCode.DONE


def _format(named: str | None, as_json: bool) -> str:
    if named is not None and named not in FORMATS:
        raise typer.BadParameter(
            f"{named!r} is none of {', '.join(FORMATS)}", param_hint="'--format'"
        )
    if as_json and named not in (None, "json"):
        raise typer.BadParameter("it is another format than --json", param_hint="'--format'")
    return "json" if as_json else named or "text"


def _listed(text: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())


def _text(
    invocation: Invocation, found: Diff, view: str, parts: tuple[bool, bool], graph: Graph | None
) -> Iterable[str]:
    paint = invocation.paint()
    if found.same:
        return ()
    if view == "rows":
        from kuzugit.cli.render.diff_text import text_lines

        beside = None
        if graph is not None:
            from kuzugit.cli.render.graph import rel_lines

            beside = partial(rel_lines, graph)
        return text_lines(found, paint, schema=parts[0], data=parts[1], beside=beside)
    from kuzugit.cli.render import diff_stat

    if view == "names":
        return diff_stat.name_lines(found)
    lines = diff_stat.stat_lines if view == "stat" else diff_stat.summary_lines
    return lines(found, paint)


def _graph_lines(invocation: Invocation, view: str, graph: Graph | None) -> Iterator[str]:
    if graph is not None and view in ("rows", "summary"):
        from kuzugit.cli.render.graph import graph_lines

        yield from graph_lines(graph.summary(), invocation.paint())


def _graph_fields(graph: Graph | None) -> dict[str, Json] | None:
    if graph is None:
        return None
    from kuzugit.cli.render.graph import graph_fields

    return graph_fields(graph.summary())


def _show(invocation: Invocation, lines: Iterable[str]) -> bool:
    """Write the lines; tell whether there was one. The pager begins with the first."""
    rest: Iterator[str] = iter(lines)
    first = next(rest, None)
    if first is None:
        return False
    with invocation.paged() as show:
        show(first)
        for line in rest:
            show(line)
    return True
