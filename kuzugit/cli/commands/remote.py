from __future__ import annotations

from typing import Annotated, Any

import typer

from kuzugit.cli.command import Command, ExampleGroup
from kuzugit.cli.completion import remotes as known
from kuzugit.cli.invocation import Invocation, write

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    cls=ExampleGroup,
    epilog="""
    kuzugit remote add requirement ../requirement/graph
    kuzugit fetch requirement
    kuzugit log requirement/v1.2.0
    """,
)

_Json = Annotated[bool, typer.Option("--json", help="Write one JSON document.")]
_Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Say only what is wrong.")]
_Name = Annotated[str, typer.Argument(metavar="NAME", help="The remote.", autocompletion=known)]
_Url = Annotated[str, typer.Argument(metavar="URL", help="Where it is: a URL or a path.")]


@app.callback(invoke_without_command=True)
def remote(ctx: typer.Context) -> None:
    """Name other stores, to fetch from and push to.

    Without a command of its own it lists them.
    """
    if ctx.invoked_subcommand is None:
        _show(ctx, as_json=False)


@app.command("list", cls=Command, epilog="kuzugit remote list --json")
def list_(ctx: typer.Context, as_json: _Json = False) -> None:
    """List the remotes and where they are."""
    _show(ctx, as_json=as_json)


@app.command(
    cls=Command,
    epilog="""
    kuzugit remote add origin ada@example.org:graph.git
    kuzugit remote add requirement ../requirement/graph
    """,
)
def add(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is called here.")],
    url: _Url,
    shared: Annotated[
        bool | None,
        typer.Option(
            "--shared/--foreign",
            help="Whether it has our history, so that its versions are ours. "
            "Without it: origin has.",
            show_default=False,
        ),
    ] = None,
    quiet: _Quiet = False,
) -> None:
    """Name another store. Nothing is fetched yet."""
    from kuzugit.porcelain.remote import add_remote

    invocation: Invocation = ctx.obj.quieter(quiet)
    made = add_remote(
        invocation.workspace(), name, url, directory=invocation.directory, shares_versions=shared
    )
    _say(invocation, f"Added {made.name}: {made.shown_url}")


@app.command(cls=Command, epilog="kuzugit remote remove requirement")
def remove(ctx: typer.Context, name: _Name, quiet: _Quiet = False) -> None:
    """Forget another store and what was fetched under its name."""
    from kuzugit.porcelain.remote import remove_remote

    invocation: Invocation = ctx.obj.quieter(quiet)
    remove_remote(invocation.workspace(), name)
    _say(invocation, f"Removed {name}")


@app.command(cls=Command, epilog="kuzugit remote rename requirement req")
def rename(
    ctx: typer.Context,
    name: _Name,
    new: Annotated[str, typer.Argument(metavar="NEW", help="What it is to be called.")],
    quiet: _Quiet = False,
) -> None:
    """Give another store, and what it brought, a new name."""
    from kuzugit.porcelain.remote import rename_remote

    invocation: Invocation = ctx.obj.quieter(quiet)
    made = rename_remote(invocation.workspace(), name, new)
    _say(invocation, f"Renamed {name} to {made.name}")


@app.command(
    "set-url", cls=Command, epilog="kuzugit remote set-url origin https://example.org/graph.git"
)
def set_url(ctx: typer.Context, name: _Name, url: _Url, quiet: _Quiet = False) -> None:
    """Say that another store is elsewhere."""
    from kuzugit.porcelain.remote import set_remote_url

    invocation: Invocation = ctx.obj.quieter(quiet)
    made = set_remote_url(invocation.workspace(), name, url, directory=invocation.directory)
    _say(invocation, f"{made.name} is at {made.shown_url}")


def _say(invocation: Invocation, text: str) -> None:
    from kuzugit.cli.render.escape import printable

    invocation.say(printable(text))


def _show(ctx: Any, *, as_json: bool) -> None:
    from kuzugit.cli.render.transfer import remote_fields, remote_line
    from kuzugit.porcelain.remote import remotes

    invocation: Invocation = ctx.obj
    found = remotes(invocation.workspace())
    if as_json:
        from kuzugit.cli.render.document import document

        write(document({"remotes": [remote_fields(item) for item in found]}))
        return
    for item in found:
        write(remote_line(item))
