from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kuzugit.cli.command import Command, new_app
from kuzugit.cli.invocation import Invocation, write

if TYPE_CHECKING:
    from kuzugit.model.patch import Conflict

app = new_app()


@app.command(
    cls=Command,
    epilog="""
    kuzugit diff v0.1.0 v0.2.0 --format patch -o changes.patch
    kuzugit apply changes.patch
    kuzugit apply -R changes.patch
    """,
)
def apply(
    ctx: typer.Context,
    patch: Annotated[
        Path, typer.Argument(metavar="PATCH", help="A file of diff --format patch; - for stdin.")
    ],
    reverse: Annotated[bool, typer.Option("-R", help="Undo the patch.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Only see whether it fits; change nothing.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON document.")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Say only what is wrong.")] = False,
) -> None:
    """Change the live database as a patch says, or not at all."""
    from kuzugit.model.patch import EMPTY
    from kuzugit.porcelain.apply import PatchConflicts
    from kuzugit.porcelain.apply import apply as run
    from kuzugit.porcelain.patch import read_patch

    invocation: Invocation = ctx.obj.quieter(quiet)
    found = read_patch(_lines(invocation, patch)) or EMPTY
    try:
        with invocation.progress() as progress:
            result = run(
                invocation.workspace(),
                found.reversed() if reverse else found,
                check=check,
                progress=progress,
            )
    except PatchConflicts as error:
        _tell(invocation, error.conflicts, as_json=as_json)
        raise
    if as_json:
        from kuzugit.cli.render.document import document

        write(
            document(
                {
                    "database": str(result.database),
                    "checked_only": check,
                    "added": result.added,
                    "removed": result.removed,
                    "changed": result.changed,
                }
            )
        )
        return
    from kuzugit.cli.render.escape import printable

    fits = "it fits: " if check else ""
    invocation.say(
        printable(f"{result.database}: {fits}")
        + f"{result.added:,} added, {result.removed:,} removed, {result.changed:,} changed"
    )


def _tell(invocation: Invocation, conflicts: Sequence[Conflict], *, as_json: bool) -> None:
    from kuzugit.cli.render.patch import conflict_fields, conflict_lines

    if as_json:
        from kuzugit.cli.render.document import document

        write(document({"conflicts": [conflict_fields(item) for item in conflicts]}))
    elif len(conflicts) > 1:
        invocation.remark("\n".join(conflict_lines(conflicts)))


def _lines(invocation: Invocation, patch: Path) -> Iterator[str]:
    if str(patch) == "-":
        import sys

        yield from sys.stdin
        return
    from kuzugit.porcelain.patch import open_patch

    yield from open_patch(invocation.path(patch))
