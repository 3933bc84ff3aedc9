from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from kuzugit.cli.command import Command, new_app
from kuzugit.cli.completion import remotes
from kuzugit.cli.invocation import Invocation, warn, write
from kuzugit.cli.options import message_of, trailers_of
from kuzugit.errors import UsageError

if TYPE_CHECKING:
    from kuzugit.model.merge import Choices
    from kuzugit.porcelain.sync import SyncConflicts

app = new_app()

TableList = Annotated[
    list[str] | None,
    typer.Option("--tables", metavar="TABLE", help="Only these (a name or a glob); repeatable."),
]


class BothWin(UsageError):
    """Ours and theirs are both to win everywhere."""

    def __init__(self) -> None:
        super().__init__(
            "--ours and --theirs cannot both win", hint="--theirs --ours-in TABLE names exceptions"
        )


@app.command(
    cls=Command,
    epilog="""
    kuzugit sync requirement
    kuzugit sync requirement v1.2.0 --tables Requirement --tables depends_on --dry-run
    kuzugit sync ../requirement/graph --prefix req_ --theirs
    """,
)
def sync(
    ctx: typer.Context,
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE",
            help="A remote, or the path of a store, of a database, or of an exported directory.",
            autocompletion=remotes,
        ),
    ],
    revision: Annotated[
        str | None,
        typer.Argument(
            metavar="REV",
            help="Which of its snapshots. Without it: the newest.",
            show_default=False,
        ),
    ] = None,
    tables: TableList = None,
    prefix: Annotated[
        str, typer.Option("--prefix", metavar="P", help="Put P before the names of its tables.")
    ] = "",
    theirs: Annotated[
        bool, typer.Option("--theirs", help="Where both changed the same, theirs wins.")
    ] = False,
    ours: Annotated[
        bool, typer.Option("--ours", help="Where both changed the same, ours wins.")
    ] = False,
    theirs_in: Annotated[
        list[str] | None,
        typer.Option("--theirs-in", metavar="TABLE", help="Theirs wins there; repeatable."),
    ] = None,
    ours_in: Annotated[
        list[str] | None,
        typer.Option("--ours-in", metavar="TABLE", help="Ours wins there; repeatable."),
    ] = None,
    message: Annotated[
        list[str] | None,
        typer.Option("-m", "--message", metavar="MSG", help="The message; again: a paragraph."),
    ] = None,
    tag: Annotated[
        str | None, typer.Option("--tag", metavar="NAME", help="The version's name.")
    ] = None,
    trailer: Annotated[
        list[str] | None, typer.Option("--trailer", metavar="K=V", help="A trailer; repeatable.")
    ] = None,
    save: Annotated[
        bool, typer.Option("--save", help="Commit changes that no snapshot has first.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would come, and change nothing.")
    ] = False,
    fetch: Annotated[
        bool, typer.Option("--fetch/--no-fetch", help="Ask the remote for news first, or not.")
    ] = True,
    checks: Annotated[
        bool, typer.Option("--checks/--no-checks", help="Ask the checks beside the store.")
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON document.")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Say only what is wrong.")] = False,
) -> None:
    """Take over what changed in another store, and commit it.

    What both sides changed is listed, and nothing is applied, unless you say who wins.
    """
    from kuzugit.cli.committed import showing_failed_checks
    from kuzugit.cli.render.sync import sync_fields, sync_lines
    from kuzugit.porcelain.sync import SyncConflicts
    from kuzugit.porcelain.sync import sync as run

    invocation: Invocation = ctx.obj.quieter(quiet)
    workspace = invocation.workspace()
    choices = _choices(theirs, ours, theirs_in, ours_in)
    author, committer = invocation.identities(workspace)
    try:
        with showing_failed_checks(as_json=as_json), invocation.progress() as progress:
            result = run(
                workspace,
                source,
                revision,
                tables=tables or (),
                prefix=prefix,
                choices=choices,
                dry_run=dry_run,
                save=save,
                message=message_of(message) if message else None,
                tag=tag,
                trailers=trailers_of(trailer),
                checks=checks,
                fetching=fetch,
                prompt=invocation.may_ask(),
                directory=invocation.directory,
                author=author,
                committer=committer,
                tell=warn,
                progress=progress,
            )
    except SyncConflicts as error:
        _tell(invocation, error, as_json=as_json)
        raise
    if as_json:
        from kuzugit.cli.render.document import document

        write(document(sync_fields(result)))
    else:
        invocation.say("\n".join(sync_lines(result, workspace.branch, dry_run=dry_run)))
        if result.collected is not None:
            from kuzugit.cli.render.gc import packed_line

            invocation.remark_to_people(packed_line(result.collected))
    for text in result.warnings:
        warn(text)


def _tell(invocation: Invocation, error: SyncConflicts, *, as_json: bool) -> None:
    from kuzugit.cli.render.sync import conflict_lines, conflicts_fields

    if as_json:
        from kuzugit.cli.render.document import document

        write(document(conflicts_fields(error)))
    else:
        invocation.remark("\n".join(conflict_lines(error.conflicts)))


def _choices(
    theirs: bool, ours: bool, theirs_in: list[str] | None, ours_in: list[str] | None
) -> Choices:
    from kuzugit.model.merge import Choice, Choices

    if theirs and ours:
        raise BothWin
    default = Choice.THEIRS if theirs else Choice.OURS if ours else None
    tables = [(name, Choice.THEIRS) for name in theirs_in or ()]
    tables += [(name, Choice.OURS) for name in ours_in or ()]
    return Choices(default, tuple(tables))
