"""The end of the two commands that make a snapshot."""

from __future__ import annotations

from kuzugit.cli.invocation import Invocation, warn, write
from kuzugit.porcelain.commit import CommitResult
from kuzugit.porcelain.workspace import Workspace


def show_committed(
    invocation: Invocation,
    workspace: Workspace,
    result: CommitResult,
    *,
    as_json: bool,
    dry_run: bool = False,
) -> None:
    """Write what was committed, and on standard error what a reader of it must know."""
    for warning in result.warnings:
        warn(warning)
    if as_json:
        from kuzugit.cli.render.committed import committed_fields
        from kuzugit.cli.render.document import document

        write(document(committed_fields(result)))
        return
    from kuzugit.cli.render.committed import committed_lines

    invocation.say("\n".join(committed_lines(result, workspace.branch, dry_run=dry_run)))
    if result.collected is not None:
        from kuzugit.cli.render.gc import packed_line

        invocation.remark_to_people(packed_line(result.collected))
