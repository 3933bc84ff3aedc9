from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from typing import TYPE_CHECKING, Annotated

import typer

from kuzugit.cli.command import Command, new_app
from kuzugit.cli.completion import revisions
from kuzugit.cli.invocation import Invocation, write

if TYPE_CHECKING:
    from kuzugit.cli.render.paint import Paint
    from kuzugit.porcelain.diff import Diff
    from kuzugit.porcelain.show import Shown
    from kuzugit.porcelain.workspace import Workspace

app = new_app()


@app.command(
    cls=Command,
    epilog="""
    kuzugit show
    kuzugit show v0.2.0 --json
    kuzugit show v0.2.0 --patch
    """,
)
def show(
    ctx: typer.Context,
    revision: Annotated[
        str, typer.Argument(metavar="REV", help="The snapshot.", autocompletion=revisions)
    ] = "current",
    patch: Annotated[
        bool, typer.Option("-p", "--patch", help="Also what it changed, row by row, as diff does.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON document.")] = False,
) -> None:
    """Show a snapshot, or with --patch what it changed."""
    from kuzugit.porcelain.show import show as run

    invocation: Invocation = ctx.obj
    workspace = invocation.workspace()
    shown = run(workspace, revision)
    with ExitStack() as stack:
        found = stack.enter_context(_changes(invocation, workspace, revision)) if patch else None
        lines = _json(shown, found) if as_json else _text(shown, found, invocation.paint())
        with nullcontext(write) if as_json else invocation.paged() as line:
            for text in lines:
                line(text)


@contextmanager
def _changes(invocation: Invocation, workspace: Workspace, revision: str) -> Iterator[Diff]:
    from kuzugit.porcelain.diff import diff_from_parent

    with (
        invocation.progress() as progress,
        diff_from_parent(workspace, revision, progress=progress) as found,
    ):
        yield found


def _json(shown: Shown, found: Diff | None) -> Iterator[str]:
    from kuzugit.cli.render.contents import shown_fields
    from kuzugit.cli.render.document import document

    whole = document(shown_fields(shown))
    if found is None:
        yield whole
        return
    from kuzugit.cli.render.diff_document import document_lines

    # The rows stream: they may be more than memory holds.
    yield f'{whole[:-1]}, "patch":'
    yield from document_lines(found)
    yield "}"


def _text(shown: Shown, found: Diff | None, paint: Paint) -> Iterator[str]:
    from kuzugit.cli.render.contents import shown_lines

    yield from shown_lines(shown, paint)
    if found is not None and not found.same:
        from kuzugit.cli.render.diff_text import text_lines

        yield ""
        yield from text_lines(found, paint)
