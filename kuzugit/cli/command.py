"""What every command has in common: help that keeps the lines of its example."""

from __future__ import annotations

import inspect
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup


class _Example:
    """Shows the epilog, which is an example, line by line as it is written."""

    epilog: str | None

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Write the example; the base class would fill it into one paragraph."""
        if self.epilog:
            lines = inspect.cleandoc(self.epilog).splitlines()
            formatter.write("\nExample:\n")
            formatter.write("".join(f"  {line}".rstrip() + "\n" for line in lines))


class Command(_Example, TyperCommand):
    """A command with an example."""


class ExampleGroup(_Example, TyperGroup):
    """A group of commands with an example."""


def new_app() -> typer.Typer:
    """Return a Typer for one command, without rich and without completion options."""
    return typer.Typer(add_completion=False, rich_markup_mode=None)
