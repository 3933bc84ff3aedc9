"""What `verify` found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kuzugit.cli.render.escape import printable
from kuzugit.cli.render.quantity import count, size
from kuzugit.cli.render.snapshot import snapshot_name

if TYPE_CHECKING:
    from kuzugit.cli.render.document import Json
    from kuzugit.porcelain.verify import VerifyReport


def finding_lines(report: VerifyReport) -> list[str]:
    """Return a line for each finding: which snapshot, which file, what is wrong."""
    parts = ((item.version_or_commit, item.path, item.problem) for item in report.findings)
    return [printable(": ".join(filter(None, found))) for found in parts]


def summary(report: VerifyReport) -> str:
    """Return the last line: how much was read, and whether all of it is sound."""
    read = f"{count(report.objects, 'object')}, {size(report.bytes)}"
    if report.findings:
        return f"{count(len(report.findings), 'finding')} in {read}"
    names = [snapshot_name(snapshot) for snapshot in report.snapshots]
    subject = names[0] if len(names) == 1 else count(len(names), "snapshot")
    return f"{subject} sound: {read}"


def verification_fields(report: VerifyReport) -> dict[str, Json]:
    """Return the report as JSON fields."""
    return {
        "sound": not report.findings,
        "snapshots": [snapshot_name(snapshot) for snapshot in report.snapshots],
        "objects": report.objects,
        "bytes": report.bytes,
        "findings": [
            {
                "snapshot": finding.version_or_commit,
                "path": finding.path,
                "problem": finding.problem,
            }
            for finding in report.findings
        ],
    }
