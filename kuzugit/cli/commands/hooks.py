from __future__ import annotations

import shutil
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from kuzugit.cli.command import Command, ExampleGroup
from kuzugit.cli.invocation import Invocation, write
from kuzugit.errors import ExitCode

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    cls=ExampleGroup,
    help="Let Git's hooks look at the graph.",
    epilog="""
    kuzugit hooks install
    kuzugit hooks status
    kuzugit --store /srv/graph.git hooks install --shared
    """,
)

_Json = Annotated[bool, typer.Option("--json", help="Write one JSON document.")]
_Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Say only what is wrong.")]
_Shared = Annotated[
    bool, typer.Option("--shared", help="The store's own hook, for one that receives pushes.")
]


class Name(StrEnum):
    """The hooks that there are."""

    PRE_COMMIT = "pre-commit"
    POST_CHECKOUT = "post-checkout"
    POST_MERGE = "post-merge"
    PRE_RECEIVE = "pre-receive"


@app.command(
    cls=Command,
    epilog="""
    kuzugit hooks install
    kuzugit --store /srv/graph.git hooks install --shared
    """,
)
def install(
    ctx: typer.Context,
    shared: _Shared = False,
    no_lock: Annotated[
        bool, typer.Option("--no-lock", help="Do not make the file kuzugit.lock.")
    ] = False,
    as_json: _Json = False,
    quiet: _Quiet = False,
) -> None:
    """Put the hooks into the application's repository, or into the shared store.

    A hook that is there is kept and runs first.
    """
    from kuzugit.porcelain.hooks import install_hooks

    invocation: Invocation = ctx.obj.quieter(quiet)
    _show(
        invocation,
        install_hooks(invocation.workspace(), shared=shared, program=_program(), lock=not no_lock),
        as_json=as_json,
    )


@app.command(cls=Command, epilog="kuzugit hooks uninstall")
def uninstall(
    ctx: typer.Context, shared: _Shared = False, as_json: _Json = False, quiet: _Quiet = False
) -> None:
    """Take the hooks away, and put back those that were there before."""
    from kuzugit.porcelain.hooks import uninstall_hooks

    invocation: Invocation = ctx.obj.quieter(quiet)
    _show(invocation, uninstall_hooks(invocation.workspace(), shared=shared), as_json=as_json)


@app.command(cls=Command, epilog="kuzugit hooks status --json")
def status(
    ctx: typer.Context, shared: _Shared = False, as_json: _Json = False, quiet: _Quiet = False
) -> None:
    """Show which hooks are in place."""
    from kuzugit.porcelain.hooks import hooks_status

    invocation: Invocation = ctx.obj.quieter(quiet)
    _show(invocation, hooks_status(invocation.workspace(), shared=shared), as_json=as_json)


@app.command(cls=Command, epilog="kuzugit hooks run pre-commit")
def run(
    ctx: typer.Context,
    name: Annotated[Name, typer.Argument(metavar="NAME", help="The hook.")],
) -> ExitCode:
    """Do what a hook does. Git calls it."""
    invocation: Invocation = ctx.obj
    if name is Name.PRE_RECEIVE:
        _receive(invocation)
        return ExitCode.DONE
    from kuzugit.porcelain.hook_runs import before_commit, follow_lock, hooked_workspace

    git_dir = invocation.environment.get("GIT_DIR")
    found = hooked_workspace(
        invocation.directory,
        None if git_dir is None else invocation.path(Path(git_dir)),
        invocation.store,
        invocation.database,
    )
    if found is None:
        return ExitCode.DONE
    with invocation.progress() as progress:
        if name is Name.PRE_COMMIT:
            said = before_commit(
                *found,
                invocation.environment,
                progress,
                identities=invocation.identities,
            )
        else:
            said = follow_lock(*found, progress)
    _tell(invocation, said)
    return ExitCode.DONE


def _receive(invocation: Invocation) -> None:
    from kuzugit.porcelain.receive import check_push, read_updates
    from kuzugit.porcelain.workspace import open_workspace

    environment = invocation.environment
    store = invocation.path(Path(environment.get("GIT_DIR") or "."))
    quarantine = environment.get("GIT_QUARANTINE_PATH") or environment.get("GIT_OBJECT_DIRECTORY")
    updates = read_updates(sys.stdin)
    with invocation.progress() as progress:
        check_push(
            open_workspace(invocation.directory, store),
            updates,
            None if quarantine is None else invocation.path(Path(quarantine)),
            progress,
        )


def _tell(invocation: Invocation, said: list[str]) -> None:
    from kuzugit.cli.render.escape import printable

    for line in said:
        invocation.remark(printable(f"kuzugit: {line}"))


def _program() -> Path | None:
    """Return the program that hooks can call wherever they run: beside this Python, or found."""
    beside = Path(sys.executable).with_name("kuzugit")
    if beside.is_file():
        return beside
    found = shutil.which("kuzugit")
    return None if found is None else Path(found).absolute()


def _show(invocation: Invocation, found: Any, *, as_json: bool) -> None:
    from kuzugit.cli.render.hooks import hooks_fields, hooks_lines

    if as_json:
        from kuzugit.cli.render.document import document

        write(document(hooks_fields(found)))
        return
    invocation.say("\n".join(hooks_lines(found)))
