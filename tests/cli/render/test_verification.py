"""The lines of what `verify` found."""

from __future__ import annotations

from kuzugit.cli.render.verification import finding_lines
from kuzugit.porcelain.verify import Finding, VerifyReport


def test_a_finding_without_a_path_has_one_colon() -> None:
    findings = (Finding("v0.1.0", "", "it is missing"), Finding("v0.1.0", "a\x1b", "is not plain"))
    report = VerifyReport((), findings, 0, 0)
    assert finding_lines(report) == ["v0.1.0: it is missing", "v0.1.0: a\\x1b: is not plain"]
