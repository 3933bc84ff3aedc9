"""The commands by name; a command's module is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

import typer.main

from kuzugit.cli.command import ExampleGroup

COMMANDS = {
    "init": "kuzugit.cli.commands.init",
    "commit": "kuzugit.cli.commands.commit",
    "status": "kuzugit.cli.commands.status",
    "diff": "kuzugit.cli.commands.diff",
    "log": "kuzugit.cli.commands.log",
    "show": "kuzugit.cli.commands.show",
    "tag": "kuzugit.cli.commands.tag",
    "changelog": "kuzugit.cli.commands.changelog",
    "blame": "kuzugit.cli.commands.blame",
    "sql": "kuzugit.cli.commands.sql",
    "query": "kuzugit.cli.commands.query",
    "checkout": "kuzugit.cli.commands.checkout",
    "apply": "kuzugit.cli.commands.apply",
    "compact": "kuzugit.cli.commands.compact",
    "export": "kuzugit.cli.commands.export",
    "import": "kuzugit.cli.commands.import_",
    "verify": "kuzugit.cli.commands.verify",
    "clone": "kuzugit.cli.commands.clone",
    "remote": "kuzugit.cli.commands.remote",
    "fetch": "kuzugit.cli.commands.fetch",
    "pull": "kuzugit.cli.commands.pull",
    "push": "kuzugit.cli.commands.push",
    "sync": "kuzugit.cli.commands.sync",
    "gc": "kuzugit.cli.commands.gc",
    "du": "kuzugit.cli.commands.du",
    "hooks": "kuzugit.cli.commands.hooks",
}
"""The module of each command, in the order in which the help lists them.

Each has `app`, a Typer with that one command.
"""


class LazyCommands(Mapping[str, Any]):
    """Commands by name. To list the names imports nothing."""

    def __init__(self, modules: Mapping[str, str]) -> None:
        self._modules = modules

    def __getitem__(self, name: str) -> Any:
        return typer.main.get_command(import_module(self._modules[name]).app)

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)


class Group(ExampleGroup):
    """The group of all commands."""

    def __init__(self, **settings: Any) -> None:
        settings["commands"] = LazyCommands(COMMANDS)
        super().__init__(**settings)

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names; the base class would load every module for them."""
        return list(self.commands)
