"""The formats of a diff that are files or directories for others to read."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import typer

from kuzugit.cli.invocation import Invocation
from kuzugit.cli.render.escape import printable
from kuzugit.errors import KuzugitError

if TYPE_CHECKING:
    from kuzugit.porcelain.diff import Diff

Parts: TypeAlias = tuple[bool, bool]
"""Whether the schema is wanted, and whether the rows are."""

Late: TypeAlias = list[KuzugitError]
"""What is raised when all lines are written."""

DIRECTORIES = ("csv", "parquet")


def check_output(format: str, output: Path | None) -> None:
    """Raise BadParameter where a format needs a directory and none is named, or cannot use it."""
    if format in DIRECTORIES and output is None:
        raise typer.BadParameter(
            f"--format {format} writes a directory: name it", param_hint="'--output'"
        )
    if output is not None and format not in FORMATS:
        raise typer.BadParameter(
            f"it goes with --format {', '.join(FORMATS)}", param_hint="'--output'"
        )


def write_format(
    invocation: Invocation, found: Diff, format: str, output: Path | None, parts: Parts
) -> bool:
    """Write a diff to `output`, or to standard output; tell whether anything differs."""
    if format in DIRECTORIES:
        return _write_directory(invocation, found, format, output or Path(), parts)
    late: list[KuzugitError] = []
    lines = _LINES[format](found, parts, late)
    if output is not None:
        from kuzugit.porcelain.new_file import write_new_file

        write_new_file(invocation.path(output), lines)
        shown = bool(found)
    else:
        shown = _show(invocation, lines)
    for error in late:
        raise error
    return shown


def _show(invocation: Invocation, lines: Iterable[str]) -> bool:
    on_terminal = sys.stdout.isatty()
    shown = False
    with invocation.paged() as show:
        for line in lines:
            shown = True
            # Into a file as it is; a terminal would obey what stands in the data.
            show(printable(line) if on_terminal else line)
    return shown


def _write_directory(
    invocation: Invocation, found: Diff, format: str, output: Path, parts: Parts
) -> bool:
    from kuzugit.cli.render.quantity import count
    from kuzugit.porcelain.diff_files import write_diff

    done = write_diff(found, invocation.path(output), format, schema=parts[0], data=parts[1])
    invocation.say(printable(f"{done.directory}: ") + count(len(done.files), "file"))
    return bool(done.files)


def _markdown(found: Diff, parts: Parts, late: Late) -> Iterable[str]:
    from kuzugit.cli.render.diff_markdown import markdown_lines

    return () if found.same else markdown_lines(found, schema=parts[0], data=parts[1])


def _cypher(found: Diff, parts: Parts, late: Late) -> Iterator[str]:
    from kuzugit.porcelain.script import NotAllSaid, Script

    script = Script(found, *parts)
    yield from script.lines()
    if script.unsaid:
        late.append(NotAllSaid(tuple(script.unsaid)))


def _patch(found: Diff, parts: Parts, late: Late) -> Iterable[str]:
    from kuzugit.porcelain.patch import patch_lines

    return patch_lines(found, schema=parts[0], data=parts[1])


def _html(found: Diff, parts: Parts, late: Late) -> Iterable[str]:
    from kuzugit.cli.render.diff_html import html_lines

    return html_lines(found, schema=parts[0], data=parts[1])


_LINES: dict[str, Callable[[Diff, Parts, Late], Iterable[str]]] = {
    "markdown": _markdown,
    "cypher": _cypher,
    "patch": _patch,
    "html": _html,
}

FORMATS = (*DIRECTORIES, *_LINES)
