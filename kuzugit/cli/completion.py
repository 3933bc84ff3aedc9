"""What the shell offers: for a revision `current`, the branch and the versions; remotes."""

from __future__ import annotations

from collections.abc import Mapping

import typer

from kuzugit.cli.invocation import Invocation
from kuzugit.errors import KuzugitError


def revisions(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the revisions that begin with `incomplete`, also behind the `..` of a range.

    The words before the cursor are parsed but not run, so the invocation is
    made here from what the parser and the environment have.
    """
    root = ctx.find_root()
    environment: Mapping[str, str] = root.obj
    before, dots, begun = incomplete.rpartition("..")
    try:
        names = _names(Invocation.of(root.params, environment))
    except KuzugitError:
        return []  # no store here, so nothing to offer; the command itself will say so
    return [f"{before}{dots}{name}" for name in names if name.startswith(begun)]


def _names(invocation: Invocation) -> list[str]:
    from kuzugit.porcelain.tag import revision_names

    return revision_names(invocation.workspace())


def remotes(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the remotes that begin with `incomplete`."""
    root = ctx.find_root()
    try:
        workspace = Invocation.of(root.params, root.obj).workspace()
    except KuzugitError:
        return []  # as above
    from kuzugit.porcelain.remote import remotes as known

    return [item.name for item in known(workspace) if item.name.startswith(incomplete)]
