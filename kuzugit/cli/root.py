"""The program as Typer sees it: the global options, and one call from words to exit code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
import typer.main

from kuzugit.cli.group import Group
from kuzugit.cli.invocation import Invocation, write
from kuzugit.errors import ExitCode, UsageError

PROGRAM = "kuzugit"
COMPLETION_VARIABLE = "_KUZUGIT_COMPLETE"


class Engine(StrEnum):
    """The engines."""

    KUZU = "kuzu"
    LADYBUG = "ladybug"


_EXAMPLE = """
    kuzugit init my.kuzu
    kuzugit commit -m "first snapshot"
    kuzugit checkout v0.1.0
"""

app = typer.Typer(
    cls=Group,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True, epilog=_EXAMPLE)
def options(
    ctx: typer.Context,
    directory: Annotated[
        Path | None,
        typer.Option("-C", metavar="DIR", help="Run as if started in DIR.", show_default=False),
    ] = None,
    store: Annotated[
        Path | None,
        typer.Option(
            "--store",
            metavar="DIR",
            help="The store. Without it: $KUZUGIT_STORE, or the nearest .kuzugit upwards.",
        ),
    ] = None,
    database: Annotated[
        Path | None,
        typer.Option(
            "--db",
            metavar="FILE",
            help="The database. Without it: $KUZUGIT_DB, or the one that the store names.",
        ),
    ] = None,
    engine: Annotated[
        Engine | None,
        typer.Option(
            "--engine",
            help="What to build databases for. Without it: kuzugit.engine of the store's "
            "Git configuration, or that of the database.",
            show_default=False,
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Say only what is wrong.")] = False,
    no_pager: Annotated[bool, typer.Option("--no-pager", help="Never start a pager.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False,
) -> None:
    """Git for a Kùzu graph database: snapshots, history, rollback."""
    if version:
        from importlib.metadata import version as installed

        write(f"{PROGRAM} {installed(PROGRAM)}")
        raise typer.Exit
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help(), err=True)
        raise typer.Exit(ExitCode.USAGE)
    if directory is not None and not directory.is_dir():
        raise UsageError(f"-C: there is no directory {str(directory)!r}")
    ctx.obj = Invocation.of(ctx.params, ctx.obj)


def run(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run the command that `arguments` name and return its exit code.

    Raise UsageError where the words make no sense, KeyboardInterrupt where the
    user ended a prompt. Errors of the command pass through.
    """
    group = typer.main.get_command(app)
    try:
        if COMPLETION_VARIABLE in environment:
            group.main(prog_name=PROGRAM, obj=environment)
        with group.make_context(PROGRAM, list(arguments), obj=environment) as context:
            return int(group.invoke(context) or ExitCode.DONE)
    except typer.TyperException as error:
        # Typer says all of it; the cause is how it checks values inside.
        raise _usage(error) from None
    except typer.Abort as error:
        raise KeyboardInterrupt from error
    except typer.Exit as request:
        return request.exit_code
    except SystemExit as request:  # the completion options exit by themselves
        return request.code if isinstance(request.code, int) else ExitCode.DONE


def _usage(error: typer.TyperException) -> UsageError:
    context: Any = getattr(error, "ctx", None)
    command = context.command_path if context else PROGRAM
    message = error.format_message().rstrip(".").replace(": Value error, ", ": ")
    return UsageError(message[:1].lower() + message[1:], hint=f"{command} --help")
