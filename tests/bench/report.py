"""The figures as a table for people and as JSON for machines."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench.figures import BYTES, Figure
from tests.bench.sizes import Sizes

_LIBRARIES = ("kuzugit", "kuzu", "pygit2", "pyarrow", "duckdb", "numpy", "typer")


def machine() -> dict[str, Any]:
    """Say on what the benchmark runs: processor, memory in bytes, and the releases in use."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "system": platform.platform(),
        "python": platform.python_version(),
        "git": _output("git", "--version").removeprefix("git version "),
        "libraries": {name: version(name) for name in _LIBRARIES},
    }


def as_json(figures: Sequence[Figure], sizes: Sizes, on: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document that is written: the machine, the sizes and each figure."""
    return {
        "format": 1,
        "machine": dict(on),
        "sizes": asdict(sizes),
        "figures": [
            asdict(figure) | {"ratio": round(figure.ratio, 3), "holds": figure.holds}
            for figure in figures
        ],
    }


def as_table(figures: Sequence[Figure]) -> str:
    """Return the figures as a Markdown table."""
    lines = ["| figure | kuzugit | rival | ratio | at most | |", "|---|--:|--:|--:|--:|---|"]
    for figure in figures:
        ours, rival = (_amount(samples, figure.unit) for samples in (figure.ours, figure.rival))
        mark = "holds" if figure.holds else "FAILS"
        lines.append(
            f"| {figure.name} | {ours} | {rival} | {figure.ratio:.2f} | {figure.limit:g} | {mark} |"
        )
    return "\n".join(lines)


def _amount(samples: Sequence[float], unit: str) -> str:
    value = median(samples)
    if unit == BYTES:
        return f"{value / 1e6:.1f} MB"
    return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.0f} ms"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _output(*words: str) -> str:
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()
