"""The end of the two commands that make a snapshot."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

from kuzugit.cli.invocation import Invocation, warn, write, write_error
from kuzugit.porcelain.checks import ChecksFailed
from kuzugit.porcelain.commit import CommitResult
from kuzugit.porcelain.workspace import Workspace


def warn_at_once(told: list[str]) -> Callable[[str], None]:
    """Return what writes a warning that cannot wait, and adds it to `told`."""

    def tell(text: str) -> None:
        told.append(text)
        warn(text)

    return tell


@contextmanager
def showing_failed_checks(*, as_json: bool) -> Iterator[None]:
    """Show what checks found, where one keeps the block from committing, and let it fail."""
    try:
        yield
    except ChecksFailed as error:
        if as_json:
            from kuzugit.cli.render.checks import failure_fields
            from kuzugit.cli.render.document import document

            write(document({"created": False, "failed_checks": failure_fields(error.failures)}))
        else:
            from kuzugit.cli.render.checks import failure_lines

            write_error("\n".join(failure_lines(error.failures)))
        raise


def show_committed(
    invocation: Invocation,
    workspace: Workspace,
    result: CommitResult,
    *,
    as_json: bool,
    dry_run: bool = False,
    told: Collection[str] = (),
) -> None:
    """Write what was committed, and on standard error what a reader of it must know.

    `told` are the warnings that were written before.
    """
    for warning in result.warnings:
        if warning not in told:
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
