"""Options that several commands share, and what their values must look like."""

from __future__ import annotations

import re
from collections.abc import Sequence

import typer

_TRAILER = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*)[=:][ ]?(.*)", re.ASCII | re.DOTALL)


def message_of(parts: Sequence[str] | None) -> str:
    """Return the message of repeated `-m` options: a paragraph for each, as in Git.

    Raise typer.BadParameter where there is none, or nothing but blanks.
    """
    if not parts:
        raise typer.BadParameter("a message is needed", param_hint="'-m' / '--message'")
    message = "\n\n".join(part.strip() for part in parts if part.strip())
    if not message:
        raise typer.BadParameter("the message is empty", param_hint="'-m' / '--message'")
    return message


def trailers_of(texts: Sequence[str] | None) -> tuple[tuple[str, str], ...]:
    """Return `KEY=VALUE` texts as pairs; raise typer.BadParameter where one is neither."""
    return tuple(map(_trailer, texts or ()))


def check_version_options(tag: str | None, bump: str | None) -> None:
    """Raise typer.BadParameter where both a version and a part to raise are given."""
    if tag is not None and bump is not None:
        raise typer.BadParameter("--tag names the version itself", param_hint="'--bump'")


def _trailer(text: str) -> tuple[str, str]:
    match = _TRAILER.fullmatch(text)
    if match is None:
        raise _bad_trailer(f"{text!r} is not KEY=VALUE, with letters, digits and - in the key")
    key, value = match[1], match[2].strip()
    if not value:
        raise _bad_trailer(f"{key!r} has no value")
    if len(value.splitlines()) > 1:
        raise _bad_trailer(f"the value of {key!r} has more than one line")
    return key, value


def _bad_trailer(problem: str) -> typer.BadParameter:
    return typer.BadParameter(problem, param_hint="'--trailer'")
