from __future__ import annotations

from typing import Annotated

import typer

from kuzugit.cli.command import Command, new_app
from kuzugit.cli.invocation import Invocation
from kuzugit.cli.options import check_version_options, message_of, trailers_of
from kuzugit.model.version import Bump

app = new_app()


@app.command(
    cls=Command,
    epilog="""
    kuzugit commit -m "three requirements from the review"
    kuzugit commit -m "release" --tag v2.0.0 --trailer event-index=42
    kuzugit commit -m "would this be a breaking change?" --dry-run
    """,
)
def commit(
    ctx: typer.Context,
    message: Annotated[
        list[str] | None,
        typer.Option("-m", "--message", metavar="MSG", help="The message; again: a paragraph."),
    ] = None,
    tag: Annotated[
        str | None, typer.Option("--tag", metavar="NAME", help="The version's name.")
    ] = None,
    bump: Annotated[
        Bump | None, typer.Option("--bump", help="The part of the version that goes up.")
    ] = None,
    trailer: Annotated[
        list[str] | None, typer.Option("--trailer", metavar="K=V", help="A trailer; repeatable.")
    ] = None,
    accept_loss: Annotated[
        list[str] | None,
        typer.Option("--accept-loss", metavar="NAME", help="Leave this out; repeatable."),
    ] = None,
    allow_empty: Annotated[
        bool, typer.Option("--allow-empty", help="Commit although nothing changed.")
    ] = False,
    verify: Annotated[
        bool | None,
        typer.Option(
            "--verify/--no-verify",
            help="Rebuild the snapshot and compare, then publish. Without it: kuzugit.verify "
            "of the store's Git configuration.",
            show_default=False,
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be committed, write nothing.")
    ] = False,
    no_checks: Annotated[
        bool, typer.Option("--no-checks", help="Do not ask checks/*.cypher beside the store.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON document.")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Say only what is wrong.")] = False,
) -> None:
    """Commit the database: a snapshot, tagged with a version.

    Without --tag and --bump, what changed chooses the version: a breaking schema
    change raises the major part, an additive one the minor, rows alone the patch.
    """
    text = message_of(message)
    check_version_options(tag, bump)
    trailers = trailers_of(trailer)
    invocation: Invocation = ctx.obj.quieter(quiet)
    from kuzugit.cli.committed import show_committed, showing_failed_checks, warn_at_once
    from kuzugit.porcelain.commit import commit as run

    workspace = invocation.workspace()
    author, committer = invocation.identities(workspace)
    told: list[str] = []
    with showing_failed_checks(as_json=as_json), invocation.progress() as progress:
        result = run(
            workspace,
            text,
            tag=tag,
            bump=bump,
            trailers=trailers,
            accept_loss=accept_loss or (),
            allow_empty=allow_empty,
            checks=not no_checks,
            dry_run=dry_run,
            verify=verify,
            tell=warn_at_once(told),
            author=author,
            committer=committer,
            progress=progress,
        )
    show_committed(invocation, workspace, result, as_json=as_json, dry_run=dry_run, told=told)
