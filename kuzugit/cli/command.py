"""What every command has in common: an example in its help, and a quick start."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup


class _Shared:
    """The epilog is an example, shown line by line as it is written.

    Values that need no checking go around Typer's conversion: it loads pydantic,
    which takes longer than everything else that `kuzugit log` does.
    """

    epilog: str | None

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Write the example; the base class would fill it into one paragraph."""
        if self.epilog:
            lines = inspect.cleandoc(self.epilog).splitlines()
            formatter.write("\nExample:\n")
            formatter.write("".join(f"  {line}".rstrip() + "\n" for line in lines))

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the parameters, each with its way around the conversion."""
        params: list[Any] = super().get_params(ctx)  # type: ignore[misc]
        for param in params:
            if "process_value" not in vars(param):
                param.process_value = partial(_processed, param, param.process_value)
        return params


_UNDECIDED = object()


def _processed(param: Any, process: Callable[[Any, Any], Any], ctx: Any, value: Any) -> Any:
    """Return what `process` would, and leave to it what may be refused."""
    _refuse_undecoded(param, ctx, value)
    converted = _converted(param, ctx, value)
    if converted is _UNDECIDED:
        return process(ctx, value)
    return param.callback(ctx, param, converted) if param.callback else converted


def _converted(param: Any, ctx: Any, value: Any) -> Any:
    if value is None and (not param.required or ctx.resilient_parsing):
        return () if param.multiple or param.nargs == -1 else None
    # What Typer calls the type differs between its releases; without it, Typer converts.
    annotation = getattr(getattr(param, "type_descriptor", None), "annotation", None)
    if annotation is str and isinstance(value, str):
        return value
    if annotation is Path and isinstance(value, str):
        return Path(value)
    if annotation == list[str] and value and isinstance(value, list):
        return value
    return _UNDECIDED


def _refuse_undecoded(param: Any, ctx: Any, value: Any) -> None:
    """Raise typer.BadParameter where a text holds bytes that are no UTF-8.

    Neither Git nor the engines nor DuckDB take such a text, and each fails in its own way.
    The name of a file may be any bytes.
    """
    if getattr(getattr(param, "type_descriptor", None), "annotation", None) is Path:
        return
    for text in value if isinstance(value, list | tuple) else [value]:
        if isinstance(text, str) and any("\ud800" <= letter <= "\udfff" for letter in text):
            raise typer.BadParameter(f"it is no UTF-8: {text!r}", ctx=ctx, param=param)


class Command(_Shared, TyperCommand):
    """A command with an example."""


class ExampleGroup(_Shared, TyperGroup):
    """A group of commands with an example."""


def new_app() -> typer.Typer:
    """Return a Typer for one command, without rich and without completion options."""
    return typer.Typer(add_completion=False, rich_markup_mode=None)
